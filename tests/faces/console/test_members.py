"""Leaving an account, and putting somebody out: first what ends with it is said, then it is done."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from hanaper.apps.accounts import services as accounts
from hanaper.apps.accounts.models import AccessKey, Membership
from tests.faces.console.private import *  # noqa: F403 - its fixtures
from tests.faces.console.private import page, text
from tests.people import SETUP_AT, Person

pytestmark = pytest.mark.django_db


def chosen(answer: Any, name: str) -> str:
    """What the selection `name` of a page has chosen: what is marked, or the first."""
    (offered,) = re.findall(rf'<select id="[a-z-]+" name="{name}"[^>]*>(.*?)</select>', text(answer))
    marked = re.findall(r'value="([^"]+)" selected', offered)
    return str((marked or re.findall(r'value="([^"]+)"', offered))[0])


def key_of(owner: Person, whose: Person, name: str) -> AccessKey:
    key, _secret = accounts.create_access_key(
        owner.actor, name=name, account=owner.account, user=whose.user, at=SETUP_AT
    )
    return key


def test_a_member_is_put_out_after_the_keys_that_end_were_named(
    owner: Person, colleague: Person, client: Client
) -> None:
    ended = key_of(owner, colleague, "old deploy")
    accounts.revoke_access_key(owner.actor, ended, at=SETUP_AT)
    key, own = key_of(owner, colleague, "deploy"), key_of(owner, owner, "mine")
    address = page(owner, "remove-member", colleague.user.public_id)
    listed = text(client.get(page(owner, "members")))
    assert f'href="{address}"' in listed and f'action="{address}"' not in listed

    asked = text(client.get(address))
    assert "deploy" in asked and key.public_id in asked
    assert ended.public_id not in asked and own.public_id not in asked
    assert Membership.objects.filter(user=colleague.user).exists()  # asking ends nothing
    assert AccessKey.objects.get(pk=key.pk).revoked_at is None

    assert client.post(address).status_code == 302
    assert not Membership.objects.filter(user=colleague.user).exists()
    assert AccessKey.objects.get(pk=key.pk).revoked_at is not None
    assert AccessKey.objects.get(pk=own.pk).revoked_at is None


def test_who_leaves_is_told_that_only_an_owner_can_undo_it(owner: Person, reader: Person) -> None:
    client = Client()
    client.force_login(reader.user)
    AccessKey.objects.filter(user=reader.user).update(revoked_at=SETUP_AT)
    asked = text(client.get(page(owner, "remove-member", reader.user.public_id)))
    assert "only an owner can add you again" in asked and "No access key ends with it." in asked


def test_what_would_be_refused_is_refused_before_it_is_asked(
    owner: Person, reader: Person, client: Client
) -> None:
    """The last owner stays, only owners put out others, and there is nobody else to be put out."""
    assert client.get(page(owner, "remove-member", owner.user.public_id)).status_code == 409
    assert client.get(page(owner, "remove-member", "usr_nobody")).status_code == 404
    other = Client()
    other.force_login(reader.user)
    assert other.get(page(owner, "remove-member", owner.user.public_id)).status_code == 403


def test_the_least_role_is_preselected_and_a_choice_is_kept(
    owner: Person, administrator: Person, client: Client
) -> None:
    assert chosen(client.get(page(owner, "members")), "role") == "read_only"
    refused = client.post(page(owner, "members"), {"email": "nobody@example.com", "role": "member"})
    assert refused.status_code == 422 and chosen(refused, "role") == "member"

    operator = Client()
    operator.force_login(administrator.user)
    staff = reverse("staff", args=["operator"])
    assert chosen(operator.get(staff), "role") == "reviewer"
    refused = operator.post(staff, {"email": "nobody@example.com", "role": "finance"})
    assert refused.status_code == 404 and chosen(refused, "role") == "finance"


def test_a_key_is_made_for_oneself_unless_one_says_otherwise(
    owner: Person, colleague: Person, client: Client
) -> None:
    """Also for an owner who is not the account's first member."""
    Membership.objects.filter(user=colleague.user).update(role="owner")
    for person in (owner, colleague):
        own = Client()
        own.force_login(person.user)
        assert chosen(own.get(page(owner, "keys")), "user") == person.user.public_id
    made = client.post(page(owner, "create-key"), {"name": "x", "user": colleague.user.public_id})
    assert made.status_code == 201 and chosen(made, "user") == owner.user.public_id
    refused = client.post(page(owner, "create-key"), {"name": "", "user": colleague.user.public_id})
    assert refused.status_code == 422 and chosen(refused, "user") == colleague.user.public_id


def test_a_key_is_revoked_after_what_ends_was_said(
    owner: Person, colleague: Person, reader: Person, client: Client
) -> None:
    key = key_of(owner, colleague, "deploy")
    address = page(owner, "revoke-key", key.public_id)
    listed = text(client.get(page(owner, "keys")))
    assert f'href="{address}"' in listed and f'action="{address}"' not in listed

    asked = text(client.get(address))
    assert key.public_id in asked and f"for {colleague.user.email} stop working at once" in asked
    assert AccessKey.objects.get(pk=key.pk).revoked_at is None
    other = Client()
    other.force_login(reader.user)
    assert other.get(address).status_code == 404  # it is not theirs

    assert client.post(address).status_code == 302
    assert AccessKey.objects.get(pk=key.pk).revoked_at is not None
