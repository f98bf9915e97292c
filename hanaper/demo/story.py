"""What the people of the story do, and how they wait for what it brings; `acts.py` puts it together."""

from dataclasses import dataclass
from typing import Any

from hanaper.core.money import format_amount
from hanaper.demo import tls
from hanaper.demo.stage import DemoFailed, Person, Stage
from hanaper.demo.teller import Teller
from hanaper.sandbox_card.cards import BY_NAME

WAIT_SECONDS = 25.0


@dataclass(frozen=True, slots=True)
class Story:
    """The people and the stage; each verb tells what it did and what was seen."""

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

    def create(self, order: str) -> str:
        """A certificate of the order's quota, to be applied for; its id. That of several years is there."""
        return str(self.customer.post("/certificates", {"order": order})["id"])

    def apply(self, order: str, domain: str, method: str = "dns", **people: str) -> str:
        """Create a certificate and submit its form; `people` name contact and company."""
        created = self.create(order)
        form = {"domains": [domain], "key_algorithm": "ec-p256", "method": method}
        self.customer.post(f"/certificates/{created}/apply", form | ({"contact": self.contact()} | people))
        self.tell.did(f"applied for {domain}, to be proven by {method.upper()}: {created}")
        return created

    def withdraw(self, certificate: str) -> None:
        """Bring an application off the list."""
        self.customer.post(f"/certificates/{certificate}/withdraw")
        self.customer.post(f"/certificates/{certificate}/cancel-apply")
        self.tell.did("withdrew the application and cancelled it: it is off the list, its quota restored")

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
            path = f"/certificates/{certificate}/recheck"
            # Looked at meanwhile, it may have been seen, and even been issued.
            seen = ("nothing_to_check", "not_in_this_state")
            return self.customer.attempt(path, unless=("recheck_too_soon", *seen)) != "recheck_too_soon"

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

    def wait_until_stopped(self, plan: str) -> dict[str, Any]:
        """What stopped the plan: an error as the API tells it."""

        def stopped() -> dict[str, Any] | None:
            found: dict[str, Any] = self.customer.get(f"/refund-plans/{plan}")
            return found["problem"] if found["state"] == "stopped" else None

        problem: dict[str, Any] = self.stage.wait_until(stopped, WAIT_SECONDS, f"{plan} to stop")
        self.tell.saw(f"the plan stopped: {problem['message']}")
        return problem

    def refuse_application(self, certificate: str, reason: str) -> None:
        """The reviewer looks at the applications and refuses this one."""

        def waiting() -> dict[str, Any] | None:
            return self._in_queue("applications", certificate)

        application = self.stage.wait_until(waiting, WAIT_SECONDS, "the application in the review queue")[
            "id"
        ]
        self.reviewer.post(f"/operator/reviews/applications/{application}/refuse", {"reason": reason})
        self.tell.did(f"the reviewer refused the application: {reason}")

    def approve_revocation(self, certificate: str) -> None:
        """The reviewer looks at the queue and approves."""

        def asked() -> dict[str, Any] | None:
            return self._in_queue("revocations", certificate)

        revocation = self.stage.wait_until(asked, WAIT_SECONDS, "the request in the review queue")
        self.tell.saw(f"the reviewer finds {revocation['id']} in the queue, due {revocation['due_at']}")
        self.reviewer.post(f"/operator/reviews/revocations/{revocation['id']}/approve")
        self.tell.did("the reviewer approved it")

    def _in_queue(self, queue: str, certificate: str) -> dict[str, Any] | None:
        items = self.reviewer.get(f"/operator/reviews/{queue}")["items"]
        return next((one for one in items if one["certificate"] == certificate), None)

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

    def contact(self) -> str:
        """Who answers for applications; made where there is none."""
        known = self.customer.get("/contacts")["items"]
        if known:
            return str(known[0]["id"])
        made = self.customer.post("/contacts", {"name": "Ada Owner", "email": "ada@example.com"})
        return str(made["id"])
