"""Floor 3: the one place that names concrete engines and puts the products together."""

from collections.abc import Callable
from datetime import datetime
from importlib import import_module

from django.conf import settings

from hanaper.apps.accounts import first_start as accounts
from hanaper.apps.accounts import idempotency, sessions
from hanaper.apps.acme import sweep as acme_sweep
from hanaper.apps.audit import services as audit
from hanaper.apps.audit import sweep as audit_sweep
from hanaper.apps.authority import keystores
from hanaper.apps.authority import services as authority
from hanaper.apps.authority import sweep as authority_sweep
from hanaper.apps.authority.keystores.database import DatabaseKeystore
from hanaper.apps.catalog import services as catalog
from hanaper.apps.certificates import in_use as certificates_in_use
from hanaper.apps.certificates import issuers, serving, supplying
from hanaper.apps.certificates import product as certificates
from hanaper.apps.certificates import sweep as certificates_sweep
from hanaper.apps.certificates.issuers.builtin import BuiltinIssuer
from hanaper.apps.events import followers
from hanaper.apps.events import sweep as events_sweep
from hanaper.apps.gateway import certificates as gateway_certificates
from hanaper.apps.gateway import product as gateway
from hanaper.apps.gateway import supply as gateway_supply
from hanaper.apps.gateway import sweep as gateway_sweep
from hanaper.apps.gateway.queries import domains_with, domains_with_private
from hanaper.apps.ledger import services as ledger
from hanaper.apps.ledger.queries import balances
from hanaper.apps.orders import products
from hanaper.apps.orders import services as orders
from hanaper.apps.orders import sweep as orders_sweep
from hanaper.apps.other_services import product as other_services
from hanaper.apps.payments import callbacks, providers
from hanaper.apps.payments import sweep as payments_sweep
from hanaper.apps.payments.providers.sandbox_card import SandboxCard
from hanaper.apps.private_ca import in_use
from hanaper.apps.private_ca import product as private_ca
from hanaper.apps.private_ca import serving as private_serving
from hanaper.apps.private_ca import supplying as private_supplying
from hanaper.apps.private_ca import sweep as private_ca_sweep
from hanaper.apps.refunds import services as refunds
from hanaper.apps.refunds import sweep as refunds_sweep
from hanaper.apps.trials import sweep as trials_sweep
from hanaper.apps.webhooks import sending as webhooks
from hanaper.apps.webhooks import sweep as webhooks_sweep
from hanaper.core.actor import system
from hanaper.storage import jobs, trail

# What finds the work that is due and not done: business time and system time in, a count out.
Sweep = Callable[[datetime, datetime], int]

# A fourth product is a new folder and a line here.
PRODUCTS = (certificates.PRODUCT, private_ca.PRODUCT, gateway.PRODUCT, other_services.PRODUCT)

# Those that free money and locks first.
SWEEPS: tuple[tuple[str, Sweep], ...] = (
    ("payments", payments_sweep.sweep),
    ("certificates", certificates_sweep.sweep),
    ("refunds", refunds_sweep.sweep),
    ("private CAs", private_ca_sweep.sweep),
    ("ACME", acme_sweep.sweep),
    ("gateway", gateway_sweep.sweep),
    ("orders", orders_sweep.sweep),
    ("authority", authority_sweep.sweep),
    ("events", events_sweep.sweep),
    ("audit", audit_sweep.sweep),
    ("idempotency", idempotency.sweep),
    ("trials", trials_sweep.sweep),
    ("jobs", jobs.sweep),
    ("sessions", sessions.sweep),
    # Last: it waits for servers of others.
    ("webhooks", webhooks_sweep.sweep),
)

DEMO_BALANCE = 500_000  # minor units of settings.CURRENCY, for the sandbox's first customer


def connect() -> None:
    """Register products, engines and callbacks in the registries that live low. Called once, at start."""
    trail.connect(audit.record)
    followers.connect(webhooks.follow)
    products.register(PRODUCTS)
    keystores.register(keystores.DATABASE, DatabaseKeystore())
    if settings.PKCS11_MODULE:
        # Loaded here alone: without a token nothing of it is needed.
        pkcs11 = import_module("hanaper.apps.authority.keystores.pkcs11")
        token = pkcs11.Pkcs11Keystore(settings.PKCS11_MODULE, settings.PKCS11_TOKEN, settings.PKCS11_PIN)
        keystores.register(keystores.PKCS11, token)
    issuers.register(issuers.BUILTIN, BuiltinIssuer())
    gateway_certificates.register(serving.Served(), private_serving.Served())
    gateway_supply.register(quota=supplying.Supply(), private=private_supplying.Supply())
    certificates_in_use.register(domains_with)
    in_use.register(lambda account: [in_use.Site(*one) for one in domains_with_private(account)])
    if settings.SANDBOX:
        card = SandboxCard(settings.CARD_PROVIDER_URL, settings.CARD_PROVIDER_SECRET)
        providers.register(providers.CARD, card)
    callbacks.connect(
        callbacks.Callbacks(
            lock=orders.lock_paid_for,
            paid=orders.mark_paid,
            lock_refund=refunds.lock_refunded,
            returns_settled=refunds.returns_settled,
            return_bounced=refunds.return_bounced,
        )
    )


def first_start(at: datetime) -> list[dict[str, str]]:
    """Fill the catalogue, make the first people and the built-in CA, once.

    Whom to tell, empty from the second start on: role, email, password, access_key.
    """
    catalog.seed_catalogue(at)
    authority.ensure_builtin_ca(at)
    started = accounts.first_start(at)
    if started.demo is not None and not balances(started.demo):
        ledger.credit_balance(
            system("first start"),
            started.demo,
            amount=DEMO_BALANCE,
            currency=settings.CURRENCY,
            reason="To try the sandbox with",
            at=at,
        )
    return [{"role": role, **who} for role, who in started.credentials.items()]
