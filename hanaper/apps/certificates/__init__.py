"""SSL certificates: service years, applications, domain checks, issuing, revoking."""
