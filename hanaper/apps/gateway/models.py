from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.gateway.states import GatewayState
from hanaper.apps.orders.models import Order
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class GatewayInstance(models.Model):
    """An HTTPS acceleration gateway: one domain, and GRCQ quota for its term (SPEC section 6)."""

    public_id = PublicIdField("gwi")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="gateways")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="gateway")
    state = models.CharField(
        max_length=16, choices=[(state, state) for state in GatewayState], default=GatewayState.NO_DOMAIN
    )
    domain = models.CharField(max_length=253, blank=True, default="")
    term_months = models.PositiveSmallIntegerField()
    grcq_included = models.PositiveIntegerField()
    grcq_used = models.PositiveIntegerField(default=0)
    # Consumption is counted for the whole term: it survives reset and removal of the domain (D8).
    visits = models.PositiveBigIntegerField(default=0)
    bytes_out = models.PositiveBigIntegerField(default=0)
    created_at = models.DateTimeField()
    reset_at = models.DateTimeField(null=True)  # the last reset; None again once a domain is added (D2)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="gateway_grcq_included", condition=Q(grcq_included__gt=0)),
            models.CheckConstraint(name="gateway_reset_or_domain", condition=Q(domain="") | Q(reset_at=None)),
            models.CheckConstraint(
                name="gateway_no_domain",
                condition=~Q(state=GatewayState.NO_DOMAIN) | Q(domain=""),
            ),
        ]
        indexes = [models.Index(fields=["account", "created_at", "id"], name="gateway_by_account")]

    def __str__(self) -> str:
        return self.public_id
