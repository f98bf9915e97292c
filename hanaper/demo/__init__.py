"""`hanaper demo`: the whole story on loopback, offline, with a small world of its own to prove domains in."""
