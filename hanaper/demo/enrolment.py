"""A real ACME client of the machine, if there is one: lego or certbot, in a folder of its own."""

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from hanaper.demo.stage import DemoFailed

SECONDS = 60


@dataclass(frozen=True, slots=True)
class Client:
    """`folder` keeps its account and certificates, `webroot` what the CA looks at (http-01)."""

    name: str
    directory: str
    kid: str
    hmac_key: str
    folder: Path
    webroot: Path

    def enrol(self, domain: str) -> Path:
        """The certificate with its chain."""
        if self.name == "lego":
            self._lego("--http", "--http.webroot", str(self.webroot), "--domains", domain, "run")
            return self.folder / "certificates" / f"{domain}.crt"
        self._certbot(
            "certonly", "--eab-kid", self.kid, "--eab-hmac-key", self.hmac_key, "--agree-tos",
            "--register-unsafely-without-email", "--webroot", "-w", str(self.webroot), "-d", domain,
        )  # fmt: skip
        return self.folder / "live" / domain / "fullchain.pem"

    def revoke(self, domain: str) -> None:
        if self.name == "lego":
            self._lego("--domains", domain, "revoke")
        else:
            self._certbot("revoke", "--no-delete-after-revoke", "--cert-name", domain)

    def _lego(self, *words: str) -> None:
        self._run(
            "lego", "--path", str(self.folder), "--server", self.directory, "--email", "ada@corp.test",
            "--accept-tos", "--eab", "--kid", self.kid, "--hmac", self.hmac_key, *words,
        )  # fmt: skip

    def _certbot(self, *words: str) -> None:
        folders = [f"--{kind}-dir={self.folder}" for kind in ("config", "work", "logs")]
        self._run("certbot", *words, "--non-interactive", "--server", self.directory, *folders)

    def _run(self, *command: str) -> None:
        # Loopback is asked directly, whatever proxy the machine has.
        environment = {**os.environ, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        if done.returncode != 0:
            raise DemoFailed(f"{command[0]}: {(done.stdout + done.stderr)[-1500:]}")


def installed() -> str | None:
    """The name of the client there is."""
    return next((name for name in ("lego", "certbot") if shutil.which(name)), None)
