"""`make screenshots`: every page, with something on it, in both themes, widths and languages."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser

from hanaper.demo.gateway import origin
from tests.journeys.driving import (
    Service,
    Window,
    add_contact,
    apply,
    browsing,
    buy,
    draft_policy,
    issue,
    running,
)
from tools.screenshots import gateways, private_cas
from tools.screenshots.buying import Buyer

OUT = Path("build/screenshots")
SINGLE = "hanaper-dv-single-1y"
WIDTHS = {"wide": 1280, "narrow": 390}
THEMES = ("light", "dark")
LANGUAGES = {"en": "en-US", "zh": "zh-CN"}
OF_CUSTOMERS = (
    "overview/", "shop/", f"shop/{SINGLE}/", "orders/", "certificates/", "contacts/", "companies/",
    "private-cas/", "private-cas/orders/", "private-certificates/", "ceremonies/", "certificate-templates/",
    "certificate-templates/server/", "make-certificate-template/", "gateways/", "balance/", "members/",
    "keys/", "webhooks/", "audit/", "notices/", "notices/letters/",
)  # fmt: skip
OF_OPERATORS = (
    "queue/", "reviews/", "refunds/", "accounts/", "orders/", "certificates/", "private-cas/", "catalogue/",
    f"catalogue/{SINGLE}/", "vouchers/", "coupons/", "promotions/", "policies/",
    "policies/2026-03-18/?than=2024-10-25", "policies/drafts/new/", "policies/two-weeks/",
    "ledger/", "audit/", "system/", "staff/", "ceremonies/", "private-certificates/",
    "gateways/", "gateway-nodes/",
)  # fmt: skip


def fill(window: Window) -> list[str]:
    """A customer with something of everything; the pages of what was made."""
    window.sign_in_as("customer")
    add_contact(window)
    refunded, planned, waiting, bought = (buy(window, SINGLE) for _ in range(4))
    window.open(f"orders/{refunded}/refund/").press("Refund").sees("Refund successfully", seconds=30)
    refund = window.page.url.rstrip("/").rsplit("/", 1)[1]
    issued = issue(window, planned, "www.shop.test")
    window.open(f"orders/{planned}/refund/").press("Prepare the whole way as a plan")
    plan = window.page.url.rstrip("/").rsplit("/", 1)[1]
    validating = apply(window, waiting, "soon.shop.test")
    buy(window, "hanaper-dv-single-3y")
    return [
        f"orders/{bought}/", f"orders/{bought}/receipt/", f"orders/{planned}/refund/", f"plans/{plan}/",
        f"refunds/{refund}/", f"certificates/{issued}/", f"certificates/{issued}/revoke/",
        f"certificates/{validating}/", f"certificates/{validating}/withdraw/",
    ]  # fmt: skip


def another_member(browser: Browser, buyer: Buyer) -> Window:
    """Somebody else, in the customer's account."""
    window = Window(browser.new_context().new_page(), buyer.service).sign_up()
    buyer.post("/account/members", {"email": window.email, "role": "member"})
    window.place = f"a/{buyer.get('/account')['id']}"
    return window


def fill_operators(window: Window) -> list[str]:
    """A policy of their own, tried; its trial's page."""
    window.sign_in_as("administrator")
    draft_policy(window, "two-weeks", days=14)
    window.write("Days after payment", "10").press("Try it on every order").sees("Gains a refund", seconds=30)
    return [f"trials/{window.page.url.rstrip('/').rsplit('/', 1)[1]}/"]


def looks(browser: Browser, service: Service) -> Iterator[tuple[str, Window]]:
    """A window for each theme, width and language, of nobody yet."""
    for language, locale in LANGUAGES.items():
        for theme in THEMES:
            for name, width in WIDTHS.items():
                context = browser.new_context(
                    locale=locale, color_scheme=theme, viewport={"width": width, "height": 900}
                )
                yield f"{language}-{theme}-{name}", Window(context.new_page(), service)
                context.close()


def take(window: Window, folder: Path, paths: list[str]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, path in enumerate(paths):
        window.open(path)
        name = "-".join(part for part in path.split("?")[0].split("/") if part and "_" not in part)
        window.page.screenshot(path=str(folder / f"{number:02}-{name}.png"), full_page=True)


def main() -> int:
    shutil.rmtree(OUT, ignore_errors=True)
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder) / "data") as service,
        origin() as server,
        browsing() as browser,
    ):
        first = Window(browser.new_page(), service)
        buyer = Buyer(service)
        made = [*fill(first), *gateways.fill(buyer, first, server.server_port)]
        made += private_cas.fill(buyer, another_member(browser, buyer))
        tried = fill_operators(Window(browser.new_context().new_page(), service))
        for look, window in looks(browser, service):
            window.sign_in_as("customer")
            take(window, OUT / look / "customer", [*OF_CUSTOMERS, *made])
            window.page.context.clear_cookies()
            window.sign_in_as("administrator")
            take(window, OUT / look / "operator", [*OF_OPERATORS, *tried])
            sys.stdout.write(f"{OUT / look}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
