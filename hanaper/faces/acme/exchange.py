"""One exchange: a signed request read and believed, an answer with what every answer has (RFC 8555 6)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse

from hanaper import clock
from hanaper.apps.acme import services
from hanaper.apps.acme.directories import Directory, actor_of, open_directory
from hanaper.apps.acme.models import AcmeAccount
from hanaper.apps.acme.nonces import Nonces
from hanaper.core.acme import jws
from hanaper.core.acme.problems import AcmeProblem, ProblemType, malformed, unauthorized
from hanaper.core.actor import Actor
from hanaper.faces.acme.addresses import Addresses, request_url

JOSE = "application/jose+json"


class AcmeRequest(HttpRequest):
    """A request under /acme; the middleware has given it an id."""

    request_id: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that was found to come from who says so. `account` None: it is signed by a key in it."""

    directory: Directory
    addresses: Addresses
    envelope: jws.Envelope
    key: jws.Key
    account: AcmeAccount | None
    at: datetime
    system_at: datetime
    address: str | None
    request_id: str

    @property
    def of_account(self) -> AcmeAccount:
        if self.account is None:
            raise malformed("This request is signed by an account: name it with a kid.")
        return self.account

    @property
    def actor(self) -> Actor:
        return actor_of(self.of_account, address=self.address, request_id=self.request_id)

    def require_own(self, account: str) -> AcmeAccount:
        """The account at an address of its own; another's is as none."""
        if self.of_account.public_id != account:
            raise unauthorized("This is not the account that signed the request.")
        return self.of_account

    def answer(self, body: Any = None, status: int = 200, **headers: str) -> HttpResponse:
        response = HttpResponse(status=status) if body is None else JsonResponse(body, status=status)
        for name, value in headers.items():
            response[name.replace("_", "-")] = value
        return response


View = Callable[..., HttpResponse]


def signed(view: Callable[..., HttpResponse]) -> View:
    """A view of signed requests: it gets the `Exchange`, and what else stands in the address."""

    def exchange(request: AcmeRequest, ca: str, template: str, **path: str | int) -> HttpResponse:
        return view(receive(request, open_directory(ca, template)), **path)

    return exchange


def receive(request: AcmeRequest, directory: Directory) -> Exchange:
    """AcmeProblem, in the order of RFC 8555 6: form, algorithm, address, key, signature, nonce."""
    if request.content_type != JOSE:
        raise malformed(f"Send {JOSE}.", 415)
    addresses = Addresses.of(directory)
    envelope = jws.read_envelope(request.body)
    if envelope.url != request_url(request.path):
        raise unauthorized("The request was signed for another address.")
    account = None if envelope.kid is None else _account(directory, addresses, envelope.kid)
    key = jws.read_key((envelope.jwk if account is None else account.jwk) or {})
    jws.verify(envelope, key)
    system_at = clock.system_now()
    if envelope.nonce is None:
        raise AcmeProblem(ProblemType.BAD_NONCE, "The request has no nonce.")
    if not nonces().spend(envelope.nonce, system_at):
        raise AcmeProblem(ProblemType.BAD_NONCE, "The nonce is not ours, too old, or was used before.")
    return Exchange(
        directory,
        addresses,
        envelope,
        key,
        account,
        clock.now(),
        system_at,
        request.META.get("REMOTE_ADDR"),
        request.request_id,
    )


def _account(directory: Directory, addresses: Addresses, kid: str) -> AcmeAccount:
    before, _, public_id = kid.rpartition("/")
    if before != addresses.at("account"):
        raise services.does_not_exist()
    return services.account_named(directory, public_id)


@cache
def nonces() -> Nonces:
    return Nonces(settings.DATA / "acme-nonces.sqlite3")
