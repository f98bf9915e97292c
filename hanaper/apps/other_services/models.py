from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.catalog.models import Product
from hanaper.apps.orders.models import Order
from hanaper.apps.other_services.states import SubscriptionState
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class Subscription(models.Model):
    """Any other service that was bought: used in its own sense, or not (R8)."""

    public_id = PublicIdField("svc")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="subscriptions")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="subscription")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10,
        choices=[(state, state) for state in SubscriptionState],
        default=SubscriptionState.UNUSED,
    )
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)  # the first use

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="subscription_used_at",
                condition=Q(state=SubscriptionState.USED, used_at__isnull=False)
                | Q(state=SubscriptionState.UNUSED, used_at=None)
                | Q(state=SubscriptionState.REFUNDED),
            )
        ]
        indexes = [models.Index(fields=["account", "created_at", "id"], name="subscription_by_account")]

    def __str__(self) -> str:
        return self.public_id
