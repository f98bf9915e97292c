"""ACME as it is by rule (RFC 8555, 8737, 8738, 9773): messages, problems, states, names, challenges."""
