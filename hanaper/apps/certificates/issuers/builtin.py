"""The built-in CA behind the issuers' contract. Not publicly trusted: clients must be given its root."""

from datetime import datetime, timedelta

from cryptography import x509
from django.core.cache import cache

from hanaper import clock
from hanaper.apps.authority.models import Authority, Issuance, IssuanceState
from hanaper.apps.authority.services import (
    issuing_authority,
    prepare,
    publish_soon,
    revoke,
    sign,
)
from hanaper.apps.certificates.issuers import (
    Answer,
    Issued,
    IssuerRefused,
    IssuerRequest,
    IssuerTimeout,
    Standing,
)
from hanaper.apps.certificates.issuers.mischief import Mischief, mischief_in
from hanaper.core.certificate.profiles import leaf_contents
from hanaper.core.errors import Refusal
from hanaper.core.x509.crl import RevocationReason

LATE = timedelta(seconds=3)


class BuiltinIssuer:
    """An order's reference is the public id of its issuance."""

    publicly_trusted = False

    def submit(self, request: IssuerRequest, at: datetime) -> str:
        mischief = mischief_in(request.names.san)
        if mischief is Mischief.REFUSE:
            raise IssuerRefused("The issuer does not issue for this name (as its name asked for).")
        if mischief is Mischief.TIMEOUT_BEFORE and _first_time(mischief, request.key):
            raise IssuerTimeout("the issuer did not answer")
        authority = issuing_authority()
        try:
            issuance = prepare(
                authority,
                leaf_contents(request.level, request.names, request.organisation),
                spki=request.spki,
                not_before=request.not_before,
                not_after=min(request.not_after, authority.not_after),
                key=request.key,
                reference=request.reference,
                at=at,
            )
            if issuance.state != IssuanceState.SIGNED:
                issuance = sign(issuance)
        except Refusal as refusal:
            if refusal.code in ("signing_elsewhere", "in_recovery"):
                raise IssuerTimeout(refusal.message) from refusal
            raise IssuerRefused(refusal.message, refusal.code) from refusal
        if mischief is Mischief.TIMEOUT_AFTER and _first_time(mischief, request.key):
            raise IssuerTimeout("the issuer did not answer")
        return issuance.public_id

    def poll(self, reference: str, at: datetime) -> Answer:  # noqa: ARG002 - the contract's
        issuance = self._issuance(reference)
        if issuance.state != IssuanceState.SIGNED:
            # Given up after a crash: submitted again under its key it is issued anew.
            return Answer(Standing.PENDING, message="The issuer is at it.")
        signed_at = issuance.claimed_at
        late = mischief_in(_names(issuance)) is Mischief.LATE
        if late and signed_at is not None and clock.system_now() - signed_at < LATE:
            return Answer(Standing.PENDING, message="The issuer is late (as its name asked for).")
        return Answer(Standing.ISSUED)

    def fetch(self, reference: str, at: datetime) -> Issued:  # noqa: ARG002 - the contract's
        issuance = self._issuance(reference)
        if issuance.certificate is None:
            raise IssuerTimeout("nothing is issued yet")
        chain: list[bytes] = []
        authority: Authority | None = issuance.authority
        while authority is not None:
            chain.append(bytes(authority.certificate or b""))
            authority = authority.parent
        return Issued(bytes(issuance.certificate), tuple(chain))

    def revoke(self, reference: str, reason: RevocationReason, at: datetime) -> None:
        issuance = self._issuance(reference)
        revoke(issuance, reason, at=at)
        publish_soon(issuance.authority, at=at)
        if mischief_in(_names(issuance)) is Mischief.REVOKE_TIMEOUT and _first_time("revoke", reference):
            raise IssuerTimeout("the issuer did not answer")

    def _issuance(self, reference: str) -> Issuance:
        try:
            return Issuance.objects.select_related("authority__parent").filter(public_id=reference).get()
        except Issuance.DoesNotExist:
            raise IssuerTimeout("the issuer knows no such order") from None


def _names(issuance: Issuance) -> list[str]:
    if issuance.certificate is None:
        return []
    parsed = x509.load_der_x509_certificate(bytes(issuance.certificate))
    names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return names.get_values_for_type(x509.DNSName)


def _first_time(mischief: str, key: str) -> bool:
    """Whether this process has not committed it for this key yet."""
    return cache.add(f"mischief:{mischief}:{key}", True, timeout=3600)
