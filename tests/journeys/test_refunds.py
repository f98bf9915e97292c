"""The document's procedures one by one, in two browsers: the customer's and the operator's (SPEC section 4)."""

import re

import pytest

from tests.journeys.driving import (
    DECLINED,
    KEEPS_NOTHING_BACK,
    Window,
    add_contact,
    apply,
    buy,
    issue,
    pay,
    prove,
)

pytestmark = pytest.mark.process
SINGLE, THREE_YEARS, OV = "hanaper-dv-single-1y", "hanaper-dv-single-3y", "greatseal-ov-single-1y"


def ask_for_refund(window: Window, order: str) -> Window:
    """Refund in the Actions column, panel Refund Application, button Refund."""
    window.open("orders/")
    window.page.locator("tr", has_text=order).get_by_role("link", name="Refund", exact=True).click()
    return window.sees("Refund Application").press("Refund")


def revoke(window: Window, certificate: str) -> None:
    """Revoke under the row's "more" menu, then OK in the panel Revoke Certificate."""
    window.open("certificates/")
    row = window.page.locator("tr", has_text=certificate)
    row.locator("summary").click()
    row.get_by_role("link", name="Revoke", exact=True).click()
    window.sees("Revoke Certificate").sees("cannot be undone").press("OK").sees("Validating Revocation")


def approve(reviewer: Window, domain: str) -> None:
    waiting = reviewer.page.locator("section.box", has_text=domain).get_by_role("button", name="Approve")
    for _ in range(40):  # a plan asks for the review by itself, in its own time
        reviewer.open("reviews/")
        if waiting.count():
            break
        reviewer.page.wait_for_timeout(500)
    waiting.click()
    reviewer.sees("Approved")


def test_unused(customer: Window) -> None:
    """R5, R6: a full refund on request, to the card it came from (R4); no second one."""
    order = buy(customer, SINGLE)
    ask_for_refund(customer, order).sees("Refund successfully", seconds=30)
    customer.sees("Card ···0001").has_no_barriers()
    customer.open(f"orders/{order}/").sees("Refund successfully")
    customer.open(f"orders/{order}/refund/").sees("cannot be refunded")


def test_a_declined_card_takes_nothing(customer: Window) -> None:
    customer.open(f"shop/{SINGLE}/").press("Place the order")
    pay(customer, DECLINED)
    customer.sees("The card was declined").has_no_barriers()
    pay(customer)
    customer.sees("Taken")


def test_what_the_card_does_not_take_back_goes_to_the_balance(customer: Window) -> None:
    """R4: never lost, never paid twice."""
    order = buy(customer, SINGLE, card=KEEPS_NOTHING_BACK)
    ask_for_refund(customer, order).sees("it is in the balance", seconds=60).sees("Refund successfully")
    customer.open("balance/").sees("$19.00")


def test_pending_application(customer: Window) -> None:
    """R10: refused until Cancel Apply, which restores the quota."""
    order = buy(customer, SINGLE)
    customer.open(f"orders/{order}/").press("Apply for a certificate")
    customer.open(f"orders/{order}/refund/").sees("once something is done first").sees("Cancel Apply")
    customer.open("certificates/").sees("Pending Application").follow("Cancel Apply")
    customer.sees("Note").press("OK").sees("off the list")
    ask_for_refund(customer, order).sees("Refund successfully", seconds=30)


def test_validating_application(customer: Window) -> None:
    """Withdraw, Cancel Apply, Refund."""
    order = buy(customer, SINGLE)
    add_contact(customer)
    apply(customer, order, "waits.shop.test")
    customer.open("certificates/").follow("Withdraw")
    customer.sees("Note").press("OK").sees("withdrawn").sees("Pending Application")
    customer.follow("Cancel Apply").press("OK")
    ask_for_refund(customer, order).sees("Refund successfully", seconds=30)


def test_validation_failed(customer: Window, reviewer: Window) -> None:
    """A review fails; Modify, Submit, Withdraw, Cancel Apply, Refund."""
    order = buy(customer, OV)
    add_contact(customer)
    customer.open("companies/").write("Organization", "Analytical Engines").write(
        "Country, two letters", "GB"
    )
    customer.write("Locality", "London").press("Add").sees("The company is added")
    customer.open(f"orders/{order}/").press("Apply for a certificate")
    customer.write("Domain names", "ov.shop.test")
    customer.page.get_by_label("Contact", exact=True).select_option(index=1)
    customer.page.get_by_label("Company", exact=True).select_option(index=1)
    customer.press("Submit").sees("Validating Application")
    certificate = customer.page.url.rstrip("/").rsplit("/", 1)[1]
    prove(customer, certificate)
    reviewer.open("reviews/").page.wait_for_timeout(1500)
    for _ in range(20):
        reviewer.open("reviews/")
        if "ov.shop.test" in reviewer.page.locator("main").inner_text():
            break
        reviewer.page.wait_for_timeout(500)
    box = reviewer.page.locator("section.box", has_text="ov.shop.test")
    box.locator("summary").click()
    box.get_by_label("Reason; the customer reads it").fill("The register does not know it.")
    box.get_by_role("button", name="Refuse").click()
    reviewer.sees("Refused")
    customer.open("certificates/").sees("Validation Failed").follow("Modify")
    customer.write("Domain names", "ov2.shop.test").press("Submit").sees("Validating Application")
    customer.open("certificates/").follow("Withdraw").press("OK")
    customer.open("certificates/").follow("Cancel Apply").press("OK")
    ask_for_refund(customer, order).sees("Refund successfully", seconds=30)


def test_issued_by_hand(customer: Window, reviewer: Window) -> None:
    """R10 to R13: Revoke with the dates of D12, a reviewer approves, then Refund."""
    order = buy(customer, SINGLE)
    add_contact(customer)
    certificate = issue(customer, order, "hand.shop.test")
    customer.has_no_barriers()
    customer.open(f"orders/{order}/refund/").sees("Revoke")
    revoke(customer, certificate)
    customer.open(f"orders/{order}/refund/").sees("is reviewed")
    approve(reviewer, "hand.shop.test")
    customer.open(f"certificates/{certificate}/").sees("Revoked", seconds=30)
    ask_for_refund(customer, order).sees("Refund successfully", seconds=30)


def test_issued_by_a_plan(customer: Window, reviewer: Window) -> None:
    """D14: the whole way confirmed once, live in one browser while the reviewer acts in the other."""
    order = buy(customer, SINGLE)
    add_contact(customer)
    issue(customer, order, "plan.shop.test")
    customer.open(f"orders/{order}/refund/").press("Prepare the whole way as a plan")
    customer.sees("cannot be undone").has_no_barriers()
    customer.tick("I have read this").press("OK").sees("By an operator", seconds=20)
    approve(reviewer, "plan.shop.test")
    # Without touching the page: it shows by itself how far it is.
    customer.sees("Refund successfully", seconds=40)


def test_several_years_not_issued(customer: Window) -> None:
    """R15: the later years leave the list with the first, by themselves."""
    order = buy(customer, THREE_YEARS)
    customer.open(f"orders/{order}/").press("Apply for a certificate")
    customer.open("certificates/").follow("Cancel Apply").press("OK")
    customer.sees("There are no such certificates")
    ask_for_refund(customer, order).sees("Refund successfully", seconds=30)


def test_several_years_issued(customer: Window, reviewer: Window) -> None:
    """R16: cancel the second and third (Not Activated), revoke the first and wait for approval."""
    order = buy(customer, THREE_YEARS)
    add_contact(customer)
    first = issue(customer, order, "years.shop.test")
    customer.open(f"orders/{order}/refund/").sees("not activated must be cancelled")
    for _ in range(2):
        customer.open("certificates/").sees("Not Activated")
        row = customer.page.locator("tr", has_text="Not Activated").first
        row.get_by_role("link", name="Cancel", exact=True).click()
        customer.sees("No quota comes back").press("OK").sees("cancelled, for good")
    revoke(customer, first)
    approve(reviewer, "years.shop.test")
    customer.open(f"certificates/{first}/").sees("Revoked", seconds=30)
    ask_for_refund(customer, order).sees("Refund successfully", seconds=30)


def test_promotional(customer: Window, window) -> None:
    """R2: the terms are said before paying, and hold afterwards."""
    administrator = window().sign_in_as("administrator").open("promotions/")
    administrator.write("Name", "Spring event").write("Percent off", "20")
    administrator.page.fill("#ends_at", "2035-01-01T00:00")
    administrator.write("Days of the refund window", "7").press("Make it").sees("The promotion is made")
    customer.open(f"shop/{SINGLE}/")
    option = customer.page.locator("#promotion option", has_text="Spring event").first
    customer.page.select_option("#promotion", option.get_attribute("value"))
    customer.press("Work out the price").sees("Not refundable, by the terms of the promotion")
    customer.press("Place the order")
    pay(customer)
    customer.sees("Taken").follow("Why not refundable").sees("cannot be refunded").sees("R2")
    administrator.open("promotions/").follow("Withdraw Spring event").press("OK").sees("is withdrawn")


def test_early_renewal(customer: Window, window) -> None:
    """R14: no self-service; two operators of finance refund by hand, within what was paid."""
    order = buy(customer, SINGLE)
    add_contact(customer)
    certificate = issue(customer, order, "early.shop.test")
    customer.open(f"certificates/{certificate}/").follow("Renew").sees("R14")
    customer.press("Place the renewal order")
    pay(customer)
    customer.sees("Taken")
    renewal = customer.page.url.rstrip("/").rsplit("/", 1)[1]
    customer.follow("Why not refundable").sees("cannot be refunded").sees("R14")
    finance = window().sign_in_as("finance").open(f"orders/{renewal}/").follow("Refund by hand")
    finance.write("Reason", "Ordered by mistake").press("Propose").sees("a second person must approve")
    refund = finance.page.url
    finance.sees("You proposed it: another person approves it.").sees_not("Approve")
    second = window().sign_in_as("administrator")
    second.page.goto(refund)
    second.press("Approve").sees("Refund successfully", seconds=30)
    customer.open(f"orders/{renewal}/").sees("Refund successfully")


def test_combined(customer: Window) -> None:
    """R9: several wildcards combined into one are not refundable, which is said before."""
    orders = [buy(customer, "hanaper-dv-wildcard-1y") for _ in range(2)]
    for order in orders:
        customer.open(f"orders/{order}/").press("Apply for a certificate")
    customer.open("certificates/").follow("Combine")
    for box in customer.page.locator("input[name=certificate]").all():
        box.check()
    customer.press("See what comes of it").sees("ends the right to a refund").press("OK")
    customer.sees("one certificate now")
    customer.open(f"orders/{orders[0]}/refund/").sees("cannot be refunded").sees("R9")


def test_a_receipt_to_keep(customer: Window) -> None:
    order = buy(customer, SINGLE)
    customer.open(f"orders/{order}/receipt/").sees("Paid in money").has_no_barriers()
    with customer.page.expect_download() as waiting:
        customer.follow("Download as PDF")
    content = waiting.value.path().read_bytes()
    assert content.startswith(b"%PDF-") and re.search(rb"%%EOF\s*$", content)
