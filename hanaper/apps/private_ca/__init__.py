"""Private CAs as a product: bought, enabled, reset, refunded."""
