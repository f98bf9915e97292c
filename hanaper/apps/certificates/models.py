from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account
from hanaper.apps.catalog.models import Product
from hanaper.apps.certificates.vocabulary import (
    ACTIVE_APPLICATION,
    NEVER,
    OPEN_REVOCATION,
    ApplicationState,
    CheckMethod,
    CheckState,
    IssuerOrderState,
    Purpose,
    Removal,
    RevocationReason,
    RevocationState,
)
from hanaper.apps.orders.models import Order, OrderLine
from hanaper.apps.secrets.models import SealedSecret
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


class Contact(models.Model):
    """Who answers for an application. Some brands need the number of an identity document."""

    public_id = PublicIdField("con")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=100)
    email = models.EmailField()
    phone = models.CharField(max_length=40, blank=True, default="")
    id_number = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["account", "created_at", "id"], name="contact_by_account")]

    def __str__(self) -> str:
        return self.public_id


class Company(models.Model):
    """The organisation that OV and EV certificates name; its fields are those of an X.509 subject."""

    public_id = PublicIdField("com")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="companies")
    organization = models.CharField(max_length=64)
    country = models.CharField(max_length=2)
    state = models.CharField(max_length=128, blank=True, default="")
    locality = models.CharField(max_length=128, blank=True, default="")
    business_category = models.CharField(max_length=128, blank=True, default="")
    registration_number = models.CharField(max_length=64, blank=True, default="")
    jurisdiction_country = models.CharField(max_length=2, blank=True, default="")
    jurisdiction_state = models.CharField(max_length=128, blank=True, default="")
    jurisdiction_locality = models.CharField(max_length=128, blank=True, default="")
    created_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["account", "created_at", "id"], name="company_by_account")]

    def __str__(self) -> str:
        return self.public_id


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


class RevocationRequest(models.Model):
    """A request to revoke a service year: reviewed by an operator (R13), or made by one for cause."""

    public_id = PublicIdField("rvk")
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="revocations")
    state = models.CharField(
        max_length=10,
        choices=[(state, state) for state in RevocationState],
        default=RevocationState.PENDING,
    )
    by_subscriber = models.BooleanField()
    for_cause = models.BooleanField(default=False)
    requested_by = models.CharField(max_length=300)
    requested_at = models.DateTimeField()
    reason = models.CharField(max_length=30, choices=[(reason, reason) for reason in RevocationReason])
    text = models.CharField(max_length=1000, blank=True, default="")  # the requester's own words
    due_at = models.DateTimeField()  # D10
    # When the refund window closes that waits for it; NEVER: none does.
    window_closes_at = models.DateTimeField(default=NEVER)
    queue_key = models.CharField(max_length=60)  # D10: by window_closes_at, then by due_at
    decided_at = models.DateTimeField(null=True)
    decided_by = models.CharField(max_length=300, blank=True, default="")
    decision = models.CharField(max_length=1000, blank=True, default="")  # why it was refused
    alerted_at = models.DateTimeField(null=True)  # operators were told that it is overdue
    tries = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)  # system time: when the CA is told (again)
    fault = models.CharField(max_length=1000, blank=True, default="")

    account_path = "certificate__account_id"
    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["certificate"], condition=Q(state__in=OPEN_REVOCATION), name="revocation_one_open"
            ),
        ]
        indexes = [
            models.Index(
                fields=["queue_key", "id"], name="revocation_queue",
                condition=Q(state=RevocationState.PENDING),
            ),
            models.Index(fields=["certificate", "id"], name="revocation_by_certificate"),
            models.Index(fields=["next_at"], name="revocation_due", condition=Q(next_at__isnull=False)),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.public_id
