from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class PrivateCA(models.Model):
    """A root or intermediate CA of a customer. A root's order brought one intermediate (SPEC section 6)."""

    public_id = PublicIdField("pca")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="private_cas")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="private_cas")
    kind = models.CharField(max_length=12, choices=[(kind, kind) for kind in PrivateCaKind])
    # The root above an intermediate; one that was bought apart has none until it is enabled.
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="intermediates")
    state = models.CharField(
        max_length=12,
        choices=[(state, state) for state in PrivateCaState],
        default=PrivateCaState.NOT_ENABLED,
    )
    term_months = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    reset_at = models.DateTimeField(null=True)  # the last reset; None again once enabled after it (D2)

    objects = ScopedManager()

    class Meta:
        verbose_name = "private CA"
        constraints = [
            models.UniqueConstraint(fields=["order", "kind"], name="private_ca_once_an_order"),
            models.CheckConstraint(
                name="private_ca_reset_or_enabled",
                condition=~Q(state=PrivateCaState.ENABLED) | Q(reset_at=None),
            ),
            models.CheckConstraint(
                name="private_ca_root_on_top", condition=~Q(kind=PrivateCaKind.ROOT) | Q(parent=None)
            ),
        ]
        indexes = [models.Index(fields=["account", "created_at", "id"], name="private_ca_by_account")]

    def __str__(self) -> str:
        return self.public_id
