"""Ceremonies: proposed by one, approved by another, carried out once, and told in a transcript."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import StoredKey
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from hanaper.apps.private_ca.services import ceremonies
from hanaper.apps.private_ca.services.deeds import (
    completing,
    crossing,
    renewing,
    requesting,
    requesting_again,
)
from hanaper.apps.private_ca.services.renewing import Renewal
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.apps.private_ca.states import Operation
from hanaper.apps.private_ca.transcripts import is_sound, text_of
from hanaper.core.actor import AccountRole
from hanaper.core.errors import Forbidden
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject
from tests.apps.private_ca.ceremonies import *  # noqa: F403 - its fixtures
from tests.apps.private_ca.ceremonies import (
    LATER,
    fresh,
    propose_enable,
    propose_one_person,
    propose_reset,
    refused,
)
from tests.apps.private_ca.conftest import enable
from tests.apps.private_ca.outside_root import OutsideRoot
from tests.people import Person, make_member
from tests.shop import buy

pytestmark = pytest.mark.django_db


def test_a_root_and_what_it_signs(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    proposed = propose_enable(owner, root, at, algorithm=KeyAlgorithm.EC_P256, years=3, shards=4)
    assert proposed.state == "proposed" and fresh(root).state == "not_enabled"
    done = ceremonies.approve(colleague.actor, proposed, at=at + LATER)
    assert done.state == "carried_out"
    authority = fresh(root).authority
    assert authority is not None and (authority.algorithm, authority.shards) == ("ec-p256", 4)
    ceremonies.approve(owner.actor, propose_enable(colleague, intermediate, at), at=at + LATER)
    assert fresh(intermediate).authority.parent == authority  # type: ignore[union-attr]


def test_one_bought_apart_names_its_root(
    owner: Person, colleague: Person, root: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at)
    extra = PrivateCA.objects.get(order=buy(owner, "private-intermediate-ca", at=at))
    services.switch_on(owner.actor, owner.account, at=at)
    refused("parent_needed", lambda: propose_enable(owner, extra, at))
    ceremonies.approve(colleague.actor, propose_enable(owner, extra, at, parent=root), at=at)
    assert fresh(extra).parent == root


def test_renewed_and_cross_signed(
    owner: Person, colleague: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    another = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
    for ca, name in ((root, "Root"), (intermediate, "Issuing"), (another, "Another root")):
        enable(owner, ca, at, subject_name=name)
    services.switch_on(owner.actor, owner.account, at=at)
    wanted = Renewal(new_key=True, algorithm=KeyAlgorithm.EC_P384)
    refused("two_persons_needed", lambda: services.renew_ca(owner.actor, fresh(root), wanted, at=at))
    refused(
        "two_persons_needed", lambda: services.cross_sign(owner.actor, fresh(intermediate), another, at=at)
    )
    for ca, operation, parameters in (
        (root, Operation.RENEW, renewing(wanted)),
        (intermediate, Operation.RENEW, renewing(Renewal(new_key=False, years=2))),
        (intermediate, Operation.CROSS_SIGN, crossing(another)),
    ):
        proposed = ceremonies.propose(owner.actor, ca.account, operation, fresh(ca), parameters, at=at)
        done = ceremonies.approve(colleague.actor, proposed, at=at + LATER)
        assert (done.state, done.problem, is_sound(done)) == ("carried_out", None, True)
    assert root.generations.count() == 2 and fresh(root).authority.algorithm == "ec-p384"  # type: ignore[union-attr]
    kinds = fresh(intermediate).authority.certificates.values_list("kind", flat=True)  # type: ignore[union-attr]
    assert sorted(kinds) == ["cross", "own", "own"]
    refused(
        "crossed_already",
        lambda: ceremonies.propose(
            owner.actor, root.account, Operation.CROSS_SIGN, fresh(intermediate), crossing(another), at=at
        ),
    )


def test_a_root_is_reset_by_two(owner: Person, colleague: Person, root: PrivateCA, at: datetime) -> None:
    authority = enable(owner, root, at).authority
    assert authority is not None
    key_id = authority.key_id
    services.switch_on(owner.actor, owner.account, at=at)
    ceremony = propose_reset(owner, fresh(root), at)
    assert ceremonies.approve(colleague.actor, ceremony, at=at).state == "carried_out"
    assert fresh(root).reset_at == at and not StoredKey.objects.exists()
    assert key_id in text_of(ceremony) and "destroyed:" in text_of(ceremony)


def test_the_rule_ends_by_two_owners(
    owner: Person, colleague: Person, rule: None, root: PrivateCA, at: datetime
) -> None:
    with pytest.raises(Forbidden):
        propose_one_person(colleague, at)
    ceremony = propose_one_person(owner, at)
    with pytest.raises(Forbidden):
        ceremonies.approve(colleague.actor, ceremony, at=at)
    assert services.two_persons(owner.account.pk) is not None
    second = make_member(owner.account, "second@example.com", AccountRole.OWNER)
    assert ceremonies.approve(second.actor, ceremony, at=at).state == "carried_out"
    assert services.two_persons(owner.account.pk) is None
    assert enable(owner, root, at).state == "enabled"
    refused("one_is_enough", lambda: propose_one_person(owner, at))


def test_or_by_an_owner_and_an_administrator_of_the_service(
    owner: Person, rule: None, reviewer: Person, administrator: Person, at: datetime
) -> None:
    ceremony = propose_one_person(owner, at)
    with pytest.raises(Forbidden):
        ceremonies.approve(reviewer.actor, ceremony, at=at)
    ceremonies.approve(administrator.actor, ceremony, at=at)
    assert services.two_persons(owner.account.pk) is None
    entry = AuditEntry.objects.get(action="two_persons.off")
    assert entry.user == administrator.user and entry.account == owner.account


def test_what_a_ca_elsewhere_signs(
    owner: Person,
    colleague: Person,
    rule: None,
    catalogue: None,
    published: Path,
    tmp_path: Path,
    at: datetime,
) -> None:
    """Asked for, taken, asked for again: one person alone does none of it."""
    extra = PrivateCA.objects.get(order=buy(owner, "private-intermediate-ca", at=at))
    outside, given = OutsideRoot(tmp_path / "outside", at), CaSettings(subject=Subject(common_name="Ours"))

    def together(operation: Operation, parameters: dict[str, Any]) -> Ceremony:
        proposed = ceremonies.propose(owner.actor, extra.account, operation, fresh(extra), parameters, at=at)
        refused("second_person_required", lambda: ceremonies.approve(owner.actor, proposed, at=at))
        return ceremonies.approve(colleague.actor, proposed, at=at)

    refused("two_persons_needed", lambda: services.begin_outside(owner.actor, extra, given, at=at))
    assert not StoredKey.objects.exists() and fresh(extra).pending_id is None
    assert together(Operation.REQUEST, requesting(given)).state == "carried_out"
    chain = outside.sign(services.request_pem(fresh(extra)))
    refused("two_persons_needed", lambda: services.complete_outside(owner.actor, fresh(extra), chain, at=at))
    assert fresh(extra).state == "not_enabled"
    refused("not_a_chain", lambda: together(Operation.COMPLETE, completing("nothing")))
    done = together(Operation.COMPLETE, completing(chain))
    assert (done.state, fresh(extra).state, is_sound(done)) == ("carried_out", "enabled", True)
    assert done.entries.get(position=3).said["made"]["certificate"]["subject"] == "CN=Ours,O=Example Ltd"
    refused(
        "two_persons_needed",
        lambda: services.renew_outside(owner.actor, fresh(extra), new_key=True, at=at),
    )
    again = together(Operation.REQUEST, requesting_again(new_key=True, algorithm=None))
    assert again.state == "carried_out" and fresh(extra).pending_id not in (None, fresh(extra).authority_id)
