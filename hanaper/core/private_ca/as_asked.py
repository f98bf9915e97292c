"""What a CA elsewhere has signed, held against the request that went out.

It may permit less than was asked for, and that is kept; it may not permit more, since whoever asked for
limits relies on them.
"""

from collections.abc import Iterator

from cryptography import x509

from hanaper.core.errors import Fault
from hanaper.core.private_ca.alternative_names import KINDS
from hanaper.core.private_ca.name_constraints import NameConstraints, of_extensions
from hanaper.core.private_ca.subtrees import within


def faults_against(
    request: x509.CertificateSigningRequest, signed: x509.Certificate, field: str
) -> list[Fault]:
    """Why `signed` is not what was asked for; empty when it is, or permits less."""
    return [Fault(field, message, code) for code, message in _differences(request, signed)]


def _differences(
    request: x509.CertificateSigningRequest, signed: x509.Certificate
) -> Iterator[tuple[str, str]]:
    if signed.subject != request.subject:
        yield (
            "subject_changed",
            "The certificate names another subject than the request. Have the request signed as it is.",
        )
    if _wider_path(_path_length(request.extensions), _path_length(signed.extensions)):
        yield (
            "path_length_widened",
            "The certificate permits more CAs below it than the request asks for. Have it signed again with"
            " the path length of the request.",
        )
    if _wider_names(of_extensions(request.extensions), of_extensions(signed.extensions)):
        yield (
            "constraints_dropped",
            "The certificate permits names that the request does not ask for: its name constraints were"
            " dropped or widened. Have it signed again with the name constraints of the request.",
        )


def _path_length(extensions: x509.Extensions) -> int | None:
    try:
        return extensions.get_extension_for_class(x509.BasicConstraints).value.path_length
    except x509.ExtensionNotFound:
        return None


def _wider_path(asked: int | None, signed: int | None) -> bool:
    return asked is not None and (signed is None or signed > asked)


def _wider_names(asked: NameConstraints, signed: NameConstraints) -> bool:
    """RFC 5280 4.2.1.10: a kind without a permitted subtree is permitted as a whole."""
    for kind in KINDS:
        allowed, given = getattr(asked.permitted, kind), getattr(signed.permitted, kind)
        if allowed and not (given and all(any(within(kind, one, each) for each in allowed) for one in given)):
            return True
        kept = getattr(signed.excluded, kind)
        if not all(any(within(kind, one, each) for each in kept) for one in getattr(asked.excluded, kind)):
            return True
    return False
