"""What issuers are asked for."""

from django.db import models
from django.db.models import Q

from hanaper.apps.certificates.models.applications import Application
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.vocabulary import (
    IssuerOrderState,
    RevocationReason,
)
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class IssuerOrder(models.Model):
    """An order at an issuer: intention, its idempotency key (the public id), and the X.509 that came."""

    public_id = PublicIdField("iod")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="issuer_orders")
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="issuer_order")
    issuer = models.CharField(max_length=40)
    state = models.CharField(
        max_length=12,
        choices=[(state, state) for state in IssuerOrderState],
        default=IssuerOrderState.PREPARED,
    )
    reference = models.CharField(max_length=200, blank=True, default="")  # the issuer's own
    not_before = models.DateTimeField()  # as asked for; then as issued
    not_after = models.DateTimeField()
    # Of the service year, as it was reckoned when the certificate was ordered: never outlived (D13).
    term_begin = models.DateTimeField()
    term_end = models.DateTimeField()
    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)
    serial = models.CharField(max_length=40, blank=True, default="")  # hexadecimal, lower case
    fingerprint = models.CharField(max_length=64, blank=True, default="")  # SHA-256 of the DER
    leaf = models.BinaryField(null=True)  # DER
    chain = models.TextField(blank=True, default="")  # PEM, the issuer first, the root last if given
    revoked_at = models.DateTimeField(null=True)
    revocation_reason = models.CharField(
        max_length=30, blank=True, default="", choices=[(reason, reason) for reason in RevocationReason]
    )
    fault = models.CharField(max_length=1000, blank=True, default="")  # the last thing that went wrong
    tries = models.PositiveIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # system time

    account_path = "certificate__account_id"
    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="issuer_order_leaf",
                condition=(Q(state=IssuerOrderState.ISSUED, leaf__isnull=False) & ~Q(serial=""))
                | ~Q(state=IssuerOrderState.ISSUED),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="issuer_order_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["serial"], name="issuer_order_by_serial"),
            models.Index(fields=["fingerprint"], name="issuer_order_by_fingerprint"),
        ]

    def __str__(self) -> str:
        return self.public_id
