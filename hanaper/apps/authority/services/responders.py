"""Who answers for an authority by OCSP: a delegated key and certificate, renewed ahead of time.

Its certificate is issued like any other: intention with the serial first, then signed once. What a process
that died left is finished by the sweep, or given up and begun anew.
"""

from datetime import datetime, timedelta

from cryptography import x509
from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from hanaper.apps.authority.keystores import keystore
from hanaper.apps.authority.linting import lint
from hanaper.apps.authority.models import Authority, IssuanceState, Responder
from hanaper.apps.authority.services.issuing import Draft, sign, store_issuance
from hanaper.apps.recovery.services import refuse_in_recovery
from hanaper.core.errors import Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.certificates import LeafContents, prepare_leaf
from hanaper.core.x509.extensions import OCSP_SIGNING, StatusAddresses
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.names import LIMITS, Subject, to_name
from hanaper.core.x509.serials import new_serial
from hanaper.storage.composed import composed
from hanaper.storage.crashpoints import crashpoint

TERM = timedelta(days=30)
# Ahead of its end by more than anybody needs to notice that it is not renewed.
AHEAD = timedelta(days=10)
BACKDATED = timedelta(hours=1)
_ROLE = " OCSP"


def working_responder(authority_pk: int, at: datetime) -> Responder | None:
    """The newest whose certificate is signed and valid, with its authority."""
    return _working.first(authority_pk, at)


@composed
def _working(authority_pk: int, at: datetime) -> QuerySet[Responder]:
    signed = Responder.objects.filter(authority=authority_pk, certificate__isnull=False, not_after__gt=at)
    return signed.select_related("authority").order_by("-not_after", "-pk")[:1]


def without_responder(at: datetime, ahead: datetime) -> QuerySet[Authority]:
    """Authorities that answer by OCSP and have nobody to do so until `ahead`."""
    good = Responder.objects.filter(certificate__isnull=False, not_after__gt=ahead)
    rows = Authority.objects.filter(ocsp=True, ended_at=None, certificate__isnull=False, not_after__gt=at)
    wanting = rows.exclude(pk__in=good.values("authority"))
    # In its own last days an authority cannot have one that lasts longer than it.
    last = Responder.objects.filter(certificate__isnull=False, not_after__gt=at)
    return wanting.exclude(not_after__lte=ahead, pk__in=last.values("authority"))


def ensure_responder(authority: Authority, *, at: datetime) -> bool:
    """Take the next step towards a responder that is good for a while; whether one was signed.

    Called by whoever makes an authority, and by the sweep. Of two at once, one makes it.
    """
    refuse_in_recovery()
    begun = authority.responders.filter(certificate=None).select_related("issuance").first()
    if begun is None:
        begun = _begin(authority, at)
        crashpoint("authority.responder.after_intent")
    if begun is None or not _sign(begun):
        return False
    crashpoint("authority.responder.after_store")
    return True


def retire(responder: Responder) -> None:
    """Its certificate has ended, or was given up: its key is of no more use."""
    keystore(responder.authority.keystore).destroy(responder.key_id)
    responder.delete()


def _begin(authority: Authority, at: datetime) -> Responder | None:
    """The intention: key, serial and bytes to be signed. None if somebody else has begun meanwhile."""
    store = keystore(authority.keystore)
    key_id = store.generate(KeyAlgorithm(authority.algorithm))
    try:
        draft = _draft(authority, store.public_key(key_id), at)
        with transaction.atomic():
            responder = Responder.objects.create(
                authority=authority, key_id=key_id, not_after=draft.prepared.not_after
            )
            responder.issuance = store_issuance(
                draft, key=f"responder:{authority.public_id}:{responder.pk}", reference="", at=at
            )
            responder.save(update_fields=["issuance"])
    except IntegrityError:
        store.destroy(key_id)
        return None
    return responder


def _draft(authority: Authority, spki: bytes, at: datetime) -> Draft:
    """Named after its authority, and of the same kind of key: whoever can verify the chain can verify it."""
    issuer = Issuer.of_certificate(bytes(authority.certificate or b""))
    named = issuer.name.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    name = str(named[0].value) if named else authority.public_id
    prepared = prepare_leaf(
        LeafContents(
            to_name(Subject(common_name=name[: LIMITS["common_name"] - len(_ROLE)].rstrip() + _ROLE)),
            (),
            extended_key_usages=(OCSP_SIGNING,),
            key_identifier=True,
            no_check=True,
        ),
        spki=spki,
        issuer=issuer,
        not_before=max(at - BACKDATED, issuer.not_before),
        not_after=min(at + TERM, issuer.not_after),
        serial=new_serial(),
        addresses=StatusAddresses(),
    )
    return Draft(authority, prepared, lint(prepared, Rulebook(authority.rulebook)))


def _sign(responder: Responder) -> bool:
    """Whether it is signed now; one whose serial was given up is retired, and another is begun next time."""
    issuance = responder.issuance
    if issuance is None or issuance.state == IssuanceState.ABANDONED:
        retire(responder)
        return False
    try:
        issuance = sign(issuance, even_stopped=True)
    except Refusal:
        # Somebody else is at it, or nobody may: the authority ends.
        return False
    certificate = issuance.certificate
    return Responder.objects.filter(pk=responder.pk, certificate=None).update(certificate=certificate) == 1
