"""`hanaper master-keys` on the machine itself."""

from functools import partial

import pytest

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.secrets.services import master_keys, seal, unseal

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def own_ring(settings, tmp_path):
    settings.MASTER_KEY_FOLDER = tmp_path / "master-keys"


@pytest.fixture
def hanaper(on_this_machine):
    return partial(on_this_machine, "master-keys")


def test_rotation_seals_everything_anew_and_is_on_record(hanaper):
    secret = seal(b"secret", "ca-key")
    (old,) = hanaper("list")[1]
    assert (old["seals"], old["present"]) == (1, True)
    status, found = hanaper("rotate", "--yes")
    assert status == 0
    assert hanaper("list")[1] == [
        {"id": old["id"], "seals": 0, "present": True},
        {"id": found["id"], "seals": 1, "present": True},
    ]
    entry = AuditEntry.objects.get(action="master_key.rotated")
    assert (entry.target, entry.actor_kind) == (found["id"], "system")
    master_keys().remove(old["id"])
    secret.refresh_from_db()
    assert unseal(secret, "ca-key") == b"secret"


def test_a_key_that_is_missing_is_listed(hanaper):
    seal(b"secret", "ca-key")
    (here,) = master_keys().names()
    master_keys().remove(here)
    assert hanaper("list") == (0, [{"id": here, "seals": 1, "present": False}])
