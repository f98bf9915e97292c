"""Files that nobody else reads."""

import os
from pathlib import Path


def keep(path: Path, content: str) -> None:
    """Whole or not at all, with mode 0600, and on the disk when this returns."""
    half = path.with_name(path.name + ".half")
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
