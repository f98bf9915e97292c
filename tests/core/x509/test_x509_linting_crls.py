"""Linting of revocation lists: each rule is broken by a test, and pkilint agrees on what is right."""

from dataclasses import replace
from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import CrlScope, RevocationReason, RevokedEntry, prepare_crl
from hanaper.core.x509.findings import Rulebook
from hanaper.core.x509.full_linting import lint_crl_fully
from hanaper.core.x509.lint_keys import lint_key
from hanaper.core.x509.linting import lint_crl_natively
from hanaper.core.x509.serials import new_serial
from tests.core.x509.certificate_chains import ADDRESSES, AT, chain
from tests.core.x509.rebuilt_certificates import (
    NAIVE,
    extension,
)

CLASSIC = [KeyAlgorithm.EC_P256, KeyAlgorithm.EC_P384, KeyAlgorithm.RSA_2048]


@pytest.mark.parametrize("algorithm", [*CLASSIC, KeyAlgorithm.ML_DSA_65])
@pytest.mark.parametrize("scope", CrlScope)
@pytest.mark.parametrize("point", [None, ADDRESSES.crl])
def test_crls_pass_both_linters(algorithm, scope, point):
    of_cas = scope is CrlScope.CA_CERTIFICATES
    prepared = _crl(chain(algorithm), scope=scope, distribution_point=point)
    assert lint_crl_natively(prepared) == []
    assert lint_crl_fully(prepared.lint_copy, of_cas=of_cas) == []


def _crl(made, **changes):
    arguments = {
        "number": 3,
        "this_update": AT,
        "next_update": AT + timedelta(days=7),
        "entries": [
            RevokedEntry(new_serial(), AT, RevocationReason.KEY_COMPROMISE),
            RevokedEntry(new_serial(), AT - timedelta(days=1)),
        ],
    } | changes
    return prepare_crl(made.issuer, **arguments)


def crl_rebuilt(prepared, *, extensions=None, entries=None, next_update=None):
    old = x509.load_der_x509_crl(prepared.lint_copy)
    copy = x509.CertificateRevocationListBuilder(
        issuer_name=old.issuer,
        last_update=NAIVE,
        next_update=next_update or NAIVE + timedelta(days=7),
        extensions=list(old.extensions) if extensions is None else extensions,
        revoked_certificates=list(old) if entries is None else entries,
    ).sign(lint_key(prepared.signature_algorithm), hashes.SHA256())
    return replace(prepared, tbs=copy.tbs_certlist_bytes, lint_copy=copy.public_bytes(Encoding.DER))


def entry(*extensions, serial=5, at=NAIVE):
    return x509.RevokedCertificateBuilder(serial, at, list(extensions)).build()


def reason(flag):
    return extension(x509.CRLReason(flag))


NUMBER = extension(x509.CRLNumber(1))
AUTHORITY = extension(x509.AuthorityKeyIdentifier(b"x" * 20, None, None))
POINT = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)


CRL_BROKEN = [
    ("crl_extension", {"extensions": [NUMBER, AUTHORITY, extension(x509.DeltaCRLIndicator(1), True)]}),
    ("crl_extension", {"extensions": [NUMBER, AUTHORITY, extension(POINT, False)]}),
    ("crl_extension_missing", {"extensions": [AUTHORITY]}),
    ("crl_extension_missing", {"extensions": [NUMBER]}),
    ("crl_updates", {"next_update": NAIVE}),
    ("crl_too_seldom", {"next_update": NAIVE + timedelta(days=11)}),
    ("crl_entry", {"entries": [entry(), entry()]}),
    ("crl_entry", {"entries": [entry(at=NAIVE + timedelta(seconds=1))]}),
    ("crl_hold", {"entries": [entry(reason(x509.ReasonFlags.certificate_hold))]}),
    ("crl_entry", {"entries": [entry(reason(x509.ReasonFlags.remove_from_crl))]}),
    ("crl_entry", {"entries": [entry(reason(x509.ReasonFlags.unspecified))]}),
    ("crl_entry", {"entries": [entry(extension(x509.InvalidityDate(NAIVE)))]}),
]


@pytest.mark.parametrize(("code", "how"), CRL_BROKEN)
def test_broken_crl_rule_is_found(code, how):
    broken = crl_rebuilt(_crl(chain()), **how)
    assert code in [finding.code for finding in lint_crl_natively(broken)]


def test_list_of_cas_may_last_a_year():
    half = AT + timedelta(days=180)
    of_cas = _crl(chain(), next_update=half, scope=CrlScope.CA_CERTIFICATES)
    assert lint_crl_natively(of_cas) == []
    of_users = _crl(chain(), next_update=half)
    assert [each.code for each in lint_crl_natively(of_users)] == ["crl_too_seldom"]
    assert lint_crl_natively(of_users, Rulebook.PRIVATE) == []


def test_unreadable_crl_is_a_finding():
    broken = replace(_crl(chain()), lint_copy=b"junk")
    assert [finding.code for finding in lint_crl_natively(broken)] == ["unreadable"]
