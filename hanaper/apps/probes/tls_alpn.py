"""Control of a name or an address shown by a TLS server of its own making (RFC 8737; RFC 8738 section 6).

The server picks the protocol `acme-tls/1`, and shows a certificate signed by nobody in particular, for
exactly that name, with the SHA-256 of what is to be proven in a critical extension.
"""

import hashlib
import ipaddress
import ssl
from collections.abc import Sequence
from typing import Any

from cryptography import x509
from cryptography.x509.oid import ObjectIdentifier

from hanaper.apps.probes import Answer, Question
from hanaper.apps.probes.http import is_address
from hanaper.storage.guarded import Guarded, handshake
from hanaper.storage.outside import Network

PROTOCOL = "acme-tls/1"
IDENTIFIER = ObjectIdentifier("1.3.6.1.5.5.7.1.31")  # id-pe-acmeIdentifier
SECONDS = 10.0
NOT_OFFERED = f"The server does not offer {PROTOCOL}."


class TlsAlpnProbe:
    """`port`: 443 outside tests and sandboxes; the rest as for `HttpProbe`."""

    def __init__(
        self,
        port: int = 443,
        resolvers: Sequence[str] = (),
        *,
        allow_loopback: bool = False,
        networks: Sequence[Network] = (),
    ) -> None:
        self.port, self.resolvers = port, tuple(resolvers)
        self.allow_loopback, self.networks = allow_loopback, tuple(networks)

    def place(self, question: Question) -> str:
        return f"{question.domain}:{self.port}"

    def look(self, question: Question) -> Answer:
        place = self.place(question)
        try:
            presented = handshake(
                question.domain,
                self.port,
                server_name=server_name(question.domain),
                tls=_anybody(),
                resolvers=self.resolvers,
                allow_loopback=self.allow_loopback,
                seconds=SECONDS,
                networks=self.networks,
            )
        except Guarded as refused:
            message = (
                "The server does not offer acme-tls/1." if refused.code == "bad_tls" else refused.message
            )
            return _missed(place, refused.code, message)
        if presented.protocol != PROTOCOL:
            return _missed(place, "wrong_protocol", "The server does not offer acme-tls/1.")
        wrong = what_is_wrong(presented.certificate, question.domain, question.token)
        return _missed(place, "wrong_certificate", wrong) if wrong else Answer(True, _seen(place, None, ""))


def server_name(domain: str) -> str:
    """RFC 8738 section 6: for an address, the name of its reverse mapping."""
    return ipaddress.ip_address(domain).reverse_pointer if is_address(domain) else domain


def what_is_wrong(der: bytes, domain: str, token: str) -> str:
    """Why this certificate proves nothing; empty if it does (RFC 8737 section 3)."""
    try:
        extensions = x509.load_der_x509_certificate(der).extensions
        names = extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        shown = extensions.get_extension_for_oid(IDENTIFIER)
    except (ValueError, x509.ExtensionNotFound, x509.DuplicateExtension, x509.UnsupportedGeneralNameType):
        return "The certificate shown lacks the extension that proves control, or the name."
    wanted: x509.GeneralName = (
        x509.IPAddress(ipaddress.ip_address(domain)) if is_address(domain) else x509.DNSName(domain)
    )
    if [_canonical(name) for name in names] != [wanted]:
        return "The certificate shown is not for exactly this name."
    digest = hashlib.sha256(token.encode()).digest()
    value = shown.value
    if not shown.critical or not isinstance(value, x509.UnrecognizedExtension):
        return "The extension that proves control is not critical."
    if value.value != b"\x04\x20" + digest:  # an OCTET STRING of 32 bytes
        return "The certificate shown proves something else."
    return ""


def _canonical(name: x509.GeneralName) -> x509.GeneralName:
    return x509.DNSName(name.value.lower()) if isinstance(name, x509.DNSName) else name


def _anybody() -> ssl.SSLContext:
    """Who holds the name is about to be found out: nobody's signature is asked for."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols([PROTOCOL])
    return context


def _seen(place: str, problem: str | None, message: str) -> dict[str, Any]:
    return {"place": place, "problem": problem, "message": message}


def _missed(place: str, problem: str, message: str) -> Answer:
    return Answer(False, _seen(place, problem, message))
