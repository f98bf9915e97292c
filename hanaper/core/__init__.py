"""Floor 0: what is true by rule. Plain Python: no Django, no I/O, no reading of the clock."""
