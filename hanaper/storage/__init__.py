"""Floor 1 tools every area's tables share: public ids, walls, paging, crash points."""
