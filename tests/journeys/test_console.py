"""The console for everybody: languages, themes, keyboards, phones, browsers without scripts."""

import pytest

from tests.journeys.driving import Window, add_contact, apply, buy, issue, pay

pytestmark = pytest.mark.process
SINGLE = "hanaper-dv-single-1y"
OF_CUSTOMERS = (
    "overview/", "shop/", f"shop/{SINGLE}/", "orders/", "certificates/", "certificates/combine/of/", "contacts/",
    "companies/", "private-cas/", "private-cas/orders/", "private-certificates/", "private-certificates/issue/",
    "ceremonies/", "certificate-templates/", "certificate-templates/server/", "make-certificate-template/", "gateways/", "balance/", "members/", "keys/", "webhooks/",
    "audit/", "notices/", "notices/letters/", "search/?q=nothing",
)  # fmt: skip
OF_OPERATORS = (
    "queue/", "search/", "reviews/", "refunds/", "accounts/", "orders/", "certificates/", "private-cas/",
    "gateways/", "gateway-nodes/", "ceremonies/", "private-certificates/", "catalogue/",
    f"catalogue/{SINGLE}/", "vouchers/", "coupons/", "promotions/", "policies/",
    "policies/2026-03-18/?than=2024-10-25", "policies/drafts/new/", "ledger/", "audit/", "system/", "staff/", "keys/", "notices/",
)  # fmt: skip
UNFOLD = "document.querySelectorAll('main details').forEach(one => { one.open = true })"
LOOKS = [("light", 390), ("dark", 1280)]  # each colour and each width once


@pytest.mark.parametrize(("theme", "width"), LOOKS)
def test_no_page_has_barriers(window, theme: str, width: int) -> None:
    """Axe finds nothing serious, and nothing is wider than the window."""
    look = {"color_scheme": theme, "viewport": {"width": width, "height": 900}}
    for role, paths in (("customer", OF_CUSTOMERS), ("administrator", OF_OPERATORS)):
        person = window(**look).sign_in_as(role)
        for path in paths:
            person.open(path).has_no_barriers()
            assert person.page.locator("h1").count() == 1, path
            wide = person.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} wide"


def test_no_page_of_a_thing_has_barriers(customer: Window) -> None:
    """The pages that no menu leads to: of an order, a certificate before and after it is issued, a refund."""
    add_contact(customer)
    first, second, third = (buy(customer, SINGLE) for _ in range(3))
    issued = issue(customer, first, "barriers.shop.test")
    customer.open(f"orders/{first}/refund/").press("Prepare the whole way as a plan").sees("What goes back")
    plan = customer.page.url.rstrip("/").rsplit("/", 1)[1]
    waiting = apply(customer, second, "a-rather-long-name-to-be-shown-on-a-phone.barriers.shop.test")
    customer.open(f"orders/{third}/refund/").press("Refund").sees("Refund successfully", seconds=30)
    refund = customer.page.url.rstrip("/").rsplit("/", 1)[1]
    paths = (
        f"orders/{first}/", f"orders/{first}/receipt/", f"orders/{first}/refund/", f"plans/{plan}/",
        f"refunds/{refund}/", f"certificates/{waiting}/", f"certificates/{waiting}/withdraw/",
        f"certificates/{issued}/", f"certificates/{issued}/revoke/", f"certificates/{issued}/renew/",
        f"certificates/{issued}/reissue/", "certificates/", "orders/", "audit/",
    )  # fmt: skip
    for theme, width in LOOKS:
        customer.page.emulate_media(color_scheme="dark" if theme == "dark" else "light")
        customer.page.set_viewport_size({"width": width, "height": 900})
        for path in paths:
            customer.open(path).page.evaluate(UNFOLD)
            customer.has_no_barriers()
            wide = customer.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{path} is {wide} wide"


def test_doors_have_no_barriers(window) -> None:
    stranger = window()
    for path in ("", "accounts/login/", "accounts/signup/", "accounts/password/reset/", "nothing/"):
        stranger.page.goto(f"{stranger.service.url}/{path}")
        stranger.has_no_barriers()


def test_every_fault_stands_at_its_field(customer: Window) -> None:
    order = buy(customer, SINGLE)
    customer.open(f"orders/{order}/").press("Apply for a certificate")
    customer.write("Domain names", "not a_domain!").press("Submit")
    for field in ("domains", "contact"):
        control = customer.page.locator(f"#{field}")
        assert control.get_attribute("aria-invalid") == "true"
        assert customer.page.locator(f"#{control.get_attribute('aria-describedby')}").inner_text()
    assert customer.page.locator("#domains").input_value() == "not a_domain!"
    customer.has_no_barriers()


def test_a_form_that_is_sent_twice_takes_effect_once(customer: Window) -> None:
    customer.open(f"shop/{SINGLE}/")
    customer.page.evaluate(
        """async () => {
            const form = document.querySelector("main form");
            const fields = new URLSearchParams(new FormData(form));
            fields.set("order", "yes");
            const send = () => fetch(form.action, {method: "POST", body: fields});
            await Promise.all([send(), send()]);
            await send();
        }"""
    )
    customer.open("orders/")
    assert customer.page.locator("tbody tr").count() == 1


def test_without_scripts(window) -> None:
    """Every form works; pages that move are loaded anew by the browser itself."""
    customer = window(java_script_enabled=False).sign_up()
    customer.open(f"shop/{SINGLE}/").press("Place the order")
    pay(customer)
    customer.sees("Taken")
    add_contact(customer)


def test_by_keyboard_alone(customer: Window) -> None:
    customer.open("overview/")
    customer.page.keyboard.press("Tab")
    assert customer.page.evaluate("document.activeElement.className") == "skip"
    customer.page.keyboard.press("Enter")
    assert "#content" in customer.page.url
    customer.open(f"shop/{SINGLE}/")
    customer.page.get_by_role("button", name="Place the order").focus()
    customer.page.keyboard.press("Enter")
    customer.sees("The order is placed")


def test_language_theme_and_zone_are_a_persons_own(customer: Window) -> None:
    page = customer.page
    page.goto(f"{customer.service.url}/me/preferences/")
    customer.choose("Language", "zh-hans").choose("Theme", "dark").write("Time zone", "Asia/Shanghai")
    customer.press("Save")
    assert page.locator("html").get_attribute("lang") == "zh-hans"
    assert page.locator("html").get_attribute("data-theme") == "dark"
    customer.open("overview/").sees("概览")
    customer.open("orders/").sees("订单退款管理").has_no_barriers()
    page.goto(f"{customer.service.url}/me/preferences/")
    page.fill("#zone", "Nowhere/Land")
    page.locator("main form button").first.click()
    assert page.locator("#zone").get_attribute("aria-invalid") == "true"


def test_where_somebody_is_signed_in(customer: Window) -> None:
    page = customer.page
    page.goto(f"{customer.service.url}/me/security/")
    customer.sees("Second factor").has_no_barriers()
    page.goto(f"{customer.service.url}/accounts/sessions/")
    customer.sees("127.0.0.1")
