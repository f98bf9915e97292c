"""django-ca, a peer that signs, speaks ACME and answers OCSP on Django as we do.

It is GPL-3, so it is nothing of ours: it has a virtualenv of its own beside ours (kept for the next run, made
anew when bench/django-ca.txt changes), is never imported, and runs as processes that are spoken to over HTTP.
Its project is bench/django_ca_project; it is served as we are, by granian with one process and four threads.
Where it cannot be installed the benches go on without it.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from hanaper.demo.stage import free_port

NAME = "django-ca"
LOCK = Path(__file__).with_name("django-ca.txt")
PROJECT = Path(__file__).with_name("django_ca_project")
VIRTUALENV = Path(__file__).parents[1] / ".venv-django-ca"
PYTHON = VIRTUALENV / "bin" / "python"
PROCESSES, THREADS = 1, 4  # as HANAPER_WEB_WORKERS and HANAPER_WEB_THREADS are unless told
USER, PASSWORD = "bench", "bench"


def installed() -> bool:
    """Whether it is there, after an attempt to install it; if not, the reason is on standard error."""
    stamp = VIRTUALENV / "installed.txt"
    if stamp.exists() and stamp.read_text() == LOCK.read_text():
        return True
    shutil.rmtree(VIRTUALENV, ignore_errors=True)
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--requirement", LOCK]
    for command in ([sys.executable, "-m", "venv", VIRTUALENV], pip):
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            said = done.stderr.strip().splitlines() or [f"exit {done.returncode}"]
            reason = next((line for line in said if line.startswith("ERROR")), said[-1])
            sys.stderr.write(f"{NAME} could not be installed, so it is left out: {reason}\n")
            return False
    stamp.write_text(LOCK.read_text())
    return True


class Project:
    """A project in `folder` with an intermediate CA below a root, both EC P-256; `resolver` is host:port for dns-01."""

    def __init__(self, folder: Path, resolver: str = "") -> None:
        self.folder = folder
        self.port = free_port()
        self.database = folder / "django-ca.sqlite3"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DJANGO_")},
            "PYTHONPATH": str(PROJECT),
            "DJANGO_SETTINGS_MODULE": "settings",
            "DJANGO_SUPERUSER_PASSWORD": PASSWORD,
            "BENCH_FOLDER": str(folder),
            "BENCH_HOST": f"127.0.0.1:{self.port}",
            "BENCH_RESOLVER": resolver,
            "BENCH_KEPT": "",
        }
        folder.mkdir()
        self._manage("migrate", "--verbosity=0")
        self._manage("createsuperuser", "--noinput", f"--username={USER}", "--email=bench@example.com")
        made = ["init_ca", "--key-type=EC", "--output-format=serial"]
        root = self._manage(*made, "--path-length=1", "Root", "CN=Bench root")
        opened = ["--acme-enable", "--acme-contact-optional", "--api-enable"]
        printed = self._manage(*made, f"--parent={root}", *opened, "Intermediate", "CN=Bench intermediate")
        serial = printed.replace(":", "").lstrip("0")  # as it is stored: OCSP knows no other form
        base = f"http://127.0.0.1:{self.port}/ca"
        self.rest = f"{base}/api/ca/{serial}/"
        self.acme = f"{base}/acme/directory/{serial}/"
        self.ocsp = f"{base}/ocsp/{serial}/cert/"

    @contextmanager
    def serving(self, *, kept: bool = False) -> Iterator[httpx.Client]:
        """While it serves, a client of its REST API. `kept`: OCSP answers were signed before, for all there is."""
        self._environment["BENCH_KEPT"] = "yes" if kept else ""
        if kept:
            self._manage("generate_ocsp_responses")
        command = [
            PYTHON, "-m", "granian", "--interface", "wsgi", "--factory", "--host", "127.0.0.1",
            "--port", str(self.port), "--workers", str(PROCESSES), "--blocking-threads", str(THREADS),
            "--backlog", "512", "--log-level", "warning", "--no-access-log",
            "django.core.wsgi:get_wsgi_application",
        ]  # fmt: skip
        with (self.folder / "web.log").open("ab") as log:
            process = subprocess.Popen(
                command, env=self._environment, cwd=self.folder, stdout=log, stderr=log
            )
        try:
            with httpx.Client(
                base_url=self.rest, auth=(USER, PASSWORD), timeout=60, trust_env=False
            ) as client:
                self._wait(process, client)
                yield client
        finally:
            process.terminate()
            process.wait(10)

    def _wait(self, process: "subprocess.Popen[bytes]", client: httpx.Client) -> None:
        deadline = time.monotonic() + 60
        while process.poll() is None and time.monotonic() < deadline:
            try:
                client.get("").raise_for_status()
                return
            except httpx.TransportError:
                time.sleep(0.1)
        raise RuntimeError(f"{NAME} does not serve: {(self.folder / 'web.log').read_text()[-2000:]}")

    def _manage(self, *arguments: str) -> str:
        command = [PYTHON, "-m", "django", *arguments]
        done = subprocess.run(command, env=self._environment, cwd=self.folder, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{NAME} refused {arguments[0]}: {done.stderr[-2000:]}")
        return done.stdout.strip()


def sign(client: httpx.Client, csr: str, domain: str) -> str:
    """Ask for a certificate of a server; where its order is found, which holds the serial number."""
    name = {"oid": "2.5.4.3", "value": domain}
    extensions: list[dict[str, Any]] = [
        {"type": "subject_alternative_name", "value": [{"type": "DNS", "value": domain}]},
        {"type": "key_usage", "critical": True, "value": ["digital_signature"]},
        {"type": "extended_key_usage", "value": ["serverAuth"]},
    ]
    body = {"csr": csr, "subject": [name], "extensions": extensions}
    answer = client.post("sign/", json=body)
    answer.raise_for_status()
    return f"orders/{answer.json()['slug']}/"
