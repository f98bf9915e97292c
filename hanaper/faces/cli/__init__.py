"""The `hanaper` command."""
