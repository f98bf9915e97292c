"""What private CAs issue, by which templates."""

from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account, User
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.states import (
    PrivateCertificateState,
)
from hanaper.apps.secrets.models import SealedSecret
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


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
