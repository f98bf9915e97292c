"""HTTPS Acceleration Gateway: instances with their domains, and nodes (SPEC section 3)."""
