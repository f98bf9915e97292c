"""HTTPS acceleration gateway instances as a product."""
