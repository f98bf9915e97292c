"""Intermediates below a root that is not here: a request out, the signed certificate in, by real openssl."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.db import transaction

from hanaper import clock
from hanaper.apps.authority.models import Authority, StoredKey
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.evidence import private_ca_evidence
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Request, end_refunded
from hanaper.apps.private_ca.services.downloading import issued_der
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.apps.private_ca.sweep import sweep
from hanaper.core.errors import Forbidden, Refusal
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject
from tests.apps.private_ca.certificates import faults, refused
from tests.apps.private_ca.conftest import enable, reset
from tests.apps.private_ca.outside_root import CA, IDENTIFIED, OutsideRoot
from tests.apps.private_ca.peers import findings, openssl
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def outside(tmp_path: Path, at: datetime) -> OutsideRoot:
    return OutsideRoot(tmp_path / "outside", at)


@pytest.fixture
def extra(owner: Person, catalogue: None, published: Path, at: datetime) -> PrivateCA:
    return PrivateCA.objects.get(order=buy(owner, "private-intermediate-ca", at=at))


@pytest.fixture
def waiting(owner: Person, extra: PrivateCA, at: datetime) -> PrivateCA:
    return begin(owner, extra, at)


def begin(person: Person, ca: PrivateCA, at: datetime, **choices: Any) -> PrivateCA:
    given = CaSettings(subject=Subject(common_name="Our issuing CA"), **choices)
    services.begin_outside(person.actor, ca, given, at=at)
    return fresh(ca)


def fresh(ca: PrivateCA) -> PrivateCA:
    return PrivateCA.objects.select_related("authority", "pending", "order").get(pk=ca.pk)


def issue(
    person: Person, ca: PrivateCA, at: datetime, name: str = "db.corp.example", template: str = "server"
) -> PrivateCertificate:
    names = {"dns": [name]} if template == "server" else {"email": ["ada@corp.example"]}
    return services.issue(person.actor, fresh(ca), Request(template, names=names), at=at)


@pytest.mark.parametrize("algorithm", [KeyAlgorithm.EC_P256, KeyAlgorithm.RSA_3072, KeyAlgorithm.ED25519])
def test_out_and_in(
    owner: Person,
    extra: PrivateCA,
    outside: OutsideRoot,
    at: datetime,
    tmp_path: Path,
    algorithm: KeyAlgorithm,
) -> None:
    ca = begin(owner, extra, at, algorithm=algorithm)
    assert (ca.state, ca.authority) == ("not_enabled", None)
    signed = outside.sign(services.request_pem(ca))
    services.complete_outside(owner.actor, ca, signed, at=at)
    ca = fresh(ca)
    assert (ca.state, ca.pending, ca.enabled_at) == ("enabled", None, at)
    assert ca.authority is not None and ca.authority.outside and not ca.authority.is_root
    leaf = issue(owner, ca, at)
    (above,) = services.chains_above(leaf, at)
    way = [issued_der(leaf), *above]
    assert openssl(way, at, tmp_path) == "OK"
    assert findings(way[0]) == set() and len(way) == 3
    assert services.chain_pem(ca).count("BEGIN CERTIFICATE") == 2
    refused("not_enabled", lambda: services.issue(owner.actor, extra, Request("server"), at=at))


def test_its_request_is_out_until_it_comes_in(owner: Person, waiting: PrivateCA, at: datetime) -> None:
    refused("request_out", lambda: begin(owner, waiting, at))
    refused("request_out", lambda: enable(owner, waiting, at))
    refused("not_enabled", lambda: reset(owner, waiting, at))
    told = private_ca_evidence([waiting.order], at)[waiting.order.pk]["ca"]
    assert (told["state"], told["reset_at"]) == ("not_enabled", None), "R5: nothing was used"
    csr = x509.load_pem_x509_csr(services.request_pem(waiting).encode())
    assert csr.is_signature_valid and not sweep(at, clock.system_now())


def test_only_what_was_bought_apart(
    owner: Person, reader: Person, root: PrivateCA, intermediate: PrivateCA, extra: PrivateCA, at: datetime
) -> None:
    for ca in (root, intermediate):
        refused("came_with_root", lambda ca=ca: begin(owner, ca, at))
    for act in (
        lambda: begin(reader, extra, at),
        lambda: services.complete_outside(reader.actor, extra, "", at=at),
        lambda: services.withdraw_outside(reader.actor, extra, at=at),
        lambda: services.renew_outside(reader.actor, extra, new_key=True, at=at),
    ):
        with pytest.raises(Forbidden):
            act()
    for act in (
        lambda: services.complete_outside(owner.actor, extra, "", at=at),
        lambda: services.withdraw_outside(owner.actor, extra, at=at),
        lambda: services.request_pem(extra),
    ):
        refused("no_request", act)
    assert not StoredKey.objects.exists()


@pytest.mark.parametrize(
    ("extensions", "found"),
    [
        ("basicConstraints=critical,CA:FALSE\n" + IDENTIFIED, {("chain.0", "not_a_ca"), ("chain.0", "cannot_sign")}),
        ("basicConstraints=critical,CA:TRUE\nkeyUsage=critical,cRLSign\n" + IDENTIFIED, {("chain.0", "cannot_sign")}),
        (CA + "subjectKeyIdentifier=none\n", {("chain.0", "no_key_identifier")}),
        (CA + IDENTIFIED + "nameConstraints=critical,permitted;dirName:x\n[x]\nCN=x\n",
         {("chain.0", "constraint_not_understood")}),
    ],
)  # fmt: skip
def test_what_comes_back_is_looked_at(
    owner: Person,
    waiting: PrivateCA,
    outside: OutsideRoot,
    at: datetime,
    extensions: str,
    found: set[tuple[str, str]],
) -> None:
    signed = outside.sign(services.request_pem(waiting), extensions)
    assert faults(lambda: services.complete_outside(owner.actor, waiting, signed, at=at)) == found
    assert fresh(waiting).state == "not_enabled" and fresh(waiting).pending is not None


def test_another_key_s_certificate_or_none(
    owner: Person, waiting: PrivateCA, outside: OutsideRoot, at: datetime
) -> None:
    for text, found in (
        ("", {("chain", "not_a_chain")}),
        (outside.pem, {("chain", "not_a_chain")}),
        (outside.pem * 2, {("chain.0", "not_the_key")}),
    ):
        assert faults(lambda text=text: services.complete_outside(owner.actor, waiting, text, at=at)) == found


def test_its_constraints_and_uses_are_kept(
    owner: Person, waiting: PrivateCA, outside: OutsideRoot, at: datetime
) -> None:
    limits = "nameConstraints=critical,permitted;DNS:Corp.Example\nextendedKeyUsage=serverAuth\n"
    signed = outside.sign(services.request_pem(waiting), CA + IDENTIFIED + limits)
    services.complete_outside(owner.actor, waiting, signed, at=at)
    assert issue(owner, waiting, at).state == "issued"
    assert faults(lambda: issue(owner, waiting, at, "evil.example")) == {("names.dns.0", "not_permitted")}
    assert ("template", "use_not_permitted") in faults(lambda: issue(owner, waiting, at, template="email"))


PERMITTED = {"permitted": {"dns": ["corp.test"]}, "excluded": {"ip": ["10.0.0.0/8"]}}
KEPT = "permitted;DNS:{},excluded;IP:{}"


@pytest.mark.parametrize(
    ("extensions", "code"),
    [
        (CA, "constraints_dropped"),
        (CA + "nameConstraints=critical,permitted;DNS:corp.test\n", "constraints_dropped"),
        (CA + f"nameConstraints=critical,{KEPT.format('test', '10.0.0.0/255.0.0.0')}\n", "constraints_dropped"),
        (CA + f"nameConstraints=critical,{KEPT.format('corp.test', '10.1.0.0/255.255.0.0')}\n",
         "constraints_dropped"),
        (CA.replace(",pathlen:0", "")
         + f"nameConstraints=critical,{KEPT.format('corp.test', '10.0.0.0/255.0.0.0')}\n",
         "path_length_widened"),
    ],
)  # fmt: skip
def test_it_does_not_permit_more_than_was_asked_for(
    owner: Person, extra: PrivateCA, outside: OutsideRoot, at: datetime, extensions: str, code: str
) -> None:
    ca = begin(owner, extra, at, name_constraints=PERMITTED)
    signed = outside.sign(services.request_pem(ca), extensions + IDENTIFIED)
    assert faults(lambda: services.complete_outside(owner.actor, ca, signed, at=at)) == {("chain.0", code)}
    assert (fresh(ca).state, fresh(ca).pending) == ("not_enabled", ca.pending)


def test_it_may_permit_less_than_was_asked_for(
    owner: Person, extra: PrivateCA, outside: OutsideRoot, at: datetime
) -> None:
    ca = begin(owner, extra, at, name_constraints=PERMITTED)
    narrow = f"nameConstraints=critical,{KEPT.format('eu.corp.test', '10.0.0.0/254.0.0.0')}\n"
    signed = outside.sign(services.request_pem(ca), CA + IDENTIFIED + narrow)
    services.complete_outside(owner.actor, ca, signed, at=at)
    assert issue(owner, ca, at, "db.eu.corp.test").state == "issued"
    assert faults(lambda: issue(owner, ca, at, "db.corp.test")) == {("names.dns.0", "not_permitted")}


def test_withdrawn_its_key_is_gone(owner: Person, waiting: PrivateCA, at: datetime) -> None:
    services.withdraw_outside(owner.actor, waiting, at=at)
    assert not StoredKey.objects.exists() and not Authority.objects.exists()
    assert begin(owner, waiting, at).pending is not None


def test_withdrawn_by_a_process_that_died(
    owner: Person, waiting: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hanaper.apps.authority.sweep import sweep as sweep_authorities  # noqa: PLC0415

    def power_cut(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as cut:
        cut.setattr("hanaper.apps.private_ca.services.outside.crashpoint", power_cut)
        with pytest.raises(RuntimeError):
            services.withdraw_outside(owner.actor, waiting, at=at)
    sweep_authorities(at, clock.system_now() + timedelta(hours=2))
    assert not StoredKey.objects.exists() and fresh(waiting).pending is None


@pytest.mark.parametrize("how", ["refunded", "expired"])
def test_a_request_that_nobody_waits_for(owner: Person, waiting: PrivateCA, at: datetime, how: str) -> None:
    when = waiting.term_ends_at if how == "expired" else at
    if how == "refunded":
        with transaction.atomic():
            end_refunded(waiting.order, at)
    for _ in range(2):
        sweep(when, clock.system_now())
    ca = fresh(waiting)
    assert (ca.state, ca.pending, ca.resetting) == (how, None, False)
    assert not StoredKey.objects.exists() and not Authority.objects.exists()


def enabled(owner: Person, waiting: PrivateCA, outside: OutsideRoot, at: datetime) -> PrivateCA:
    services.complete_outside(owner.actor, waiting, outside.sign(services.request_pem(waiting)), at=at)
    return fresh(waiting)


@pytest.mark.parametrize("new_key", [False, True])
def test_renewed_elsewhere(
    owner: Person, waiting: PrivateCA, outside: OutsideRoot, at: datetime, tmp_path: Path, new_key: bool
) -> None:
    ca, later = enabled(owner, waiting, outside, at), at + 30 * DAY
    old, first = ca.authority, issue(owner, ca, at)
    assert old is not None
    refused("signed_elsewhere", lambda: services.renew_ca(owner.actor, ca, services.Renewal(False), at=later))
    ca = services.renew_outside(owner.actor, ca, new_key=new_key, at=later)
    assert issue(owner, ca, later).state == "issued", "it goes on meanwhile"
    outside.ends += 365 * DAY
    services.complete_outside(owner.actor, fresh(ca), outside.sign(services.request_pem(fresh(ca))), at=later)
    now = fresh(ca)
    assert now.authority is not None and now.pending is None and now.authority.issuing
    assert (now.authority != old) is new_key and now.generations.count() == 1 + new_key
    second = issue(owner, now, later)
    for leaf in (first, second):
        way = [issued_der(leaf), *services.chains_above(leaf, later)[0]]
        assert openssl(way, later, tmp_path) == "OK"
    old.refresh_from_db()
    assert old.issuing is not new_key
    reset(owner, fresh(ca), later)
    assert not StoredKey.objects.exists()


@pytest.mark.parametrize("new_key", [False, True])
def test_a_renewal_withdrawn_or_reset(
    owner: Person, waiting: PrivateCA, outside: OutsideRoot, at: datetime, new_key: bool
) -> None:
    ca = enabled(owner, waiting, outside, at)
    services.renew_outside(owner.actor, ca, new_key=new_key, at=at)
    services.withdraw_outside(owner.actor, fresh(ca), at=at)
    assert StoredKey.objects.count() == 1 and issue(owner, ca, at).state == "issued"
    services.renew_outside(owner.actor, fresh(ca), new_key=new_key, at=at)
    reset(owner, fresh(ca), at)
    assert not StoredKey.objects.exists() and fresh(ca).pending is None
    assert begin(owner, fresh(ca), at).pending is not None, "and once more"


def test_revoking_it_is_up_to_whoever_signed_it(
    owner: Person, waiting: PrivateCA, outside: OutsideRoot, at: datetime
) -> None:
    ca = enabled(owner, waiting, outside, at)
    refused("revoked_elsewhere", lambda: services.prepare_revocation(owner.actor, ca))


def test_while_its_request_is_out_the_next_step_is_its_certificate(
    owner: Person, extra: PrivateCA, at: datetime
) -> None:
    ca = begin(owner, extra, at)
    with pytest.raises(Refusal) as met:
        issue(owner, ca, at)
    assert met.value.code == "not_enabled" and "`hanaper pca outside complete`" in met.value.next_steps[0]
