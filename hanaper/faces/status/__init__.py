"""Status addresses burnt into certificates (CRL, issuer certificates), and health; no sessions."""
