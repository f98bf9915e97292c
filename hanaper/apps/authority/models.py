from django.db import models
from django.db.models import Q

from hanaper.apps.secrets.models import SealedSecret
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.extensions import StatusAddresses
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.ocsp_requests import IdHash
from hanaper.storage.ids import PublicIdField


class StoredKey(models.Model):
    """A private key in the database's keystore, sealed. Nobody but the keystore reads this table."""

    public_id = PublicIdField("prv")
    algorithm = models.CharField(max_length=20, choices=[(one, one) for one in KeyAlgorithm])
    spki = models.BinaryField()  # DER SubjectPublicKeyInfo
    secret = models.OneToOneField(SealedSecret, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return self.public_id


class TokenKey(models.Model):
    """A private key in a token (PKCS #11), known here before it is there; for the keystore's eyes only."""

    public_id = PublicIdField("prv")
    algorithm = models.CharField(max_length=20, choices=[(one, one) for one in KeyAlgorithm])
    token = models.CharField(max_length=32)  # its label
    spki = models.BinaryField(null=True)  # DER SubjectPublicKeyInfo, once it is made
    created_at = models.DateTimeField()  # system time

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
    outside = models.BooleanField(default=False)  # signed by a CA that is not here
    request = models.BinaryField(null=True)  # DER of the CSR that went out, until it comes back signed
    keystore = models.CharField(max_length=20)
    key_id = models.CharField(max_length=80)
    algorithm = models.CharField(max_length=20, choices=[(one, one) for one in KeyAlgorithm])
    certificate = models.BinaryField(null=True)  # DER; null until it is signed
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    rulebook = models.CharField(
        max_length=12, choices=[(one, one) for one in Rulebook], default=Rulebook.PUBLIC_TLS
    )
    status_url = models.CharField(max_length=200)
    # Lists besides the complete one, each for a part of the serials; 1: none.
    shards = models.PositiveSmallIntegerField(default=1)
    list_days = models.PositiveSmallIntegerField(default=7)  # how long clients may keep a list
    delta = models.BooleanField(default=False)  # whether there are delta lists, and certificates name them
    ocsp = models.BooleanField(default=False)  # whether its certificates name a responder
    issuing = models.BooleanField(default=True)
    ended_at = models.DateTimeField(null=True)  # before its time: its key is destroyed
    created_at = models.DateTimeField()
    changes = models.BigIntegerField(default=0)  # revocations, holds and releases, counted
    crl_number = models.BigIntegerField(default=0)  # of the newest list
    crl_due_at = models.DateTimeField(null=True)  # business time; null: no more lists

    class Meta:
        indexes = [models.Index(fields=["crl_due_at"], name="authority_crl_due")]

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_root(self) -> bool:
        return self.parent_id is None and not self.outside

    def shard_of(self, serial: int) -> int:
        return serial % self.shards

    @property
    def scopes(self) -> list[int | None]:
        """For what there are lists: for everything (None), and for each shard."""
        return [None, *range(self.shards if self.shards > 1 else 0)]

    def crl_name(self, shard: int | None, *, delta: bool = False) -> str:
        """The file of a list; without a shard, of the one for everything."""
        part = "" if shard is None else f"-{shard}"
        return f"{self.public_id}{part}{'-delta' if delta else ''}.crl"

    def list_address(self, shard: int | None, *, delta: bool = False) -> str:
        return f"{self.status_url}/crl/{self.crl_name(shard, delta=delta)}"

    @property
    def crl_address(self) -> str:
        """Of the complete list."""
        return self.list_address(None)

    @property
    def certificate_address(self) -> str:
        return f"{self.status_url}/ca/{self.public_id}.cer"

    @property
    def ocsp_address(self) -> str:
        return f"{self.status_url}/ocsp/{self.public_id}"

    def addresses(self, shard: int) -> StatusAddresses:
        """What a certificate says of its own status (RFC 5280 4.2.1.13, 4.2.1.15, 4.2.2.1)."""
        scope = shard if self.shards > 1 else None
        return StatusAddresses(
            crl=self.list_address(scope),
            delta=self.list_address(scope, delta=True) if self.delta else None,
            issuer_certificate=self.certificate_address,
            ocsp=self.ocsp_address if self.ocsp else None,
        )


class CaCertificateKind(models.TextChoices):
    OWN = "own"  # its place in the tree: self-signed, of its parent, or of a CA that is not here
    LINK = "link"  # by another key of the same root (RFC 4210 4.4)
    CROSS = "cross"  # by another root


class CaCertificate(models.Model):
    """A certificate of an authority's key. The authority's own `certificate` is the newest of kind `own`;
    those before it and beside it are other ways to a root.

    Without `der` it is begun: the issuance with the key `ca-certificate:` and its public id says how far.
    """

    public_id = PublicIdField("cac")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="certificates")
    # Itself: self-signed; null: a CA that is not here, and `above` is the chain from it to its root.
    issuer = models.ForeignKey(Authority, on_delete=models.PROTECT, null=True, related_name="certified")
    kind = models.CharField(max_length=5, choices=CaCertificateKind.choices, default=CaCertificateKind.OWN)
    serial = models.CharField(max_length=40)  # as serial_hex writes it
    der = models.BinaryField(null=True)
    above = models.TextField(blank=True, default="")  # PEM
    not_before = models.DateTimeField()
    not_after = models.DateTimeField()
    created_at = models.DateTimeField()
    begun_at = models.DateTimeField(null=True)  # system time; for a while it is left to whoever began it
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(
        max_length=30, blank=True, default="", choices=[(one, one) for one in RevocationReason]
    )

    class Meta:
        verbose_name = "CA certificate"
        constraints = [
            models.UniqueConstraint(
                fields=["issuer", "serial"],
                name="ca_certificate_serial_once",
                condition=Q(issuer__isnull=False),
            )
        ]
        indexes = [models.Index(fields=["id"], name="ca_certificate_begun", condition=Q(der=None))]

    def __str__(self) -> str:
        return self.public_id

    @property
    def issuance_key(self) -> str:
        """With which its issuance was asked for, if it was begun here after the authority was."""
        return f"ca-certificate:{self.public_id}"


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
    shard = models.PositiveSmallIntegerField(default=0)  # of its authority's lists
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
    changed = models.BigIntegerField(null=True)  # which of its authority's changes was the last of its status
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
            models.Index(
                fields=["authority", "changed"],
                name="issuance_changed",
                condition=Q(changed__isnull=False),
            ),
            models.Index(fields=["reference"], name="issuance_by_reference"),
            models.Index(
                fields=["claimed_at"], name="issuance_signing", condition=Q(state=IssuanceState.SIGNING)
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class RevocationList(models.Model):
    """A published CRL, complete or a delta. Numbers only ever grow, and a delta has that of the complete list
    that went out with it (RFC 5280 5.2.3, 5.2.4)."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="revocation_lists")
    shard = models.PositiveSmallIntegerField(null=True)  # null: the list of everything
    base = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="deltas")  # of a delta
    number = models.BigIntegerField()
    changes = models.BigIntegerField(default=0)  # of its authority, as far as this list knows them
    this_update = models.DateTimeField()
    next_update = models.DateTimeField()
    entries = models.PositiveIntegerField()
    newest = models.BooleanField(default=True)  # of its authority, shard and kind
    der = models.BinaryField()  # nothing, once there is a newer one

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority", "number"], name="revocation_list_number_once", condition=Q(base=None)
            ),
            models.UniqueConstraint(
                fields=["authority", "number"],
                name="revocation_delta_number_once",
                condition=Q(base__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["authority"], name="revocation_list_newest", condition=Q(newest=True))
        ]

    def __str__(self) -> str:
        return f"{self.authority_id}/{self.number}"


class Responder(models.Model):
    """Who answers for an authority by OCSP: a key of its own, and a certificate of a few weeks, which is one
    of the authority's issuances."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="responders")
    key_id = models.CharField(max_length=80)
    issuance = models.OneToOneField(Issuance, on_delete=models.SET_NULL, null=True, related_name="+")
    certificate = models.BinaryField(null=True)  # DER; null until it is signed
    not_after = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["authority"], name="responder_made_once", condition=Q(certificate=None)
            )
        ]
        indexes = [models.Index(fields=["authority", "not_after"], name="responder_newest")]

    def __str__(self) -> str:
        return f"{self.authority_id}/{self.pk}"


class CompromisedKey(models.Model):
    """A key whose certificate was revoked because somebody else may have it. No CA here certifies it again,
    for anybody, and it stays known when the CA is gone (Baseline Requirements 6.1.1.3).
    """

    fingerprint = models.CharField(max_length=64, unique=True)  # SHA-256 of the SubjectPublicKeyInfo, hex
    reported_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.fingerprint


class KeptAnswer(models.Model):
    """An OCSP answer that was signed once and is given to whoever asks, until it is due or no longer true.

    It says what `revoked_at` and `reason` say: whoever gives it out compares them with the issuance. One that
    is `final` was signed by an authority before it ended, and is all that is left to say.
    """

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    serial = models.CharField(max_length=40)
    hash = models.CharField(max_length=6, choices=[(one, one) for one in IdHash])
    final = models.BooleanField(default=False)
    revoked_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=30, blank=True, default="")
    this_update = models.DateTimeField()
    due_at = models.DateTimeField()  # when it is made anew
    next_update = models.DateTimeField()
    asked_at = models.DateTimeField()  # business time, to a day: nobody asks: nothing is made anew
    der = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["authority", "serial", "hash"], name="kept_answer_once")
        ]
        indexes = [
            models.Index(fields=["due_at"], name="kept_answer_due", condition=Q(final=False)),
            models.Index(fields=["next_update"], name="kept_answer_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.authority_id}/{self.serial}"


class Tombstone(models.Model):
    """A certificate of an authority that was ended: all that is left of it."""

    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="tombstones")
    serial = models.CharField(max_length=40)
    fingerprint = models.CharField(max_length=64, blank=True)  # SHA-256; empty: it was never signed
    not_after = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authority", "serial"], name="tombstone_once")]

    def __str__(self) -> str:
        return f"{self.authority_id}/{self.serial}"


class LintedShape(models.Model):
    """A shape of certificate that the full linter has passed; native checks see every certificate."""

    shape = models.CharField(max_length=64, unique=True)
    linted_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.shape
