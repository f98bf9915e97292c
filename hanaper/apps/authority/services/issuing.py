"""Issuing in two steps: prepare (checked, linted, serial stored), then sign, once (docs/adr/0003)."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from hanaper import clock
from hanaper.apps.authority import archive
from hanaper.apps.authority.full_lint import lint_apart
from hanaper.apps.authority.keystores import keystore
from hanaper.apps.authority.models import Authority, Issuance, IssuanceState, LintedShape
from hanaper.apps.recovery.services import refuse_in_recovery
from hanaper.core.errors import Refusal
from hanaper.core.x509.certificates import (
    LeafContents,
    Prepared,
    WrongSignature,
    assemble_signed,
    prepare_leaf,
)
from hanaper.core.x509.extensions import StatusAddresses
from hanaper.core.x509.findings import Finding, Rulebook, errors
from hanaper.core.x509.issuer import Issuer
from hanaper.core.x509.linting import lint_natively, profile_shape
from hanaper.core.x509.serials import new_serial, serial_hex
from hanaper.storage.crashpoints import crashpoint

# A claim this old is of a process that died: a signature may exist, so the serial is given up.
SIGNING_LEASE = timedelta(seconds=60)


def prepare(
    authority: Authority,
    contents: LeafContents,
    *,
    spki: bytes,
    not_before: datetime,
    not_after: datetime,
    key: str,
    reference: str,
    rulebook: Rulebook = Rulebook.PUBLIC_TLS,
    at: datetime,
) -> Issuance:
    """The intention, stored: bytes to be signed and serial. With a `key` that is known, what is there.

    `key`: the caller's, one for each certificate wanted. Refused with `lint_failed` if a linter finds an
    error: then nothing is stored, let alone signed.
    """
    refuse_in_recovery()
    known = _known(key, at)
    if known is not None:
        return known
    prepared = prepare_leaf(
        contents,
        spki=spki,
        issuer=Issuer.of_certificate(bytes(authority.certificate or b"")),
        not_before=not_before,
        not_after=not_after,
        serial=new_serial(),
        addresses=StatusAddresses(
            crl=authority.crl_address, issuer_certificate=authority.certificate_address
        ),
    )
    refuse_findings(lint_natively(prepared, rulebook))
    shape = profile_shape(prepared)
    _lint_new_shape(shape, prepared, rulebook)
    with transaction.atomic():
        issuance, _ = Issuance.objects.exclude(state=IssuanceState.ABANDONED).get_or_create(
            key=key,
            defaults={
                "authority": authority,
                "serial": serial_hex(prepared.serial),
                "reference": reference,
                "shape": shape,
                "tbs": prepared.tbs,
                "not_before": prepared.not_before,
                "not_after": prepared.not_after,
                "prepared_at": at,
            },
        )
    crashpoint("authority.issue.after_prepare")
    return issuance


def sign(issuance: Issuance) -> Issuance:
    """Sign what was prepared, once; with one that is signed, what is there.

    Refused with `signing_elsewhere` while another process is at it.
    """
    refuse_in_recovery()
    # Not what was revoked meanwhile: a serial on the list is never signed.
    claimed = Issuance.objects.filter(pk=issuance.pk, state=IssuanceState.PREPARED, revoked_at=None).update(
        state=IssuanceState.SIGNING, claimed_at=clock.system_now()
    )
    issuance.refresh_from_db()
    if claimed != 1:
        if issuance.state == IssuanceState.SIGNED:
            return issuance
        raise Refusal("This certificate is being signed elsewhere.", code="signing_elsewhere")
    authority = issuance.authority
    issuer = Issuer.of_certificate(bytes(authority.certificate or b""))
    crashpoint("authority.issue.before_sign")
    tbs = bytes(issuance.tbs)
    signature = keystore(authority.keystore).sign(authority.key_id, issuer.signature_algorithm, tbs)
    try:
        der = assemble_signed(tbs, signature, issuer.spki)
    except WrongSignature:
        abandon(issuance, at=clock.now())
        raise
    crashpoint("authority.issue.after_sign")
    archive.keep(issuance, der)
    crashpoint("authority.issue.after_keep")
    stored = Issuance.objects.filter(pk=issuance.pk, state=IssuanceState.SIGNING).update(
        state=IssuanceState.SIGNED, certificate=der
    )
    crashpoint("authority.issue.after_store")
    issuance.refresh_from_db()
    if stored != 1:
        # We were so slow that the claim was given up: the serial is on the list, and nobody may have `der`.
        raise Refusal("This certificate was given up; order it again.", code="signing_elsewhere")
    return issuance


def abandon(issuance: Issuance, *, at: datetime) -> bool:
    """Nobody knows whether a signature exists: give the serial up and put it on the list."""
    with transaction.atomic():
        given_up = Issuance.objects.filter(pk=issuance.pk, state=IssuanceState.SIGNING).update(
            state=IssuanceState.ABANDONED, revoked_at=at
        )
        if given_up:
            Authority.objects.filter(pk=issuance.authority_id).update(crl_due_at=at)
    return given_up == 1


def _known(key: str, at: datetime) -> Issuance | None:
    known = Issuance.objects.select_related("authority").filter(key=key)
    issuance = known.exclude(state=IssuanceState.ABANDONED).first()
    if issuance is None or issuance.state != IssuanceState.SIGNING:
        return issuance
    claimed_at = issuance.claimed_at
    if (
        claimed_at is not None
        and clock.system_now() - claimed_at > SIGNING_LEASE
        and abandon(issuance, at=at)
    ):
        return None
    return issuance


def refuse_findings(findings: list[Finding]) -> None:
    """Nothing with an error in it is signed (BR 4.3.1.2)."""
    wrong = [one for one in errors(findings) if not _of_sandbox(one)]
    if wrong:
        told = "; ".join(f"{one.message} ({one.source})" for one in wrong[:5])
        raise Refusal(
            f"The certificate would break a rule: {told}",
            code="lint_failed",
            details={"findings": [one.code for one in wrong]},
        )


def _of_sandbox(finding: Finding) -> bool:
    """A sandbox names hosts that no public name server knows, on loopback too: that alone is let pass."""
    return settings.SANDBOX and "InternalDomainName" in finding.source


def _lint_new_shape(shape: str, prepared: Prepared, rulebook: Rulebook) -> None:
    if LintedShape.objects.filter(shape=shape).exists():
        return
    refuse_findings(lint_apart(prepared.lint_copy, rulebook))
    LintedShape.objects.get_or_create(shape=shape, defaults={"linted_at": clock.system_now()})
