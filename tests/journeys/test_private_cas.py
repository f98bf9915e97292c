"""Private CAs in a browser: bought, enabled, used, reset and refunded (R7, R17, D2, D7)."""

import pytest
from playwright.sync_api import expect

from tests.journeys.driving import Window, buy, enable_private_ca, private_cas_of

pytestmark = pytest.mark.process
ROOT, EXTRA = "private-root-ca", "private-intermediate-ca"
TICK = "Confirm that the reset operation deletes all data."


def _only(window: Window, order: str) -> str:
    """The intermediate that was bought apart, the newest."""
    window.open("private-cas/")
    link = window.page.locator(".tree > li").first.locator("h3 a").first
    ca = str(link.get_attribute("href")).rstrip("/").rsplit("/", 1)[1]
    window.open(f"private-cas/{ca}/").sees(order)
    return ca


def _reset(window: Window, ca: str) -> None:
    """Reset, the tick, OK."""
    window.open(f"private-cas/{ca}/").follow("Reset")
    window.sees("Note").tick(TICK).press("OK").sees("The private CA is reset")


def _refund(window: Window, order: str) -> None:
    """Order Refund Management on the page's own tab, Refund in the Actions column, OK in the panel."""
    window.open("private-cas/").follow("Order Refund Management")
    row = window.page.locator("tr", has_text=order)
    row.get_by_role("link", name="Refund", exact=True).click()
    window.sees("Refund Application").press("Refund").sees("Refund successfully", seconds=30)


def test_an_unused_root_is_refunded(customer: Window) -> None:
    """R5, R7: no reset is needed; root and intermediate are `Refunded`, and cannot be enabled again."""
    order = buy(customer, ROOT)
    root, _ = private_cas_of(customer, order)
    _refund(customer, order)
    customer.open("private-cas/").sees("Refunded").has_no_barriers()
    expect(customer.page.locator("article .badge.refunded")).to_have_count(2)
    expect(customer.page.get_by_role("link", name="Enable", exact=True)).to_have_count(0)
    customer.open(f"private-cas/{root}/enable/").has_no_barriers()
    customer.press("Enable").sees("was refunded")


def test_enabled_used_reset_and_refunded(customer: Window) -> None:
    """R17, word for word; D2: the refund comes after the reset."""
    order = buy(customer, ROOT)
    root, below = private_cas_of(customer, order)
    enable_private_ca(customer, root, "Works Root")
    enable_private_ca(customer, below, "Works Issuing")
    customer.follow("Issue a certificate").follow("TLS server").has_no_barriers()
    customer.write("DNS names", "www.works.example").press("Issue").sees("The certificate is issued.")
    customer.sees("Works Root").has_no_barriers()
    customer.follow("Revoke").choose("Reason", "superseded").press("OK").sees("Revoked")
    customer.open(f"private-cas/{below}/").sees("fresh")
    # Used: a refund needs the reset first, and the root needs its intermediate's first.
    customer.open(f"orders/{order}/refund/").sees("once something is done first").sees("R17")
    customer.open(f"private-cas/{below}/reset/").press("OK").sees("Tick")
    _reset(customer, below)
    _reset(customer, root)
    _refund(customer, order)
    customer.open("private-cas/").sees("Refunded")
    customer.open("private-certificates/").sees("Nothing was issued yet.")


def test_a_root_with_enabled_intermediates_is_refused_and_the_plan_does_it(customer: Window) -> None:
    """D7: the answer names them; the plan resets them in order, then the root."""
    order = buy(customer, ROOT)
    root, below = private_cas_of(customer, order)
    other = _only(customer, buy(customer, EXTRA))
    enable_private_ca(customer, root, "Works Root")
    enable_private_ca(customer, below, "Works One")
    enable_private_ca(customer, other, "Works Two", parent=root)
    customer.open(f"private-cas/{root}/").follow("Its intermediates are reset first").sees("D7")
    for name in (below, other, "Works One", "Works Two", "of another order, not refunded by this"):
        customer.sees(name)
    customer.has_no_barriers()
    customer.press("Prepare the whole way as a plan")
    customer.page.locator("#accept").check()
    customer.press("OK").sees("Refund successfully", seconds=60)
    for ca in (root, below):
        customer.open(f"private-cas/{ca}/").sees("Refunded")
    customer.open(f"private-cas/{other}/").sees("Not enabled")


def test_a_stranger_finds_nothing(customer: Window, window) -> None:
    order = buy(customer, ROOT)
    root, _ = private_cas_of(customer, order)
    stranger = window().sign_up()
    for path in ("", "enable/", "reset/", "file/root/"):
        answer = stranger.page.goto(f"{stranger.service.url}/{stranger.place}/private-cas/{root}/{path}")
        assert answer is not None and answer.status == 404, path
    stranger.open("private-cas/").sees("A certification authority of your own")
