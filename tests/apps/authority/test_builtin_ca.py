"""The built-in CA: made once, with its address, and put out as files."""

import pytest
from cryptography import x509

from hanaper.apps.authority.models import Authority, RevocationList, StoredKey
from hanaper.apps.authority.services import certificate_file, crl_file, ensure_builtin_ca
from hanaper.core.errors import Refusal
from tests.fixtures_authority import crl_number, published_crl

pytestmark = pytest.mark.django_db


def test_it_is_made_once(issuing, at):
    assert ensure_builtin_ca(at) == issuing
    assert (Authority.objects.count(), StoredKey.objects.count(), RevocationList.objects.count()) == (2, 2, 2)


def test_root_and_issuing_are_put_out_with_their_first_lists(issuing):
    for authority in (issuing, issuing.parent):
        assert certificate_file(authority).read_bytes() == bytes(authority.certificate)
        assert crl_number(published_crl(authority)) == 1


def test_the_issuing_certificate_points_to_its_parents_status(issuing):
    parsed = x509.load_der_x509_certificate(bytes(issuing.certificate))
    points = parsed.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    assert points[0].full_name[0].value == issuing.parent.crl_address
    access = parsed.extensions.get_extension_for_class(x509.AuthorityInformationAccess).value
    assert [one.access_location.value for one in access] == [issuing.parent.certificate_address]
    constraints = parsed.extensions.get_extension_for_class(x509.BasicConstraints).value
    assert (constraints.ca, constraints.path_length) == (True, 0)


def test_outside_a_sandbox_the_address_comes_first(db, published, settings, at):
    settings.SANDBOX, settings.STATUS_URL = False, "http://status.invalid"
    with pytest.raises(Refusal) as caught:
        ensure_builtin_ca(at)
    assert caught.value.code == "status_url_required"
    assert "HANAPER_STATUS_URL" in caught.value.next_steps[0]
    assert not Authority.objects.exists()
    assert not StoredKey.objects.exists()
    settings.STATUS_URL = "http://status.example.com"
    assert ensure_builtin_ca(at).crl_address.startswith("http://status.example.com/crl/ca_")


def test_addresses_stay_as_they_were_burnt_in(issuing, settings, at):
    before = issuing.crl_address
    settings.STATUS_URL = "http://elsewhere.example.com"
    assert ensure_builtin_ca(at).crl_address == before


def test_a_crash_while_it_is_made_leaves_nothing(db, published, at, monkeypatch):
    made = []

    def fail_the_second_time(*arguments):
        made.append(arguments)
        if len(made) == 2:
            raise RuntimeError("power cut")
        return original(*arguments)

    from hanaper.apps.authority.services import making  # noqa: PLC0415

    original = making.assemble
    monkeypatch.setattr(making, "assemble", fail_the_second_time)
    with pytest.raises(RuntimeError):
        ensure_builtin_ca(at)
    assert not Authority.objects.exists()
    monkeypatch.undo()
    assert ensure_builtin_ca(at).certificate is not None


def test_files_that_are_lost_come_back_at_the_next_start(issuing, at):
    certificate_file(issuing).unlink()
    ensure_builtin_ca(at)
    assert certificate_file(issuing).exists()
    assert crl_file(issuing).exists()
