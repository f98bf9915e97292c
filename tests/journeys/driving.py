"""The service as people meet it: real processes, and Debian's Chromium in front of them."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "correct horse battery"
CARD, DECLINED, KEEPS_NOTHING_BACK = "4000000000000001", "4000000000000002", "4000000000000013"
START_SECONDS = 90


@dataclass
class Service:
    """A running installation: its address, its folder, and the people of its first start."""

    url: str
    folder: Path
    people: dict[str, dict[str, str]]
    environment: dict[str, str]

    def command(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "hanaper.faces.cli.main", *arguments],
            cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def rest(self, role: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """For what a journey needs and is not about: a call with the key of one of the first people."""
        request = urllib.request.Request(
            f"{self.url}/api/v1{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {self.people[role]['access_key']}",
                "Content-Type": "application/json",
            },
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)


def _free_ports() -> int:
    """The first of three ports in a row that are free."""
    for _ in range(50):
        with socket.socket() as first:
            first.bind(("127.0.0.1", 0))
            port = first.getsockname()[1]
        with suppress(OSError), socket.socket() as second, socket.socket() as third:
            second.bind(("127.0.0.1", port + 1))
            third.bind(("127.0.0.1", port + 2))
            return int(port)
    raise RuntimeError("no three ports in a row are free")


@contextmanager
def running(folder: Path) -> Iterator[Service]:
    """`hanaper up` in a folder of its own."""
    port = _free_ports()
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "hanaper.settings",
        "HANAPER_DATA": str(folder),
        "HANAPER_PORT": str(port),
        "HANAPER_LOG_LEVEL": "WARNING",
        "HANAPER_SWEEP_SECONDS": "1",
        "DATABASE_URL": "",
    }
    environment.pop("HANAPER_PUBLIC_URL", None)
    log = (folder.parent / f"{folder.name}.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "hanaper.faces.cli.main", "up"],
        cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT,
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process)
        people = json.loads((folder / "credentials.json").read_text())
        yield Service(url, folder, people, environment)
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "hanaper up ended"
        with suppress(OSError):
            urllib.request.urlopen(f"{url}/healthz", timeout=2)
            return
        time.sleep(0.3)
    raise AssertionError("hanaper up did not answer")


def chromium() -> str | None:
    return os.environ.get("HANAPER_CHROMIUM") or shutil.which("chromium")


@contextmanager
def browsing() -> Iterator[Browser]:
    executable = chromium()
    assert executable, "these tests drive Debian's chromium: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield browser
        browser.close()


@dataclass
class Window:
    """One person's browser. Whatever the page's own scripts or policy complain about fails the test."""

    page: Page
    service: Service
    place: str = ""
    email: str = ""
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.set_default_timeout(15_000)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._note)

    def _note(self, message: Any) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.complaints.append(message.text)

    def sign_in(self, email: str, password: str) -> "Window":
        self.email = email
        self.page.goto(f"{self.service.url}/accounts/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", password)
        self.page.locator("main button[type=submit]").first.click()
        self.page.wait_for_url(re.compile(r"/(a/[^/]+|operator)/"))
        found = re.search(r"/(a/[^/]+|operator)/", self.page.url)
        assert found
        self.place = found[1]
        return self

    def sign_in_as(self, role: str) -> "Window":
        person = self.service.people[role]
        return self.sign_in(person["email"], person["password"])

    def sign_up(self) -> "Window":
        """A customer nobody knows yet, with an account of their own."""
        self.email = f"{uuid.uuid4().hex[:10]}@example.com"
        self.page.goto(f"{self.service.url}/accounts/signup/")
        self.page.fill("input[name=email]", self.email)
        self.page.fill("input[name=password1]", PASSWORD)
        self.page.fill("input[name=password2]", PASSWORD)
        self.page.locator("main button[type=submit]").first.click()
        self.page.wait_for_url(re.compile(r"/a/[^/]+/"))
        found = re.search(r"/(a/[^/]+)/", self.page.url)
        assert found
        self.place = found[1]
        return self

    def open(self, path: str) -> "Window":
        self.page.goto(f"{self.service.url}/{self.place}/{path}")
        return self

    def follow(self, caption: str, *, within: str = "main") -> "Window":
        self.page.locator(within).get_by_role("link", name=caption, exact=True).first.click()
        return self

    def press(self, caption: str, *, within: str = "main") -> "Window":
        self.page.locator(within).get_by_role("button", name=caption, exact=True).first.click()
        return self

    def write(self, label: str, value: str) -> "Window":
        self.page.get_by_label(label, exact=True).fill(value)
        return self

    def choose(self, label: str, value: str) -> "Window":
        self.page.get_by_label(label, exact=True).select_option(value)
        return self

    def tick(self, label: str) -> "Window":
        self.page.get_by_label(label).check()
        return self

    def sees(self, text: str, *, seconds: float = 15) -> "Window":
        expect(self.page.locator("main")).to_contain_text(text, timeout=seconds * 1000)
        return self

    def sees_not(self, text: str) -> "Window":
        expect(self.page.locator("main")).not_to_contain_text(text)
        return self

    def is_at_ease(self) -> None:
        """No script failed, and nothing was kept out by the page's own policy."""
        assert self.complaints == []

    def has_no_barriers(self) -> None:
        """Axe finds nothing serious on this page."""
        found = Axe().run(self.page, options={"resultTypes": ["violations"]}).response["violations"]
        serious = [one for one in found if one["impact"] in ("serious", "critical")]
        told = [(one["id"], [node["html"][:160] for node in one["nodes"][:3]]) for one in serious]
        assert told == [], f"{self.page.url}: {told}"


# What happens often, in the words of the console.


def buy(window: Window, product: str, *, quantity: str = "1", card: str = CARD) -> str:
    """Buy and pay by card; the order's id."""
    window.open(f"shop/{product}/")
    if quantity != "1":
        window.write("Quantity", quantity)
        window.press("Work out the price")
    window.press("Place the order")
    pay(window, card)
    window.sees("Taken")  # at once, or by the worker when the card was slow
    return window.page.url.rstrip("/").rsplit("/", 1)[1]


def pay(window: Window, card: str = CARD) -> None:
    window.page.locator("#by-card").check()
    window.write("Card number", card).write("Expiry", "12/30").press("Pay")


def add_contact(window: Window, name: str = "Ada Lovelace", id_number: str = "1815") -> None:
    window.open("contacts/").write("Name", name).write("E-mail", "ada@example.com")
    window.write("ID number", id_number).press("Add")
    window.sees("The contact is added.")


def apply(window: Window, order: str, domain: str, contact: str = "Ada Lovelace, ada@example.com") -> str:
    """Take a quota of the order and submit the form; the certificate's id."""
    window.open(f"orders/{order}/").press("Apply for a certificate")
    window.write("Domain names", domain)
    window.page.get_by_label("Contact", exact=True).select_option(label=contact)
    window.press("Submit").sees("Validating Application")
    return window.page.url.rstrip("/").rsplit("/", 1)[1]


def prove(window: Window, certificate: str) -> None:
    """Set the TXT record that the page asks for, in the sandbox's own name server, and have it looked at."""
    window.open(f"certificates/{certificate}/")
    where = window.page.locator("pre[id^=where-]").first.inner_text()
    token = window.page.locator("pre[id^=token-]").first.inner_text()
    window.service.command("sandbox", "set", where, "TXT", "--", token)
    looking = window.page.get_by_role("button", name="Look now")
    for _ in range(20):
        if not looking.count():
            break
        looking.click()
        window.page.wait_for_timeout(1500)


def issue(window: Window, order: str, domain: str) -> str:
    certificate = apply(window, order, domain)
    prove(window, certificate)
    window.sees("Download", seconds=30)
    return certificate


def draft_policy(window: Window, name: str, *, days: int) -> None:
    """The document with another name and another window, as an administrator writes it."""
    window.open("policies/drafts/new/?from=2024-10-25")
    field = window.page.locator("#text")
    text = re.sub(r'^name = ".*"', f'name = "{name}"', field.input_value(), flags=re.MULTILINE)
    field.fill(re.sub(r"^days = 7$", f"days = {days}", text, flags=re.MULTILINE))
    window.press("Save").sees("The draft is written; it binds nobody yet.")


def private_cas_of(window: Window, order: str) -> tuple[str, str]:
    """The root and the intermediate that an order brought; the newest stand first."""
    window.open("private-cas/")
    tree = window.page.locator(".tree > li").first
    links = [str(link.get_attribute("href")) for link in tree.locator("h3 a").all()]
    root, below = (link.rstrip("/").rsplit("/", 1)[1] for link in links)
    window.open(f"private-cas/{root}/").sees(order)
    return root, below


def enable_private_ca(window: Window, ca: str, name: str, parent: str = "") -> None:
    window.open(f"private-cas/{ca}/").follow("Enable")
    window.page.locator("#common_name").fill(name)
    if parent:
        window.page.locator("#parent").select_option(parent)
    window.press("Enable").sees("The private CA is enabled.").sees(name)
