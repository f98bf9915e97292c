"""What every service without an area of its own offers to orders and refunds."""

from hanaper.apps.orders.products import Product
from hanaper.apps.other_services.evidence import service_evidence
from hanaper.apps.other_services.services import create_bought, end_refunded
from hanaper.apps.other_services.undo import undo_step

PRODUCT = Product(
    kinds=frozenset({"*"}),
    fulfil=create_bought,
    evidence=service_evidence,
    undo=undo_step,
    refunded=end_refunded,
)
