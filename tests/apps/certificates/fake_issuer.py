"""A CA in memory behind `at_issuer`: misbehaves as it is told, and remembers what it was asked."""

from collections import Counter, deque
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from hanaper.apps.certificates.at_issuer import Issued, Progress, Standing
from hanaper.core.certificate.identifiers import DomainKind, parse_domains

READY = Progress(Standing.READY)
UNKNOWN = Progress(Standing.UNKNOWN, message="no answer")


class FakeIssuer:
    def __init__(self) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Fake CA")])
        self.orders: dict[str, bytes] = {}
        self.revoked: dict[int, str] = {}
        self.calls: Counter[str] = Counter()
        # What the next calls answer instead of the truth; `lost` does the work and answers nothing.
        self.answers: dict[str, deque] = {name: deque() for name in ("submit", "poll", "fetch", "revoke")}

    def _next(self, call: str):
        self.calls[call] += 1
        return self.answers[call].popleft() if self.answers[call] else None

    def submit(self, order, at) -> Progress:
        instead = self._next("submit")
        if isinstance(instead, Progress):
            return instead
        self.orders.setdefault(order.public_id, self._make(order))
        if instead == "lost":
            return UNKNOWN
        return Progress(Standing.READY, reference=order.public_id)

    def poll(self, order, at) -> Progress:
        instead = self._next("poll")
        return instead if isinstance(instead, Progress) else READY

    def fetch(self, order, at):
        instead = self._next("fetch")
        if isinstance(instead, Progress):
            return instead, None
        return READY, Issued(self.orders[order.reference], "")

    def revoke(self, order, reason, at) -> Progress:
        instead = self._next("revoke")
        if isinstance(instead, Progress):
            return instead
        self.revoked[int(order.serial, 16)] = reason
        return UNKNOWN if instead == "lost" else READY

    def _make(self, order) -> bytes:
        application = order.application
        kind = DomainKind(order.certificate.domain_kind)
        names = parse_domains(kind, application.domains, allow_reserved=True)
        spki = serialization.load_der_public_key(bytes(application.spki))
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.name)
            .public_key(spki)
            .serial_number(x509.random_serial_number())
            .not_valid_before(order.not_before)
            .not_valid_after(order.not_after)
            .add_extension(
                x509.SubjectAlternativeName([x509.DNSName(name) for name in names.san]), critical=True
            )
        )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def soon(at: datetime) -> datetime:
    return at.astimezone(UTC) + timedelta(seconds=1)
