"""What the program comes with is complete, and seeding it again leaves everything alone."""

from datetime import datetime, timedelta

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.catalog import queries, services
from hanaper.apps.catalog.models import Price, Product
from hanaper.apps.catalog.services import seed_catalogue
from hanaper.apps.catalog.vocabulary import DomainKind
from hanaper.core.refund.policy import SHIPPED_POLICIES
from tests.people import SETUP

CURRENCIES = {"USD", "EUR", "CNY", "JPY", "KWD"}


def test_seeding_twice_changes_nothing(db: None, at: datetime) -> None:
    made = seed_catalogue(at)
    entries, prices = AuditEntry.objects.count(), Price.objects.count()
    assert made == Product.objects.count() > 60
    assert seed_catalogue(at + timedelta(days=1)) == 0
    assert (Product.objects.count(), Price.objects.count()) == (made, prices)
    assert AuditEntry.objects.count() == entries == 1


def test_seeding_leaves_alone_what_operators_changed(catalogue: None, at: datetime) -> None:
    product = queries.product("private-root-ca")
    services.update_product(SETUP, product, name="Our root", is_active=False, at=at)
    services.set_price(SETUP, product, currency="USD", amount=1, valid_from=at, at=at)
    Product.objects.filter(code="message-1000").update(code="renamed")
    assert seed_catalogue(at) == 1
    product.refresh_from_db()
    assert (product.name, product.is_active) == ("Our root", False)
    assert queries.prices_in_force([product], at, currency="USD") == {(product.pk, "USD"): 1}


def test_everything_has_a_price_in_every_currency(catalogue: None, at: datetime) -> None:
    for product in queries.with_prices(Product.objects.all(), at):
        assert set(queries.current_prices(product)) == CURRENCIES, product.code


def test_certificates_of_every_kind_level_and_length(catalogue: None) -> None:
    sold = set(
        Product.objects.filter(kind="ssl_certificate").values_list("brand", "level", "domain_kind", "years")
    )
    for years in (1, 2, 3):
        for kind in DomainKind:
            assert ("Hanaper", "dv", kind, years) in sold
            assert ("Chancery", "ov", kind, years) in sold
        assert ("Chancery", "ev", "single", years) in sold
        # EV Guidelines: no wildcards.
        assert ("Chancery", "ev", "wildcard", years) not in sold


def test_brands(catalogue: None) -> None:
    certificates = Product.objects.filter(kind="ssl_certificate")
    brands = set(certificates.values_list("brand", "publicly_trusted", "needs_id_number"))
    # The built-in CA is trusted by nobody who did not install its root.
    assert brands == {("Hanaper", False, False), ("Chancery", True, False), ("Greatseal", True, True)}


def test_the_gateways_quota_by_term(catalogue: None) -> None:
    # SPEC section 6
    terms = Product.objects.filter(kind="https_gateway").values_list("term_months", "grcq_included")
    assert dict(terms) == {1: 300, 3: 900, 6: 1800, 12: 4000, 24: 8000, 36: 12_000}


def test_every_service_with_a_sense_of_its_own_is_sold(catalogue: None) -> None:
    senses = {sense for policy in SHIPPED_POLICIES.values() for sense in policy.senses}
    assert senses <= set(Product.objects.values_list("kind", flat=True))
