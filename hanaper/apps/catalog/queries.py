"""Reading the catalogue: a list costs the same number of queries however long it is."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet

from hanaper.apps.accounts.models import Account
from hanaper.apps.catalog.models import Coupon, Price, Product, Promotion, Voucher
from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.core.actor import Actor, StaffRole
from hanaper.core.errors import NotFound
from hanaper.storage.walls import require_staff


def products(
    *,
    kind: str = "",
    brand: str = "",
    level: str = "",
    domain_kind: str = "",
    years: int | None = None,
    publicly_trusted: bool | None = None,
    search: str = "",
    include_withdrawn: bool = False,
) -> QuerySet[Product]:
    """The products that fit every filter given; withdrawn ones only when asked for."""
    found = Product.objects.all()
    if not include_withdrawn:
        found = found.filter(is_active=True)
    wanted: dict[str, object] = {
        "kind": kind,
        "brand__iexact": brand,
        "level": level,
        "domain_kind": domain_kind,
        "years": years,
        "publicly_trusted": publicly_trusted,
    }
    found = found.filter(**{name: value for name, value in wanted.items() if value not in ("", None)})
    if search:
        found = found.filter(Q(code__icontains=search) | Q(name__icontains=search))
    return found


def product(code: str, at: datetime | None = None) -> Product:
    """The product with `code`, withdrawn or not; with the prices at `at`."""
    rows = Product.objects.filter(code=code)
    found = (rows if at is None else with_prices(rows, at)).first()
    if found is None:
        raise NotFound(f"There is no product {code!r}.", code="product_not_found")
    return found


def kinds() -> list[str]:
    """Those with rules of their own, and then whatever else there are products of."""
    known: list[str] = list(ProductKind)
    others = Product.objects.exclude(kind__in=known).values_list("kind", flat=True).distinct()
    return [*known, *sorted(others)]


def with_prices(found: QuerySet[Product], at: datetime) -> QuerySet[Product]:
    """The same products, their prices so far read along; `current_prices` says which hold."""
    so_far = Price.objects.filter(valid_from__lte=at).order_by("valid_from", "pk")
    return found.prefetch_related(Prefetch("prices", queryset=so_far))


def current_prices(found: Product) -> dict[str, int]:
    """The amount by currency of a product that was read `with_prices`."""
    latest = {price.currency: price.amount for price in found.prices.all()}
    return {currency: amount for currency, amount in sorted(latest.items()) if amount is not None}


def products_by_code(codes: Sequence[str]) -> dict[str, Product]:
    return {found.code: found for found in Product.objects.filter(code__in=list(codes))}


def prices_in_force(
    wanted: Iterable[Product], at: datetime, *, currency: str = ""
) -> dict[tuple[int, str], int]:
    """The amount by product (pk) and currency at `at`; what is not sold has no entry. One query."""
    dated = Price.objects.filter(product__in=[found.pk for found in wanted], valid_from__lte=at)
    if currency:
        dated = dated.filter(currency=currency)
    latest: dict[tuple[int, str], int | None] = {}
    for product_id, code, amount in dated.order_by("valid_from", "pk").values_list(
        "product_id", "currency", "amount"
    ):
        latest[product_id, code] = amount  # a later one supersedes
    return {key: amount for key, amount in latest.items() if amount is not None}


def price_history(actor: Actor, found: Product) -> QuerySet[Price]:
    """Every price of a product, past and to come, for operators."""
    require_staff(actor, StaffRole.ADMINISTRATOR)
    return Price.objects.filter(product=found).order_by("currency", "-valid_from")


def running_promotions(at: datetime) -> QuerySet[Promotion]:
    """What everybody can buy in at `at`."""
    return Promotion.objects.filter(withdrawn_at=None, starts_at__lte=at, ends_at__gt=at)


def vouchers(actor: Actor) -> QuerySet[Voucher]:
    """A customer's own vouchers, all of them for operators."""
    return Voucher.objects.visible_to(actor).select_related("account")


def coupons(actor: Actor) -> QuerySet[Coupon]:
    require_staff(actor, StaffRole.ADMINISTRATOR)
    return Coupon.objects.all()


def promotions(actor: Actor) -> QuerySet[Promotion]:
    require_staff(actor, StaffRole.ADMINISTRATOR)
    return Promotion.objects.all()


def account(actor: Actor, public_id: str) -> Account:
    """For operators: whom a voucher is for."""
    return Account.objects.get_visible(actor, public_id, what="account")


def voucher(actor: Actor, public_id: str) -> Voucher:
    return Voucher.objects.select_related("account").get_visible(actor, public_id, what="voucher")


def coupon(actor: Actor, public_id: str) -> Coupon:
    found = coupons(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(f"There is no coupon {public_id!r}.", code="coupon_not_found")
    return found


def promotion(actor: Actor, public_id: str) -> Promotion:
    found = promotions(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound(f"There is no promotion {public_id!r}.", code="promotion_not_found")
    return found
