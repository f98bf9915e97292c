"""A process that has imported everything and forks for each walk: two seconds of imports once, not each time.

The walks share its settings, so every installation lies in its turn at the same place (`installations.py`).
`python -m tests.forks` reads a walk a line (JSON) and answers with how it ended, a line each.
"""

import json
import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
IMPORTED = (
    "tests.faults.drive",
    "tests.faults.asides",
    "tests.faults.private_cas",
    "tests.faults.roots",
    "hanaper.core.x509.full_linting",
)


class Forks:
    """The asking side."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.process: subprocess.Popen[str] | None = None

    def run(self, module: str, *arguments: str, crash_at: str = "") -> subprocess.CompletedProcess[str]:
        """`python -m module arguments`, killed at the crash point if it comes by."""
        if self.process is None:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.forks"],
                cwd=ROOT,
                env={**os.environ, **self.environment, "HANAPER_CRASH_AT": ""},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self.process.stdin is not None and self.process.stdout is not None
        walk = {"module": module, "arguments": arguments, "crash_at": crash_at}
        self.process.stdin.write(json.dumps(walk) + "\n")
        self.process.stdin.flush()
        ended = json.loads(self.process.stdout.readline())
        return subprocess.CompletedProcess([module, *arguments], ended["status"], ended["out"], ended["err"])

    def close(self) -> None:
        if self.process is not None:
            self.process.communicate(timeout=10)


def answer() -> None:
    """Fork for every line that comes, until none does."""
    for name in IMPORTED:
        import_module(name)
    # Linted here, where the linter is imported: a process for every new shape would cost a second.
    linting = import_module("hanaper.apps.authority.linting")
    full = import_module("hanaper.core.x509.full_linting")
    full._tls_validators(full.CertificateType.DV_FINAL_CERTIFICATE)  # a second of reading public suffixes
    linting.lint_apart = full.lint_fully  # type: ignore[attr-defined]
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_forked(json.loads(line))) + "\n")
        sys.stdout.flush()


def _forked(walk: dict[str, Any]) -> dict[str, Any]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            _walk(walk)
        _, status = os.waitpid(child, 0)
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read().decode(errors="replace"))
    return {"status": os.waitstatus_to_exitcode(status), "out": texts[0], "err": texts[1]}


def _walk(walk: dict[str, Any]) -> None:
    import_module("hanaper.storage.crashpoints").ARMED = walk["crash_at"]  # type: ignore[attr-defined]
    status = 0
    try:
        sys.argv[1:] = walk["arguments"]
        runpy.run_module(walk["module"], run_name="__main__", alter_sys=True)
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else 1
        sys.stderr.write(f"{ended.code or ''}\n")
    except BaseException:
        traceback.print_exc()
        status = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


if __name__ == "__main__":
    answer()
