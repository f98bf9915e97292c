"""What openssl and GnuTLS say of a chain with its revocation lists."""

import subprocess
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.apps.authority.models import Authority
from hanaper.apps.authority.services import crl_file
from hanaper.core.x509.findings import Rulebook, Severity
from hanaper.core.x509.full_linting import lint_fully


def pem(certificates: Sequence[bytes]) -> str:
    loaded = map(x509.load_der_x509_certificate, certificates)
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in loaded)


def crls(*authorities: Authority | None) -> str:
    lists = [x509.load_der_x509_crl(crl_file(one).read_bytes()) for one in authorities if one is not None]
    return "".join(one.public_bytes(Encoding.PEM).decode() for one in lists)


def openssl(
    way: Sequence[bytes],
    at: datetime,
    folder: Path,
    *,
    lists: str = "",
    trusted: bytes = b"",
    purpose: str = "",
) -> str:
    """`OK`, or what it complains of: `way` is the leaf and what stands above it; the last is trusted, or
    `trusted`."""
    files = {"leaf": pem(way[:1]), "between": pem(way[1:]), "root": pem([trusted or way[-1]]), "crl": lists}
    for name, text in files.items():
        (folder / f"{name}.pem").write_text(text)
    command = ["openssl", "verify", "-x509_strict", "-attime", str(int(at.timestamp()))]
    command += ["-purpose", purpose] if purpose else []
    command += ["-CAfile", str(folder / "root.pem")]
    command += ["-untrusted", str(folder / "between.pem")] if len(way) > 1 else []
    command += ["-CRLfile", str(folder / "crl.pem"), "-crl_check_all"] if lists else []
    done = subprocess.run([*command, str(folder / "leaf.pem")], capture_output=True, text=True)
    return "OK" if done.returncode == 0 else done.stdout + done.stderr


def certtool(way: Sequence[bytes], folder: Path) -> str:
    """`OK`, or what GnuTLS complains of now, since it takes no other time: the chain as sent, the last
    trusted."""
    (folder / "chain.pem").write_text(pem(way[:-1]))
    (folder / "trusted.pem").write_text(pem(way[-1:]))
    command = ["certtool", "--verify", "--infile", str(folder / "chain.pem")]
    command += ["--load-ca-certificate", str(folder / "trusted.pem")]
    done = subprocess.run(command, capture_output=True, text=True)
    return "OK" if done.returncode == 0 else done.stdout + done.stderr


def findings(der: bytes) -> set[str]:
    """pkilint's, beyond notices."""
    return {one.code for one in lint_fully(der, Rulebook.PRIVATE) if one.severity is not Severity.NOTICE}
