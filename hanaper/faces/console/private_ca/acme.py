"""ACME of a private CA: its directories, the keys that bind clients, and what each client ordered."""

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.acme import queries, services
from hanaper.apps.acme.models import ExternalKey
from hanaper.apps.private_ca import queries as private_cas
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.acme.snippets import Setup, snippets
from hanaper.core.acme.states import AccountState
from hanaper.core.errors import Refusal
from hanaper.faces.acme.addresses import directory_url
from hanaper.faces.console.amounts import moment_of, number_of
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done
from hanaper.storage.paging import page

SHOWN = 50
DEFAULT = "server"  # the template whose directory is shown first
TAB = {"tab": "private-cas"}


@customer_page()
def acme(request: PlaceRequest, ca: str) -> HttpResponse:
    return _shown(request, private_cas.private_ca(request.place.actor, ca))


@customer_page("POST")
def create_key(request: PlaceRequest, ca: str) -> HttpResponse:
    """Its secret is shown once, in the snippets too."""
    found, given = private_cas.private_ca(request.place.actor, ca), request.POST
    try:
        expires = given.get("expires_at", "")
        key, secret = services.create_key(
            request.place.actor,
            found,
            name=given.get("name", "").strip()[:80],
            template=given.get("template", ""),
            domains=given.get("domains", "").replace(",", " ").split(),
            networks=given.get("networks", "").replace(",", " ").split(),
            certificates_limit=number_of(given.get("certificates_limit", ""), "certificates_limit"),
            expires_at=moment_of(expires, "expires_at") if expires.strip() else None,
            at=request.at,
        )
    except Refusal as refusal:
        return _shown(request, found, refusal=refusal)
    setup = {"kid": key.public_id, "hmac_key": secret}
    return _shown(request, found, template=key.template, setup=setup, made=key, status=201)


@customer_page("POST")
def revoke_key(request: PlaceRequest, ca: str, key: str) -> HttpResponse:
    found = queries.key(request.place.actor, private_cas.private_ca(request.place.actor, ca), key)
    services.revoke_key(request.place.actor, found, at=request.at)
    return done(request, _("The key is revoked, and every client that it bound is shut out."), "acme", ca)


@customer_page()
def client(request: PlaceRequest, ca: str, client: str) -> HttpResponse:
    """A client (an ACME account), and what it ordered."""
    found = private_cas.private_ca(request.place.actor, ca)
    account = queries.account(request.place.actor, found, client)
    listed = page(queries.orders(account), sort="-id", cursor=request.GET.get("cursor"))
    content = {"ca": found, "client": account, "rows": listed.rows, "next_cursor": listed.next_cursor, **TAB}
    return render(request, "console/private_ca/acme_client.html", content)


@customer_page("POST")
def revoke_client(request: PlaceRequest, ca: str, client: str) -> HttpResponse:
    found = private_cas.private_ca(request.place.actor, ca)
    account = queries.account(request.place.actor, found, client)
    services.revoke_account(request.place.actor, account, at=request.at)
    return done(request, _("The client is shut out; what it has stays good."), "acme", ca)


def _shown(
    request: PlaceRequest,
    ca: PrivateCA,
    *,
    template: str = "",
    setup: dict[str, str] | None = None,
    made: ExternalKey | None = None,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    actor = request.place.actor
    templates = queries.templates(actor, ca)
    wanted = template or request.GET.get("template", "")
    chosen = wanted if wanted in templates else DEFAULT
    directory, domain = directory_url(ca.public_id, chosen), queries.name_to_ask_for(ca, made)
    content = {
        "ca": ca,
        "templates": templates,
        "chosen": chosen,
        "directory": directory,
        "snippets": list(snippets(Setup(directory=directory, domain=domain, **(setup or {}))).items()),
        "secret": (setup or {}).get("hmac_key", ""),
        "made": made,
        "keys": queries.keys(actor, ca).order_by("-created_at")[:SHOWN],
        "clients": queries.accounts(actor, ca).order_by("-created_at")[:SHOWN],
        "valid": AccountState.VALID,
        "given": request.POST,
        **TAB,
    }
    if refusal is not None:
        return answer(request, "console/private_ca/acme.html", content, refusal)
    return render(request, "console/private_ca/acme.html", content, status=status)
