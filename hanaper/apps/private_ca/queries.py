"""Reading private CAs and their certificates, within the wall of the account."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca.generations import HAS_KEYS
from hanaper.apps.private_ca.models.batches import CertificateBatch
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony, TwoPersonRule
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.search import cas_found_by, found_by
from hanaper.apps.private_ca.states import GOOD, PrivateCaState
from hanaper.core.actor import Actor
from hanaper.storage.composed import composed

_OF_CA = ("order", "parent", "authority__generation", "account")
_OF_CEREMONY = ("account", "ca", "proposed_by", "decided_by")


def private_cas(actor: Actor, *, state: str = "", kind: str = "", region: str = "") -> QuerySet[PrivateCA]:
    found = PrivateCA.objects.visible_to(actor).select_related(*_OF_CA)
    wanted = {"state": state, "kind": kind, "region": region}
    return found.filter(**{field: value for field, value in wanted.items() if value})


def cas_of(actor: Actor, order: Order) -> QuerySet[PrivateCA]:
    """Those of an order, and those of other orders below its root."""
    return PrivateCA.objects.visible_to(actor).filter(Q(order=order) | Q(parent__order=order))


def private_ca(actor: Actor, public_id: str) -> PrivateCA:
    visible = PrivateCA.objects.only("pk").get_visible(actor, public_id, what="private CA")
    return _whole.get(visible.pk)


@composed
def _whole(pk: int) -> QuerySet[PrivateCA]:
    return PrivateCA.objects.select_related(*_OF_CA).filter(pk=pk)


def top_cas(
    actor: Actor, *, state: str = "", region: str = "", search: str = "", below: str = ""
) -> QuerySet[PrivateCA]:
    """Those with none above them that fit the filters, or have one below them that does.

    `below`: instead, those right below the CA with this public id. `search`: a name from one of its words on,
    or a public id.
    """
    rows = PrivateCA.objects.visible_to(actor).select_related(*_OF_CA)
    fits = _fitting(state, region, search)
    if below:
        return rows.filter(fits, parent__public_id=below)
    found = rows.filter(parent=None)
    if search:  # few: by their keys, so that nothing is walked along
        hits = PrivateCA.objects.filter(fits).values_list("pk", "parent")
        return found.filter(pk__in={key for hit in hits for key in hit if key is not None})
    some_below = PrivateCA.objects.filter(fits, parent=OuterRef("pk"))
    return found.filter(fits | Q(Exists(some_below))) if state or region else found


def below_each(
    actor: Actor, cas: Sequence[PrivateCA], *, most: int, state: str = "", region: str = "", search: str = ""
) -> dict[int, list[PrivateCA]]:
    """Right below each of `cas`, the oldest first: at most `most` that fit the filters."""
    nth = Window(RowNumber(), partition_by=F("parent"), order_by=[F("created_at"), F("pk")])
    rows = PrivateCA.objects.visible_to(actor).filter(_fitting(state, region, search), parent__in=cas)
    first = rows.annotate(nth=nth).filter(nth__lte=most).select_related(*_OF_CA)
    found: dict[int, list[PrivateCA]] = {}
    for row in first.order_by("created_at", "pk"):
        found.setdefault(row.parent_id or 0, []).append(row)
    return found


def _fitting(state: str, region: str, search: str) -> Q:
    wanted = Q(**{field: value for field, value in {"state": state, "region": region}.items() if value})
    return wanted & cas_found_by(search) if search else wanted


def below(ca: PrivateCA) -> QuerySet[PrivateCA]:
    """Right below a root, the oldest first."""
    rows = PrivateCA.objects.filter(parent=ca, account_id=ca.account_id).select_related(*_OF_CA)
    return rows.order_by("created_at", "pk")


def enabled_below(ca: PrivateCA) -> list[PrivateCA]:
    """Those that D7 wants reset before it, in its order."""
    return list(below(ca).filter(HAS_KEYS))


def waiting_for_those_below(cas: Sequence[PrivateCA]) -> set[int]:
    """The pks of those whose reset is refused until intermediates below them are reset (D7). Where two
    persons agree on the reset of a root first, it may be proposed before."""
    rows = PrivateCA.objects.filter(HAS_KEYS, parent__in=cas)
    alone = rows.exclude(account__in=TwoPersonRule.objects.values("account"))
    return {pk for pk in alone.values_list("parent_id", flat=True).distinct() if pk is not None}


def cas_named(actor: Actor, text: str) -> QuerySet[PrivateCA]:
    """Those with `text` at the beginning of some word of their name, the newest first."""
    return private_cas(actor).filter(cas_found_by(text)).order_by("-created_at", "-pk")


def lists_due() -> QuerySet[PrivateCA]:
    """Those that publish revocation lists, the one whose next is due first: for operators of the machine."""
    rows = PrivateCA.objects.select_related("authority", "account")
    return rows.filter(authority__crl_due_at__isnull=False).order_by("authority__crl_due_at", "pk")


def ending(actor: Actor, *, before: datetime) -> QuerySet[PrivateCA]:
    """Those whose term ends before a time, the next first."""
    running = [PrivateCaState.NOT_ENABLED, PrivateCaState.ENABLED]
    rows = private_cas(actor).filter(state__in=running, term_ends_at__lt=before)
    return rows.order_by("term_ends_at", "pk")


def ceremonies(actor: Actor, *, state: str = "", ca: PrivateCA | None = None) -> QuerySet[Ceremony]:
    """Those of the account; for operators, of every account."""
    found = Ceremony.objects.visible_to(actor).select_related(*_OF_CEREMONY)
    wanted = {"state": state, "ca": ca}
    return found.filter(**{field: value for field, value in wanted.items() if value})


def ceremony(actor: Actor, public_id: str) -> Ceremony:
    rows = Ceremony.objects.select_related(*_OF_CEREMONY)
    return rows.get_visible(actor, public_id, what="ceremony")


def certificates(
    actor: Actor,
    *,
    ca: PrivateCA | None = None,
    state: str = "",
    template: str = "",
    search: str = "",
    expiring_before: datetime | None = None,
    at: datetime | None = None,
) -> QuerySet[PrivateCertificate]:
    """Those that fit every filter given; `expiring_before`: good ones that end before it. `at`, for lists in
    the order of their ends: no good ones that have ended and that the sweep has yet to look at."""
    found = PrivateCertificate.objects.visible_to(actor).select_related("ca", "account", "created_by")
    wanted = {"ca": ca, "state": state, "template": template, "not_after__lt": expiring_before}
    if expiring_before is not None:
        found = found.filter(state__in=GOOD)
    if at is not None and (expiring_before is not None or state in GOOD):
        found = found.filter(not_after__gt=at)  # the index leads past those that ended long ago, too
    found = found.filter(**{field: value for field, value in wanted.items() if value})
    return found.filter(found_by(actor, search)) if search.strip() else found


def certificate(actor: Actor, public_id: str) -> PrivateCertificate:
    rows = PrivateCertificate.objects.select_related(
        "ca__account", "ca__authority", "key__data_key", "renews"
    )
    return rows.get_visible(actor, public_id, what="private certificate")


def with_same_key(certificate: PrivateCertificate, *, at: datetime) -> list[PrivateCertificate]:
    """The other certificates of the account, and of no other, that clients take or may take again and that
    are of the key of `certificate`: the oldest first."""
    if not certificate.key_fingerprint:
        return []
    rows = PrivateCertificate.objects.filter(
        account_id=certificate.account_id,
        key_fingerprint=certificate.key_fingerprint,
        state__in=GOOD,
        not_after__gt=at,
    )
    return list(rows.exclude(pk=certificate.pk).select_related("ca").order_by("pk"))


def batches(actor: Actor, *, ca: PrivateCA | None = None, state: str = "") -> QuerySet[CertificateBatch]:
    found = CertificateBatch.objects.visible_to(actor).select_related("ca")
    wanted = {"ca": ca, "state": state}
    return found.filter(**{field: value for field, value in wanted.items() if value})


def batch(actor: Actor, public_id: str) -> CertificateBatch:
    rows = CertificateBatch.objects.select_related("ca", "account")
    return rows.get_visible(actor, public_id, what="certificate batch")
