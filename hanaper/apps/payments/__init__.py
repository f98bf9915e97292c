"""Payment parts, charges and returns of money, through providers that may fail in every way."""
