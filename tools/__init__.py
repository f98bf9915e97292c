"""Developers' tools: the suite's runner, our own conventions as checks, the generated pages."""
