"""Private CAs: what was bought, and the keys that each has had."""

from django.db import models
from django.db.models import F, Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.authority.models import Authority
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca.states import (
    WITH_KEYS,
    PrivateCaKind,
    PrivateCaState,
)
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
    region = models.CharField(max_length=40)
    term_months = models.PositiveSmallIntegerField()
    term_ends_at = models.DateTimeField()  # of the subscription: nothing is issued beyond it
    warn_at = models.DateTimeField(null=True)  # when to tell next that the term ends
    quota = models.PositiveIntegerField(default=0)  # certificates; of an intermediate
    quota_used = models.PositiveIntegerField(default=0)  # never given back (SPEC section 6)
    created_at = models.DateTimeField()
    # While it is enabled:
    name = models.CharField(max_length=80, blank=True, default="")
    # The newest of its generations: the one that issues.
    authority = models.OneToOneField(
        Authority, on_delete=models.PROTECT, null=True, related_name="private_ca"
    )
    # That which is to issue next: its certificate is being made here, or its request is out, to be signed by
    # a CA that is not here; then it is the current one when it keeps its key.
    pending = models.OneToOneField(Authority, on_delete=models.PROTECT, null=True, related_name="awaited_by")
    begun_at = models.DateTimeField(null=True)  # system time: since when `pending` is being made here,
    begun_by = models.JSONField(null=True)  # and in whose name (core.actor.packed)
    enabled_at = models.DateTimeField(null=True)
    reset_at = models.DateTimeField(null=True)  # the last reset; None again once enabled after it (D2)
    resetting = models.BooleanField(default=False)  # its data is being deleted

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
                name="private_ca_enabled_has_authority",
                condition=~Q(state=PrivateCaState.ENABLED) | Q(authority__isnull=False, resetting=False),
            ),
            models.CheckConstraint(
                name="private_ca_begun_is_pending", condition=Q(begun_at=None) | Q(pending__isnull=False)
            ),
            models.CheckConstraint(name="private_ca_quota", condition=Q(quota_used__lte=F("quota"))),
            models.CheckConstraint(
                name="private_ca_root_on_top", condition=~Q(kind=PrivateCaKind.ROOT) | Q(parent=None)
            ),
        ]
        indexes = [
            models.Index(fields=["account", "created_at", "id"], name="private_ca_by_account"),
            models.Index(fields=["id"], name="private_ca_resetting", condition=Q(resetting=True)),
            models.Index(fields=["begun_at"], name="private_ca_begun", condition=Q(begun_at__isnull=False)),
            models.Index(fields=["warn_at"], name="private_ca_warned", condition=Q(warn_at__isnull=False)),
            models.Index(
                fields=["term_ends_at"],
                name="private_ca_running",
                condition=Q(state__in=[PrivateCaState.NOT_ENABLED, PrivateCaState.ENABLED]),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def has_keys(self) -> bool:
        """Whether there is something to revoke, or to delete by a reset."""
        return self.state in WITH_KEYS and self.authority_id is not None and not self.resetting

    @property
    def request_out(self) -> bool:
        """Whether a CA that is not here is to sign its certificate."""
        return self.pending_id is not None and self.begun_at is None


class CaName(models.Model):
    """What a search for a CA may begin with: its name from each of its words on."""

    ca = models.ForeignKey(PrivateCA, on_delete=models.CASCADE, related_name="+")
    ending = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["ending"], name="ca_name", opclasses=["varchar_pattern_ops"])]

    def __str__(self) -> str:
        return self.ending


class Prolongation(models.Model):
    """What a paid renewal order gave to a private CA, so that its refund can take exactly that back."""

    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    ca = models.ForeignKey(PrivateCA, on_delete=models.PROTECT, related_name="prolongations")
    term_before = models.DateTimeField()
    term_after = models.DateTimeField()
    quota = models.PositiveIntegerField()  # certificates more

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "ca"], name="prolonged_once_an_order")]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.ca_id}"


class CaGeneration(models.Model):
    """A key of a private CA since it was enabled. Those before the newest issue nothing more, and answer for
    what they issued until it has ended (docs/adr/0011)."""

    ca = models.ForeignKey(PrivateCA, on_delete=models.PROTECT, related_name="generations")
    authority = models.OneToOneField(Authority, on_delete=models.PROTECT, related_name="generation")
    began_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)  # another key took over
    revoked_at = models.DateTimeField(null=True)  # for cause; what it issued is not trusted any more
    reason = models.CharField(max_length=30, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                fields=["retired_at"], name="ca_generation_retired", condition=Q(retired_at__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"{self.ca_id}/{self.authority_id}"
