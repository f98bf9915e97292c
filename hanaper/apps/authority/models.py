from django.db import models
from django.db.models import Q

from hanaper.apps.secrets.models import SealedSecret
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import RevocationReason
from hanaper.storage.ids import PublicIdField


class StoredKey(models.Model):
    """A private key in the database's keystore, sealed. Nobody but the keystore reads this table."""

    public_id = PublicIdField("prv")
    algorithm = models.CharField(max_length=20, choices=[(one, one) for one in KeyAlgorithm])
    spki = models.BinaryField()  # DER SubjectPublicKeyInfo
    secret = models.OneToOneField(SealedSecret, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.public_id


class Authority(models.Model):
    """A certification authority: its key, its certificate, and where its status is published.

    `role` names the authorities of the built-in CA; those of private CAs have none. The status addresses
    are burnt into every certificate, so they are kept as they were when the key was made.
    """

    public_id = PublicIdField("ca")
    role = models.CharField(max_length=20, unique=True, null=True)
    name = models.CharField(max_length=200)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    keystore = models.CharField(max_length=20)
    key_id = models.CharField(max_length=80)
    algorithm = models.CharField(max_length=20, choices=[(one, one) for one in KeyAlgorithm])
    certificate = models.BinaryField(null=True)  # DER; null until it is signed
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    status_url = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    crl_number = models.BigIntegerField(default=0)  # of the newest list
    crl_due_at = models.DateTimeField(null=True)  # business time; null: nothing is published yet

    class Meta:
        indexes = [models.Index(fields=["crl_due_at"], name="authority_crl_due")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def crl_address(self) -> str:
        return f"{self.status_url}/crl/{self.public_id}.crl"

    @property
    def certificate_address(self) -> str:
        return f"{self.status_url}/ca/{self.public_id}.cer"


class IssuanceState(models.TextChoices):
    PREPARED = "prepared"  # linted and stored; we sign next
    SIGNING = "signing"  # claimed: a signature may exist from here on
    SIGNED = "signed"
    ABANDONED = "abandoned"  # nobody knows whether it was signed; its serial is on the list


RECOVERED = "recovered:"  # begins the key of what a restore found, and nothing else known of it


class Issuance(models.Model):
    """One X.509 certificate, known before it exists: its bytes and serial are stored, then it is signed once.

    `key` is what the caller asked with; an abandoned issuance frees it. `reference` is the public id of what
    it was issued for. Revocation is beside the state: an abandoned one is revoked too.
    """

    public_id = PublicIdField("iss")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="issuances")
    serial = models.CharField(max_length=40)  # as serial_hex writes it
    state = models.CharField(max_length=20, choices=IssuanceState.choices, default=IssuanceState.PREPARED)
    key = models.CharField(max_length=80)
    reference = models.CharField(max_length=40)
    shape = models.CharField(max_length=64)
    tbs = models.BinaryField()
    certificate = models.BinaryField(null=True)  # DER
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    prepared_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)  # system time
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(
        max_length=30, blank=True, default="", choices=[(one, one) for one in RevocationReason]
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "serial"], name="issuance_serial_once"),
            models.UniqueConstraint(
                fields=["key"], name="issuance_key_once", condition=~Q(state=IssuanceState.ABANDONED)
            ),
            models.CheckConstraint(
                name="issuance_signed_is_known",
                condition=~Q(state=IssuanceState.SIGNED) | Q(certificate__isnull=False),
            ),
        ]
        indexes = [
            models.Index(
                fields=["authority", "not_after"],
                name="issuance_revoked",
                condition=Q(revoked_at__isnull=False),
            ),
            models.Index(fields=["reference"], name="issuance_by_reference"),
            models.Index(
                fields=["claimed_at"], name="issuance_signing", condition=Q(state=IssuanceState.SIGNING)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class RevocationList(models.Model):
    """A published CRL. Numbers only ever grow (RFC 5280 5.2.3)."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="revocation_lists")
    number = models.BigIntegerField()
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()
    entries = models.PositiveIntegerField()
    der = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "number"], name="revocation_list_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.authority_id}/{self.number}"


class LintedShape(models.Model):
    """A shape of certificate that the full linter has passed; native checks see every certificate."""

    shape = models.CharField(max_length=64, unique=True)
    linted_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.shape
