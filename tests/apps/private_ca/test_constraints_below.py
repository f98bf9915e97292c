"""What a CA above does not permit, nobody below can: refused before a key is made for it."""

from datetime import datetime

import pytest

from hanaper.apps.authority.models import CaCertificate, StoredKey
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.errors import InvalidInput
from tests.apps.private_ca.certificates import faults, refused
from tests.apps.private_ca.conftest import enable
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db
ROOT = {"permitted": {"dns": ["corp.example"], "ip": ["10.0.0.0/8"]}, "excluded": {"dns": ["a.corp.example"]}}


@pytest.mark.parametrize(
    ("permitted", "fault"),
    [
        ({"dns": ["other.test"]}, ("name_constraints.permitted.dns", "corp.example")),
        ({"dns": ["a.corp.example"]}, ("name_constraints.permitted.dns", "a.corp.example")),
        ({"dns": ["corp.example"], "ip": ["192.0.2.0/24"]}, ("name_constraints.permitted.ip", "10.0.0.0/8")),
    ],
)
def test_an_intermediate_that_could_certify_nothing(
    owner: Person,
    root: PrivateCA,
    intermediate: PrivateCA,
    at: datetime,
    permitted: dict[str, list[str]],
    fault: tuple[str, str],
) -> None:
    enable(owner, root, at, name_constraints=ROOT)
    keys = StoredKey.objects.count()
    with pytest.raises(InvalidInput) as met:
        enable(owner, intermediate, at, name_constraints={"permitted": permitted})
    (found,) = met.value.faults
    assert (found.field, found.code) == (fault[0], "nothing_permitted") and fault[1] in found.message
    assert PrivateCA.objects.get(pk=intermediate.pk).state == "not_enabled"
    assert StoredKey.objects.count() == keys


def test_a_root_that_could_certify_nothing(owner: Person, root: PrivateCA, at: datetime) -> None:
    same = {"permitted": {"dns": ["corp.example"]}, "excluded": {"dns": ["corp.example"]}}
    keys = StoredKey.objects.count()
    found = faults(lambda: enable(owner, root, at, name_constraints=same))
    assert found == {("name_constraints.permitted.dns", "nothing_permitted")}
    assert StoredKey.objects.count() == keys


def test_an_intermediate_that_can_certify_something(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    """Wider than its root, or partly beside it: for another root that may cross-sign it."""
    enable(owner, root, at, name_constraints=ROOT)
    limits = {"permitted": {"dns": ["example", "other.test"], "email": ["mail.test"]}}
    assert enable(owner, intermediate, at, name_constraints=limits).state == "enabled"


def test_a_root_that_would_permit_nothing_of_a_ca_does_not_cross_sign_it(
    owner: Person, root: PrivateCA, intermediate: PrivateCA, at: datetime
) -> None:
    enable(owner, root, at)
    enable(owner, intermediate, at, name_constraints={"permitted": {"dns": ["other.test"]}})
    another = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
    enable(owner, another, at, subject_name="Another root", name_constraints=ROOT)
    refusal = refused(
        "nothing_permitted", lambda: services.cross_sign(owner.actor, intermediate, another, at=at)
    )
    assert refusal.field == "by" and "corp.example" in refusal.message
    assert not CaCertificate.objects.filter(kind="cross").exists()
