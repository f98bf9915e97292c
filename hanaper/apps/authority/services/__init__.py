"""The verbs of authorities: prepare, sign, revoke, publish."""

from hanaper.apps.authority.services.builtin import ensure_builtin_ca, issuing_authority
from hanaper.apps.authority.services.issuing import abandon, prepare, sign
from hanaper.apps.authority.services.revoking import (
    certificate_file,
    crl_file,
    publish_crl,
    put_out,
    revoke,
    revoke_recovered,
)

__all__ = [
    "abandon",
    "certificate_file",
    "crl_file",
    "ensure_builtin_ca",
    "issuing_authority",
    "prepare",
    "publish_crl",
    "put_out",
    "revoke",
    "revoke_recovered",
    "sign",
]
