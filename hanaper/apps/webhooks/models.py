from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.events.models import Event
from hanaper.apps.secrets.models import SealedSecret
from hanaper.apps.webhooks.vocabulary import (
    LONGEST_DESCRIPTION,
    LONGEST_URL,
    MOST_SHOWN,
    OPEN,
    DeliveryState,
    DisabledBecause,
)
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class Endpoint(models.Model):
    """An address that an account wants to be told at, and the secret that signs what is sent there.

    Its times are business time where people do something, system time where the sweep does.
    """

    public_id = PublicIdField("whe")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=LONGEST_URL)
    description = models.CharField(max_length=LONGEST_DESCRIPTION, blank=True, default="")
    kinds = models.JSONField(default=list)  # kinds of events; empty: all
    secret = models.ForeignKey(SealedSecret, on_delete=models.PROTECT, null=True, related_name="+")
    # Signs beside the new one until then, after a rotation.
    old_secret = models.ForeignKey(SealedSecret, on_delete=models.PROTECT, null=True, related_name="+")
    old_secret_until = models.DateTimeField(null=True)  # system time
    enabled = models.BooleanField(default=True)
    disabled_because = models.CharField(
        max_length=20, blank=True, default="", choices=[(reason, reason) for reason in DisabledBecause]
    )
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)  # in a row
    failing_since = models.DateTimeField(null=True)  # system time
    resting_until = models.DateTimeField(null=True)  # system time: nothing is sent before

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="webhook_disabled_because",
                condition=Q(enabled=True, disabled_because="") | (Q(enabled=False) & ~Q(disabled_because="")),
            ),
            models.CheckConstraint(
                name="webhook_secret",
                condition=Q(removed_at=None, secret__isnull=False)
                | Q(removed_at__isnull=False, secret=None, old_secret=None, enabled=False),
            ),
        ]
        indexes = [models.Index(fields=["account", "created_at", "id"], name="webhook_by_account")]

    def __str__(self) -> str:
        return self.public_id


class Delivery(models.Model):
    """One event on its way to one endpoint. Its public id is the `webhook-id` of every try.

    It is claimed by a lease (`due_at` moves on), sent outside any transaction, then stamped: whoever dies in
    between sends it again after the lease, with the same id, by which a receiver knows it again.
    """

    public_id = PublicIdField("whd")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="deliveries")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in DeliveryState], default=DeliveryState.PENDING
    )
    # Every time here is system time.
    created_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # of the next try; None: delivered or given up
    attempts = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True)
    delivered_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True)  # of the last answer; None: none came
    answer = models.CharField(max_length=MOST_SHOWN, blank=True, default="")
    fault = models.CharField(max_length=300, blank=True, default="")

    account_path = "endpoint__account_id"
    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["endpoint", "event"], name="webhook_delivery_once"),
            models.CheckConstraint(
                name="webhook_delivery_due",
                condition=Q(state__in=OPEN, due_at__isnull=False) | (~Q(state__in=OPEN) & Q(due_at=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["endpoint", "id"], name="webhook_delivery_list"),
            models.Index(
                fields=["due_at", "endpoint"],
                name="webhook_delivery_open",
                condition=Q(due_at__isnull=False),
            ),
            models.Index(
                fields=["created_at"], name="webhook_delivery_ended", condition=Q(due_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id
