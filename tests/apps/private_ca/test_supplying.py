"""What a gateway has issued by a private CA of its account, and has anew in time."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper.apps.private_ca import services, supplying
from hanaper.apps.private_ca.models.cas import CaGeneration, PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Renewal, issuing
from hanaper.apps.private_ca.services.revoking import hold, revoke
from hanaper.apps.private_ca.serving import Served
from hanaper.apps.private_ca.templates import make_template
from hanaper.core.errors import NotFound, Refusal
from hanaper.core.gateway.supply import Asked, ShownBy, Stage
from hanaper.core.private_ca.requests import Request
from hanaper.core.x509.algorithms import KeyAlgorithm
from tests.apps.private_ca.conftest import enable, reset
from tests.apps.private_ca.test_revoking_cas import fresh
from tests.apps.private_ca.test_revoking_cas import revoke as revoke_all
from tests.people import Person

DOMAIN = "www.shop.test"
SUPPLY = supplying.Supply()


def asked(ca: PrivateCA, **given: Any) -> Asked:
    said = {
        "account_id": ca.account_id,
        "domain": DOMAIN,
        "source": ca.public_id,
        "shown_by": ShownBy.GATEWAY,
    }
    return Asked(**{**said, **given})


def obtain(ca: PrivateCA, at: datetime, **given: Any) -> PrivateCertificate:
    begun: list[str] = []
    SUPPLY.obtain(asked(ca, **given), begun.append, at)
    return PrivateCertificate.objects.get(public_id=begun[0])


def test_issued_at_once_and_renewed_in_time(working: PrivateCA, at: datetime) -> None:
    row = obtain(working, at)
    assert (row.state, row.names, row.template, row.key is not None) == (
        "issued",
        {"dns": [DOMAIN]},
        "server",
        True,
    )
    found = SUPPLY.standing(working.account_id, row.public_id, at)
    assert found is not None and (found.stage, found.source) == (Stage.ISSUED, working.public_id)
    assert found.renew_at is not None and at < found.renew_at < row.not_after
    assert found.renew_at >= row.not_after - timedelta(days=30) and found.tell_at is None
    again = obtain(working, found.renew_at, replaces=row.public_id)
    assert again.renews == row and again.not_after > row.not_after


def test_offers(owner: Person, working: PrivateCA, root: PrivateCA, at: datetime) -> None:
    (offer,) = SUPPLY.offers(working.account_id, at)
    assert (offer.source, offer.left) == (working.public_id, working.quota)
    services.set_issuing(owner.actor, working, False, at=at)
    assert SUPPLY.offers(working.account_id, at) == []
    for ca in (working, root):
        with pytest.raises(Refusal):
            SUPPLY.refuse_impossible(asked(ca), at)
        with pytest.raises(Refusal):
            obtain(ca, at)
    assert not PrivateCertificate.objects.exists()


def test_names_that_the_ca_may_not_certify(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at)
    ca = enable(owner, intermediate, at, name_constraints={"permitted": {"dns": ["inside.test"]}})
    with pytest.raises(Refusal):
        SUPPLY.refuse_impossible(asked(ca), at)
    SUPPLY.refuse_impossible(asked(ca, domain="www.inside.test"), at)


def template(owner: Person, at: datetime, **rules: Any) -> str:
    given = {"title": "Sites", "uses": ["serverAuth"], "dns": {"allowed": True}, **rules}
    return make_template(owner.actor, owner.account, name="sites", rules=given, at=at).name


def test_by_the_template_and_with_the_key_that_were_chosen(
    owner: Person, working: PrivateCA, at: datetime
) -> None:
    named = template(owner, at, days=10, keys=["rsa-2048", "ec-p384"], subject={"required": ["common_name"]})
    row = obtain(working, at, template=named)  # P-256 is not among its keys
    assert (row.template, row.key_algorithm, row.not_after) == (named, "ec-p384", at + timedelta(days=10))
    assert row.subject == {"common_name": DOMAIN}
    row = obtain(working, at, template=named, key_algorithm=KeyAlgorithm.RSA_2048)
    assert row.key_algorithm == "rsa-2048"
    found = SUPPLY.standing(working.account_id, row.public_id, at)
    assert found is not None and (found.template, found.key_algorithm) == (named, "rsa-2048")
    assert not SUPPLY.rekey(owner.actor, working.account_id, row.public_id, KeyAlgorithm.EC_P384, at)


@pytest.mark.parametrize(
    ("rules", "given", "field", "code"),
    [
        ({"uses": ["clientAuth"]}, {}, "template", "template_not_for_servers"),
        ({"dns": {"allowed": False}}, {}, "names.dns", "not_in_template"),
        (
            {"keys": ["rsa-2048"]},
            {"key_algorithm": KeyAlgorithm.EC_P256},
            "key_algorithm",
            "key_not_in_template",
        ),
        ({"keys": ["ed25519"]}, {}, "key_algorithm", "key_not_served"),
        ({}, {"key_algorithm": KeyAlgorithm.ML_DSA_65}, "key_algorithm", "key_not_served"),
        ({}, {"template": "nobody"}, "template", "template_not_found"),
    ],
)
def test_what_the_template_does_not_take(
    owner: Person, working: PrivateCA, at: datetime, rules: dict[str, Any], given: dict[str, Any], field: str, code: str
) -> None:  # fmt: skip
    named = template(owner, at, **rules)
    for refused_by in (
        lambda: SUPPLY.refuse_impossible(asked(working, **{"template": named, **given}), at),
        lambda: obtain(working, at, **{"template": named, **given}),
    ):
        with pytest.raises(Refusal) as refused:
            refused_by()
        faults = getattr(refused.value, "faults", ())
        found = (faults[0].field, faults[0].code) if faults else (refused.value.field, refused.value.code)
        assert found == (field, code)
    assert not PrivateCertificate.objects.exists()


def test_used_up(working: PrivateCA, at: datetime) -> None:
    PrivateCA.objects.filter(pk=working.pk).update(quota_used=working.quota)
    with pytest.raises(Refusal) as refused:
        SUPPLY.refuse_impossible(asked(working), at)
    assert refused.value.code == "quota_used_up"


def test_in_the_own_account_only(stranger: Person, working: PrivateCA, at: datetime) -> None:
    theirs = asked(working, account_id=stranger.account.pk)
    with pytest.raises(NotFound):
        SUPPLY.refuse_impossible(theirs, at)
    with pytest.raises(NotFound):
        SUPPLY.obtain(theirs, lambda _: None, at)
    assert SUPPLY.offers(stranger.account.pk, at) == [] and not PrivateCertificate.objects.exists()


@pytest.mark.parametrize(
    ("end", "stage"),
    [("revoke", Stage.TAKEN_BACK), ("hold", Stage.TAKEN_BACK), ("time", Stage.LOST), ("reset", Stage.LOST)],
)
def test_what_became_of_it(owner: Person, working: PrivateCA, at: datetime, end: str, stage: Stage) -> None:
    row = obtain(working, at)
    before = Served().key_pair(working.account_id, row.public_id, at)
    moment = at
    if end == "revoke":
        revoke(owner.actor, row, reason="superseded", at=at)
    elif end == "hold":
        hold(owner.actor, row, at=at)
    elif end == "reset":
        reset(owner, working, at)
    else:
        moment = row.not_after
    assert Served().key_pair(working.account_id, row.public_id, moment) is None
    last = Served().last_key_pair(working.account_id, row.public_id)  # for nodes that come later
    assert before and last == (None if end == "reset" else before)
    revoked_at = Served().revoked_at(working.account_id, row.public_id)
    assert revoked_at == (None if end == "time" else at)
    found = SUPPLY.standing(working.account_id, row.public_id, moment)
    assert found is not None and found.stage is stage and found.message
    SUPPLY.give_up(working.account_id, row.public_id, moment)


def test_only_what_is_for_servers_is_served(owner: Person, working: PrivateCA, at: datetime) -> None:
    """One that lasts longer takes the place of what ends soon: browsers would refuse this one."""
    row = obtain(working, at)
    named = template(owner, at, uses=["clientAuth"], days=300)
    issuing.issue(owner.actor, working, Request(named, names={"dns": [DOMAIN]}), at=at)
    found = Served().candidates(working.account_id, DOMAIN, at)
    assert [one.id for one in found] == [row.public_id]


def test_below_a_ca_that_is_revoked(owner: Person, working: PrivateCA, at: datetime) -> None:
    row, account = obtain(working, at), working.account_id
    before = Served().key_pair(account, row.public_id, at)
    assert [one.id for one in Served().candidates(account, DOMAIN, at)] == [row.public_id]
    revoke_all(owner, working, at)
    assert Served().key_pair(account, row.public_id, at) is None
    assert Served().candidates(account, DOMAIN, at) == []
    assert Served().ends_at(account, row.public_id, at) is None
    assert (Served().revoked_at(account, row.public_id), before) == (
        at,
        Served().last_key_pair(account, row.public_id),
    )
    found = SUPPLY.standing(account, row.public_id, at)
    assert found is not None and (found.stage, found.code) == (Stage.LOST, "ca_revoked")
    with pytest.raises(Refusal, match="revoked"):
        obtain(fresh(working), at)
    services.renew_ca(owner.actor, fresh(working), Renewal(True), at=at)
    again = obtain(fresh(working), at)
    assert Served().key_pair(account, again.public_id, at) is not None


def test_below_a_parent_that_is_revoked(owner: Person, working: PrivateCA, at: datetime) -> None:
    """A root revokes nobody's certificate of its own, but its key may be known to be lost."""
    row = obtain(working, at)
    above = CaGeneration.objects.exclude(ca=working)
    assert Served().revoked_at(working.account_id, row.public_id) is None
    above.update(revoked_at=at)
    assert Served().revoked_at(working.account_id, row.public_id) == at
    assert Served().key_pair(working.account_id, row.public_id, at) is None


def test_one_that_was_begun_is_signed(working: PrivateCA, at: datetime, monkeypatch: Any) -> None:
    monkeypatch.setattr(issuing, "finish", lambda certificate: certificate)
    row = obtain(working, at)
    monkeypatch.undo()
    found = SUPPLY.standing(working.account_id, row.public_id, at)
    assert found is not None and found.stage is Stage.BEGUN
    SUPPLY.go_on(working.account_id, row.public_id, at)
    row.refresh_from_db()
    assert row.state == "issued"
