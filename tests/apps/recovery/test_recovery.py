"""Recovery: one at a time, and nothing is signed in it."""

from datetime import timedelta

import pytest

from hanaper.apps.authority.models import Issuance, RevocationList
from hanaper.apps.authority.services import publish_crl, sign
from hanaper.apps.authority.sweep import sweep
from hanaper.apps.recovery.models import Recovery
from hanaper.apps.recovery.services import (
    begin_recovery,
    finish_recovery,
    in_recovery,
    refuse_in_recovery,
)
from hanaper.core.errors import Refusal
from tests.fixtures_authority import prepared

pytestmark = pytest.mark.django_db


def test_it_begins_once_and_ends(at):
    assert not in_recovery()
    first = begin_recovery(backup_at=at, system_at=at)
    assert begin_recovery(backup_at=at - timedelta(days=1), system_at=at) == first
    assert in_recovery()
    assert finish_recovery(system_at=at)
    assert not in_recovery()
    assert not finish_recovery(system_at=at)
    begin_recovery(backup_at=at, system_at=at)
    assert (Recovery.objects.count(), in_recovery()) == (2, True)


def test_nothing_is_signed_in_it_and_everything_after_it(issuing, at):
    stored = prepared(issuing, at)
    begin_recovery(backup_at=at, system_at=at)
    lists = RevocationList.objects.count()
    for act in (
        lambda: sign(stored),
        lambda: publish_crl(issuing, at=at),
        lambda: prepared(issuing, at, key="another"),
        refuse_in_recovery,
    ):
        with pytest.raises(Refusal) as caught:
            act()
        assert caught.value.code == "in_recovery"
        assert caught.value.next_steps
    assert sweep(at + timedelta(days=30), at + timedelta(days=30)) == 0
    assert Issuance.objects.get().state == "prepared"
    assert RevocationList.objects.count() == lists
    finish_recovery(system_at=at)
    assert sign(stored).state == "signed"
    assert publish_crl(issuing, at=at).number > 1
