"""What changes on lists: deltas, long lists, publishers that meet, and files that are lost."""

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hanaper import clock
from hanaper.apps.authority.models import Authority, RevocationList
from hanaper.apps.authority.services import (
    crl_file,
    end_authority,
    publish_crl,
    publish_soon,
    publishing,
    release,
    revoke,
)
from hanaper.apps.authority.sweep import sweep
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.findings import Rulebook, errors
from hanaper.core.x509.full_linting import lint_crl_fully
from tests.apps.authority.test_private_authorities import issued, made
from tests.fixtures_authority import crl_number, listed
from tests.fixtures_ocsp import *  # noqa: F403 - its fixtures

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("published", "no_full_lint")]
HOLD, GONE = RevocationReason.CERTIFICATE_HOLD, RevocationReason.SUPERSEDED
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DELTA = x509.DeltaCRLIndicator.oid
List = x509.CertificateRevocationList


def crl(authority: Authority, shard: int | None = None, *, delta: bool = False) -> List:
    return x509.load_der_x509_crl(crl_file(authority, shard, delta=delta).read_bytes())


def base_of(delta: List) -> int:
    found = delta.extensions.get_extension_for_class(x509.DeltaCRLIndicator)
    assert found.critical
    return found.value.crl_number


def reasons(delta: List) -> dict[int, str]:
    return {
        one.serial_number: one.extensions.get_extension_for_class(x509.CRLReason).value.reason.name
        for one in delta
    }


@pytest.fixture
def with_delta(at: datetime) -> Authority:
    return made(at, delta=True)


def test_certificates_and_complete_lists_name_the_delta(with_delta: Authority, at: datetime) -> None:
    certificate = x509.load_der_x509_certificate(bytes(issued(with_delta, at).certificate or b""))
    for one in (certificate, crl(with_delta)):
        (point,) = one.extensions.get_extension_for_class(x509.FreshestCRL).value
        assert point.full_name[0].value.endswith(f"/crl/{with_delta.public_id}-delta.crl")
    with pytest.raises(x509.ExtensionNotFound):
        crl(with_delta, delta=True).extensions.get_extension_for_class(x509.FreshestCRL)


def test_a_delta_tells_what_changed_since_the_list_of_the_day_before(
    with_delta: Authority, at: datetime
) -> None:
    first = crl_number(crl(with_delta))
    assert (base_of(crl(with_delta, delta=True)), len(list(crl(with_delta, delta=True)))) == (first, 0)
    held, gone, kept = (issued(with_delta, at, key=f"key-{n}") for n in range(3))
    revoke(held, HOLD, at=at + HOUR)
    revoke(kept, HOLD, at=at + HOUR)
    publish_soon(with_delta, at=at + HOUR)
    revoke(gone, GONE, at=at + 2 * HOUR)
    release(held, at=at + 2 * HOUR)
    publish_soon(with_delta, at=at + 2 * HOUR)
    delta = crl(with_delta, delta=True)
    assert base_of(delta) == first
    assert crl_number(delta) == crl_number(crl(with_delta)), "made at once, they have one number"
    assert reasons(delta) == {
        int(held.serial, 16): "remove_from_crl",
        int(gone.serial, 16): "superseded",
        int(kept.serial, 16): "certificate_hold",
    }
    assert listed(crl(with_delta)) == {int(gone.serial, 16), int(kept.serial, 16)}
    later = at + DAY + 3 * HOUR
    sweep(later, clock.system_now())
    revoke(held, GONE, at=later + HOUR)
    publish_soon(with_delta, at=later + HOUR)
    delta = crl(with_delta, delta=True)
    assert base_of(delta) > first and int(held.serial, 16) in reasons(delta)


def test_deltas_of_shards(at: datetime) -> None:
    authority = made(at, delta=True, shards=2)
    gone = issued(authority, at)
    revoke(gone, GONE, at=at + HOUR)
    publish_soon(authority, at=at + HOUR)
    shard = int(gone.serial, 16) % 2
    assert list(reasons(crl(authority, shard, delta=True))) == [int(gone.serial, 16)]
    assert not list(crl(authority, 1 - shard, delta=True))
    points = [
        one.extensions.get_extension_for_class(x509.IssuingDistributionPoint)
        for one in (crl(authority, shard), crl(authority, shard, delta=True))
    ]
    assert points[0] == points[1] and points[0].critical, "a delta has the scope of its base"
    for one in (crl(authority), crl(authority, delta=True)):
        assert not [each for each in one.extensions if each.critical and each.oid != DELTA], "of everything"


@pytest.mark.parametrize("choices", [{}, {"delta": True}, {"shards": 3}, {"delta": True, "shards": 2}])
def test_pkilint_finds_no_error(at: datetime, choices: dict[str, object]) -> None:
    authority = made(at, **choices)
    for turn in range(3):
        revoke(issued(authority, at, key=f"key-{turn}"), (HOLD, GONE, HOLD)[turn], at=at)
    publish_crl(authority, at=at + HOUR)
    rows = RevocationList.objects.filter(newest=True)
    assert rows.count() == 1 + len(authority.scopes) * (2 if authority.delta else 1)
    for row in rows:
        assert errors(lint_crl_fully(bytes(row.der), Rulebook.PRIVATE)) == []


def test_a_long_list_is_left_to_the_sweep_and_its_delta_is_not(
    with_delta: Authority, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publishing, "LARGE", 1)
    revoke(issued(with_delta, at, key="key-0"), GONE, at=at)
    publish_soon(with_delta, at=at)
    number = crl_number(crl(with_delta))
    issuance = issued(with_delta, at)
    serial = int(issuance.serial, 16)
    revoke(issuance, GONE, at=at + HOUR)
    publish_soon(with_delta, at=at + HOUR)
    assert crl_number(crl(with_delta)) == number and serial in listed(crl(with_delta, delta=True))
    sweep(at + HOUR, clock.system_now())
    assert serial in listed(crl(with_delta)), "it had rested for longer than a minute"
    another = issued(with_delta, at, key="key-2")
    revoke(another, GONE, at=at + HOUR)
    for seconds, there in ((0, False), (59, False), (60, True)):
        sweep(at + HOUR + timedelta(seconds=seconds), clock.system_now())
        assert (int(another.serial, 16) in listed(crl(with_delta))) is there


def test_who_comes_second_adds_to_what_the_first_has_published(
    with_delta: Authority, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = issued(with_delta, at), issued(with_delta, at, key="key-2")
    revoke(one, GONE, at=at)
    real, met = publishing._signed, []

    def slow(*given: object) -> object:
        if not met:
            met.append(True)
            signed = real(*given)  # type: ignore[arg-type]
            revoke(two, GONE, at=at)
            publish_soon(with_delta, at=at)
            return signed
        return real(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(publishing, "_signed", slow)
    publish_soon(with_delta, at=at)
    assert listed(crl(with_delta)) == {int(one.serial, 16), int(two.serial, 16)}
    numbers = RevocationList.objects.filter(authority=with_delta, base=None).values_list("number", flat=True)
    assert sorted(numbers) == [1, 2, 3]


def test_what_is_revoked_while_a_list_is_made_is_due_at_once(
    with_delta: Authority, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    issuance, real = issued(with_delta, at), publishing._signed

    def meanwhile(*given: object) -> object:
        signed = real(*given)  # type: ignore[arg-type]
        revoke(issuance, GONE, at=at)
        return signed

    with monkeypatch.context() as while_it_is_made:
        while_it_is_made.setattr(publishing, "_signed", meanwhile)
        publish_crl(with_delta, at=at)
    assert not list(crl(with_delta))
    sweep(at, clock.system_now())
    assert listed(crl(with_delta)) == {int(issuance.serial, 16)}
    assert listed(crl(with_delta, delta=True)) == {int(issuance.serial, 16)}


def test_a_list_for_a_day_is_replaced_before_it_ends(at: datetime) -> None:
    authority = made(at, list_days=1)
    sweep(at + 12 * HOUR, clock.system_now())
    assert crl(authority).last_update_utc == at + 12 * HOUR


def test_older_lists_keep_their_number_and_not_their_bytes(with_delta: Authority, at: datetime) -> None:
    for turn in range(3):
        publish_crl(with_delta, at=at + turn * HOUR)
    rows = RevocationList.objects.filter(authority=with_delta, base=None)
    assert [(row.newest, len(row.der) > 0) for row in rows.order_by("number")] == [(False, False)] * 3 + [
        (True, True)
    ]


def test_the_last_lists_of_an_ended_authority_are_written_again(with_delta: Authority, at: datetime) -> None:
    revoke(issued(with_delta, at), GONE, at=at)
    end_authority(with_delta, at=at + HOUR)
    whole = {delta: crl(with_delta, delta=delta).public_bytes(Encoding.DER) for delta in (False, True)}
    assert crl(with_delta, delta=True).next_update_utc == with_delta.not_after
    for delta, content in whole.items():
        path = crl_file(with_delta, delta=delta)
        path.unlink()
        assert sweep(at + DAY, clock.system_now()) >= 1
        assert path.read_bytes() == content
        path.write_bytes(b"\0" * len(content))
        sweep(at + DAY, clock.system_now())
        assert path.read_bytes() == content


def test_publishing_asks_as_often_for_many_revocations_as_for_few(
    at: datetime, django_assert_max_num_queries: object
) -> None:
    authority = made(at, shards=16)
    for turn in range(4):
        revoke(issued(authority, at, key=f"key-{turn}"), GONE, at=at)
        with django_assert_max_num_queries(30):  # type: ignore[operator]
            publish_soon(authority, at=at)
