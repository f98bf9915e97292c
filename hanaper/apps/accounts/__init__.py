"""People, accounts, roles and access keys: who may act, and in whose name."""
