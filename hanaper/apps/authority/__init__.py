"""Keys, serial numbers, issuances and revocation lists of every CA here."""
