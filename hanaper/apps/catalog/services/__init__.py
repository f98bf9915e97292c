"""What operators do to the catalogue: one function a verb, each audited."""

from hanaper.apps.catalog.services.coupons import create_coupon, withdraw_coupon
from hanaper.apps.catalog.services.products import create_product, set_price, update_product, withdraw_product
from hanaper.apps.catalog.services.promotions import create_promotion, withdraw_promotion
from hanaper.apps.catalog.services.seeding import seed_catalogue
from hanaper.apps.catalog.services.vouchers import create_voucher, withdraw_voucher

__all__ = [
    "create_coupon",
    "create_product",
    "create_promotion",
    "create_voucher",
    "seed_catalogue",
    "set_price",
    "update_product",
    "withdraw_coupon",
    "withdraw_product",
    "withdraw_promotion",
    "withdraw_voucher",
]
