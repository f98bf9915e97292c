"""Decisions, plans and refunds: the reason this service exists."""
