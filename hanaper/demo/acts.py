"""The acts of the story: every situation of the vendor's document that a customer can get into."""

from hanaper.core.money import format_amount
from hanaper.demo import tls
from hanaper.demo.stage import DemoFailed, Stage
from hanaper.demo.story import Story
from hanaper.demo.teller import Teller

PRODUCT = "hanaper-dv-single-1y"
WILDCARD = "hanaper-dv-wildcard-1y"
SEVERAL_YEARS = "hanaper-dv-single-3y"
NEEDS_ID_NUMBER = "greatseal-ov-single-1y"


def unused(story: Story) -> None:
    story.tell.act("An unused order is refunded in full (R5, R6)")
    order = story.buy(PRODUCT, card="success")
    story.decide(order)
    story.refund(order)
    again = story.customer.refused(f"/orders/{order}/refunds")
    story.tell.refused(again)


def real_certificates(story: Story) -> tuple[str, str]:
    """Two certificates, one proven by a DNS record, one by a file; what clients make of them."""
    story.tell.act("Two domains are proven, two certificates issued, and clients accept them")
    first = story.buy(PRODUCT)
    by_file = story.issue(first, "files.demo.test", "http")
    second = story.buy(WILDCARD)
    by_record = story.issue(second, "*.records.demo.test", "dns")
    folder = story.stage.folder
    for one, name in ((by_file, "files.demo.test"), (by_record, "any.records.demo.test")):
        story.tell.saw(f"openssl verify: {story.verify(one['id'])}")
        key = story.customer.post(f"/certificates/{one['id']}/key")["pem"]
        protocol = tls.serve_and_connect(folder, name, story.download(one["id"], "full_chain"), key)
        story.tell.saw(f"a TLS server serves {name}, and a client that trusts the root agrees on {protocol}")
    return first, second


def used(story: Story) -> None:
    story.tell.act("Quota was used: first cancel, then refund (R10, R11)")
    order = story.buy(PRODUCT)
    certificate = story.apply(order, "changed-my-mind.demo.test")
    story.decide(order)
    story.tell.refused(story.customer.refused(f"/orders/{order}/refunds"))
    story.withdraw(certificate)
    story.refund(order)


def planned(story: Story, order: str, certificate_name: str) -> None:
    """One plan through revocation, review and refund, the serial on the CRL."""
    story.tell.act("An issued certificate: one plan through revocation, review and refund (R12, R13)")
    story.decide(order)
    found = story.customer.get("/certificates", order=order)["items"][0]
    plan = story.plan(order)
    story.approve_revocation(found["id"])
    story.wait_for(found["id"], "revoked")
    folder = story.stage.folder
    story.verify(found["id"])
    address = tls.crl_address(folder)
    if not tls.revoked_on(folder, address, found["serial"]):
        raise DemoFailed(f"the serial {found['serial']} is not on the list at {address}")
    story.tell.saw(f"the CRL named in the certificate of {certificate_name} lists serial {found['serial']}")
    story.wait_for_plan(plan["id"])


def several_years(story: Story) -> None:
    story.tell.act("Three years, the first one issued: cancel the later ones, revoke the first (R16)")
    order = story.buy(SEVERAL_YEARS)
    certificate = story.issue(order, "three-years.demo.test")
    plan = story.plan(order)
    story.approve_revocation(certificate["id"])
    story.wait_for_plan(plan["id"])


def several_years_unissued(story: Story) -> None:
    story.tell.act("Three years, none issued: the later ones leave the list with the first (R15)")
    order = story.buy(SEVERAL_YEARS)
    certificate = story.apply(order, "never.demo.test")
    story.withdraw(certificate)
    left = story.customer.get("/certificates", order=order)["items"]
    story.tell.saw(f"certificates of the order on the list: {len(left)}")
    story.refund(order)


def combined(story: Story) -> None:
    story.tell.act("Combined into a several-wildcard certificate: the right to a refund ends (R9, D4)")
    orders = [story.buy(WILDCARD), story.buy(WILDCARD)]
    chosen = [story.create(order) for order in orders]
    warning = story.customer.post("/certificates/combine/prepare", {"certificates": chosen})
    story.tell.saw(f"told before: {warning['warning']}")
    body = {"certificates": chosen, "confirmation": warning["confirmation"]}
    made = story.customer.post("/certificates/combine/confirm", body)
    story.tell.did(f"combined them into {made['id']}")
    story.decide(orders[0])
    story.tell.refused(story.customer.refused(f"/orders/{orders[0]}/refunds"))


def failed_validation(story: Story) -> None:
    """The document's own example of a step that only a person can settle (D14)."""
    story.tell.act("Validation failed: the plan stops at the fault, and goes on once it is mended (D14)")
    order = story.buy(NEEDS_ID_NUMBER)
    contact = story.customer.post(
        "/contacts", {"name": "Ada Owner", "email": "ada@example.com", "id_number": "AB1234567"}
    )["id"]
    company = story.customer.post(
        "/companies", {"organization": "Example Ltd", "country": "DE", "locality": "Berlin"}
    )["id"]
    certificate = story.apply(order, "reviewed.demo.test", contact=contact, company=company)
    story.prove(certificate)
    story.refuse_application(certificate, "The register does not know the company")
    story.wait_for(certificate, "validation_failed")
    story.customer.patch(f"/contacts/{contact}", {"id_number": ""})
    story.tell.did("took the ID number out of the contact")
    plan = story.plan(order)
    stopped = story.wait_until_stopped(plan["id"])
    story.tell.refused(stopped)
    story.customer.patch(f"/contacts/{contact}", {"id_number": "AB1234567"})
    story.customer.post(f"/refund-plans/{plan['id']}/resume")
    story.tell.did("put it back, and let the plan go on")
    story.wait_for_plan(plan["id"])


def early_renewal(story: Story, certificate: str) -> None:
    story.tell.act("Renewed ahead of time: not by self-service, but by two operators (R14)")
    order = story.customer.post(f"/certificates/{certificate}/renew", {"years": 1})["order"]
    story.customer.post(f"/orders/{order}/pay", {"means": [{"means": "balance"}]})
    story.decide(order)
    story.tell.refused(story.customer.refused(f"/orders/{order}/refunds"))
    body = {"reason": "Renewed by mistake, told on the phone"}
    proposed = story.finance.post(f"/operator/orders/{order}/refunds", body)
    story.tell.refused(story.finance.refused(f"/operator/refunds/{proposed['id']}/approve"))
    story.administrator.post(f"/operator/refunds/{proposed['id']}/approve")
    story.tell.did("a second person approved it")
    story.wait_for_refund(proposed["id"])


def other_products(story: Story) -> None:
    story.tell.act("A private CA, a gateway, and another service (R7, R8, D8)")
    ca = story.buy("private-root-ca")
    story.refund(ca)
    states = {one["id"]: one["state_label"] for one in story.customer.get("/private-cas")["items"]}
    story.tell.saw(f"root and intermediate are {' and '.join(sorted(set(states.values())))}")
    story.refund(story.buy("https-gateway-1m"))
    order = story.buy("domain-monitoring-12m")
    service = next(one for one in story.customer.get("/services")["items"] if one["order"] == order)
    story.customer.post(f"/services/{service['id']}/use")
    story.tell.did("used the other service")
    story.decide(order)
    story.tell.refused(story.customer.refused(f"/orders/{order}/refunds"))


def promotion(story: Story) -> None:
    story.tell.act("Bought in a promotion that excludes refunds (R2)")
    now = story.customer.get("/clock")["business_time"]
    offered = story.administrator.post(
        "/operator/promotions",
        {
            "name": "Spring", "percent": 20, "starts_at": now, "ends_at": "2099-01-01T00:00:00Z",
            "refundable": False, "refund_days": 0,
        },
    )  # fmt: skip
    lines = [{"product": PRODUCT}]
    body = {"lines": lines, "currency": "USD", "promotion": offered["id"]}
    quote = story.customer.post("/quotes", body)
    told = ", ".join(f"{name} {value}" for name, value in quote["refund_terms"].items())
    story.tell.saw(f"told before paying: {told}")
    order = story.customer.post("/orders", body)["id"]
    story.customer.post(f"/orders/{order}/pay", {"means": [{"means": "balance"}]})
    story.decide(order)
    story.tell.refused(story.customer.refused(f"/orders/{order}/refunds"))


def failing_card(story: Story) -> None:
    story.tell.act("The card cannot take the money back: it goes to the balance (R4)")
    before = _balance(story)
    order = story.buy(PRODUCT, card="refund_fails_later")
    refund = story.refund(order)
    if [one["destination"] for one in refund["returns"]] != ["balance"]:
        raise DemoFailed("the money should have gone to the balance")
    story.tell.saw(f"the balance grew from {before} to {_balance(story)}")


def day_eight(story: Story, order: str) -> None:
    story.tell.act("On the eighth day it is too late (R1, D1)")
    story.advance("9d")
    story.decide(order)
    story.tell.refused(story.customer.refused(f"/orders/{order}/refunds"))


def books(story: Story) -> None:
    story.tell.act("The statement, and the proof that the books are right")
    statement = story.customer.get("/statement", currency="USD")
    story.tell.statement(statement)
    done = story.stage.command("ledger", "verify")
    story.tell.printed(done.stdout)
    if done.returncode != 0:
        raise DemoFailed(f"hanaper ledger verify: {done.stdout}{done.stderr}")
    done = story.stage.command("audit", "verify")
    story.tell.printed(done.stdout)
    if done.returncode != 0:
        raise DemoFailed(f"hanaper audit verify: {done.stdout}{done.stderr}")


def _balance(story: Story) -> str:
    amounts = {one["currency"]: one["amount"] for one in story.customer.get("/balances")}
    return format_amount(amounts.get("USD", 0), "USD")


def play(stage: Stage, tell: Teller) -> None:
    """Every act, in order; DemoFailed at the first thing that does not happen."""
    story = Story(
        stage,
        tell,
        customer=stage.person("customer"),
        reviewer=stage.person("reviewer"),
        finance=stage.person("finance"),
        administrator=stage.person("administrator"),
    )
    unused(story)
    first, second = real_certificates(story)
    used(story)
    planned(story, second, "*.records.demo.test")
    several_years(story)
    several_years_unissued(story)
    failed_validation(story)
    combined(story)
    early_renewal(story, story.customer.get("/certificates", order=first)["items"][0]["id"])
    other_products(story)
    promotion(story)
    failing_card(story)
    day_eight(story, first)
    books(story)
