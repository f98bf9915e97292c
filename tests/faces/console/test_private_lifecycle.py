"""A private CA over the years in the console: renewed, cross-signed, signed elsewhere, revoked, prolonged."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.test import Client

from hanaper.apps.authority.models import Authority, CaCertificate
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.apps.private_ca.states import PrivateCaState
from hanaper.core.x509.names import Subject
from tests.apps.private_ca.outside_root import OutsideRoot
from tests.faces.console.private import *  # noqa: F403 - its fixtures
from tests.faces.console.private import page, text
from tests.people import Person
from tests.shop import buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def root(ca: PrivateCA) -> PrivateCA:
    assert ca.parent is not None
    return ca.parent


@pytest.fixture
def another(owner: Person, ca: PrivateCA, at: datetime) -> PrivateCA:
    found = PrivateCA.objects.get(order=buy(owner, "private-root-ca", at=at), kind="root")
    return services.enable_ca(owner.actor, found, CaSettings(Subject(common_name="Another root")), at=at)


@pytest.fixture
def extra(owner: Person, catalogue: None, published: Path, at: datetime) -> PrivateCA:
    return PrivateCA.objects.get(order=buy(owner, "private-intermediate-ca", at=at))


def test_renewed_with_either_key(owner: Person, client: Client, root: PrivateCA) -> None:
    address = page(owner, "renew-ca", root.public_id)
    wrong = client.post(address, {"new_key": "yes", "years": "99", "algorithm": "ec-p256"})
    assert wrong.status_code == 422 and set(wrong.context["faults"]) == {"years"}
    assert client.post(address, {"new_key": "yes", "algorithm": "rot13"}).status_code == 422
    assert root.generations.count() == 1
    assert "The private CA is renewed." in text(client.post(address, {"new_key": "no"}, follow=True))
    shown = text(client.get(page(owner, "private-ca", root.public_id)))
    assert "taken over by another" not in shown and "Way 2" not in shown
    answer = client.post(address, {"new_key": "yes", "algorithm": "ec-p256", "years": "3"}, follow=True)
    assert "a link between two keys" in text(answer) and "taken over by another" in text(answer)
    root.refresh_from_db()
    assert root.authority is not None and root.authority.algorithm == "ec-p256"
    shown = text(client.get(page(owner, "private-ca", root.public_id)))
    assert "taken over by another" in shown and "Way 2 up to a root" in shown


def test_every_way_is_a_file(
    owner: Person, client: Client, ca: PrivateCA, root: PrivateCA, another: PrivateCA, at: datetime
) -> None:
    services.cross_sign(owner.actor, root, another, at=at)
    shown = page(owner, "private-ca-file", ca.public_id, "chain")
    tops = [
        x509.load_pem_x509_certificates(client.get(shown, {"way": way}).content)[-1].subject for way in "01"
    ]
    assert len({top.rfc4514_string() for top in tops}) == 2
    assert client.get(shown, {"way": "9"}).status_code == 404


def test_cross_signed_by_another_root(
    owner: Person, client: Client, root: PrivateCA, another: PrivateCA
) -> None:
    shown = client.get(page(owner, "ca-lifecycle", root.public_id))
    assert shown.context["roots"] == [another]
    address = page(owner, "cross-sign", root.public_id)
    assert set(client.post(address, {"by": ""}).context["faults"]) == {"by"}
    answer = client.post(address, {"by": another.public_id}, follow=True)
    assert "The other root has certified its key." in text(answer) and "a cross-sign" in text(answer)
    assert client.post(address, {"by": another.public_id}).status_code == 409
    row = CaCertificate.objects.get(kind="cross")
    # and that alone is revoked
    address = page(owner, "revoke-ca", root.public_id)
    warned = client.get(address, {"certificate": row.public_id}).context["warned"]
    form = {"certificate": row.public_id, "confirmation": warned.token, "reason": "superseded"}
    client.post(address, form)
    row.refresh_from_db()
    root.refresh_from_db()
    assert row.revoked_at is not None and root.authority is not None and root.authority.issuing


def test_with_two_persons_renewing_and_crossing_are_proposed(
    owner: Person, colleague: Person, client: Client, root: PrivateCA, another: PrivateCA, at: datetime
) -> None:
    services.switch_on(owner.actor, owner.account, at=at)
    client.post(page(owner, "renew-ca", root.public_id), {"new_key": "yes", "years": "3"})
    client.post(page(owner, "cross-sign", root.public_id), {"by": another.public_id})
    made = {one.operation: one.parameters for one in Ceremony.objects.all()}
    assert made == {"renew": {"new_key": True, "years": 3}, "cross_sign": {"by": another.public_id}}
    assert root.generations.count() == 1


def test_signed_elsewhere(
    owner: Person, client: Client, extra: PrivateCA, at: datetime, tmp_path: Path
) -> None:
    """From the page that enables it to an enabled CA below a root of somebody else's."""
    enable = page(owner, "enable-private-ca", extra.public_id)
    assert "A CA that is not here" in text(client.get(enable))
    form = {"common_name": "Ours", "parent": "elsewhere", "algorithm": "ec-p256"}
    wrong = client.post(enable, {**form, "country": "Germany"})
    assert wrong.status_code == 422 and set(wrong.context["faults"]) == {"subject.country"}
    waiting = page(owner, "ca-lifecycle", extra.public_id)
    assert client.post(enable, form).headers["Location"] == waiting
    assert "Bring the signed certificate" in text(client.get(page(owner, "private-ca", extra.public_id)))
    request = client.get(page(owner, "outside-request", extra.public_id))
    assert request["Content-Disposition"] == 'attachment; filename="ours.csr"'
    bring = page(owner, "complete-outside", extra.public_id)
    wrong = client.post(bring, {"chain": "no certificate"})
    assert wrong.status_code == 422 and "chain-fault" in text(wrong) and "no certificate" in text(wrong)
    outside = OutsideRoot(tmp_path / "outside", at)
    answer = client.post(bring, {"chain": outside.sign(request.content.decode())}, follow=True)
    assert "the private CA issues with it" in text(answer) and "Outside Root" in text(answer)
    extra.refresh_from_db()
    assert extra.state == PrivateCaState.ENABLED
    # renewed by another request; the list that would revoke it is somebody else's
    assert "Revoke this CA" not in text(client.get(waiting))
    client.post(page(owner, "renew-ca", extra.public_id), {"new_key": "yes"})
    extra.refresh_from_db()
    assert extra.pending is not None and extra.pending != extra.authority


def test_a_request_is_given_up(owner: Person, client: Client, extra: PrivateCA) -> None:
    form = {"common_name": "Ours", "parent": "elsewhere"}
    client.post(page(owner, "enable-private-ca", extra.public_id), form)
    assert Authority.objects.filter(awaited_by=extra).exists()
    asked = client.post(page(owner, "issue-private-certificate", extra.public_id), {"template": "server"})
    assert "on the page of the private CA" in text(asked) and "hanaper pca" not in text(asked)
    answer = client.post(page(owner, "withdraw-outside", extra.public_id), follow=True)
    assert "The request is given up" in text(answer)
    extra.refresh_from_db()
    assert extra.pending is None and not Authority.objects.filter(awaited_by=extra).exists()
    assert client.get(page(owner, "outside-request", extra.public_id)).status_code == 409


def test_one_that_came_with_its_root_is_signed_here(
    owner: Person, client: Client, catalogue: None, published: Path, at: datetime
) -> None:
    order = buy(owner, "private-root-ca", at=at)
    bought = PrivateCA.objects.get(order=order, kind="intermediate")
    address = page(owner, "enable-private-ca", bought.public_id)
    assert "A CA that is not here" not in text(client.get(address))
    assert client.post(address, {"common_name": "Ours", "parent": "elsewhere"}).status_code == 409


def test_revoked_in_two_steps(owner: Person, client: Client, ca: PrivateCA) -> None:
    address = page(owner, "revoke-ca", ca.public_id)
    warned = client.get(address).context["warned"]
    form = {"confirmation": warned.token, "reason": "keyCompromise"}
    for wrong, field in (({"confirmation": "x"}, "confirmation"), ({"reason": "boredom"}, "reason")):
        answer = client.post(address, {**form, **wrong})
        assert answer.status_code == 422 and set(answer.context["faults"]) == {field}
    ca.refresh_from_db()
    assert ca.generations.get().revoked_at is None
    answer = client.post(address, form, follow=True)
    assert "It is revoked." in text(answer) and "The key is compromised" in text(answer)
    assert "A new certificate for the same key" not in text(answer)
    assert "Revoke this CA" not in text(answer)
    shown = text(client.get(page(owner, "private-ca", ca.public_id)))
    assert "what it issued is trusted no more" in shown and "Resume issuing" not in shown
    assert "Enabled, not issuing" not in shown
    assert "Revoked " in text(client.get(page(owner, "private-cas")))
    assert client.get(address).status_code == 409
    # With a new key it issues, and that can be revoked too.
    client.post(page(owner, "renew-ca", ca.public_id), {"new_key": "yes"})
    assert "Revoke this CA" in text(client.get(page(owner, "ca-lifecycle", ca.public_id)))


def test_one_whose_earlier_key_is_not_revoked_can_be(
    owner: Person, client: Client, ca: PrivateCA, at: datetime
) -> None:
    services.renew_ca(owner.actor, ca, services.Renewal(True), at=at)
    ca.refresh_from_db()
    ca.generations.filter(authority=ca.authority).update(revoked_at=at, reason="keyCompromise")
    assert "Revoke this CA" in text(client.get(page(owner, "ca-lifecycle", ca.public_id)))


def test_a_root_is_not_revoked(owner: Person, client: Client, root: PrivateCA) -> None:
    assert "Revoke this CA" not in text(client.get(page(owner, "ca-lifecycle", root.public_id)))
    assert client.get(page(owner, "revoke-ca", root.public_id)).status_code == 409


def test_the_term_is_prolonged_in_its_last_days(
    owner: Person, client: Client, ca: PrivateCA, make_voucher: Any, at: datetime
) -> None:
    shown, address = (page(owner, name, ca.public_id) for name in ("ca-lifecycle", "renew-ca-subscription"))
    assert "Order the renewal" not in text(client.get(shown)) and client.post(address).status_code == 409
    PrivateCA.objects.filter(order=ca.order_id).update(term_ends_at=at + timedelta(days=20))
    assert "Order the renewal" in text(client.get(shown))
    wrong = client.post(address, {"coupon": "NONE"})
    assert wrong.status_code == 422 and set(wrong.context["faults"]) == {"coupon"}
    voucher = make_voucher()
    assert f'name="voucher" value="{voucher.public_id}"' in text(client.get(shown))
    answer = client.post(address, {"voucher": voucher.public_id})
    made = Order.objects.get(renews=ca.public_id)
    assert made.voucher_share > 0 and made.voucher_share + made.money == made.total
    assert answer.headers["Location"] == page(owner, "order", made.public_id)
