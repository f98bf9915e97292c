"""`hanaper authority` on the machine itself."""

from functools import partial

import pytest

from hanaper import clock
from hanaper.apps.authority.models import Issuance
from hanaper.apps.authority.recovery import reconcile
from tests.fixtures_authority import *  # noqa: F403 - its fixtures
from tests.fixtures_authority import crl_number, issued, listed, published_crl

pytestmark = pytest.mark.django_db


@pytest.fixture
def hanaper(on_this_machine):
    return partial(on_this_machine, "authority")


def test_list(hanaper, issuing):
    status, found = hanaper("list")
    assert (status, [one["role"] for one in found]) == (0, ["builtin-root", "builtin-issuing"])
    assert found[1]["id"] == issuing.public_id


def test_show(hanaper, issuing, at):
    issued(issuing, at)
    for name in (issuing.public_id, "builtin-issuing"):
        status, found = hanaper("show", name)
        assert (status, found["issued"], found["revoked"], found["crl_entries"]) == (0, 1, 0, 0)
        assert found["crl_address"] == issuing.crl_address
        assert found["parent"] == issuing.parent.public_id


def test_publish(hanaper, issuing):
    before = crl_number(published_crl(issuing))
    status, found = hanaper("publish", "builtin-issuing")
    assert (status, found["crl_number"]) == (0, before + 1)
    assert crl_number(published_crl(issuing)) == before + 1


@pytest.mark.parametrize("command", ["show", "publish"])
def test_unknown(hanaper, issuing, command):
    status, found = hanaper(command, "ca_unknown")
    assert (status, found["error"]["code"]) == (1, "authority_not_found")


def test_what_a_restore_found(hanaper, issuing):
    at = clock.now()
    serial = issued(issuing, at).serial
    assert hanaper("recovered", "builtin-issuing") == (0, [])
    Issuance.objects.all().delete()
    reconcile(at)
    status, (found,) = hanaper("recovered", "builtin-issuing")
    assert (status, found["serial"], found["names"]) == (0, serial, "shop.example.com")
    status, refused = hanaper("revoke", "builtin-issuing", serial, "--yes", "--reason", "boredom")
    assert (status, refused["error"]["field"]) == (1, "reason")
    status, revoked = hanaper("revoke", "builtin-issuing", serial, "--yes")
    assert (status, revoked["serial"]) == (0, serial)
    assert int(serial, 16) in listed(published_crl(issuing))
