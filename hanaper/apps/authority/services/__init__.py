"""The verbs of authorities: make, prepare, sign, revoke, publish, answer, end."""

from hanaper.apps.authority.services.builtin import ensure_builtin_ca, issuing_authority
from hanaper.apps.authority.services.certifying import (
    CertificateDraft,
    begin_authority,
    begin_ca_certificate,
    certificate_from_outside,
    draft_ca_certificate,
    finish_authority,
    finish_ca_certificate,
    name_constraints,
    path_length,
)
from hanaper.apps.authority.services.compromised import is_compromised, key_compromised, lock_key
from hanaper.apps.authority.services.ending import end_authority, revoke_issued
from hanaper.apps.authority.services.issuing import (
    Draft,
    abandon,
    draft_issuance,
    prepare,
    sign,
    store_issuance,
)
from hanaper.apps.authority.services.making import (
    AuthorityDraft,
    come_out,
    draft_authority,
    draft_outside,
    make_authority,
    request_for,
)
from hanaper.apps.authority.services.publishing import (
    certificate_file,
    crl_file,
    publish_crl,
    publish_soon,
    put_out,
)
from hanaper.apps.authority.services.responders import ensure_responder
from hanaper.apps.authority.services.responding import Answer, answer
from hanaper.apps.authority.services.revoking import release, revoke, revoke_ca_certificates, revoke_recovered

__all__ = [
    "Answer",
    "AuthorityDraft",
    "CertificateDraft",
    "Draft",
    "abandon",
    "answer",
    "begin_authority",
    "begin_ca_certificate",
    "certificate_file",
    "certificate_from_outside",
    "come_out",
    "crl_file",
    "draft_authority",
    "draft_ca_certificate",
    "draft_issuance",
    "draft_outside",
    "end_authority",
    "ensure_builtin_ca",
    "ensure_responder",
    "finish_authority",
    "finish_ca_certificate",
    "is_compromised",
    "issuing_authority",
    "key_compromised",
    "lock_key",
    "make_authority",
    "name_constraints",
    "path_length",
    "prepare",
    "publish_crl",
    "publish_soon",
    "put_out",
    "release",
    "request_for",
    "revoke",
    "revoke_ca_certificates",
    "revoke_issued",
    "revoke_recovered",
    "sign",
    "store_issuance",
]
