"""The story: what a customer, the operators and the world outside do, told as it happens."""

from dataclasses import dataclass
from typing import Any

from hanaper.core.money import format_amount
from hanaper.demo import tls
from hanaper.demo.stage import DemoFailed, Person, Stage
from hanaper.demo.teller import Teller
from hanaper.sandbox_card.cards import BY_NAME

WAIT_SECONDS = 25.0
PRODUCT = "hanaper-dv-single-1y"
WILDCARD = "hanaper-dv-wildcard-1y"
SEVERAL_YEARS = "hanaper-dv-single-3y"


@dataclass(frozen=True, slots=True)
class Story:
    """Each act is a method; together they are every situation of the vendor's document."""

    stage: Stage
    tell: Teller
    customer: Person
    reviewer: Person
    finance: Person
    administrator: Person

    def buy(self, product: str, *, card: str = "", quantity: int = 1) -> str:
        """Order and pay, by balance or by one of the sandbox's cards; the order's id."""
        lines = [{"product": product, "quantity": quantity}]
        order = self.customer.post("/orders", {"lines": lines, "currency": "USD"})
        means: dict[str, Any] = {"means": "balance"}
        if card:
            means = {"means": "card", "card": {"number": BY_NAME[card].number, "expiry": "12/30"}}
        paid = self.customer.post(f"/orders/{order['id']}/pay", {"means": [means]})
        if paid["state"] != "paid":
            raise DemoFailed(f"the order is {paid['state']}")
        by = f"card ({card.replace('_', ' ')})" if card else "balance"
        self.tell.did(f"bought {product} for {format_amount(order['money'], 'USD')} by {by}: {order['id']}")
        return str(order["id"])

    def apply(self, order: str, domain: str, method: str = "dns") -> str:
        """Create a certificate of the order's quota and submit the form; the certificate's id."""
        created = self.customer.post("/certificates", {"order": order})
        contact = self._contact()
        form = {"domains": [domain], "key_algorithm": "ec-p256", "contact": contact, "method": method}
        self.customer.post(f"/certificates/{created['id']}/apply", form)
        self.tell.did(f"applied for {domain}, to be proven by {method.upper()}: {created['id']}")
        return str(created["id"])

    def prove(self, certificate: str) -> None:
        """Put what the check wants to see where it looks for it."""
        shown = self.customer.get(f"/certificates/{certificate}")
        for check in shown["applications"][0]["checks"]:
            if check["method"] == "dns":
                self.stage.names.records[check["place"], "TXT"] = [check["value"]]
                self.tell.did(f"put a TXT record at {check['place']}")
            else:
                path = "/" + check["place"].split("/", 3)[3]
                self.stage.names.records[check["domain"], "A"] = ["127.0.0.1"]
                self.stage.web.files[check["domain"], path] = check["value"]
                self.tell.did(f"put a file at {check['place']}")

        def looked_again() -> bool:
            state = self.customer.get(f"/certificates/{certificate}")["state"]
            path = f"/certificates/{certificate}/recheck"
            return state != "validating_application" or self.customer.attempt(path)

        self.stage.wait_until(looked_again, WAIT_SECONDS, "the check to be made again")

    def wait_for(self, certificate: str, state: str) -> dict[str, Any]:
        """The certificate once it is in `state`."""

        def there() -> dict[str, Any] | None:
            found: dict[str, Any] = self.customer.get(f"/certificates/{certificate}")
            return found if found["state"] == state else None

        found: dict[str, Any] = self.stage.wait_until(there, WAIT_SECONDS, f"{certificate} to be {state}")
        self.tell.saw(f"{certificate} is {found['state_label']}")
        return found

    def issue(self, order: str, domain: str, method: str = "dns") -> dict[str, Any]:
        certificate = self.apply(order, domain, method)
        self.prove(certificate)
        return self.wait_for(certificate, "issued")

    def decide(self, order: str) -> dict[str, Any]:
        """Ask for the decision, and show it with its clauses."""
        decision: dict[str, Any] = self.customer.get(f"/orders/{order}/refund-decision")["decision"]
        amount = format_amount(decision["amount"]["total"], decision["amount"]["currency"])
        self.tell.decided(decision["verdict"], amount, decision["reasons"])
        return decision

    def refund(self, order: str) -> dict[str, Any]:
        """Ask for the refund and wait until the money is back."""
        made = self.customer.post(f"/orders/{order}/refunds")
        return self.wait_for_refund(made["id"])

    def wait_for_refund(self, refund: str) -> dict[str, Any]:
        def there() -> dict[str, Any] | None:
            found: dict[str, Any] = self.customer.get(f"/refunds/{refund}")
            return found if found["state"] == "succeeded" else None

        found: dict[str, Any] = self.stage.wait_until(there, WAIT_SECONDS, f"{refund} to succeed")
        ways = ", ".join(
            f"{format_amount(one['amount'], found['currency'])} by {one['means']} to the "
            + ("balance" if one["destination"] == "balance" else "original account")
            for one in found["returns"]
        )
        self.tell.saw(f"order {found['order']} is {found['order_label']}: {ways}")
        return found

    def plan(self, order: str) -> dict[str, Any]:
        """Prepare the plan, confirm it once, and follow it until it ends or waits for the operators."""
        plan = self.customer.post(f"/orders/{order}/refund-plan")
        steps = ", ".join(step["action"].replace("_", " ") for step in plan["steps"])
        self.tell.did(f"prepared {plan['id']}: {steps}; then the refund")
        body = {"token": plan["token"], "accept": True}
        self.customer.post(f"/refund-plans/{plan['id']}/confirm", body)
        self.tell.did("confirmed it, with what cannot be undone, once")
        return dict(plan)

    def wait_for_plan(self, plan: str) -> dict[str, Any]:
        def done() -> dict[str, Any] | None:
            found: dict[str, Any] = self.customer.get(f"/refund-plans/{plan}")
            if found["state"] in ("stopped", "refused", "cancelled", "needs_confirmation"):
                raise DemoFailed(f"the plan is {found['state']}: {found['problem']}")
            return found if found["state"] == "done" else None

        found: dict[str, Any] = self.stage.wait_until(done, WAIT_SECONDS, f"{plan} to be done")
        return self.wait_for_refund(found["refund"])

    def approve_revocation(self, certificate: str) -> None:
        """The reviewer looks at the queue and approves."""

        def asked() -> dict[str, Any] | None:
            queue = self.reviewer.get("/operator/reviews/revocations")["items"]
            return next((one for one in queue if one["certificate"] == certificate), None)

        revocation = self.stage.wait_until(asked, WAIT_SECONDS, "the request in the review queue")
        self.tell.saw(f"the reviewer finds {revocation['id']} in the queue, due {revocation['due_at']}")
        self.reviewer.post(f"/operator/reviews/revocations/{revocation['id']}/approve")
        self.tell.did("the reviewer approved it")

    def advance(self, by: str) -> None:
        """Move the sandbox's clock, in a terminal."""
        done = self.stage.command("clock", "advance", by)
        if done.returncode != 0:
            raise DemoFailed(f"hanaper clock advance {by}: {done.stderr}")
        self.tell.did(f"the operator moved the sandbox's clock forward by {by}")

    def download(self, certificate: str, part: str) -> str:
        return str(self.customer.get(f"/certificates/{certificate}/download", part=part)["pem"])

    def verify(self, certificate: str) -> str:
        """What openssl makes of it, downloaded as a customer does."""
        parts = [self.download(certificate, part) for part in ("leaf", "chain", "root")]
        return tls.verify(self.stage.folder, *parts).split("/")[-1]

    def _contact(self) -> str:
        known = self.customer.get("/contacts")["items"]
        if known:
            return str(known[0]["id"])
        made = self.customer.post("/contacts", {"name": "Ada Owner", "email": "ada@example.com"})
        return str(made["id"])


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
    story.customer.post(f"/certificates/{certificate}/withdraw")
    story.customer.post(f"/certificates/{certificate}/cancel-apply")
    story.tell.did("withdrew the application and cancelled it: it is off the list, its quota restored")
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
    early_renewal(story, story.customer.get("/certificates", order=first)["items"][0]["id"])
    other_products(story)
    promotion(story)
    failing_card(story)
    day_eight(story, first)
    books(story)
