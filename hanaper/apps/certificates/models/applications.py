"""Attempts at a certificate, and what was checked for them."""

from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.vocabulary import (
    ACTIVE_APPLICATION,
    ApplicationState,
    CheckMethod,
    CheckState,
    Purpose,
)
from hanaper.apps.secrets.models import SealedSecret
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class Application(models.Model):
    """One attempt at a certificate, with everything it was judged by at that time."""

    public_id = PublicIdField("app")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="applications")
    purpose = models.CharField(max_length=12, choices=[(purpose, purpose) for purpose in Purpose])
    state = models.CharField(
        max_length=12,
        choices=[(state, state) for state in ApplicationState],
        default=ApplicationState.VALIDATING,
    )
    domains = models.JSONField()
    methods = models.JSONField()  # {base name: CheckMethod}
    contact = models.JSONField()  # as they were when it was submitted
    company = models.JSONField(null=True)
    spki = models.BinaryField()
    key_fingerprint = models.CharField(max_length=64)  # SHA-256 of the SPKI
    key_algorithm = models.CharField(max_length=20)
    csr = models.BinaryField(null=True)  # DER, if the customer sent one
    key_generated = models.BooleanField()  # here; the private half, until it is destroyed
    private_key = models.ForeignKey(SealedSecret, on_delete=models.SET_NULL, null=True, related_name="+")
    key_shown_at = models.DateTimeField(null=True)  # given out in clear, which happens once
    submitted_at = models.DateTimeField()
    validated_at = models.DateTimeField(null=True)  # control of every domain
    reviewed_at = models.DateTimeField(null=True)  # OV, EV: the organisation
    reviewer = models.CharField(max_length=200, blank=True, default="")
    ended_at = models.DateTimeField(null=True)
    failure_code = models.CharField(max_length=60, blank=True, default="")
    failure = models.CharField(max_length=1000, blank=True, default="")

    account_path = "certificate__account_id"
    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"],
                condition=Q(state__in=ACTIVE_APPLICATION),
                name="application_one_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["certificate", "id"], name="application_by_certificate"),
            models.Index(
                fields=["submitted_at", "id"], name="application_to_review",
                condition=Q(state=ApplicationState.REVIEWING),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id

    @property
    def key_is_customers(self) -> bool:
        """Whether the customer holds the private key, and only they."""
        return not self.key_generated


class DomainCheck(models.Model):
    """One check of control over one name (a wildcard and its base share it), and what was seen.

    A passed one is the record of the validation: it may be used again within the reuse rule, as `reused`
    says of those that did not look themselves.
    """

    public_id = PublicIdField("chk")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="domain_checks")
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="checks")
    domain = models.CharField(max_length=253)
    method = models.CharField(max_length=8, choices=[(method, method) for method in CheckMethod])
    token = models.CharField(max_length=64)
    state = models.CharField(
        max_length=10, choices=[(state, state) for state in CheckState], default=CheckState.PENDING
    )
    reused = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    obtained_at = models.DateTimeField(null=True)  # business time: when control was shown
    tries = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField()  # system time
    due_at = models.DateTimeField(null=True)  # system time of the next try
    tried_at = models.DateTimeField(null=True)  # system time of the last try
    seen = models.JSONField(default=dict)  # what the last try met, for the customer

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "domain"], name="domain_check_once"),
            models.CheckConstraint(
                name="domain_check_obtained",
                condition=Q(state=CheckState.PASSED, obtained_at__isnull=False)
                | (~Q(state=CheckState.PASSED) & Q(obtained_at=None)),
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], name="domain_check_due", condition=Q(due_at__isnull=False)),
            models.Index(fields=["account", "domain", "obtained_at"], name="domain_check_record"),
        ]

    def __str__(self) -> str:
        return self.public_id
