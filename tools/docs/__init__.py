"""Pages that are generated from what they tell of; tests keep them true."""
