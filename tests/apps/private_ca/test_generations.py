"""CAs renewed with the same key and with a new one, linked, cross-signed, reset with every key they had."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.db.models import Q

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.chains import chain_of, chains_of
from hanaper.apps.authority.models import Authority, CaCertificate, StoredKey, Tombstone
from hanaper.apps.authority.services import certificate_file, publish_crl
from hanaper.apps.events.models import Event
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import CaGeneration, PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Part, Renewal, Request
from hanaper.apps.private_ca.services.downloading import issued_der
from hanaper.apps.private_ca.sweep import sweep
from hanaper.core.errors import Forbidden, InvalidInput
from hanaper.core.x509.algorithms import KeyAlgorithm
from tests.apps.private_ca.certificates import refused
from tests.apps.private_ca.conftest import enable, reset
from tests.apps.private_ca.generations import DAY, NEW, SAME, authority_of, certificate, fresh
from tests.apps.private_ca.peers import crls, findings, openssl
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db
YEAR = timedelta(days=365)


def issue(person: Person, ca: PrivateCA, at: datetime) -> PrivateCertificate:
    request = Request("server", names={"dns": ["db.corp.example"]})
    return services.issue(person.actor, fresh(ca), request, at=at)


def ways(leaf: PrivateCertificate, at: datetime) -> list[list[bytes]]:
    return [[issued_der(leaf), *way] for way in services.chains_above(leaf, at)]


def accepted(way: list[bytes], at: datetime, folder: Path, *authorities: Authority) -> None:
    lists = crls(*authorities) if authorities else ""
    assert openssl(way, at, folder, lists=lists) == "OK"
    assert [findings(der) for der in way] == [set()] * len(way)


@pytest.fixture
def another(owner: Person, catalogue: None, published: Path, at: datetime) -> PrivateCA:
    """A second root of the account, enabled."""
    root = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
    return enable(owner, root, at, subject_name="Another root")


def test_with_the_same_key(owner: Person, working: PrivateCA, at: datetime, tmp_path: Path) -> None:
    before, leaf = authority_of(working), issue(owner, working, at)
    later = at + 30 * DAY
    services.renew_ca(owner.actor, fresh(working), Renewal(new_key=False, years=7), at=later)
    after = authority_of(working)
    assert after == before and after.not_after == later + 7 * YEAR
    assert certificate(after).public_key() == certificate(before).public_key()
    assert certificate(after).serial_number != certificate(before).serial_number
    assert certificate_file(after).read_bytes() == bytes(after.certificate or b"")
    assert after.certificates.filter(kind="own").count() == 2 and CaGeneration.objects.count() == 2
    for one in (leaf, issue(owner, working, later)):
        (way,) = ways(one, later)
        root = authority_of(fresh(working).parent)  # type: ignore[arg-type]
        publish_crl(root, at=later)
        publish_crl(after, at=later)
        accepted(way, later, tmp_path, after, root)
    assert Event.objects.filter(kind="private_ca.renewed").count() == 1
    assert AuditEntry.objects.filter(action="private_ca.renewed").count() == 1


def test_a_root_with_the_same_key(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    leaf = issue(owner, working, at)
    services.renew_ca(owner.actor, fresh(root), SAME, at=at + DAY)
    (way,) = ways(leaf, at + DAY)
    assert way[-1] == bytes(authority_of(root).certificate or b"")
    accepted(way, at + DAY, tmp_path, authority_of(working), authority_of(root))


def test_an_intermediate_with_a_new_key(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    """The old key goes on publishing; old certificates keep their chain, new ones have the new."""
    old, first = authority_of(working), issue(owner, working, at)
    wanted = Renewal(new_key=True, algorithm=KeyAlgorithm.RSA_3072)
    services.renew_ca(owner.actor, fresh(working), wanted, at=at + DAY)
    new, second = authority_of(working), issue(owner, working, at + DAY)
    old.refresh_from_db()
    assert new != old and new.algorithm == "rsa-3072" and new.issuing and not old.issuing
    assert certificate(new).subject == certificate(old).subject
    top = authority_of(root)
    for leaf, signer in ((first, old), (second, new)):
        (way,) = ways(leaf, at + DAY)
        assert way[1] == bytes(signer.certificate or b"")
        accepted(way, at + DAY, tmp_path, signer, top)
    services.revoke(owner.actor, first, services.REASONS[1], at=at + DAY)
    (way,) = ways(first, at + DAY)
    assert "certificate revoked" in openssl(way, at + DAY, tmp_path, lists=crls(old, top))
    assert services.download(first, Part.FULL_CHAIN) != services.download(second, Part.FULL_CHAIN)


def test_a_root_with_a_new_key_is_linked_both_ways(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    old, first, later = authority_of(root), issue(owner, working, at), at + DAY
    services.renew_ca(owner.actor, fresh(root), NEW, at=later)
    new = authority_of(root)
    below = authority_of(working)
    links = CaCertificate.objects.filter(kind="link")
    assert {(one.authority_id, one.issuer_id) for one in links} == {(old.pk, new.pk), (new.pk, old.pk)}
    own, over_the_link = ways(first, later)
    assert own[-1] == bytes(old.certificate or b"") and over_the_link[-1] == bytes(new.certificate or b"")
    for authority in (old, new, below):
        publish_crl(authority, at=later)
    accepted(own, later, tmp_path, below, old)
    accepted(over_the_link, later, tmp_path, below, old, new)
    services.renew_ca(owner.actor, fresh(working), NEW, at=later)
    second = issue(owner, working, later)
    own, over_the_link = ways(second, later)
    assert own[-1] == bytes(new.certificate or b"") and over_the_link[-1] == bytes(old.certificate or b"")
    accepted(own, later, tmp_path, authority_of(working), new)
    accepted(over_the_link, later, tmp_path, authority_of(working), new, old)
    sweep(later, clock.system_now())
    old.refresh_from_db()
    assert not old.issuing and old.ended_at is None, "its list goes on"


def test_a_key_goes_when_nothing_it_issued_is_valid(owner: Person, working: PrivateCA, at: datetime) -> None:
    old, leaf = authority_of(working), issue(owner, working, at)
    services.renew_ca(owner.actor, fresh(working), NEW, at=at + DAY)
    sweep(leaf.not_after - DAY, clock.system_now())
    old.refresh_from_db()
    assert old.ended_at is None
    sweep(leaf.not_after, clock.system_now())
    old.refresh_from_db()
    assert old.ended_at == leaf.not_after and not StoredKey.objects.filter(public_id=old.key_id).exists()
    assert old.key_id == "" and authority_of(working).ended_at is None
    assert sweep(leaf.not_after, clock.system_now()) == 0


def test_a_key_with_deltas_goes_after_the_end_of_its_certificate(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at)
    enable(owner, intermediate, at, delta=True, years=1)
    old = authority_of(intermediate)
    services.renew_ca(owner.actor, fresh(intermediate), NEW, at=at + DAY)
    late = old.not_after + DAY
    sweep(late, clock.system_now())
    old.refresh_from_db()
    assert old.ended_at == late


@pytest.mark.parametrize("wanted", [SAME, NEW])
def test_who_may_not_and_when_not(
    owner: Person, reader: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime, wanted: Renewal
) -> None:
    refused("not_enabled", lambda: services.renew_ca(owner.actor, root, wanted, at=at))
    enable(owner, root, at, years=2)
    enable(owner, intermediate, at)
    with pytest.raises(Forbidden):
        services.renew_ca(reader.actor, fresh(root), wanted, at=at)
    longer = Renewal(wanted.new_key, years=3)
    refused("outlives_parent", lambda: services.renew_ca(owner.actor, fresh(intermediate), longer, at=at))
    refused(
        "out_of_range",
        lambda: services.renew_ca(owner.actor, fresh(root), Renewal(wanted.new_key, years=26), at=at),
    )
    services.set_issuing(owner.actor, fresh(root), False, at=at)
    refused("not_issuing", lambda: services.renew_ca(owner.actor, fresh(intermediate), wanted, at=at))
    assert CaGeneration.objects.count() == 2 and CaCertificate.objects.count() == 2


def test_another_kind_of_key_is_a_new_key(owner: Person, working: PrivateCA, at: datetime) -> None:
    wanted = Renewal(new_key=False, algorithm=KeyAlgorithm.ED25519)
    refused("same_key", lambda: services.renew_ca(owner.actor, fresh(working), wanted, at=at))


def test_cross_signed_by_another_root(
    owner: Person, root: PrivateCA, working: PrivateCA, another: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    leaf = issue(owner, working, at)
    services.cross_sign(owner.actor, fresh(root), another, at=at)
    services.cross_sign(owner.actor, fresh(working), another, at=at)
    found = ways(leaf, at)
    other = authority_of(another)
    assert [len(way) for way in found] == [3, 4, 3]
    assert [way[-1] == bytes(other.certificate or b"") for way in found] == [False, True, True]
    publish_crl(other, at=at)
    for way in found:
        accepted(way, at, tmp_path, authority_of(working), authority_of(root), other)
    full = services.download(leaf, Part.FULL_CHAIN, chain=2, at=at)
    assert full.count("BEGIN CERTIFICATE") == 2 and full != services.download(leaf, Part.FULL_CHAIN)
    refused("no_such_chain", lambda: services.download(leaf, Part.LEAF, chain=3, at=at))


def test_what_is_not_cross_signed(
    owner: Person, stranger: Person, root: PrivateCA, working: PrivateCA, another: PrivateCA, at: datetime
) -> None:
    theirs = PrivateCA.objects.get(order=buy(stranger, "private-root-ca", at=at), kind="root")
    enable(stranger, theirs, at)
    narrow = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
    enable(owner, narrow, at, subject_name="Narrow root", path_length=1)
    twin = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
    enable(owner, twin, at)
    top, below = fresh(root), fresh(working)
    before = CaCertificate.objects.count()
    for code, ca, by in (
        ("not_a_root", top, theirs),
        ("not_a_root", top, below),
        ("own_root", below, top),
        ("own_root", top, top),
        ("path_too_long", top, narrow),
        ("lint_failed", top, twin),
    ):
        refused(code, lambda ca=ca, by=by: services.cross_sign(owner.actor, ca, by, at=at))
    assert CaCertificate.objects.count() == before
    services.cross_sign(owner.actor, below, fresh(narrow), at=at)
    refused("crossed_already", lambda: services.cross_sign(owner.actor, below, fresh(narrow), at=at))


def test_a_reset_takes_every_key_and_leaves_a_last_list_of_each(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime
) -> None:
    issue(owner, working, at)
    services.renew_ca(owner.actor, fresh(working), NEW, at=at + DAY)
    issue(owner, working, at + DAY)
    services.renew_ca(owner.actor, fresh(root), NEW, at=at + DAY)
    refused("intermediates_enabled", lambda: reset(owner, fresh(root), at + DAY))
    mine = list(Authority.objects.filter(generation__ca=working))
    reset(owner, fresh(working), at + 2 * DAY)
    for authority in mine:
        authority.refresh_from_db()
        assert authority.ended_at == at + 2 * DAY and authority.key_id == ""
        assert Tombstone.objects.filter(authority=authority).count() == 1
        assert authority.certificates.filter(revoked_at=None).count() == 0
    reset(owner, fresh(root), at + 2 * DAY)
    assert not StoredKey.objects.exists() and not CaGeneration.objects.exists()
    assert not CaCertificate.objects.filter(Q(revoked_at=None), ~Q(kind="own")).exists()
    assert enable(owner, fresh(root), at + 3 * DAY).generations.count() == 1


def test_ways_end_and_never_go_round(
    owner: Person, another: PrivateCA, root: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at)
    services.cross_sign(owner.actor, fresh(root), another, at=at)
    services.cross_sign(owner.actor, fresh(another), fresh(root), at=at)
    for ca in (root, another):
        found = chains_of(authority_of(ca), at)
        assert found[0] == chain_of(authority_of(ca)) and [len(way) for way in found] == [1, 2]


def test_renewed_meanwhile_by_somebody_else(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hanaper.apps.private_ca.services import renewing  # noqa: PLC0415

    real = renewing.draft_authority

    def slow(*given: Any, **named: Any) -> Any:
        drafted = real(*given, **named)
        monkeypatch.setattr(renewing, "draft_authority", real)
        services.renew_ca(owner.actor, fresh(working), NEW, at=at)
        return drafted

    monkeypatch.setattr(renewing, "draft_authority", slow)
    refused("ca_changed", lambda: services.renew_ca(owner.actor, fresh(working), NEW, at=at))
    assert working.generations.count() == 2


def test_the_path_length_that_was_chosen(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    for choices, code in (({"path_length": 0}, "path_too_short"), ({"path_length": 6}, "invalid_input")):
        with pytest.raises(InvalidInput) as met:
            enable(owner, root, at, **choices)
        assert met.value.code == code
    enable(owner, root, at, path_length=2)
    refused("path_too_long", lambda: enable(owner, intermediate, at, path_length=2))
    enable(owner, intermediate, at, path_length=1)
    lengths = [
        certificate(authority_of(ca))
        .extensions.get_extension_for_class(x509.BasicConstraints)
        .value.path_length
        for ca in (root, intermediate)
    ]
    assert lengths == [2, 1]
