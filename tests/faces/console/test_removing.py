"""Removing and withdrawing: first what ends with it is said, then it is done."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from hanaper.apps.accounts.models import StaffMembership
from hanaper.apps.accounts.services import grant_staff_role
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.people import Company, Contact
from hanaper.apps.certificates.services.applying import save_form
from hanaper.apps.gateway.models import CertificateWish, GatewayInstance
from hanaper.apps.policies import services as policies
from hanaper.apps.policies.models import PolicyDraft
from hanaper.apps.webhooks import services as webhooks
from hanaper.core.actor import StaffRole
from tests.apps.certificates.conftest import *  # noqa: F403 - certificates in every state
from tests.apps.policies.conftest import policy_text
from tests.faces.console.private import page, text
from tests.people import SETUP, Person
from tests.shop import *  # noqa: F403 - vouchers, coupons, promotions
from tests.shop import buy

pytestmark = pytest.mark.django_db


def signed_in(person: Person) -> Client:
    client = Client()
    client.force_login(person.user)
    return client


def test_a_contact_is_removed_after_what_names_it_was_said(
    owner: Person,
    colleague: Person,
    reader: Person,
    stranger: Person,
    contact: Contact,
    pending: Callable[..., Certificate],
    at: datetime,
) -> None:
    draft, other = pending(), pending()
    save_form(owner.actor, draft, form={"domains": ["a.example.com"], "contact": contact.public_id}, at=at)
    save_form(owner.actor, other, form={"domains": ["b.example.com"]}, at=at)
    order = buy(owner, "https-gateway-3m", at=at)
    GatewayInstance.objects.filter(order=order).update(domain="shop.example.com", state="active")
    CertificateWish.objects.create(
        account=owner.account, instance=GatewayInstance.objects.get(order=order), source="quota",
        shown_by="gateway", contact=contact.public_id, asked_at=at,
    )  # fmt: skip
    address = page(owner, "remove-contact", contact.public_id)
    mine, theirs, looking = (signed_in(person) for person in (colleague, stranger, reader))
    listed = text(mine.get(page(owner, "contacts")))
    assert f'href="{address}"' in listed and f'action="{address}"' not in listed

    asked = text(mine.get(address))
    assert "Remove Ada" in asked and "a.example.com" in asked and "shop.example.com" in asked
    assert "b.example.com" not in asked
    assert theirs.get(address).status_code == 404
    assert ">OK<" not in text(looking.get(address)) and looking.post(address).status_code == 403
    contact.refresh_from_db()
    assert contact.removed_at is None  # asking ends nothing

    assert mine.post(address).status_code == 302
    contact.refresh_from_db()
    assert contact.removed_at is not None


def test_a_company_is_removed_after_it_was_asked(owner: Person, company: Company) -> None:
    client = signed_in(owner)
    address = page(owner, "remove-company", company.public_id)
    listed = text(client.get(page(owner, "companies")))
    assert f'href="{address}"' in listed and f'action="{address}"' not in listed
    asked = text(client.get(address))
    assert "Remove Example Ltd" in asked and "No application can name it any more" in asked
    company.refresh_from_db()
    assert company.removed_at is None
    assert client.post(address).status_code == 302
    company.refresh_from_db()
    assert company.removed_at is not None


def test_a_role_is_withdrawn_after_what_ends_was_said(
    administrator: Person, reviewer: Person, at: datetime
) -> None:
    operator = signed_in(administrator)
    address = reverse("withdraw-staff-role", args=["operator", reviewer.user.public_id, "reviewer"])
    listed = text(operator.get(reverse("staff", args=["operator"])))
    assert f'href="{address}"' in listed and f'action="{address}"' not in listed

    asked = text(operator.get(address))
    assert f"{reviewer.user.email} can no longer review applications" in asked
    assert "no operator any more" in asked and reviewer.access_key.public_id in asked
    grant_staff_role(SETUP, reviewer.user, StaffRole.FINANCE, at=at)
    asked = text(operator.get(address))
    assert "They stay an operator" in asked and reviewer.access_key.public_id not in asked
    assert StaffMembership.objects.filter(user=reviewer.user, role="reviewer").exists()

    assert operator.post(address).status_code == 302
    assert not StaffMembership.objects.filter(user=reviewer.user, role="reviewer").exists()
    assert operator.get(address).status_code == 404


def test_the_last_administrator_is_not_asked(administrator: Person) -> None:
    operator = signed_in(administrator)
    place = ["operator", administrator.user.public_id, "administrator"]
    assert operator.get(reverse("withdraw-staff-role", args=place)).status_code == 409


def test_a_webhook_is_removed_after_what_ends_was_said(
    owner: Person, colleague: Person, stranger: Person, at: datetime
) -> None:
    made, _secret = webhooks.create_endpoint(
        owner.actor, owner.account, url="https://hook.example.com/", at=at
    )
    webhooks.send_test(owner.actor, made, at=at)
    address = page(owner, "remove-webhook", made.public_id)
    mine, theirs, colleagues = (signed_in(person) for person in (owner, stranger, colleague))
    listed = text(mine.get(page(owner, "webhook", made.public_id)))
    assert f'href="{address}"' in listed and f'action="{address}"' not in listed

    asked = text(mine.get(address))
    assert (
        "Nothing is sent to https://hook.example.com/" in asked and "1 delivery that is on its way" in asked
    )
    assert theirs.get(address).status_code == 404
    assert ">OK<" not in text(colleagues.get(address)) and colleagues.post(address).status_code == 403
    made.refresh_from_db()
    assert made.removed_at is None

    assert mine.post(address).status_code == 302
    made.refresh_from_db()
    assert made.removed_at is not None


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("voucher", "can no longer spend the $50.00 that are left"),
        ("coupon", "no other coupon can have its code"),
        ("promotion", "keep its price and its refund terms"),
    ],
)
def test_an_offer_is_withdrawn_after_it_was_asked(
    administrator: Person, request: pytest.FixtureRequest, kind: str, said: str
) -> None:
    made = request.getfixturevalue(f"make_{kind}")()
    operator = signed_in(administrator)
    address = reverse(f"withdraw-{kind}", args=["operator", made.public_id])
    listed = text(operator.get(reverse(f"{kind}s", args=["operator"])))
    assert f'href="{address}"' in listed and f'action="{address}"' not in listed

    asked = text(operator.get(address))
    assert said in asked and "It cannot be brought back." in asked
    made.refresh_from_db()
    assert made.withdrawn_at is None

    assert operator.post(address).status_code == 302
    made.refresh_from_db()
    assert made.withdrawn_at is not None


def test_a_draft_is_thrown_away_after_it_was_asked(administrator: Person, at: datetime) -> None:
    made = policies.write_draft(administrator.actor, text=policy_text(), at=at)
    operator = signed_in(administrator)
    address = reverse("remove-policy", args=["operator", made.name])
    listed = text(operator.get(reverse("policy", args=["operator", made.name])))
    assert f'href="{address}"' in listed and f'action="{address}"' not in listed
    assert "It cannot be brought back." in text(operator.get(address))
    assert PolicyDraft.objects.filter(name=made.name).exists()
    assert operator.post(address).status_code == 302
    assert not PolicyDraft.objects.filter(name=made.name).exists()
