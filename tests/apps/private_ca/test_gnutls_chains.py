"""GnuTLS takes every chain too: it knows no other time than now, so everything here is made now."""

from datetime import datetime
from pathlib import Path

import pytest

from hanaper import clock
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services import Renewal, Request
from hanaper.apps.private_ca.services.downloading import issued_der
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.core.x509.names import Subject
from tests.apps.private_ca.conftest import enable
from tests.apps.private_ca.outside_root import OutsideRoot
from tests.apps.private_ca.peers import certtool
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    return clock.system_now().replace(microsecond=0)


def ways(person: Person, ca: PrivateCA, at: datetime) -> list[list[bytes]]:
    request = Request("server", names={"dns": ["db.corp.example"]})
    leaf = services.issue(person.actor, PrivateCA.objects.get(pk=ca.pk), request, at=at)
    return [[issued_der(leaf), *way] for way in services.chains_above(leaf, at)]


def test_over_links_and_cross_signs(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    another = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
    enable(owner, another, at, subject_name="Another root")
    services.renew_ca(owner.actor, root, Renewal(new_key=True), at=at)
    services.cross_sign(owner.actor, PrivateCA.objects.get(pk=working.pk), another, at=at)
    services.cross_sign(owner.actor, PrivateCA.objects.get(pk=root.pk), another, at=at)
    found = ways(owner, working, at)
    assert sorted(len(way) for way in found) == [3, 3, 4, 5]
    assert [certtool(way, tmp_path) for way in found] == ["OK"] * 4


def test_below_a_root_that_is_not_here(
    owner: Person, catalogue: None, published: Path, at: datetime, tmp_path: Path
) -> None:
    ca = PrivateCA.objects.get(order=buy(owner, "private-intermediate-ca", at=at))
    given = CaSettings(subject=Subject(common_name="Our issuing CA"))
    ca = services.begin_outside(owner.actor, ca, given, at=at)
    signed = OutsideRoot(tmp_path / "outside", at).sign(services.request_pem(ca))
    services.complete_outside(owner.actor, ca, signed, at=at)
    (way,) = ways(owner, ca, at)
    assert certtool(way, tmp_path) == "OK"
