"""The gateway in a browser: bought, pointed, visited, counted; reset and refunded where nobody came (R18)."""

import pytest
from playwright.sync_api import expect

from hanaper.demo.gateway import origin
from tests.journeys.driving import Window, add_contact, buy, issue
from tests.journeys.sites import add_domain, first_visit, gateway_of, point, visit

pytestmark = pytest.mark.process
SINGLE, MONTH = "hanaper-dv-single-1y", "https-gateway-1m"


def _refund(window: Window, order: str) -> None:
    window.open("orders/")
    row = window.page.locator("tr", has_text=order)
    row.get_by_role("link", name="Refund", exact=True).click()
    window.sees("Refund Application").press("Refund").sees("Refund successfully", seconds=30)


def test_a_domain_is_served_counted_and_changed(customer: Window) -> None:
    """The whole path, its certificate by itself; one visit ends the right to a refund, and the page says so."""
    add_contact(customer)
    quota, order = buy(customer, SINGLE), buy(customer, MONTH)
    gateway = gateway_of(customer, order)
    with origin() as server:
        customer.open(f"gateways/{gateway}/domain/").has_no_barriers()
        customer.open(f"gateways/{gateway}/domain/?domain=www.journey.test").sees(quota).has_no_barriers()
        add_domain(customer, gateway, "www.journey.test", server.server_port)
        customer.sees("www.journey.test has no CNAME record yet.").sees(
            "Nothing was taken yet"
        ).has_no_barriers()
        point(customer, "www.journey.test")
        customer.sees("leads here", seconds=30).sees("Active", seconds=60).sees(
            "your quota"
        ).has_no_barriers()
        assert first_visit(customer.service, "www.journey.test").body == "/ from the origin"
        kept = [visit(customer.service, "www.journey.test", "/static/app.js").cache for _ in range(2)]
        assert kept == ["MISS", "HIT"]
        customer.press("Empty the cache").sees("Everything that was cached is forgotten")
        customer.follow("Origin and behaviour").has_no_barriers()
        customer.page.locator("#redirects").fill("/old /new 308")
        customer.press("Save").sees("every node has it within seconds")
        _until_redirected(customer)
    customer.follow("Statistics")
    expect(customer.page.locator("rect").first).to_be_attached(timeout=15_000)
    customer.has_no_barriers()
    customer.follow("Access log").sees("Nothing was brought").press("Bring the newest lines")
    customer.sees("1 of 1 nodes have answered", seconds=30).sees("GET /static/app.js").has_no_barriers()
    customer.open(f"orders/{order}/refund/").sees("R18").sees("consumed")


def _until_redirected(customer: Window) -> None:
    for _ in range(50):
        if visit(customer.service, "www.journey.test", "/old").status == 308:
            return
        customer.page.wait_for_timeout(200)
    raise AssertionError("the redirect is not there")


def test_nobody_came_so_it_is_reset_and_refunded(customer: Window) -> None:
    """R18, D2: refused until it is reset; two steps; then through Order Refund Management."""
    add_contact(customer)
    issue(customer, buy(customer, SINGLE), "quiet.journey.test")
    order = buy(customer, MONTH)
    gateway = gateway_of(customer, order)
    add_domain(customer, gateway, "quiet.journey.test", 9)
    customer.open(f"orders/{order}/refund/").sees("once something is done first").sees("R18")
    customer.open("gateways/").follow("quiet.journey.test").follow("Reset")
    customer.sees("Note").sees("quiet.journey.test").has_no_barriers()
    customer.press("OK").sees("No domain", seconds=30).sees("It was last reset")
    _refund(customer, order)
    customer.open(f"gateways/{gateway}/").sees("Refunded").has_no_barriers()


def test_without_scripts_a_domain_is_added(window) -> None:
    customer = window(java_script_enabled=False).sign_up()
    add_contact(customer)
    order = buy(customer, MONTH)
    gateway = gateway_of(customer, order)
    customer.open(f"gateways/{gateway}/").follow("Add a domain")
    customer.write("Domain", "www.none.test").press("Next")
    customer.sees("No certificate of this account is for www.none.test")
    customer.press("Add the domain").sees("One at least is needed.")


def test_operators_see_instances_and_nodes(window) -> None:
    administrator = window().sign_in_as("administrator")
    administrator.open("gateways/").has_no_barriers()
    administrator.follow("Gateway nodes").sees("Up to date", seconds=30).has_no_barriers()
    administrator.press("Let one more join").sees("--join-file join.token").has_no_barriers()
