"""What SSL certificates offer to orders and refunds."""

from datetime import datetime

from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.certificates.evidence import certificates_evidence
from hanaper.apps.certificates.services.refunded import end_refunded
from hanaper.apps.certificates.undo import takes_with_it, undo_step
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import Product


def fulfil(order: Order, at: datetime) -> None:
    """Nothing comes into being yet: payment grants the quota, and each application takes one of it."""
    del order, at


PRODUCT = Product(
    kinds=frozenset({ProductKind.SSL_CERTIFICATE}),
    fulfil=fulfil,
    evidence=certificates_evidence,
    undo=undo_step,
    refunded=end_refunded,
    takes_with_it=takes_with_it,
)
