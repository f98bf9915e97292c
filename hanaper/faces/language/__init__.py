"""How the service speaks to people in their own language."""
