"""Certificates of a key that somebody else may have: those of the account are named, and revoked with the first."""

from datetime import datetime
from importlib import import_module
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from django.apps import apps

from hanaper import clock
from hanaper.apps.authority.models import Issuance
from hanaper.apps.authority.services import crl_file
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.vocabulary import OrderState
from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Request, issuing
from hanaper.core.x509.reasons import RevocationReason
from tests.apps.orders.test_order_races import at_once
from tests.apps.private_ca.certificates import DAY, issue, refused
from tests.apps.private_ca.conftest import enable
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db
COMPROMISED = RevocationReason.KEY_COMPROMISE
KEY = ec.generate_private_key(ec.SECP256R1())


def of_key(name: str, days: int | None = None, key: ec.EllipticCurvePrivateKey = KEY) -> Request:
    names = x509.SubjectAlternativeName([x509.DNSName(name)])
    request = x509.CertificateSigningRequestBuilder(x509.Name([])).add_extension(names, critical=False)
    csr = request.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()
    return Request("server", csr=csr, days=days)


def another(person: Person, at: datetime) -> PrivateCA:
    order = buy(person, "private-root-ca", at=at)
    for kind in ("root", "intermediate"):
        made = enable(person, PrivateCA.objects.get(order=order, kind=kind), at)
    return made


def state(certificate: PrivateCertificate) -> str:
    certificate.refresh_from_db()
    return certificate.state


@pytest.fixture
def scene(owner: Person, stranger: Person, working: PrivateCA, at: datetime) -> list[PrivateCertificate]:
    """Of one key: two below one CA, one of them on hold, one below another; and what is not to be named."""
    elsewhere = another(owner, at)
    first, held = (issue(owner, working, at, of_key(name)) for name in ("a.example", "b.example"))
    services.hold(owner.actor, held, at=at)
    third = issue(owner, elsewhere, at, of_key("c.example"))
    gone = issue(owner, working, at, of_key("d.example"))
    services.revoke(owner.actor, gone, RevocationReason.SUPERSEDED, at=at)
    issue(owner, working, at)
    theirs = issue(stranger, another(stranger, at), at, of_key("e.example"))
    return [first, held, third, gone, theirs]


def test_only_those_of_the_account_that_are_good_are_named(
    owner: Person, working: PrivateCA, scene: list[PrivateCertificate], at: datetime
) -> None:
    first, held, third, _, theirs = scene
    brief = issue(owner, working, at, of_key("brief.example", days=1))
    later = at + 2 * DAY
    assert queries.with_same_key(first, at=at) == [held, third, brief]
    assert queries.with_same_key(first, at=later) == [held, third]
    assert queries.with_same_key(theirs, at=at) == []
    revoked = services.revoke_with_key(owner.actor, first, COMPROMISED, at=later)
    assert revoked.same_key == [held, third] and not revoked.problems
    assert [state(one) for one in scene] == ["revoked", "held", "issued", "revoked", "issued"]
    other = services.revoke_with_key(owner.actor, third, RevocationReason.SUPERSEDED, at=later)
    assert other.same_key == []


def test_they_are_revoked_with_it(owner: Person, scene: list[PrivateCertificate], at: datetime) -> None:
    first, held, third, gone, theirs = scene
    revoked = services.revoke_with_key(owner.actor, first, COMPROMISED, same_key=True, at=at)
    assert [(one.pk, one.state, one.reason) for one in revoked.same_key] == [
        (held.pk, "revoked", "keyCompromise"),
        (third.pk, "revoked", "keyCompromise"),
    ]
    for one in (first, held, third):
        authority = PrivateCA.objects.select_related("authority").get(pk=one.ca_id).authority
        assert authority is not None
        listed = x509.load_der_x509_crl(crl_file(authority).read_bytes())
        assert listed.get_revoked_certificate_by_serial_number(int(one.serial, 16)) is not None
    assert (state(theirs), state(gone), gone.reason) == ("issued", "revoked", "superseded")


def test_one_that_cannot_be_revoked_keeps_the_others_from_nothing(
    owner: Person, scene: list[PrivateCertificate], at: datetime
) -> None:
    """D11"""
    first, held, third, *_ = scene
    Order.objects.filter(private_cas=third.ca).update(state=OrderState.REFUND_IN_PROGRESS)
    revoked = services.revoke_with_key(owner.actor, first, COMPROMISED, same_key=True, at=at)
    assert set(revoked.problems) == {third.public_id}
    assert [state(one) for one in (first, held, third)] == ["revoked", "revoked", "issued"]


def test_for_another_reason_no_other_goes_with_it(
    owner: Person, scene: list[PrivateCertificate], at: datetime
) -> None:
    refused(
        "not_compromised",
        lambda: services.revoke_with_key(
            owner.actor, scene[0], RevocationReason.SUPERSEDED, same_key=True, at=at
        ),
    )
    assert state(scene[0]) == "issued"


def test_what_was_issued_before_keys_were_known_is_filled_in(
    owner: Person, working: PrivateCA, scene: list[PrivateCertificate], at: datetime
) -> None:
    made_here = issue(owner, working, at)
    known = dict(PrivateCertificate.objects.values_list("pk", "key_fingerprint"))
    assert known[made_here.pk] not in ("", known[scene[0].pk])
    PrivateCertificate.objects.update(key_fingerprint="")
    import_module("hanaper.apps.private_ca.migrations.0019_fill_certified_keys").fill(apps, None)
    after = dict(PrivateCertificate.objects.values_list("pk", "key_fingerprint"))
    good = PrivateCertificate.objects.filter(state__in=["issued", "held"]).values_list("pk", flat=True)
    assert after == {pk: key if pk in good else "" for pk, key in known.items()}


def test_what_was_revoked_turns_out_to_be_compromised(
    owner: Person, working: PrivateCA, scene: list[PrivateCertificate], at: datetime
) -> None:
    """Since when it is revoked stays; the lists say the other reason, and the key is known."""
    first, held, third, gone, _ = scene
    later = at + DAY
    ca = PrivateCA.objects.filter(pk=working.pk)
    ca.update(state="not_enabled", reset_at=at, resetting=True)
    refused("not_in_this_state", lambda: services.revoke(owner.actor, gone, COMPROMISED, at=later))
    ca.update(state="enabled", reset_at=None, resetting=False)
    revoked = services.revoke_with_key(owner.actor, gone, COMPROMISED, at=later)
    assert revoked.same_key == [first, held, third]
    assert (state(gone), gone.reason, gone.revoked_at) == ("revoked", "keyCompromise", at)
    authority = PrivateCA.objects.select_related("authority").get(pk=working.pk).authority
    assert authority is not None
    listed = x509.load_der_x509_crl(crl_file(authority).read_bytes())
    entry = listed.get_revoked_certificate_by_serial_number(int(gone.serial, 16))
    assert entry is not None
    said = entry.extensions.get_extension_for_class(x509.CRLReason).value.reason
    assert said is x509.ReasonFlags.key_compromise and entry.revocation_date_utc == at.replace(microsecond=0)
    refused("csr_key_compromised", lambda: issue(owner, working, later, of_key("f.example")))
    for reason in (COMPROMISED, RevocationReason.SUPERSEDED):
        refused("not_in_this_state", lambda why=reason: services.revoke(owner.actor, gone, why, at=later))


@pytest.mark.parametrize(
    ("before", "expected"),
    [("draft_issuance", None), ("sign", "failed"), ("lock_key", None), ("_issued", "issued")],
)
def test_reported_while_another_of_the_key_is_being_issued(
    owner: Person,
    working: PrivateCA,
    at: datetime,
    monkeypatch: pytest.MonkeyPatch,
    before: str,
    expected: str | None,
) -> None:
    """Nothing of the key comes to be after it was reported, and the quota is there again."""
    first = issue(owner, working, at, of_key("a.example"))
    step = getattr(issuing, before)
    met: list[services.Revoked] = []

    def in_between(*args: Any, **more: Any) -> Any:
        if before == "_issued":  # it is written down, and whoever reports the key waits for that
            done = step(*args, **more)
        monkeypatch.setattr(issuing, before, step)
        met.append(services.revoke_with_key(owner.actor, first, COMPROMISED, same_key=True, at=at))
        return done if before == "_issued" else step(*args, **more)

    monkeypatch.setattr(issuing, before, in_between)
    if expected == "issued":
        second = issue(owner, working, at, of_key("b.example"))
        assert met[0].same_key == [second] and state(second) == "revoked"
        return
    refused("csr_key_compromised", lambda: issue(owner, working, at, of_key("b.example")))
    left = PrivateCertificate.objects.exclude(pk=first.pk)
    assert [one.state for one in left] == ([] if expected is None else [expected])
    for one in left:
        assert Issuance.objects.get(reference=one.public_id).reason == "keyCompromise"
    assert PrivateCA.objects.get(pk=working.pk).quota_used == 1


def test_reported_while_a_row_of_a_table_is_being_issued(
    owner: Person, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, sign = issue(owner, working, at, of_key("a.example")), issuing.sign

    def in_between(*args: Any, **more: Any) -> Any:
        monkeypatch.setattr(issuing, "sign", sign)
        services.revoke(owner.actor, first, COMPROMISED, at=at)
        return sign(*args, **more)

    monkeypatch.setattr(issuing, "sign", in_between)
    csr = of_key("b.example").csr or ""
    body = "".join(csr.strip().splitlines()[1:-1])
    table = f"template,dns,csr\nserver,b.example,{body}\nserver,c.example,\n"
    batch = services.start_batch(owner.actor, working, table, at=at)
    services.pursue_batch(batch.pk, at, clock.system_now())
    batch.refresh_from_db()
    assert (batch.state, batch.begun, batch.failed) == ("done", 1, 1)
    failed, made = batch.rows.order_by("number")
    assert (failed.code, made.code) == ("csr_key_compromised", "")
    assert "reported as compromised" in failed.message and "interrupted" not in failed.message


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_issued_and_reported_at_once(owner: Person, working: PrivateCA, at: datetime) -> None:
    for turn in range(3):
        key = ec.generate_private_key(ec.SECP256R1())
        first = issue(owner, working, at, of_key("a.example", key=key))
        said = at_once(
            lambda first=first: services.revoke_with_key(
                owner.actor, first, COMPROMISED, same_key=True, at=at
            ),
            *[lambda key=key: issue(owner, working, at, of_key("b.example", key=key))] * 5,
        )
        assert said[0] == "done" and set(said) <= {"done", "csr_key_compromised"}, said
        good = PrivateCertificate.objects.filter(
            key_fingerprint=first.key_fingerprint, state__in=["issued", "issuing"]
        )
        assert not good.exists(), (turn, said)
    assert (
        PrivateCA.objects.get(pk=working.pk).quota_used
        == PrivateCertificate.objects.exclude(state="failed").count()
    )
