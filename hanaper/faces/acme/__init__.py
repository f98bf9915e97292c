"""ACME for the clients of private CAs (RFC 8555): a directory for each CA and template, no sessions."""
