from django.db import models
from django.db.models import F, Q

from hanaper.apps.accounts.models import Account, User
from hanaper.apps.authority.models import Authority
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca.states import (
    OPEN_CEREMONY,
    WITH_KEYS,
    BatchRowState,
    BatchState,
    CeremonyState,
    Operation,
    PrivateCaKind,
    PrivateCaState,
    PrivateCertificateState,
)
from hanaper.apps.secrets.models import SealedSecret
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


class CertificateTemplate(models.Model):
    """A template of the account's own; those that come with the program are in core.private_ca.templates."""

    public_id = PublicIdField("ctp")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="certificate_templates")
    name = models.CharField(max_length=40)
    rules = models.JSONField()
    created_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name"], name="certificate_template_name")]

    def __str__(self) -> str:
        return self.public_id


class PrivateCertificate(models.Model):
    """A certificate of a private CA. Its bytes are those of the authority's issuance with its public id."""

    public_id = PublicIdField("pct")
    account = models.ForeignKey(
        Account, on_delete=models.PROTECT, db_index=False, related_name="private_certificates"
    )
    ca = models.ForeignKey(PrivateCA, on_delete=models.PROTECT, db_index=False, related_name="certificates")
    state = models.CharField(
        max_length=10,
        choices=[(state, state) for state in PrivateCertificateState],
        default=PrivateCertificateState.ISSUING,
    )
    template = models.CharField(max_length=40)  # its name when it was issued
    subject = models.JSONField()  # the fields of core.x509.names.Subject that are there
    names = models.JSONField()  # by kind
    serial = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64, blank=True, default="")  # SHA-256, once it is signed
    key_algorithm = models.CharField(max_length=20)
    key_fingerprint = models.CharField(max_length=64, blank=True, default="")  # SHA-256 of its public key
    key = models.OneToOneField(SealedSecret, on_delete=models.PROTECT, null=True, related_name="+")
    renews = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, related_name="renewed_by")
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)  # system time; null once it is signed or given up
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=30, blank=True, default="")
    notices = models.JSONField(default=list)  # days before its end on which somebody is still to be told
    # When the next of them, or its end, is due; null once it is over.
    notice_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ca", "serial"], name="private_certificate_serial")]
        indexes = [
            models.Index(fields=["account", "id"], name="private_certificate_list"),
            models.Index(fields=["account", "state", "id"], name="private_certificate_in_state"),
            models.Index(fields=["account", "template", "id"], name="private_certificate_template"),
            models.Index(fields=["account", "not_after", "id"], name="private_certificate_by_end"),
            models.Index(fields=["ca", "id"], name="private_certificate_of_ca"),
            models.Index(fields=["ca", "created_at", "template", "state"], name="private_certificate_made"),
            models.Index(fields=["ca", "not_after", "template", "state"], name="private_certificate_ends"),
            models.Index(fields=["serial"], name="private_certificate_found"),
            models.Index(fields=["fingerprint"], name="private_certificate_print"),
            models.Index(fields=["key_fingerprint"], name="private_certificate_key"),
            # SQLite takes an index of a part only if the query itself says that a column is not null.
            models.Index(
                fields=["notice_at"],
                name="private_certificate_notice",
                condition=Q(notice_at__isnull=False),
            ),
            models.Index(
                fields=["begun_at"],
                name="private_certificate_issuing",
                condition=Q(begun_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class PrivateName(models.Model):
    """What a search may begin with: each ending of a host, a mailbox, an address, a URI, a common name."""

    certificate = models.ForeignKey(PrivateCertificate, on_delete=models.CASCADE, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False, related_name="+")
    ending = models.CharField(max_length=255)

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "ending"],
                name="private_name_of_account",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
            models.Index(fields=["ending"], name="private_name", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return self.ending


class TwoPersonRule(models.Model):
    """An account whose root operations take two persons; without a row, one is enough."""

    account = models.OneToOneField(Account, on_delete=models.PROTECT, related_name="two_person_rule")
    switched_on_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    switched_on_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"two persons for {self.account_id}"


class Ceremony(models.Model):
    """A root operation that one person proposes and another approves (docs/adr/0009).

    What is approved is what was proposed: operation, CA and parameters never change. The lease is system
    time.
    """

    public_id = PublicIdField("cer")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="ceremonies")
    # None: about the account itself
    ca = models.ForeignKey(PrivateCA, on_delete=models.PROTECT, null=True, related_name="ceremonies")
    operation = models.CharField(max_length=20, choices=[(one, one) for one in Operation])
    parameters = models.JSONField(default=dict)  # what the verb is told
    state = models.CharField(
        max_length=12, choices=[(state, state) for state in CeremonyState], default=CeremonyState.PROPOSED
    )
    proposed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    # Who approved it, refused or withdrew it.
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    actor = models.JSONField(null=True)  # of the approval: it is carried out in their name
    problem = models.JSONField(null=True)  # why it could not be carried out
    leased_until = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        verbose_name_plural = "ceremonies"
        constraints = [
            models.UniqueConstraint(
                fields=["ca", "operation"], name="ceremony_one_open", condition=Q(state__in=OPEN_CEREMONY)
            ),
            models.UniqueConstraint(
                fields=["account", "operation"],
                name="ceremony_one_open_of_account",
                condition=Q(state__in=OPEN_CEREMONY, ca=None),
            ),
            models.CheckConstraint(
                name="ceremony_two_persons",
                condition=~Q(
                    state__in=[CeremonyState.APPROVED, CeremonyState.CARRIED_OUT, CeremonyState.FAILED]
                )
                | Q(decided_by__isnull=False, actor__isnull=False) & ~Q(decided_by=F("proposed_by")),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "id"], name="ceremony_by_account"),
            models.Index(fields=["expires_at"], name="ceremony_open", condition=Q(state__in=OPEN_CEREMONY)),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def target(self) -> str:
        """The public id of what it is about."""
        return self.ca.public_id if self.ca is not None else self.account.public_id


class CeremonyEntry(models.Model):
    """A line of the transcript of a ceremony, with a hash over the line before and itself. Append-only."""

    ceremony = models.ForeignKey(Ceremony, on_delete=models.PROTECT, related_name="entries")
    position = models.PositiveSmallIntegerField()  # 1, 2, 3 ...
    said = models.JSONField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ceremony", "position"], name="ceremony_entry_position")
        ]

    def __str__(self) -> str:
        return f"{self.ceremony_id}/{self.position}"


class CertificateBatch(models.Model):
    """Certificates that were ordered in a table; issued in the background, a row after the other."""

    public_id = PublicIdField("bat")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="certificate_batches")
    ca = models.ForeignKey(PrivateCA, on_delete=models.PROTECT, related_name="batches")
    state = models.CharField(
        max_length=10, choices=[(state, state) for state in BatchState], default=BatchState.RUNNING
    )
    ordered_by = models.JSONField()  # core.actor.packed: whose name stands in the log
    total = models.PositiveIntegerField()
    begun = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)  # begun, and given up: not counted as begun any more
    code = models.CharField(max_length=60, blank=True, default="")  # why it stopped
    message = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField()  # system time

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["ca"],
                name="certificate_batch_one_running",
                condition=Q(state=BatchState.RUNNING),
            ),
        ]
        indexes = [
            models.Index(fields=["account", "id"], name="certificate_batch_list"),
            models.Index(
                fields=["moved_at"],
                name="certificate_batch_running",
                condition=Q(state=BatchState.RUNNING),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class BatchRow(models.Model):
    """One row of the table, and the one certificate that it ever leads to."""

    batch = models.ForeignKey(CertificateBatch, on_delete=models.CASCADE, db_index=False, related_name="rows")
    number = models.PositiveIntegerField()  # as spreadsheets count
    state = models.CharField(
        max_length=10, choices=[(state, state) for state in BatchRowState], default=BatchRowState.WAITING
    )
    request = models.JSONField()  # core.private_ca.tables.to_json
    certificate = models.OneToOneField(
        PrivateCertificate, on_delete=models.SET_NULL, null=True, related_name="batch_row"
    )
    code = models.CharField(max_length=60, blank=True, default="")  # why it was refused, or failed
    message = models.TextField(blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="batch_row_number")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"
