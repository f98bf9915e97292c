"""Double entry: one row a transfer, append-only, and customers' balances."""
