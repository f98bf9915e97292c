"""What clients make of a private CA: chains with their revocation lists, TLS in which both sides show one."""

import base64
import re
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx

from hanaper.demo import tls


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate in the hands of whoever uses it: files of the leaf, the leaf with its chain, the key."""

    id: str
    serial: str
    leaf: Path
    full_chain: Path
    key: Path
    passphrase: str


def named_lists(certificates: Path) -> list[str]:
    """The addresses of the revocation lists that the certificates of a PEM file name."""
    found: list[str] = []
    for block in re.findall(r"-----BEGIN.+?-----END CERTIFICATE-----", certificates.read_text(), re.DOTALL):
        shown = subprocess.run(
            ["openssl", "x509", "-noout", "-ext", "crlDistributionPoints"],
            input=block, capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        found += re.findall(r"URI:(\S+)", shown)
    return found


def fetch_lists(certificates: Path, to: Path) -> Path:
    """Those lists as any client would get them, in one PEM file."""
    lists = [httpx.get(address, timeout=5, trust_env=False).content for address in named_lists(certificates)]
    to.write_text("".join(_pem(der) for der in lists))
    return to


def _pem(der: bytes) -> str:
    return f"-----BEGIN X509 CRL-----\n{base64.encodebytes(der).decode()}-----END X509 CRL-----\n"


def verify(held: Held, root: Path, lists: Path, purpose: str) -> str:
    """`openssl verify` with every certificate of the chain looked up on its list; its last line."""
    done = subprocess.run(
        ["openssl", "verify", "-x509_strict", "-crl_check_all", "-purpose", purpose, "-CAfile", str(root),
         "-untrusted", str(held.full_chain), "-CRLfile", str(lists), str(held.leaf)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = (done.stdout + done.stderr).strip()
    if done.returncode == 0:
        return said.splitlines()[-1].rpartition("/")[2]
    wrong = re.search(r"error \d+ at \d+ depth lookup: (.+)", said)
    return wrong.group(1) if wrong else said


def mutual_tls(server: Held, client: Held | None, root: Path, lists: Path, name: str) -> str:
    """A server that wants a certificate of its clients, none revoked; the protocol, or its refusal."""
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.load_cert_chain(server.full_chain, server.key, server.passphrase)
    serving.verify_mode = ssl.CERT_REQUIRED
    serving.load_verify_locations(root)
    serving.load_verify_locations(lists)
    serving.verify_flags |= ssl.VERIFY_CRL_CHECK_CHAIN
    calling = ssl.create_default_context(cafile=str(root))
    if client is not None:
        calling.load_cert_chain(client.full_chain, client.key, client.passphrase)
    try:
        return tls.converse(serving, calling, name)
    except ssl.SSLCertVerificationError as refusal:
        return refusal.verify_message
    except ssl.SSLError as refusal:
        return (refusal.reason or "refused").replace("_", " ").lower()


def ask_responder(held: Held, root: Path) -> str:
    """What the responder that the certificate names says of it (RFC 6960); openssl believes the signature."""
    named = subprocess.run(
        ["openssl", "x509", "-in", str(held.leaf), "-noout", "-ocsp_uri"],
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip
    issuer = held.leaf.with_suffix(".issuer.pem")
    leaf = held.leaf.read_text().strip()
    issuer.write_text(held.full_chain.read_text().replace(leaf, "").strip() + "\n")
    done = subprocess.run(
        ["openssl", "ocsp", "-issuer", str(issuer), "-cert", str(held.leaf), "-url", named,
         "-CAfile", str(root), "-verify_other", str(issuer)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = done.stdout + done.stderr
    state = re.search(rf"{re.escape(str(held.leaf))}: (\w+)", said)
    return state.group(1) if state and "Response verify OK" in said else said.strip()
