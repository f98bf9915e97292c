"""ACME on private CAs, for their owners: keys that bind clients, accounts, orders, renewal in haste."""

from datetime import datetime
from typing import Annotated, Any

import ninja
from ninja import Query, Router, Status
from pydantic import Field

from hanaper.apps.acme import queries, services
from hanaper.apps.acme.models import AcmeAccount, AcmeOrder, ExternalKey
from hanaper.apps.private_ca import queries as private_cas
from hanaper.core.acme.snippets import Setup, snippets
from hanaper.core.acme.states import AccountState, AcmeOrderState
from hanaper.faces.acme.addresses import directory_url
from hanaper.faces.rest.access import ApiRequest, customer
from hanaper.faces.rest.body import Body
from hanaper.faces.rest.idempotency import idempotent
from hanaper.faces.rest.paging import PageOut, PageQuery, answer
from hanaper.faces.rest.times import Moment

router = Router(tags=["ACME"])
OneOf = Annotated[str, Field(max_length=253)]


class AcmeKeyIn(Body):
    name: str = Field("", max_length=80)
    template: str = Field("", max_length=40, description="The only directory it opens; empty: any template.")
    domains: list[OneOf] = Field([], max_length=100, description="These and everything below them.")
    networks: list[OneOf] = Field([], max_length=100, description="Such as 10.0.0.0/8.")
    certificates_limit: int | None = Field(None, ge=1, le=2_000_000_000)
    expires_at: Moment | None = Field(None, description="It binds no new account from then on.")


class AcmeKeyOut(ninja.Schema):
    id: str = Field(description="What clients call the kid.")
    name: str
    template: str
    domains: list[str]
    networks: list[str]
    certificates_limit: int | None
    certificates_used: int
    expires_at: datetime | None
    created_at: datetime
    revoked_at: datetime | None


class NewAcmeKeyOut(AcmeKeyOut):
    hmac_key: str = Field(description="Base64url; shown once.")
    directories: dict[str, str]
    snippets: dict[str, str] = Field(description="By client, for the first directory.")


class AcmeAccountOut(ninja.Schema):
    id: str
    template: str
    key: str
    state: AccountState
    contact: list[str]
    thumbprint: str = Field(description="Of its key (RFC 7638).")
    address: str | None = Field(description="From where it was made.")
    created_at: datetime


class AcmeOrderOut(ninja.Schema):
    id: str
    state: AcmeOrderState
    identifiers: list[dict[str, str]]
    certificate: str | None
    error: dict[str, Any] | None
    created_at: datetime
    expires_at: datetime


class AcmeDirectoriesOut(ninja.Schema):
    directories: dict[str, str] = Field(description="By template.")
    snippets: dict[str, str] = Field(description="By client; KID and HMAC_KEY stand for those of a key.")


class AcmeRenewalsIn(Body):
    certificates: list[Annotated[str, Field(max_length=40)]] | None = Field(
        None, max_length=1000, description="Null: every one that the CA has issued."
    )
    explanation: str = Field(
        "", max_length=500, pattern=r"^(https?://[!-~]+)?$", description="An address for people."
    )


class AcmeRenewalsOut(ninja.Schema):
    asked: int = Field(description="Of how many certificates; 1 if of all of them.")


class AcmeAccountFilter(ninja.Schema):
    key: str = Field("", max_length=40)
    state: AccountState | None = None


def key_out(key: ExternalKey) -> dict[str, Any]:
    return {
        "id": key.public_id,
        "name": key.name,
        "template": key.template,
        "domains": key.domains,
        "networks": key.networks,
        "certificates_limit": key.certificates_limit,
        "certificates_used": key.certificates_used,
        "expires_at": key.expires_at,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }


def account_out(account: AcmeAccount) -> dict[str, Any]:
    return {
        "id": account.public_id,
        "template": account.template,
        "key": account.key.public_id,
        "state": account.state,
        "contact": account.contact,
        "thumbprint": account.thumbprint,
        "address": account.address,
        "created_at": account.created_at,
    }


def order_out(order: AcmeOrder) -> dict[str, Any]:
    return {
        "id": order.public_id,
        "state": order.state,
        "identifiers": order.identifiers,
        "certificate": order.certificate.public_id if order.certificate else None,
        "error": order.error,
        "created_at": order.created_at,
        "expires_at": order.expires_at,
    }


def _directories(ca: str, templates: list[str]) -> dict[str, str]:
    return {template: directory_url(ca, template) for template in templates}


@router.get(
    "/private-cas/{ca}/acme",
    auth=customer(),
    response=AcmeDirectoriesOut,
    summary="Where ACME clients find this CA, and how they are set up",
)
def show_directories(request: ApiRequest, ca: str) -> dict[str, Any]:
    found = private_cas.private_ca(request.actor, ca)
    directories = _directories(found.public_id, queries.templates(request.actor, found))
    setup = Setup(directory=directories["server"], domain=queries.name_to_ask_for(found))
    return {"directories": directories, "snippets": snippets(setup)}


@router.get(
    "/private-cas/{ca}/acme/keys",
    auth=customer(),
    response=PageOut[AcmeKeyOut],
    summary="Keys that bind clients",
)
def list_keys(request: ApiRequest, ca: str, paging: PageQuery) -> dict[str, object]:
    found = queries.keys(request.actor, private_cas.private_ca(request.actor, ca))
    return answer(found, paging, sorts=("-created_at",), out=key_out)


@router.post(
    "/private-cas/{ca}/acme/keys",
    auth=customer(),
    response={201: NewAcmeKeyOut},
    summary="Make a key that binds clients (external account binding)",
)
@idempotent(store_body=False)
def create_key(request: ApiRequest, ca: str, body: AcmeKeyIn) -> Status[dict[str, Any]]:
    found = private_cas.private_ca(request.actor, ca)
    key, secret = services.create_key(request.actor, found, **body.model_dump(), at=request.at)
    templates = [key.template] if key.template else queries.templates(request.actor, found)
    directories = _directories(found.public_id, templates)
    setup = Setup(
        directory=directories[templates[0]],
        kid=key.public_id,
        hmac_key=secret,
        domain=queries.name_to_ask_for(found, key),
    )
    told = {"hmac_key": secret, "directories": directories, "snippets": snippets(setup)}
    return Status(201, {**key_out(key), **told})


@router.get("/private-cas/{ca}/acme/keys/{key}", auth=customer(), response=AcmeKeyOut, summary="One key")
def show_key(request: ApiRequest, ca: str, key: str) -> dict[str, Any]:
    return key_out(queries.key(request.actor, private_cas.private_ca(request.actor, ca), key))


@router.post(
    "/private-cas/{ca}/acme/keys/{key}/revoke",
    auth=customer(),
    response=AcmeKeyOut,
    summary="Revoke a key, and with it every account that it bound",
)
@idempotent
def revoke_key(request: ApiRequest, ca: str, key: str) -> dict[str, Any]:
    found = queries.key(request.actor, private_cas.private_ca(request.actor, ca), key)
    return key_out(services.revoke_key(request.actor, found, at=request.at))


@router.get(
    "/private-cas/{ca}/acme/accounts",
    auth=customer(),
    response=PageOut[AcmeAccountOut],
    summary="Clients that were bound",
)
def list_accounts(
    request: ApiRequest, ca: str, filters: Annotated[AcmeAccountFilter, Query(...)], paging: PageQuery
) -> dict[str, object]:
    found = queries.accounts(
        request.actor,
        private_cas.private_ca(request.actor, ca),
        key=filters.key,
        state=filters.state or "",
    )
    return answer(found, paging, sorts=("-created_at",), out=account_out)


@router.get(
    "/private-cas/{ca}/acme/accounts/{account}",
    auth=customer(),
    response=AcmeAccountOut,
    summary="One client",
)
def show_account(request: ApiRequest, ca: str, account: str) -> dict[str, Any]:
    found = queries.account(request.actor, private_cas.private_ca(request.actor, ca), account)
    return account_out(found)


@router.post(
    "/private-cas/{ca}/acme/accounts/{account}/revoke",
    auth=customer(),
    response=AcmeAccountOut,
    summary="Shut a client out; what it has stays good",
)
@idempotent
def revoke_account(request: ApiRequest, ca: str, account: str) -> dict[str, Any]:
    found = queries.account(request.actor, private_cas.private_ca(request.actor, ca), account)
    return account_out(services.revoke_account(request.actor, found, at=request.at))


@router.get(
    "/private-cas/{ca}/acme/accounts/{account}/orders",
    auth=customer(),
    response=PageOut[AcmeOrderOut],
    summary="What a client ordered",
)
def list_orders(request: ApiRequest, ca: str, account: str, paging: PageQuery) -> dict[str, object]:
    found = queries.account(request.actor, private_cas.private_ca(request.actor, ca), account)
    return answer(queries.orders(found), paging, sorts=("-id",), out=order_out)


@router.post(
    "/private-cas/{ca}/acme/renewals",
    auth=customer(),
    response=AcmeRenewalsOut,
    summary="Ask that certificates be renewed now (RFC 9773)",
)
@idempotent
def ask_for_renewal(request: ApiRequest, ca: str, body: AcmeRenewalsIn) -> dict[str, Any]:
    found = private_cas.private_ca(request.actor, ca)
    wanted = (
        None
        if body.certificates is None
        else [private_cas.certificate(request.actor, one) for one in body.certificates]
    )
    calls = services.ask_for_renewal(
        request.actor, found, wanted, explanation=body.explanation, at=request.at
    )
    return {"asked": len(calls)}
