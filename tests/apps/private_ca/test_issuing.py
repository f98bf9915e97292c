"""Certificates of private CAs: issued from a call and from a CSR, and never one too many."""

import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import Issuance
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Part, Request
from hanaper.apps.private_ca.templates import make_template
from hanaper.core.errors import Forbidden, InvalidInput
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.names import Subject
from tests.apps.private_ca.certificates import DAY, PASSPHRASE, csr, faults, issue, leaf, refused, server
from tests.apps.private_ca.conftest import enable
from tests.fixtures_authority import openssl_verify
from tests.people import Person

pytestmark = pytest.mark.django_db


def test_openssl_accepts_it_until_it_is_revoked(
    owner: Person, working: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    good, bad = issue(owner, working, at), issue(owner, working, at)
    services.revoke(owner.actor, bad, RevocationReason.KEY_COMPROMISE, at=at)
    of = {one.pk: Issuance.objects.get(reference=one.public_id) for one in (good, bad)}
    assert openssl_verify(of[good.pk], at, tmp_path, "-crl_check_all", "-purpose", "sslserver").passed
    assert "certificate revoked" in openssl_verify(of[bad.pk], at, tmp_path, "-crl_check_all").said
    assert good.state == "issued" and good.serial == of[good.pk].serial and len(good.fingerprint) == 64
    assert leaf(good).extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    ).value.get_values_for_type(x509.DNSName) == ["db.corp.example"]
    assert AuditEntry.objects.filter(action="private_certificate.issued").count() == 2


def test_the_names_of_a_csr_pass_like_those_of_a_call(
    owner: Person, working: PrivateCA, at: datetime
) -> None:
    request = csr(
        {NameOID.COMMON_NAME: "www.corp.example"},
        [x509.DNSName("WWW.Corp.Example"), x509.DNSName("xn--bcher-kva.example")],
    )
    certificate = issue(owner, working, at, Request("server", csr=request))
    assert certificate.names == {"dns": ["www.corp.example", "xn--bcher-kva.example"]}
    assert certificate.subject == {"common_name": "www.corp.example"}
    assert leaf(certificate).public_key() == x509.load_pem_x509_csr(request.encode()).public_key()


@pytest.mark.parametrize(
    ("names", "field"),
    [
        ([x509.RFC822Name("ada@corp.example")], "names.email"),
        ([x509.UniformResourceIdentifier("spiffe://corp.example/x")], "names.uri"),
        ([x509.DNSName("bad_name.example")], "names.dns.0"),
        ([x509.DNSName("*.*.example")], "names.dns.0"),
        ([x509.DNSName("good.example"), x509.DNSName("10.0.0.1")], "names.dns.1"),
    ],
)
def test_a_csr_is_no_way_round_the_template(
    owner: Person, working: PrivateCA, at: datetime, names: list[x509.GeneralName], field: str
) -> None:
    found = faults(lambda: issue(owner, working, at, Request("server", csr=csr({}, names))))
    assert field in {where for where, _ in found}
    assert (
        not PrivateCertificate.objects.exists()
        and not Issuance.objects.filter(key__startswith="pct").exists()
    )


@pytest.mark.parametrize(
    ("subject", "extensions", "code"),
    [
        ({}, {"ca": x509.BasicConstraints(ca=True, path_length=None)}, "csr_ca"),
        ({NameOID.ORGANIZATIONAL_UNIT_NAME: "x"}, {}, "csr_subject"),
    ],
)
def test_a_csr_that_asks_for_more(
    owner: Person, working: PrivateCA, at: datetime, subject: Any, extensions: Any, code: str
) -> None:
    request = csr(subject, [x509.DNSName("a.example")], **extensions)
    assert faults(lambda: issue(owner, working, at, Request("server", csr=request))) == {("csr", code)}


def test_what_a_csr_has_too_much_is_named_as_openssl_does(
    owner: Person, working: PrivateCA, at: datetime
) -> None:
    request = csr({NameOID.EMAIL_ADDRESS: "ada@corp.example"}, [x509.DNSName("a.example")])
    with pytest.raises(InvalidInput) as met:
        issue(owner, working, at, Request("server", csr=request))
    assert "The subject of the request has emailAddress, which" in met.value.message


def test_the_subject_of_a_csr_is_replaced_by_that_of_the_call(
    owner: Person, working: PrivateCA, at: datetime
) -> None:
    """As openssl makes one by default."""
    defaults = {NameOID.COUNTRY_NAME: "AU", NameOID.STATE_OR_PROVINCE_NAME: "Some-State"}
    request = csr(defaults, [x509.DNSName("a.example")])
    with pytest.raises(InvalidInput) as met:
        issue(owner, working, at, Request("server", csr=request))
    assert "--common-name" in met.value.next_steps[0] and "--no-subject" in met.value.next_steps[0]
    named = Subject(common_name="a.example")
    assert issue(owner, working, at, Request("server", csr=request, subject=named)).state == "issued"


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.EC_P256, KeyAlgorithm.RSA_3072])
def test_a_csr_has_its_own_key(
    owner: Person, working: PrivateCA, at: datetime, algorithm: KeyAlgorithm
) -> None:
    """That of the CSR, whatever kind was named beside it: also if it is the same."""
    both = Request("server", csr=csr({}, [x509.DNSName("a.example")]), key_algorithm=algorithm)
    assert faults(lambda: issue(owner, working, at, both)) == {("key_algorithm", "key_in_csr")}
    assert not PrivateCertificate.objects.exists()


def test_name_constraints_of_the_root_hold_below(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    limits = {"permitted": {"dns": ["corp.example"]}, "excluded": {"dns": ["secret.corp.example"]}}
    enable(owner, root, at, name_constraints=limits)
    ca = enable(owner, intermediate, at)
    good = issue(owner, ca, at)
    issuance = Issuance.objects.get(reference=good.public_id)
    assert openssl_verify(issuance, at, tmp_path, "-crl_check_all").passed
    for name, code in (
        ("evil.test", "not_permitted"),
        ("xcorp.example", "not_permitted"),
        ("a.secret.corp.example", "excluded"),
        ("*.corp.example", "excluded"),
        ("SECRET.corp.example.", "excluded"),
    ):
        for request in (server(name), Request("server", csr=csr({}, [x509.DNSName(name)]))):
            assert faults(lambda request=request: issue(owner, ca, at, request)) == {("names.dns.0", code)}


def test_templates_of_the_account_s_own(
    owner: Person, stranger: Person, working: PrivateCA, at: datetime
) -> None:
    rules = {
        "title": "Team",
        "uses": ["clientAuth"],
        "days": 7,
        "uri": {"allowed": True, "below": ["spiffe://corp.example/team"]},
    }
    assert owner.account is not None and stranger.account is not None
    make_template(owner.actor, owner.account, name="team", rules=rules, at=at)
    make_template(stranger.actor, stranger.account, name="theirs", rules=rules, at=at)
    request = Request("team", names={"uri": ["spiffe://corp.example/team/db"]})
    certificate = issue(owner, working, at, request)
    assert certificate.not_after == at + 7 * DAY
    refused("template_not_found", lambda: issue(owner, working, at, Request("theirs", names=request.names)))
    refused(
        "template_exists",
        lambda: make_template(owner.actor, owner.account, name="server", rules=rules, at=at),  # type: ignore[arg-type]
    )
    wrong = {**rules, "uses": ["anything"], "days": 0}
    assert {where for where, _ in faults(
        lambda: make_template(owner.actor, owner.account, name="x", rules=wrong, at=at)  # type: ignore[arg-type]
    )} == {"rules.uses", "rules.days"}  # fmt: skip


def test_it_outlives_neither_ca_nor_subscription(owner: Person, working: PrivateCA, at: datetime) -> None:
    late = working.term_ends_at - 10 * DAY
    assert issue(owner, working, late).not_after == working.term_ends_at
    assert faults(lambda: issue(owner, working, late, server(days=11))) == {("days", "outlives_ca")}
    over = refused("term_ended", lambda: issue(owner, working, working.term_ends_at))
    assert list(over.next_steps) == ["Buy another one."]


def test_the_quota_is_never_exceeded_nor_lost(owner: Person, working: PrivateCA, at: datetime) -> None:
    PrivateCA.objects.filter(pk=working.pk).update(quota=2)
    faults(lambda: issue(owner, working, at, server("bad_name")))
    for used in (1, 2):
        issue(owner, working, at)
        assert PrivateCA.objects.get(pk=working.pk).quota_used == used
    refused("quota_used_up", lambda: issue(owner, working, at))
    assert PrivateCertificate.objects.count() == 2


def test_only_an_enabled_intermediate_issues(
    owner: Person, reader: Person, order: Order, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    refused("not_enabled", lambda: issue(owner, intermediate, at))
    ca = enable(owner, intermediate, at) if enable(owner, root, at) else intermediate
    refused("only_intermediates_issue", lambda: issue(owner, PrivateCA.objects.get(pk=root.pk), at))
    with pytest.raises(Forbidden):
        issue(reader, ca, at)
    services.set_issuing(owner.actor, ca, False, at=at)
    refused("not_issuing", lambda: issue(owner, ca, at))
    services.set_issuing(owner.actor, ca, True, at=at)
    Order.objects.filter(pk=order.pk).update(state=OrderState.REFUND_IN_PROGRESS)
    refused("order_locked", lambda: issue(owner, ca, at))


def test_mutual_tls(owner: Person, working: PrivateCA, at: datetime, tmp_path: Path) -> None:
    """A server and a client of one private CA trust each other, and nobody else."""
    files: dict[str, Path] = {}
    names = {"server": {"dns": ["localhost"]}, "client": {"uri": ["spiffe://corp.example/worker"]}}
    for kind, wanted in names.items():
        certificate = issue(owner, working, at, Request(kind, names=wanted))
        (tmp_path / f"{kind}.pem").write_text(services.download(certificate, Part.FULL_CHAIN))
        key = services.export_key(owner.actor, certificate, passphrase=PASSPHRASE, at=at)
        (tmp_path / f"{kind}.key").write_bytes(key)
        files["root"] = tmp_path / "root.pem"
        files["root"].write_text(services.download(certificate, Part.ROOT))
    for purpose, kind in (("sslserver", "server"), ("sslclient", "client")):
        done = subprocess.run(
            ["openssl", "verify", "-x509_strict", "-attime", str(int(at.timestamp())), "-purpose", purpose,
             "-CAfile", "root.pem", "-untrusted", f"{kind}.pem", f"{kind}.pem"],
            cwd=tmp_path, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
