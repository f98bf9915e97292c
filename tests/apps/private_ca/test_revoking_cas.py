"""A CA that is revoked for cause: what it issued is trusted no more, and only a new key helps."""

from datetime import datetime
from pathlib import Path

import pytest

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority.models import Authority, CaCertificate
from hanaper.apps.events.models import Event
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.generations import revocable
from hanaper.apps.private_ca.models.cas import CaGeneration, PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Renewal, Request
from hanaper.apps.private_ca.services.downloading import issued_der
from hanaper.core.errors import Forbidden, NotFound
from hanaper.core.x509.crl import RevocationReason
from tests.apps.private_ca.certificates import refused
from tests.apps.private_ca.conftest import enable, reset
from tests.apps.private_ca.generations import DAY, authority_of, fresh
from tests.apps.private_ca.peers import crls, openssl
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db
STOLEN = RevocationReason.KEY_COMPROMISE


def issue(person: Person, ca: PrivateCA, at: datetime) -> PrivateCertificate:
    request = Request("server", names={"dns": ["db.corp.example"]})
    return services.issue(person.actor, fresh(ca), request, at=at)


def revoke(person: Person, ca: PrivateCA, at: datetime, certificate: str = "") -> PrivateCA:
    token = services.prepare_revocation(person.actor, fresh(ca), certificate=certificate).token
    return services.revoke_ca(
        person.actor, fresh(ca), STOLEN, confirmation=token, certificate=certificate, at=at
    )


def test_its_certificates_are_trusted_no_more(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    leaf, old = issue(owner, working, at), authority_of(working)
    warning = services.prepare_revocation(owner.actor, fresh(working))
    assert warning.certificates == 1 and "is valid (1 in all)" in warning.text
    revoke(owner, working, at)
    lists = crls(old, authority_of(root))
    way = [issued_der(leaf), *services.chains_above(leaf, at)[0]]
    said = openssl(way, at, tmp_path, lists=lists)
    assert "certificate revoked" in said and "at 1 depth" in said
    why = refused("not_issuing", lambda: issue(owner, working, at))
    assert f"revoked on {at.date().isoformat()}" in why.message and "new key" in why.next_steps[0]
    refused("ca_revoked", lambda: services.set_issuing(owner.actor, fresh(working), True, at=at))
    refused("ca_revoked", lambda: services.renew_ca(owner.actor, fresh(working), Renewal(False), at=at))
    refused("revoked_already", lambda: services.prepare_revocation(owner.actor, fresh(working)))
    generation = fresh(working).generations.get()
    assert (generation.revoked_at, generation.reason) == (at, STOLEN)
    assert Event.objects.filter(kind="private_ca.revoked").count() == 1
    assert AuditEntry.objects.get(action="private_ca.revoked").after["reason"] == STOLEN
    services.renew_ca(owner.actor, fresh(working), Renewal(True), at=at + DAY)
    again = issue(owner, working, at + DAY)
    way = [issued_der(again), *services.chains_above(again, at + DAY)[0]]
    assert openssl(way, at + DAY, tmp_path, lists=crls(authority_of(working), authority_of(root))) == "OK"
    assert reset(owner, fresh(working), at + DAY).state == "not_enabled"


def test_an_earlier_key_that_was_left_is_revoked_too(owner: Person, working: PrivateCA, at: datetime) -> None:
    """As before every key went with the newest: its key was revoked, and that before it was not."""
    issue(owner, working, at)
    services.renew_ca(owner.actor, fresh(working), Renewal(True), at=at)
    newest = authority_of(working)
    CaGeneration.objects.filter(authority=newest).update(revoked_at=at, reason=STOLEN)
    assert revocable(fresh(working))
    revoke(owner, working, at + DAY)
    assert {one.revoked_at for one in fresh(working).generations.all()} == {at, at + DAY}
    assert not revocable(fresh(working))
    assert Event.objects.filter(kind="private_ca.revoked").count() == 1


def test_an_operator_may_and_who_only_reads_may_not(
    owner: Person, reader: Person, administrator: Person, working: PrivateCA, at: datetime
) -> None:
    with pytest.raises(Forbidden):
        services.prepare_revocation(reader.actor, fresh(working))
    revoke(administrator, working, at)
    assert not authority_of(working).issuing


def test_what_was_told_must_still_be_so(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime
) -> None:
    token = services.prepare_revocation(owner.actor, fresh(working)).token
    services.renew_ca(owner.actor, fresh(working), Renewal(True), at=at)

    def confirm(reason: RevocationReason = STOLEN, confirmation: str = token) -> PrivateCA:
        return services.revoke_ca(owner.actor, fresh(working), reason, confirmation=confirmation, at=at)

    refused("warning_changed", confirm)
    refused("confirmation_invalid", lambda: confirm(confirmation="x"))
    refused("bad_reason", lambda: confirm(RevocationReason.CERTIFICATE_HOLD))
    refused("root_revokes_itself", lambda: services.prepare_revocation(owner.actor, fresh(root)))
    assert authority_of(working).issuing


def test_one_that_is_in_use_is_revoked_while_it_issues(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime
) -> None:
    token = services.prepare_revocation(owner.actor, fresh(working)).token
    issue(owner, working, at)
    services.revoke_ca(owner.actor, fresh(working), STOLEN, confirmation=token, at=at)
    assert not authority_of(working).issuing


def test_a_cross_sign_alone(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    another = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
    enable(owner, another, at, subject_name="Another root")
    leaf = issue(owner, working, at)
    row = services.cross_sign(owner.actor, fresh(working), fresh(another), at=at)
    assert len(services.chains_above(leaf, at)) == 2
    revoke(owner, working, at, certificate=row.public_id)
    assert len(services.chains_above(leaf, at)) == 1 and issue(owner, working, at).state == "issued"
    assert CaCertificate.objects.get(pk=row.pk).revoked_at == at
    crossed = [issued_der(leaf), bytes(row.der or b""), bytes(authority_of(another).certificate or b"")]
    lists = crls(authority_of(working), authority_of(another))
    assert "certificate revoked" in openssl(crossed, at, tmp_path, lists=lists)
    own = authority_of(working).certificates.get(kind="own").public_id
    for name in (own, "cac_x"):
        with pytest.raises(NotFound):
            services.prepare_revocation(owner.actor, fresh(working), certificate=name)


def test_the_keys_before_go_too(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    """Whoever holds the old key's certificates trusts them no more either."""
    leaf, old = issue(owner, working, at), authority_of(working)
    services.renew_ca(owner.actor, fresh(working), Renewal(True), at=at)
    new = authority_of(working)
    own = {one.certificates.get(kind="own").public_id for one in (old, new)}
    warning = services.prepare_revocation(owner.actor, fresh(working))
    assert set(warning.ca_certificates) == own and "also of the earlier ones (2 in all)" in warning.text
    way = [issued_der(leaf), *services.chains_above(leaf, at)[0]]
    revoke(owner, working, at)
    assert "certificate revoked" in openssl(way, at, tmp_path, lists=crls(old, authority_of(root)))
    assert set(fresh(working).generations.values_list("revoked_at", flat=True)) == {at}
    assert not Authority.objects.filter(generation__ca=working, issuing=True).exists()
    refused("revoked_already", lambda: services.prepare_revocation(owner.actor, fresh(working)))


def test_the_certificate_of_an_earlier_key_alone(
    owner: Person, root: PrivateCA, working: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    leaf, old = issue(owner, working, at), authority_of(working)
    services.renew_ca(owner.actor, fresh(working), Renewal(True), at=at)
    named = old.certificates.get(kind="own").public_id
    warning = services.prepare_revocation(owner.actor, fresh(working), certificate=named)
    assert (warning.ca_certificates, warning.certificates) == ([named], 1) and "earlier key" in warning.text
    way = [issued_der(leaf), *services.chains_above(leaf, at)[0]]
    revoke(owner, working, at, certificate=named)
    lists = crls(old, authority_of(working), authority_of(root))
    assert "certificate revoked" in openssl(way, at, tmp_path, lists=lists)
    again = issue(owner, working, at)
    assert (
        openssl([issued_der(again), *services.chains_above(again, at)[0]], at, tmp_path, lists=lists) == "OK"
    )
    gone = fresh(working).generations.filter(revoked_at=at)
    assert [one.authority for one in gone] == [old]
    services.renew_ca(owner.actor, fresh(working), Renewal(False), at=at + DAY)
    same = authority_of(working).certificates.filter(kind="own").earliest("pk").public_id
    warning = services.prepare_revocation(owner.actor, fresh(working), certificate=same)
    assert warning.certificates == 0 and "its key has another one" in warning.text
    revoke(owner, working, at + DAY, certificate=same)
    assert issue(owner, working, at + DAY).state == "issued"
