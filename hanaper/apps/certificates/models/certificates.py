"""Certificates of orders, and what they were made of."""

from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.catalog.models import Product
from hanaper.apps.certificates.vocabulary import (
    NEVER,
    Removal,
)
from hanaper.apps.orders.models import Order, OrderLine
from hanaper.core.certificate.identifiers import DomainKind
from hanaper.core.certificate.profiles import ValidationLevel
from hanaper.core.certificate.states import CertificateState
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager

HAS_TERM = (
    CertificateState.ISSUED,
    CertificateState.VALIDATING_REVOCATION,
    CertificateState.REVOKED,
    CertificateState.EXPIRED,
)


class Certificate(models.Model):
    """A service year (D13): domains, term and state. Its X.509 certificates are its issuer orders."""

    public_id = PublicIdField("crt")
    # Its own index would only draw the planner away from those below, which all begin with the account.
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, related_name="certificates", db_index=False
    )
    # The line whose quota it took; a combined one has more (CombinedQuota), and the first of them here.
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="certificates")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="certificates")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    series = models.CharField(max_length=40, db_index=True)  # public id of the first of its years
    year = models.PositiveSmallIntegerField(default=1)
    brand = models.CharField(max_length=60)
    level = models.CharField(max_length=2, choices=[(level, level) for level in ValidationLevel])
    domain_kind = models.CharField(max_length=20, choices=[(kind, kind) for kind in DomainKind])
    publicly_trusted = models.BooleanField()
    needs_id_number = models.BooleanField()
    combined = models.BooleanField(default=False)
    state = models.CharField(max_length=30, choices=[(state, state) for state in CertificateState])
    domains = models.JSONField(default=list)  # as applied for, in A-labels
    form = models.JSONField(default=dict)  # the application form as last saved (services/forms.py)
    # The year after which this one begins: the one before in its series, or the one renewed early (D18).
    follows = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="followers")
    created_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True)  # first issuance
    term_begin = models.DateTimeField(null=True)
    term_end = models.DateTimeField(default=NEVER)  # NEVER until it is known
    current = models.ForeignKey("IssuerOrder", on_delete=models.PROTECT, null=True, related_name="+")
    auto_reissue = models.BooleanField(default=True)
    reissue_due_at = models.DateTimeField(null=True)  # business time
    retry_at = models.DateTimeField(null=True)  # system time: no reissue or activation is tried before
    retries = models.PositiveIntegerField(default=0)
    warn_at = models.DateTimeField(null=True)  # business time: its account is told how soon the term ends
    revoked_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    removed_by = models.CharField(
        max_length=20, blank=True, default="", choices=[(removal, removal) for removal in Removal]
    )

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["series", "year"], name="certificate_year_once"),
            models.CheckConstraint(
                name="certificate_term",
                # A CHECK that is NULL passes: say that the column is there.
                condition=Q(
                    state__in=HAS_TERM, term_begin__isnull=False, issued_at__isnull=False, term_end__lt=NEVER
                )
                | ~Q(state__in=HAS_TERM),
            ),
            models.CheckConstraint(
                name="certificate_removed",
                condition=(Q(state=CertificateState.REMOVED, removed_at__isnull=False) & ~Q(removed_by=""))
                | (~Q(state=CertificateState.REMOVED) & Q(removed_at=None, removed_by="")),
            ),
            models.CheckConstraint(name="certificate_year", condition=Q(year__gte=1, year__lte=3)),
        ]
        indexes = [
            models.Index(fields=["account", "id"], name="certificate_by_account"),
            models.Index(fields=["account", "state", "id"], name="certificate_by_state"),
            models.Index(fields=["account", "term_end", "id"], name="certificate_by_term"),
            models.Index(fields=["term_end", "id"], name="certificate_ending"),
            models.Index(
                fields=["reissue_due_at"],
                name="certificate_to_reissue",
                condition=Q(reissue_due_at__isnull=False),
            ),
            models.Index(
                fields=["warn_at", "id"],
                name="certificate_to_warn",
                condition=Q(warn_at__isnull=False),
            ),
            models.Index(
                fields=["id"], name="certificate_not_activated",
                condition=Q(state=CertificateState.NOT_ACTIVATED),
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id


class CertificateName(models.Model):
    """What a name of a certificate ends with, for the search: `www.example.com`, `example.com` and `com`.

    So whoever types the beginning of any part of a name finds it by an index.
    """

    certificate = models.ForeignKey(Certificate, on_delete=models.CASCADE, related_name="names")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False, related_name="+")
    ending = models.CharField(max_length=253)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["certificate", "ending"], name="certificate_name_once")
        ]
        indexes = [
            models.Index(
                fields=["account", "ending"],
                name="certificate_by_own_ending",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
            models.Index(fields=["ending"], name="certificate_by_ending", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.ending


class CombinedQuota(models.Model):
    """What one line gave to a combined certificate, and which certificate it was before (R9, D4)."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="parts")
    source = models.OneToOneField(Certificate, on_delete=models.PROTECT, related_name="went_into")
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="combined_quota")
    line = models.ForeignKey(OrderLine, on_delete=models.PROTECT, related_name="combined_quota")

    def __str__(self) -> str:
        return f"{self.source_id} in {self.certificate_id}"
