"""While a reset deletes what a CA issued (R17): what is left says the same everywhere."""

from datetime import datetime, timedelta

import pytest
from cryptography import x509
from django.db import transaction

from hanaper import clock
from hanaper.apps.authority.services import crl_file, ending
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import queries, services
from hanaper.apps.private_ca import sweep as private_sweep
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services import Part, end_refunded
from hanaper.apps.private_ca.sweep import sweep
from hanaper.core.x509.reasons import RevocationReason
from tests.apps.private_ca.certificates import issue, refused
from tests.apps.private_ca.conftest import reset
from tests.apps.private_ca.test_lifecycle import fresh
from tests.people import Person

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("way", ["reset", "refunded by hand"])
def test_what_a_reset_has_yet_to_delete_is_revoked_everywhere(
    owner: Person, order: Order, working: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """In the inventory as on the last list, with the same moment and reason; what was revoked before stays."""
    monkeypatch.setattr(ending, "BATCH", 2)
    monkeypatch.setattr(private_sweep, "SLICE", 0.0)
    held, before, good, being_signed = (issue(owner, fresh(working), at) for _ in range(4))
    services.hold(owner.actor, held, at=at)
    services.revoke(owner.actor, before, RevocationReason.SUPERSEDED, at=at)
    PrivateCertificate.objects.filter(pk=being_signed.pk).update(state="issuing", begun_at=at)
    later = at + timedelta(hours=1)
    if way == "reset":
        assert reset(owner, fresh(working), later).resetting
    else:
        with transaction.atomic():
            end_refunded(order, later)
        sweep(later, clock.system_now())
    authority = fresh(working).authority
    assert authority is not None
    listed = x509.load_der_x509_crl(crl_file(authority).read_bytes())
    left = {one.public_id: one for one in queries.certificates(owner.actor)}
    assert len(left) == 4 and not queries.certificates(owner.actor, state="issued")
    for one, since, why in (
        (held, later, "cessationOfOperation"),
        (good, later, "cessationOfOperation"),
        (being_signed, later, "cessationOfOperation"),
        (before, at, "superseded"),
    ):
        row = left[one.public_id]
        assert (row.state, row.revoked_at, row.reason) == ("revoked", since, why)
        entry = listed.get_revoked_certificate_by_serial_number(int(one.serial, 16))
        assert entry is not None and entry.revocation_date_utc == since.replace(microsecond=0)
    refused("not_in_this_state", lambda: services.release(owner.actor, left[held.public_id], at=later))
    assert (
        "being reset"
        in refused("not_issued", lambda: services.download(left[held.public_id], Part.LEAF)).message
    )
    assert services.finish(left[being_signed.public_id]).state == "revoked"
