"""Building and checking X.509 certificates and CRLs. No private key ever enters here."""
