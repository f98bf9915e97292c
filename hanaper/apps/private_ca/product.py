"""What private CAs offer to orders and refunds."""

from hanaper.apps.catalog.vocabulary import ProductKind
from hanaper.apps.orders.products import Product
from hanaper.apps.private_ca.evidence import private_ca_evidence
from hanaper.apps.private_ca.services import create_bought, end_refunded
from hanaper.apps.private_ca.undo import foresee, takes_with_it, undo_step

PRODUCT = Product(
    kinds=frozenset({ProductKind.PRIVATE_ROOT_CA, ProductKind.PRIVATE_INTERMEDIATE_CA}),
    fulfil=create_bought,
    evidence=private_ca_evidence,
    undo=undo_step,
    foresee=foresee,
    takes_with_it=takes_with_it,
    refunded=end_refunded,
)
