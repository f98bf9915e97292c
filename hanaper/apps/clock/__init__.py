"""The sandbox clock: how far business time was moved ahead of system time."""
