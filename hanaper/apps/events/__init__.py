"""The outbox: a row in the transaction of the change it tells of, from which notices go out."""
