"""The sandbox's own name server: names under `.test` can be proven by whoever owns no domain.

The checks ask it as they ask any other (RFC 1035 over UDP); for names elsewhere it asks the system's.
"""
