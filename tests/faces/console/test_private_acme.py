"""The ACME page of a private CA: its directories, keys shown once, snippets, clients."""

import re
from datetime import datetime

import pytest
from django.test import Client

from hanaper.apps.acme.models import AcmeAccount, ExternalKey
from hanaper.apps.acme.services import create_key
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.acme.snippets import CLIENTS
from tests.faces.console.private import *  # noqa: F403 - its fixtures
from tests.faces.console.private import page, text
from tests.people import Person

pytestmark = pytest.mark.django_db


def test_a_key_is_shown_once_in_every_snippet(owner: Person, client: Client, ca: PrivateCA) -> None:
    address = page(owner, "create-acme-key", ca.public_id)
    answer = client.post(address, {"name": "web", "template": "device", "domains": "works.example"})
    key, secret = ExternalKey.objects.get(), answer.context["secret"]
    assert answer.status_code == 201 and secret
    assert (key.template, key.domains) == ("device", ["works.example"])
    assert f"/acme/{ca.public_id}/device/directory" in text(answer)
    told = dict(answer.context["snippets"])
    assert set(told) == set(CLIENTS) and all("works.example" in snippet for snippet in told.values())
    assert all(
        secret in told[name] and key.public_id in told[name] for name in CLIENTS if name != "acme-tiny"
    )
    again = text(client.get(page(owner, "acme", ca.public_id)))
    assert secret not in again and key.public_id in again and "HMAC_KEY" in again


def test_what_snippets_comment_is_said_in_the_reader_s_language(
    owner: Person, client: Client, ca: PrivateCA
) -> None:
    said = text(client.get(page(owner, "acme", ca.public_id), headers={"Accept-Language": "zh-CN"}))
    snippets = "".join(re.findall(r'<pre id="acme-\d+">(.*?)</pre>', said, re.DOTALL))
    comments = re.findall("^# (.*)$", snippets, re.MULTILINE)
    assert len(comments) == 5 and all(re.search("[一-鿿]", one) for one in comments)


def test_faults_of_a_key_stand_at_their_fields(owner: Person, client: Client, ca: PrivateCA) -> None:
    wrong = {
        "domains": "ok.example, not_a_host!",
        "networks": "10.0.0.0/99",
        "expires_at": "2001-01-01T00:00",
    }
    for name, value in wrong.items():
        answer = client.post(page(owner, "create-acme-key", ca.public_id), {name: value})
        assert answer.status_code == 422 and set(answer.context["faults"]) == {name}
    assert not ExternalKey.objects.exists()


def test_keys_and_clients_are_shut_out(owner: Person, client: Client, ca: PrivateCA, at: datetime) -> None:
    key, _secret = create_key(owner.actor, ca, name="web", at=at)
    bound = AcmeAccount.objects.create(
        account=owner.account, ca=ca, template="server", key=key, binding={}, jwk={}, thumbprint="t", created_at=at,
        contact=["mailto:ada@works.example"],
    )  # fmt: skip
    assert ">ada@works.example<" in text(client.get(page(owner, "acme", ca.public_id)))
    shown = page(owner, "acme-client", ca.public_id, bound.public_id)
    assert "It ordered nothing yet." in text(client.get(shown))
    client.post(page(owner, "revoke-acme-client", ca.public_id, bound.public_id))
    assert "Shut it out" not in text(client.get(shown))
    client.post(page(owner, "revoke-acme-key", ca.public_id, key.public_id))
    key.refresh_from_db()
    assert key.revoked_at is not None
