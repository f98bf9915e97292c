"""Services that are sold and have nothing of their own to undo; used or unused is all that counts."""
