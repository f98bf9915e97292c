"""The end of an authority before its time: everything it issued is revoked for good, and its key is gone.

Certificates go on naming its list and its responder. So before the key goes, it signs a last list and, if it
answered by OCSP, a last answer for each certificate, both good until the end; they are served from then on.

Those answers are two signatures for each certificate, so the end is taken in steps of a few seconds at most.
What a step has buried is kept; whoever finds the end begun and not finished takes the next one.
"""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from hanaper.apps.authority import archive
from hanaper.apps.authority.keystores import keystore
from hanaper.apps.authority.locks import lock_authority
from hanaper.apps.authority.models import Authority, Issuance, KeptAnswer, RevocationList, Tombstone
from hanaper.apps.authority.services.changes import count_change
from hanaper.apps.authority.services.publishing import publish_crl
from hanaper.apps.authority.services.responders import retire
from hanaper.apps.authority.services.responding import final_answers
from hanaper.apps.authority.services.revoking import revoke_ca_certificates
from hanaper.core.x509.crl import RevocationReason
from hanaper.storage.crashpoints import crashpoint

BATCH = 100  # certificates a step: with an RSA-4096 key two seconds of signing


def end_authority(authority: Authority, *, at: datetime) -> Authority:
    """Take the next step towards the end, which is reached once `ended_at` is set.

    Issue nothing more; revoke everything unexpired on a last list that is good to the authority's end; keep
    issuer, serial and fingerprint of each certificate and delete the rest, a batch a step; destroy the key.

    The key goes last, after nothing is left that it should revoke.
    """
    with transaction.atomic():
        authority = lock_authority(authority.pk)
        authority.issuing = False
        authority.save(update_fields=["issuing"])
    if authority.ended_at is not None:
        return authority
    # Before the first burial: a list that is made later would lack what was buried.
    if not authority.tombstones.exists():
        _tell_the_end(authority, at)
    more = _bury(authority, at)
    crashpoint("authority.end.after_burial")
    if more:
        return authority
    archive.forget(authority)
    for responder in authority.responders.select_related("authority"):
        retire(responder)
    crashpoint("authority.end.before_destroy")
    keystore(authority.keystore).destroy(authority.key_id)
    Authority.objects.filter(pk=authority.pk).update(ended_at=at, key_id="", ocsp=False)
    authority.refresh_from_db()
    return authority


def _tell_the_end(authority: Authority, at: datetime) -> None:
    # One that was begun and never signed has no lists: nobody knows of it.
    while _revoke_all(authority, at) or not _has_last_list(authority):
        if authority.certificate is None:
            break
        publish_crl(authority, at=at, final=True)
        crashpoint("authority.end.after_last_list")
    _revoke_itself(authority, at)


def revoke_issued(authority: Authority, *, at: datetime) -> int:
    """Revoke everything unexpired that it issued, as the first step of its end does; how many. In the
    caller's transaction, for whoever keeps states of their own. Once the first is buried, nothing."""
    return 0 if authority.tombstones.exists() else _revoke_all(authority, at)


def _revoke_all(authority: Authority, at: datetime) -> int:
    """Also what is being signed at this moment: it is on the list before anybody can have it."""
    rows = Issuance.objects.filter(authority=authority, not_after__gt=at)
    still_good = rows.filter(Q(revoked_at=None) | Q(reason=RevocationReason.CERTIFICATE_HOLD))
    with transaction.atomic():
        if not still_good.exists():
            return 0
        change = count_change(authority.pk, at)
        return still_good.update(
            revoked_at=at, reason=RevocationReason.CESSATION_OF_OPERATION, changed=change
        )


def _has_last_list(authority: Authority) -> bool:
    return RevocationList.objects.filter(
        authority=authority, shard=None, base=None, newest=True, next_update__gte=authority.not_after
    ).exists()


def _revoke_itself(authority: Authority, at: datetime) -> None:
    """On the list of everybody who certified it: who trusts them must not trust what the key may have signed.
    What it certified itself is on its last list."""
    why = RevocationReason.CESSATION_OF_OPERATION
    revoke_ca_certificates(authority, why, at=at)
    authority.certified.filter(revoked_at=None).update(revoked_at=at, reason=why)


def _bury(authority: Authority, at: datetime) -> bool:
    """A batch of what it issued becomes tombstones and last answers. Whether there may be more."""
    found = list(Issuance.objects.filter(authority=authority).order_by("pk")[:BATCH])
    answers = list(final_answers(authority, found, at=at))
    with transaction.atomic():
        lock_authority(authority.pk)
        # Whoever reset it and the sweep may be at it at once: what the other buried is buried.
        left = set(Issuance.objects.filter(pk__in=[row.pk for row in found]).values_list("pk", flat=True))
        rows = [row for row in found if row.pk in left]
        serials = {row.serial for row in rows}
        last = [one for one in answers if one.serial in serials]
        KeptAnswer.objects.filter(authority=authority, serial__in=serials).delete()
        KeptAnswer.objects.bulk_create(last)
        Tombstone.objects.bulk_create(
            Tombstone(
                authority=authority,
                serial=row.serial,
                fingerprint="" if row.certificate is None else hashlib.sha256(row.certificate).hexdigest(),
                not_after=row.not_after,
            )
            for row in rows
        )
        Issuance.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(found) == BATCH
