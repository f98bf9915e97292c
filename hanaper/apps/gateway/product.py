"""What the gateway offers to orders and refunds."""

from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.gateway.evidence import gateway_evidence
from hanaper.apps.gateway.services import create_bought, end_refunded
from hanaper.apps.gateway.undo import reset_under_way, takes_with_it, undo_step
from hanaper.apps.orders.products import Product

PRODUCT = Product(
    kinds=frozenset({ProductKind.HTTPS_GATEWAY}),
    fulfil=create_bought,
    evidence=gateway_evidence,
    undo=undo_step,
    takes_with_it=takes_with_it,
    under_way=reset_under_way,
    refunded=end_refunded,
)
