"""The menu: the document's own names (SPEC section 3), and what of them the person may open."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hanaper.faces.console.places import Place

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Entry:
    """`pages`: the names of the addresses below it, which mark it as where one is."""

    caption: Words
    page: str
    pages: tuple[str, ...] = ()
    needs: str = ""  # a property of Place


@dataclass(frozen=True, slots=True)
class Group:
    heading: Words
    entries: tuple[Entry, ...]


OF_PRIVATE_CAS = (
    "private-ca", "private-ca-orders", "enable-private-ca", "reset-private-ca", "private-certificates",
    "private-certificate", "choose-issuing-ca", "issue-private-certificate", "renew-private-certificate",
    "hold-private-certificate", "release-private-certificate", "revoke-private-certificate",
    "acme", "acme-client", "order-batch", "batches", "batch", "certificate-templates", "certificate-template",
    "new-certificate-template", "change-certificate-template", "remove-certificate-template",
    "ceremonies", "ceremony", "decide-ceremony", "ca-lifecycle", "renew-ca", "cross-sign",
    "renew-ca-subscription", "complete-outside", "revoke-ca",
)  # fmt: skip
OF_GATEWAYS = (
    "gateway", "add-gateway-domain", "gateway-behaviour", "gateway-certificate", "reset-gateway",
    "gateway-statistics",
)  # fmt: skip
CUSTOMERS = (
    Group("", (Entry(_("Overview"), "overview", ("notices", "letters")), Entry(_("Buy"), "shop", ("buy",)))),
    Group(
        _("Manage Certificates"),
        (
            Entry(
                _("SSL Certificate Management"),
                "certificates",
                (
                    "certificate", "apply", "cancel-apply", "withdraw", "cancel", "revoke", "renew",
                    "reissue", "combine",
                ),
            ),
            Entry(_("Contacts"), "contacts", ("contact",)),
            Entry(_("Companies"), "companies", ("company",)),
        ),
    ),
    Group(
        _("Certificate Management"),
        (Entry(_("PCA Certificate Management"), "private-cas", OF_PRIVATE_CAS),),
    ),
    Group(
        _("Certificate and Domain Application Services"),
        (Entry(_("HTTPS Acceleration Gateway"), "gateways", OF_GATEWAYS),),
    ),
    Group(
        _("Comprehensive Management"),
        (
            Entry(
                _("Order Refund Management"),
                "orders",
                ("order", "receipt", "refund-application", "plan", "refund", "policy"),
            ),
            Entry(_("Balance"), "balance"),
        ),
    ),
    Group(
        _("Account"),
        (
            Entry(_("Members"), "members"),
            Entry(_("Access keys"), "keys"),
            Entry(_("Webhooks"), "webhooks", ("webhook",)),
            Entry(_("Audit log"), "audit", needs="is_owner"),
        ),
    ),
)  # fmt: skip

OPERATORS = (
    Group("", (Entry(_("What waits"), "queue", ("notices", "letters")), Entry(_("Search"), "search"))),
    Group(
        _("Work"),
        (
            Entry(_("Reviews"), "reviews", needs="reviews"),
            Entry(_("Refunds"), "refunds", ("refund", "refund-application", "propose-refund")),
        ),
    ),
    Group(
        _("Customers"),
        (
            Entry(_("Accounts"), "accounts", ("account",)),
            Entry(_("Orders"), "orders", ("order", "receipt")),
            Entry(_("Certificates"), "certificates", ("certificate", "revoke-for-cause")),
            Entry(_("Private CAs"), "private-cas", OF_PRIVATE_CAS),
            Entry(_("Gateways"), "gateways", OF_GATEWAYS),
        ),
    ),
    Group(
        _("Selling"),
        (
            Entry(_("Catalogue"), "catalogue", ("catalogue-product",)),
            Entry(_("Vouchers"), "vouchers"),
            Entry(_("Coupons"), "coupons", needs="administers"),
            Entry(_("Promotions"), "promotions", needs="administers"),
            Entry(_("Refund policies"), "policies", ("policy", "draft-policy", "change-policy", "trial")),
        ),
    ),
    Group(
        _("Installation"),
        (
            Entry(_("Ledger"), "ledger", ("transfer",)),
            Entry(_("Audit log"), "audit"),
            Entry(_("Gateway nodes"), "gateway-nodes", ("make-join-token", "retire-gateway-node")),
            Entry(_("System"), "system"),
            Entry(_("Operators"), "staff", needs="administers"),
            Entry(_("Access keys"), "keys"),
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Shown:
    caption: Words
    address: str
    here: bool


def menu_of(request: Any) -> list[tuple[Words, list[Shown]]]:
    """Groups with their entries, for the place and the person of a request."""
    place: Place = request.place
    match = request.resolver_match
    here = match.url_name if match else ""
    groups = CUSTOMERS if place.account else OPERATORS
    return [(group.heading, list(_entries(group, place, here))) for group in groups]


def _entries(group: Group, place: Place, here: str) -> Iterator[Shown]:
    for entry in group.entries:
        if not entry.needs or getattr(place, entry.needs):
            address = reverse(entry.page, args=[place.id])
            yield Shown(entry.caption, address, here == entry.page or here in entry.pages)
