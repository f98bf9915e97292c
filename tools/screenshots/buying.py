"""Buying and setting up without a browser, for what is not to be pictured."""

from typing import Any

from tests.gateway_node.visiting import wait_until
from tests.journeys.driving import CARD, Service


class Buyer:
    """Whoever buys and sets things up over REST, by card."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def get(self, path: str) -> Any:
        return self.service.rest("customer", "GET", path)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        return self.service.rest("customer", "POST", path, body or {})

    def buy(self, product: str) -> str:
        order = self.post("/orders", {"lines": [{"product": product, "quantity": 1}], "currency": "USD"})
        card = {"means": "card", "card": {"number": CARD, "expiry": "12/30"}}
        self.post(f"/orders/{order['id']}/pay", {"means": [card]})
        # The provider's answer may have got lost on its way; then the sweep asks it again.
        wait_until(lambda: self.get(f"/orders/{order['id']}")["state"] == "paid", "it to be paid", seconds=60)
        return str(order["id"])

    def cas_of(self, order: str) -> dict[str, str]:
        """By kind, the ids of the private CAs that an order brought."""
        listed = self.get("/private-cas?limit=100")["items"]
        return {one["kind"]: one["id"] for one in listed if one["order"] == order}

    def enable(self, ca: str, name: str, **settings: Any) -> None:
        self.post(f"/private-cas/{ca}/enable", {"subject": {"common_name": name}, **settings})
