"""Our own conventions as checks: each finds a way round a rule that reviews would miss."""
