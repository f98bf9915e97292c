"""The sandbox card provider, reached by HTTP and webhooks only, as a real one would be."""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import httpx

from hanaper.apps.payments.providers import (
    BadWebhook,
    CardDetails,
    ProviderBusy,
    ProviderCharge,
    ProviderFault,
    ProviderRefund,
    ProviderRejected,
    ProviderTimeout,
    Webhook,
)

TIMEOUT = httpx.Timeout(5.0, connect=2.0)
SIGNATURE = "Sandbox-Signature"
TOLERANCE = timedelta(minutes=5)
PAGE = 500


class SandboxCard:
    """`url` of the provider's process; `secret` shared with it. Webhooks are signed with a key derived."""

    def __init__(self, url: str, secret: str) -> None:
        self._secret = secret
        self._client = httpx.Client(
            base_url=url, timeout=TIMEOUT, headers={"Authorization": f"Bearer {secret}"}, trust_env=False
        )

    def create_token(self, card: CardDetails) -> str:
        answer = self._call("POST", "/v1/tokens", {"number": card.number, "expiry": card.expiry})
        return str(answer["id"])

    def charge(
        self, *, key: str, token: str, amount: int, currency: str, reference: str, account: str
    ) -> ProviderCharge:
        metadata = _metadata(key, reference) | {"hanaper_account": account}
        body = {"token": token, "amount": amount, "currency": currency, "metadata": metadata}
        return _charge(self._call("POST", "/v1/charges", body, key))

    def find_charge(self, key: str) -> ProviderCharge | None:
        found = self._call("GET", "/v1/charges", {"key": key})["data"]
        return _charge(found[0]) if found else None

    def refund(self, *, key: str, charge: str, amount: int, reference: str) -> ProviderRefund:
        body = {"charge": charge, "amount": amount, "metadata": _metadata(key, reference)}
        return _refund(self._call("POST", "/v1/refunds", body, key))

    def find_refund(self, key: str) -> ProviderRefund | None:
        found = self._call("GET", "/v1/refunds", {"key": key})["data"]
        return _refund(found[0]) if found else None

    def get_refund(self, refund_id: str) -> ProviderRefund | None:
        found = self._call("GET", "/v1/refunds", {"id": refund_id})["data"]
        return _refund(found[0]) if found else None

    def list_charges(self) -> Iterator[ProviderCharge]:
        return map(_charge, self._every("/v1/charges"))

    def list_refunds(self) -> Iterator[ProviderRefund]:
        return map(_refund, self._every("/v1/refunds"))

    def parse_webhook(self, headers: Mapping[str, str], body: bytes, system_at: datetime) -> Webhook:
        written = dict(part.partition("=")[::2] for part in headers.get(SIGNATURE, "").split(","))
        stamp, signature = written.get("t", ""), written.get("v1", "")
        # As bytes: texts beyond ASCII cannot be compared this way.
        if not hmac.compare_digest(sign_webhook(self._secret, stamp, body).encode(), signature.encode()):
            raise BadWebhook("the signature is not the provider's")
        if not stamp.isdecimal() or abs(system_at.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
            raise BadWebhook("the webhook is not of now")
        try:
            event = json.loads(body)
            return Webhook(str(event["event"]), str(event["kind"]), dict(event["object"]))
        except (ValueError, KeyError, TypeError) as error:
            raise BadWebhook("the webhook is no event") from error

    def _every(self, path: str) -> Iterator[dict[str, Any]]:
        after = ""
        while True:
            answer = self._call("GET", path, {"after": after, "limit": str(PAGE)})
            yield from answer["data"]
            if not answer["has_more"]:
                return
            after = answer["data"][-1]["id"]

    def _call(
        self, method: str, path: str, values: Mapping[str, Any], key: str | None = None
    ) -> dict[str, Any]:
        """One call. A connection that ends without an answer leaves the outcome unknown."""
        headers = {"Idempotency-Key": key} if key else {}
        try:
            if method == "GET":
                response = self._client.get(path, params=dict(values))
            else:
                response = self._client.post(path, json=dict(values), headers=headers)
            answer = response.json()
        except (httpx.TransportError, ValueError) as error:
            raise ProviderTimeout(f"the card provider did not answer: {type(error).__name__}") from error
        if response.status_code >= 500:
            raise ProviderFault("the card provider reports a fault of its own")
        if response.status_code in (409, 429):  # 409: our own earlier call is still being worked on
            wait = float(response.headers.get("Retry-After", "1"))
            raise ProviderBusy("the card provider asks for patience", wait)
        if response.status_code >= 400:
            said = answer.get("error", {})
            raise ProviderRejected(str(said.get("message", "Refused.")), str(said.get("code", "refused")))
        return dict(answer)


def sign_webhook(secret: str, stamp: str, body: bytes) -> str:
    """The signature of a webhook sent at `stamp` (UNIX seconds)."""
    key = f"webhook:{secret}".encode()
    return hmac.new(key, stamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _metadata(key: str, reference: str) -> dict[str, str]:
    return {"hanaper_key": key, "hanaper_reference": reference}


def _charge(found: Mapping[str, Any]) -> ProviderCharge:
    return ProviderCharge(
        id=found["id"],
        status=found["status"],
        amount=found["amount"],
        currency=found["currency"],
        key=found["key"],
        account=found["metadata"].get("hanaper_account"),
        failure=found["failure"],
    )


def _refund(found: Mapping[str, Any]) -> ProviderRefund:
    return ProviderRefund(
        id=found["id"],
        charge=found["charge"],
        status=found["status"],
        amount=found["amount"],
        currency=found["currency"],
        key=found["key"],
        reference=found["metadata"].get("hanaper_reference"),
        failure=found["failure"],
    )
