from django.db import models
from django.db.models import F, Q

from hanaper.apps.accounts.models import Account, User
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.secrets.models import SealedSecret
from hanaper.core.acme.challenges import ChallengeKind
from hanaper.core.acme.states import AccountState, AcmeOrderState, AuthorizationState, ChallengeState
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager


class ExternalKey(models.Model):
    """A key of external account binding (RFC 8555 7.3.4): what a client shows once to become an ACME account.

    It belongs to one enablement of the CA: a reset ends it, for it was made before the next one.
    """

    public_id = PublicIdField("eab")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    ca = models.ForeignKey(PrivateCA, on_delete=models.CASCADE, related_name="acme_keys")
    template = models.CharField(max_length=40, blank=True, default="")  # the only one; empty: any
    name = models.CharField(max_length=80, blank=True, default="")
    secret = models.OneToOneField(SealedSecret, on_delete=models.PROTECT, null=True, related_name="+")
    # Domains (with everything below) and networks that its accounts may order for; empty: any.
    domains = models.JSONField(default=list)
    networks = models.JSONField(default=list)
    certificates_limit = models.PositiveIntegerField(null=True)
    certificates_used = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField(null=True)  # binds nobody from then on
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="acme_key_limit",
                condition=Q(certificates_limit=None) | Q(certificates_used__lte=F("certificates_limit")),
            ),
            models.CheckConstraint(
                name="acme_key_revoked_has_no_secret", condition=Q(revoked_at=None) | Q(secret=None)
            ),
        ]
        indexes = [models.Index(fields=["ca", "created_at", "id"], name="acme_key_by_ca")]

    def __str__(self) -> str:
        return self.public_id


class AcmeAccount(models.Model):
    """A client's account in one directory: a CA and a template."""

    public_id = PublicIdField("aca")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    ca = models.ForeignKey(PrivateCA, on_delete=models.CASCADE, related_name="acme_accounts")
    template = models.CharField(max_length=40)
    key = models.ForeignKey(ExternalKey, on_delete=models.PROTECT, related_name="accounts")
    binding = models.JSONField()  # the JWS that bound it, as it came
    state = models.CharField(
        max_length=12, choices=[(one, one) for one in AccountState], default=AccountState.VALID
    )
    jwk = models.JSONField()
    thumbprint = models.CharField(max_length=43)  # RFC 7638
    contact = models.JSONField(default=list)
    terms_agreed = models.BooleanField(default=False)
    address = models.CharField(max_length=64, null=True)  # from where it was made
    created_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["ca", "template", "thumbprint"], name="acme_account_key_once")
        ]
        indexes = [models.Index(fields=["ca", "created_at", "id"], name="acme_account_by_ca")]

    def __str__(self) -> str:
        return self.public_id


class Authorization(models.Model):
    """What an ACME account has shown, or is to show, of one identifier."""

    public_id = PublicIdField("acz")
    acme_account = models.ForeignKey(AcmeAccount, on_delete=models.CASCADE, related_name="authorizations")
    kind = models.CharField(max_length=3)
    value = models.CharField(max_length=253)  # without the `*.` of a wildcard
    wildcard = models.BooleanField(default=False)
    state = models.CharField(
        max_length=12, choices=[(one, one) for one in AuthorizationState], default=AuthorizationState.PENDING
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)  # system time

    class Meta:
        indexes = [
            models.Index(fields=["acme_account", "kind", "value", "wildcard"], name="acme_authorization_of"),
            models.Index(
                fields=["expires_at"],
                name="acme_authorization_ends",
                condition=Q(state__in=[AuthorizationState.PENDING, AuthorizationState.VALID]),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class Challenge(models.Model):
    """One way to show control; `due_at` is when somebody looks next, and the lease of who looks."""

    public_id = PublicIdField("ach")
    authorization = models.ForeignKey(Authorization, on_delete=models.CASCADE, related_name="challenges")
    kind = models.CharField(max_length=12, choices=[(one, one) for one in ChallengeKind])
    token = models.CharField(max_length=43)
    state = models.CharField(
        max_length=12, choices=[(one, one) for one in ChallengeState], default=ChallengeState.PENDING
    )
    error = models.JSONField(null=True)
    validated_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True)  # system time

    class Meta:
        constraints = [models.UniqueConstraint(fields=["authorization", "kind"], name="acme_challenge_kind")]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="acme_challenge_due",
                condition=Q(state=ChallengeState.PROCESSING),
            )
        ]

    def __str__(self) -> str:
        return self.public_id


class AcmeOrder(models.Model):
    """An order of an ACME account. `certificate` is there from the moment that it is begun, so that whoever
    goes on after a crash finds it; it counts once the order is valid."""

    public_id = PublicIdField("aco")
    acme_account = models.ForeignKey(AcmeAccount, on_delete=models.CASCADE, related_name="orders")
    state = models.CharField(
        max_length=12, choices=[(one, one) for one in AcmeOrderState], default=AcmeOrderState.PENDING
    )
    identifiers = models.JSONField()  # as core.acme.identifiers.Identifier.document writes them, sorted
    authorizations = models.ManyToManyField(Authorization, related_name="orders")
    not_after = models.DateTimeField(null=True)  # asked for
    replaces = models.CharField(max_length=200, blank=True, default="")  # RFC 9773 4.1
    replaced = models.ForeignKey(
        PrivateCertificate, on_delete=models.SET_NULL, null=True, related_name="replaced_by_acme"
    )
    error = models.JSONField(null=True)
    csr = models.TextField(blank=True, default="")
    certificate = models.OneToOneField(
        PrivateCertificate, on_delete=models.SET_NULL, null=True, related_name="acme_order"
    )
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)  # system time; while it is processing: when to look after it

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="acme_order_processing_has_csr",
                condition=~Q(state=AcmeOrderState.PROCESSING) | ~Q(csr=""),
            ),
            models.UniqueConstraint(
                fields=["replaced"],
                name="acme_order_replaces_once",
                condition=Q(state=AcmeOrderState.VALID) & Q(replaced__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["acme_account", "id"], name="acme_order_of_account"),
            models.Index(
                fields=["due_at"], name="acme_order_due", condition=Q(state=AcmeOrderState.PROCESSING)
            ),
            models.Index(
                fields=["expires_at"],
                name="acme_order_ends",
                condition=Q(state__in=[AcmeOrderState.PENDING, AcmeOrderState.READY]),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class RenewalCall(models.Model):
    """Somebody asks that certificates be renewed now: one, or every one a CA issued until then (RFC 9773)."""

    public_id = PublicIdField("acr")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    ca = models.ForeignKey(PrivateCA, on_delete=models.CASCADE, related_name="renewal_calls")
    certificate = models.ForeignKey(
        PrivateCertificate, on_delete=models.CASCADE, null=True, related_name="renewal_calls"
    )
    explanation = models.CharField(max_length=500, blank=True, default="")  # an address for people
    asked_at = models.DateTimeField()

    objects = ScopedManager()

    class Meta:
        indexes = [models.Index(fields=["ca", "asked_at"], name="acme_renewal_call_of_ca")]

    def __str__(self) -> str:
        return self.public_id
