"""What a CA and everything below it may be used for, where its certificate says so.

RFC 5280 4.2.1.12 as clients read it: openssl, NSS and Go want a leaf's uses in each CA above it that names
any.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from hanaper.core.errors import Fault


@lru_cache(maxsize=256)
def uses_of_certificate(der: bytes) -> frozenset[x509.ObjectIdentifier] | None:
    """Those in a CA's certificate; None: any."""
    try:
        extensions = x509.load_der_x509_certificate(der).extensions
        found = frozenset(extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
    except x509.ExtensionNotFound:
        return None
    return None if ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in found else found


def use_faults(chain: Sequence[bytes], wanted: Sequence[x509.ObjectIdentifier]) -> Iterator[Fault]:
    """Each use that a CA of the chain does not permit, at `template`."""
    permitted = [uses for der in chain if (uses := uses_of_certificate(der)) is not None]
    for one in wanted:
        if any(one not in uses for uses in permitted):
            name = one._name if one._name != "Unknown OID" else one.dotted_string
            message = f"A CA of the chain is not for {name}: choose another template, or another CA."
            yield Fault("template", message, "use_not_permitted")
