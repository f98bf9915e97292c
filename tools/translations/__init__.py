"""What must be said in Chinese too: gathered from the source, kept under `hanaper/faces/locale`."""
