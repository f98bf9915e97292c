"""The resources of an ACME server: each parses, calls one service, and renders (RFC 8555 7, RFC 9773 4)."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.cache import patch_cache_control

from hanaper import clock
from hanaper.apps.acme import services
from hanaper.apps.acme.directories import open_directory
from hanaper.core.acme import jws
from hanaper.core.acme.base64url import decode
from hanaper.core.acme.problems import AcmeProblem, ProblemType, malformed
from hanaper.core.acme.renewal import POLL
from hanaper.core.acme.states import AcmeOrderState, AuthorizationState, ChallengeState
from hanaper.faces.acme.addresses import Addresses
from hanaper.faces.acme.exchange import Exchange, signed
from hanaper.faces.acme.objects import (
    account_object,
    authorization_object,
    challenge_object,
    moment,
    order_object,
)
from hanaper.storage import paging

CHAIN = "application/pem-certificate-chain"
SOON = "1"  # seconds: a check takes about as long
ORDERS_AT_ONCE = 100


def directory(request: HttpRequest, ca: str, template: str) -> HttpResponse:  # noqa: ARG001
    return JsonResponse(Addresses.of(open_directory(ca, template)).document())


def new_nonce(request: HttpRequest, ca: str, template: str) -> HttpResponse:
    """The middleware gives every answer a nonce (RFC 8555 7.2)."""
    open_directory(ca, template)
    return HttpResponse(status=200 if request.method == "HEAD" else 204)


def renewal_info(request: HttpRequest, ca: str, template: str, certificate: str) -> HttpResponse:  # noqa: ARG001
    """For anybody who has the certificate (RFC 9773 4.2)."""
    found = services.suggestion_for(open_directory(ca, template).ca, certificate, at=clock.now())
    window = {"start": moment(found.window.start), "end": moment(found.window.end)}
    told: dict[str, object] = {"suggestedWindow": window}
    if found.explanation:
        told["explanationURL"] = found.explanation
    response = JsonResponse(told)
    response["Retry-After"] = str(int(POLL.total_seconds()))
    patch_cache_control(response, no_cache=True)
    return response


@signed
def new_account(exchange: Exchange) -> HttpResponse:
    if exchange.envelope.jwk is None:
        raise malformed("A new account is signed by its own key: put it into the header as jwk.")
    account, made = services.new_account(
        exchange.directory,
        exchange.key,
        exchange.envelope.body(),
        url=exchange.envelope.url,
        address=exchange.address,
        request_id=exchange.request_id,
        at=exchange.at,
    )
    body = account_object(account, exchange.addresses)
    where = exchange.addresses.at("account", account.public_id)
    return exchange.answer(body, 201 if made else 200, Location=where)


@signed
def account(exchange: Exchange, account: str) -> HttpResponse:
    own = exchange.require_own(account)
    if exchange.envelope.payload:
        own = services.update_account(exchange.actor, own, exchange.envelope.body(), at=exchange.at)
    return exchange.answer(account_object(own, exchange.addresses))


@signed
def orders(exchange: Exchange, account: str, after: str = "") -> HttpResponse:
    """A page of addresses; the next one is linked (RFC 8555 7.1.2.1)."""
    own = exchange.require_own(account)
    exchange.envelope.require_empty()
    found = paging.page(services.orders_of(own), sort="-id", cursor=after or None, limit=ORDERS_AT_ONCE)
    urls = [exchange.addresses.at("order", order.public_id) for order in found.rows]
    response = exchange.answer({"orders": urls})
    if found.next_cursor:
        further = exchange.addresses.at("account", account, "orders", found.next_cursor)
        response["Link"] = f'<{further}>;rel="next"'
    return response


@signed
def new_order(exchange: Exchange) -> HttpResponse:
    order = services.new_order(
        exchange.actor,
        exchange.of_account,
        exchange.envelope.body(),
        at=exchange.at,
        system_at=exchange.system_at,
    )
    where = exchange.addresses.at("order", order.public_id)
    return exchange.answer(order_object(order, exchange.addresses), 201, Location=where)


@signed
def order(exchange: Exchange, order: str) -> HttpResponse:
    exchange.envelope.require_empty()
    found = services.order_of(exchange.of_account, order, at=exchange.at)
    response = exchange.answer(order_object(found, exchange.addresses))
    if found.state == AcmeOrderState.PROCESSING:
        response["Retry-After"] = SOON
    return response


@signed
def finalize(exchange: Exchange, order: str) -> HttpResponse:
    found = services.order_of(exchange.of_account, order, at=exchange.at)
    body = exchange.envelope.body()
    try:
        csr = decode(body.get("csr"))
    except ValueError:
        raise malformed("csr is a certificate request in DER, as base64url without padding.") from None
    found = services.finalize(exchange.actor, found, csr, at=exchange.at, system_at=exchange.system_at)
    where = exchange.addresses.at("order", found.public_id)
    response = exchange.answer(order_object(found, exchange.addresses), Location=where)
    if found.state == AcmeOrderState.PROCESSING:
        response["Retry-After"] = SOON
    return response


@signed
def new_authz(exchange: Exchange) -> HttpResponse:
    row = services.authorize_ahead(
        exchange.of_account,
        exchange.envelope.body().get("identifier"),
        at=exchange.at,
        system_at=exchange.system_at,
    )
    where = exchange.addresses.at("authz", row.public_id)
    return exchange.answer(authorization_object(row, exchange.addresses), 201, Location=where)


@signed
def authz(exchange: Exchange, authz: str) -> HttpResponse:
    row = services.authorization_of(exchange.of_account, authz, at=exchange.at)
    if exchange.envelope.payload:
        if exchange.envelope.body().get("status") != AuthorizationState.DEACTIVATED:
            raise malformed("An authorization can only be deactivated.")
        row = services.deactivate(exchange.actor, row, at=exchange.at)
    response = exchange.answer(authorization_object(row, exchange.addresses))
    if row.state == AuthorizationState.PENDING:
        response["Retry-After"] = SOON
    return response


@signed
def challenge(exchange: Exchange, challenge: str) -> HttpResponse:
    """An empty object says "I am ready"; an empty payload only looks."""
    found = services.challenge_of(exchange.of_account, challenge)
    if exchange.envelope.payload:
        exchange.envelope.body()
        found = services.begin_check(exchange.of_account, found, at=exchange.at, system_at=exchange.system_at)
    response = exchange.answer(challenge_object(found, exchange.addresses))
    up = exchange.addresses.at("authz", found.authorization.public_id)
    response["Link"] = f'<{up}>;rel="up"'
    if found.state == ChallengeState.PROCESSING:
        response["Retry-After"] = SOON
    return response


@signed
def certificate(exchange: Exchange, order: str, chain: int = 0) -> HttpResponse:
    """One chain, and where the others are (RFC 8555 7.4.2)."""
    exchange.envelope.require_empty()
    found = services.order_of(exchange.of_account, order, at=exchange.at)
    chains = services.chains_of(found, at=exchange.at)
    if chain >= len(chains):
        raise malformed("There is no such chain.", 404)
    response = HttpResponse(chains[chain], content_type=CHAIN)
    addresses = [exchange.addresses.certificate(order, other) for other in range(len(chains))]
    others = [f'<{address}>;rel="alternate"' for address in addresses[:chain] + addresses[chain + 1 :]]
    if others:
        response["Link"] = ", ".join(others)
    return response


@signed
def revoke_cert(exchange: Exchange) -> HttpResponse:
    body = exchange.envelope.body()
    try:
        der = decode(body.get("certificate"))
    except ValueError:
        raise malformed("certificate is one in DER, as base64url without padding.") from None
    found = services.certificate_to_revoke(exchange.directory, der)
    reason = services.read_reason(body.get("reason"))
    if exchange.account is not None:
        services.revoke_by_account(exchange.actor, exchange.account, found, reason, at=exchange.at)
    else:
        services.revoke_by_key(
            exchange.key,
            found,
            reason,
            address=exchange.address,
            request_id=exchange.request_id,
            at=exchange.at,
        )
    return exchange.answer()


@signed
def key_change(exchange: Exchange) -> HttpResponse:
    """Signed by the old key around the new one (RFC 8555 7.3.5)."""
    own = exchange.of_account
    inner = jws.read_envelope(exchange.envelope.payload)
    if inner.jwk is None or inner.nonce is not None or inner.url != exchange.envelope.url:
        raise malformed("The inner JWS has the new key as jwk, no nonce, and the url of the outer one.")
    key = jws.read_key(inner.jwk)
    jws.verify(inner, key)
    said = inner.body()
    old = said.get("oldKey")
    if said.get("account") != exchange.addresses.at("account", own.public_id):
        raise malformed("account is the address of the account that signs.")
    if not isinstance(old, dict) or jws.members(jws.read_key(old)) != own.jwk:
        raise malformed("oldKey is the key that the account has now.")
    other = services.change_key(exchange.actor, exchange.directory, own, key, at=exchange.at)
    if other is not None:
        where = exchange.addresses.at("account", other.public_id)
        detail = "There is an account with this key."
        raise AcmeProblem(ProblemType.MALFORMED, detail, status=409, location=where)
    return exchange.answer(account_object(own, exchange.addresses))
