"""Webhooks of accounts: what happened, signed and sent to addresses that their owners chose."""
