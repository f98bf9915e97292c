from django.db import models
from django.db.models import Q

from hanaper.apps.accounts.models import Account, User
from hanaper.apps.gateway.states import GatewayState, WishState
from hanaper.apps.orders.models import Order
from hanaper.core.gateway.supply import ShownBy
from hanaper.storage.ids import PublicIdField
from hanaper.storage.walls import ScopedManager

SERVED = (GatewayState.ACTIVE, GatewayState.QUOTA_EXHAUSTED)


class GatewayInstance(models.Model):
    """An HTTPS acceleration gateway: one domain, and GRCQ quota for its term (SPEC section 6)."""

    public_id = PublicIdField("gwi")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="gateways")
    order = models.OneToOneField(Order, on_delete=models.PROTECT, related_name="gateway")
    state = models.CharField(
        max_length=16, choices=[(state, state) for state in GatewayState], default=GatewayState.NO_DOMAIN
    )
    term_months = models.PositiveSmallIntegerField()
    term_ends_at = models.DateTimeField()
    warn_at = models.DateTimeField(null=True)  # when to tell next that the term ends
    grcq_included = models.PositiveIntegerField()
    grcq_used = models.PositiveIntegerField(default=0)
    # Consumption is counted for the whole term: it survives reset and removal of the domain (D8).
    visits = models.PositiveBigIntegerField(default=0)
    bytes_out = models.PositiveBigIntegerField(default=0)
    told = models.PositiveSmallIntegerField(default=0)  # per cent of the quota of which somebody was told
    created_at = models.DateTimeField()
    reset_at = models.DateTimeField(null=True)  # the last reset; None again once a domain is added (D2)
    # While it has a domain:
    domain = models.CharField(max_length=253, blank=True, default="")
    cname = models.CharField(max_length=253, blank=True, default="")  # what the owner sets in DNS
    behaviour = models.JSONField(null=True)  # core.gateway.behaviour
    certificate = models.CharField(max_length=40, blank=True, default="")  # its public id, in its product
    served = models.CharField(max_length=80, blank=True, default="")  # chain and key as nodes ask for them
    servers = models.JSONField(default=list)  # the origins, resolved
    epoch = models.PositiveIntegerField(default=0)  # of the cache
    version = models.BigIntegerField(default=0)  # of the fleet: when visitors noticed a change last
    look = models.JSONField(default=dict)  # what the last look at DNS, certificate and origins saw
    looked_at = models.DateTimeField(null=True)
    look_due_at = models.DateTimeField(null=True)  # system time
    resetting_since = models.DateTimeField(null=True)  # business time; nodes are still finishing
    reset_version = models.BigIntegerField(default=0)  # of the fleet: the first one without it

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.CheckConstraint(name="gateway_grcq_included", condition=Q(grcq_included__gt=0)),
            models.CheckConstraint(name="gateway_reset_or_domain", condition=Q(domain="") | Q(reset_at=None)),
            models.CheckConstraint(
                name="gateway_no_domain",
                condition=~Q(state=GatewayState.NO_DOMAIN) | Q(domain=""),
            ),
            # Two may wait for the same domain; it is served for one.
            models.UniqueConstraint(
                fields=["domain"], name="gateway_domain_served_once", condition=Q(state__in=SERVED)
            ),
        ]
        indexes = [
            models.Index(fields=["account", "created_at", "id"], name="gateway_by_account"),
            models.Index(fields=["look_due_at"], name="gateway_look_due"),
            models.Index(fields=["version"], name="gateway_by_version"),
            models.Index(fields=["warn_at"], name="gateway_warned", condition=Q(warn_at__isnull=False)),
            models.Index(fields=["id"], name="gateway_resetting", condition=Q(resetting_since__isnull=False)),
            models.Index(
                fields=["term_ends_at"],
                name="gateway_running",
                condition=~Q(state__in=[GatewayState.EXPIRED, GatewayState.REFUNDED]),
            ),
        ]

    def __str__(self) -> str:
        return self.public_id


class DomainEnding(models.Model):
    """What a search for an instance may begin with: its domain from each of its labels on."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    instance = models.ForeignKey(GatewayInstance, on_delete=models.CASCADE, related_name="+")
    ending = models.CharField(max_length=253)

    class Meta:
        indexes = [
            models.Index(
                fields=["account", "ending"],
                name="gateway_by_account_and_ending",
                opclasses=["int8_ops", "varchar_pattern_ops"],
            ),
            models.Index(fields=["ending"], name="gateway_by_ending", opclasses=["varchar_pattern_ops"]),
        ]

    def __str__(self) -> str:
        return f"{self.instance_id}: {self.ending}"


class CertificateWish(models.Model):
    """A certificate that an instance is to have by itself, made, served and renewed (core.gateway.supply)."""

    public_id = PublicIdField("gww")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    instance = models.ForeignKey(GatewayInstance, on_delete=models.PROTECT, related_name="wishes")
    state = models.CharField(
        max_length=8, choices=[(state, state) for state in WishState], default=WishState.WANTED
    )
    source = models.CharField(max_length=40)  # QUOTA, or the public id of a private CA
    shown_by = models.CharField(max_length=8, choices=[(way, way) for way in ShownBy])
    contact = models.CharField(max_length=40, blank=True, default="")
    template = models.CharField(max_length=40, blank=True, default="")  # of a private CA; empty: for servers
    key_algorithm = models.CharField(max_length=20, blank=True, default="")  # empty: the usual one
    renews = models.BooleanField(default=True)  # whether the next one may be had, too, at what that costs
    asked_at = models.DateTimeField()
    certificate = models.CharField(max_length=40, blank=True, default="")  # what was begun, then is served
    # What its issuer wants to see: core.gateway.wire.Proof for nodes, TXT records for the domain's owner.
    proofs = models.JSONField(default=list)
    records = models.JSONField(default=list)
    code = models.CharField(max_length=60, blank=True, default="")  # why there is none yet
    message = models.CharField(max_length=1000, blank=True, default="")
    next_steps = models.JSONField(default=list)
    tries = models.PositiveIntegerField(default=0)  # since the last one that went well
    next_at = models.DateTimeField(null=True)  # system time; None: until something happens
    ends_at = models.DateTimeField(null=True)  # of the one that is served, if none follows by itself
    due_at = models.DateTimeField(null=True)  # business time: to be told of that end, or renewed
    told = models.BooleanField(default=False)  # of that end

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instance"], name="wish_once_an_instance", condition=~Q(state=WishState.ENDING)
            ),
        ]
        indexes = [
            models.Index(fields=["next_at"], name="wish_next", condition=Q(next_at__isnull=False)),
            models.Index(fields=["due_at"], name="wish_due", condition=Q(due_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.public_id


class UsageHour(models.Model):
    """What was served for an instance in one hour. `visits` and `bytes_out` are what GRCQ counts."""

    instance = models.ForeignKey(GatewayInstance, on_delete=models.CASCADE, related_name="usage")
    hour = models.PositiveIntegerField()  # of the Unix epoch
    visits = models.PositiveBigIntegerField(default=0)
    bytes_out = models.PositiveBigIntegerField(default=0)
    grcq = models.PositiveIntegerField(default=0)
    requests = models.PositiveBigIntegerField(default=0)
    cache_hits = models.PositiveBigIntegerField(default=0)
    milliseconds = models.PositiveBigIntegerField(default=0)
    statuses = models.JSONField(default=dict)  # by class
    codes = models.JSONField(default=dict)  # by status code
    lengths = models.JSONField(default=list)  # core.gateway.statistics
    paths = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["instance", "hour"], name="usage_hour_once")]

    def __str__(self) -> str:
        return f"{self.instance_id}/{self.hour}"


class Fleet(models.Model):
    """One row: the version of what nodes are to serve. It grows with every change of it."""

    version = models.BigIntegerField(default=1)

    def __str__(self) -> str:
        return str(self.version)


class JoinToken(models.Model):
    """Lets one node join, once. Only its hash is kept."""

    public_id = PublicIdField("gwj")
    token_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, related_name="+")
    expires_at = models.DateTimeField()  # system time
    used_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.public_id


class GatewayNode(models.Model):
    """A machine that serves. `applied` and `settled`: versions of the fleet, as it says itself."""

    public_id = PublicIdField("gwn")
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    joined_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)  # system time
    applied = models.BigIntegerField(default=0)
    settled = models.BigIntegerField(default=0)
    engine = models.CharField(max_length=80, blank=True, default="")
    http3 = models.BooleanField(default=False)
    error = models.CharField(max_length=500, blank=True, default="")
    unwell = models.JSONField(default=list)  # origins: core.gateway.wire.OriginState
    left_out = models.JSONField(default=list)  # sites: core.gateway.wire.LeftOut
    retired_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["id"], name="gateway_node_serving", condition=Q(retired_at__isnull=True))
        ]

    def __str__(self) -> str:
        return self.public_id


class Errand(models.Model):
    """Something that every node is to do once: forget what it keeps of one address, hand over the newest
    lines of an access log. Done when all nodes that serve have done it."""

    class Kind(models.TextChoices):
        PURGE = "purge"
        LOG = "log"

    public_id = PublicIdField("gwe")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+")
    instance = models.ForeignKey(GatewayInstance, on_delete=models.PROTECT, related_name="errands")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    address = models.CharField(max_length=2048, blank=True, default="")
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()  # system time; once it is done it goes then
    done_at = models.DateTimeField(null=True)

    objects = ScopedManager()

    class Meta:
        indexes = [
            models.Index(fields=["instance", "kind", "asked_at", "id"], name="errand_by_instance"),
            models.Index(fields=["id"], name="errand_open", condition=Q(done_at__isnull=True)),
            models.Index(fields=["expires_at"], name="errand_expires"),
        ]

    def __str__(self) -> str:
        return self.public_id


class ErrandRun(models.Model):
    """A node has done it; `content`: what it brought, compressed."""

    errand = models.ForeignKey(Errand, on_delete=models.CASCADE, related_name="runs")
    node = models.ForeignKey(GatewayNode, on_delete=models.CASCADE, related_name="+")
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["errand", "node"], name="errand_once_a_node")]

    def __str__(self) -> str:
        return f"{self.errand_id}/{self.node_id}"


class NodeLog(models.Model):
    """How far a log of a node was taken: each byte once."""

    node = models.ForeignKey(GatewayNode, on_delete=models.CASCADE, related_name="logs")
    log = models.CharField(max_length=40)
    taken = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["node", "log"], name="node_log_once")]

    def __str__(self) -> str:
        return f"{self.node_id}/{self.log}"
