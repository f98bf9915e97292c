"""Hanaper: certificates, and the money that was paid for them."""

__version__ = "0.1.0"
