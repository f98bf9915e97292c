"""A gateway node: keeps a proxy serving what the service says, and counts every request once.

A program of its own that knows the service by HTTP only. It goes on serving what it served last while the
service is away, and catches up by itself.
"""
