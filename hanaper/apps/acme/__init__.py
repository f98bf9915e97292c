"""ACME on private CAs: keys that bind clients to an account, orders, authorizations, and their checks."""
