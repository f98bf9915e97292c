"""Orders, their lines and quota, and the registry of products that can be ordered."""
