"""Sign-up, sign-in and access keys in the browser, for whoever has only a password."""

import re
import time

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth
from django.test import Client

from hanaper.apps.accounts.models import AccessKey, Account, Membership, User
from hanaper.apps.audit.models import AuditEntry
from hanaper.core.actor import AccountRole
from tests.people import PASSWORD, Rest, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def page_of(client):
    """Sign somebody in; then get pages as text."""

    def signed_in(person):
        client.force_login(person.user)
        return lambda address, **more: client.get(address, **more).content.decode()

    return signed_in


def test_signing_up_makes_a_person_and_their_account(client):
    form = {"email": "New@Example.com", "password1": "a long password", "password2": "a long password"}
    response = client.post("/accounts/signup/", form)
    assert response.status_code == 302
    user = User.objects.get()
    assert user.email == "new@example.com"
    assert Membership.objects.get(user=user).role == AccountRole.OWNER
    entry = AuditEntry.objects.get(action="account.created")
    assert (entry.user, entry.actor_kind, entry.address) == (user, "customer", "127.0.0.1")
    page = client.get("/", follow=True)
    assert page.resolver_match.url_name == "overview" and "Overview" in page.content.decode()


@pytest.mark.parametrize("password", ["short", "password123", ""])
def test_a_weak_password_makes_nobody(client, password):
    form = {"email": "new@example.com", "password1": password, "password2": password}
    assert client.post("/accounts/signup/", form).status_code == 200
    assert not User.objects.exists() and not Account.objects.exists()


def test_signing_in_and_out(client, owner):
    response = client.post("/accounts/login/", {"login": "OWNER@example.com", "password": PASSWORD})
    assert response.status_code == 302
    page = client.get("/", follow=True).content.decode()
    assert owner.account.name in page and f"/a/{owner.account.public_id}/" in page
    client.post("/accounts/logout/")
    assert client.get("/me/preferences/").status_code == 302


def test_guessing_passwords_is_stopped(client, owner):
    for _ in range(6):
        client.post("/accounts/login/", {"login": "owner@example.com", "password": "wrong wrong wrong"})
    answer = client.post("/accounts/login/", {"login": "owner@example.com", "password": PASSWORD})
    assert answer.status_code != 302 and "Too many failed login attempts" in answer.content.decode()


def test_a_second_factor_is_asked_for_once_set_up(client, owner):
    EmailAddress.objects.create(user=owner.user, email=owner.user.email, verified=True, primary=True)
    credentials = {"login": "owner@example.com", "password": PASSWORD}
    client.post("/accounts/login/", credentials)
    assert "/accounts/reauthenticate/" in client.get("/accounts/2fa/totp/activate/")["Location"]
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    secret = re.search(r"[A-Z2-7]{32}", page)[0]
    assert 'src="data:image/svg+xml' in page

    def code(later: int = 0) -> str:
        return auth.format_hotp_value(auth.hotp_value(secret, int(time.time()) // 30 + later))

    assert client.post("/accounts/2fa/totp/activate/", {"code": code()}).status_code == 302
    assert secret not in str(list(Authenticator.objects.values()))
    client.post("/accounts/logout/")
    assert client.post("/accounts/login/", credentials)["Location"].endswith("/accounts/2fa/authenticate/")
    assert client.get("/me/preferences/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": code(1)}).status_code == 302
    assert client.get("/me/preferences/").status_code == 200


def test_an_owner_makes_a_key_and_sees_it_once(client, page_of, owner):
    page, keys = page_of(owner), f"/a/{owner.account.public_id}/keys/"
    answer = client.post(keys + "create/", {"name": "<b>laptop</b>"})
    assert answer.status_code == 201 and "no-store" in answer["Cache-Control"]
    secret = re.search(r"key_[0-9a-z]{24}\.[\w-]{43}", answer.content.decode())[0]
    assert Rest(secret).get("/me").json()["role"] == "owner"
    listed = page(keys)
    assert secret not in listed and "&lt;b&gt;laptop" in listed and "<b>laptop" not in listed
    key = AccessKey.objects.get(name="<b>laptop</b>")
    client.post(f"{keys}{key.public_id}/revoke/")
    assert Rest(secret).get("/me").status_code == 401
    assert AuditEntry.objects.get(action="access_key.revoked").user == owner.user


def test_others_may_look_and_revoke_their_own(client, page_of, owner, colleague):
    keys = f"/a/{owner.account.public_id}/keys/"
    page = page_of(colleague)(keys)
    assert colleague.access_key.public_id in page and owner.access_key.public_id not in page
    assert "ask one" in page and "/keys/create/" not in page
    answer = client.post(keys + "create/", {"name": "x"})
    assert answer.status_code == 403 and "Only owners" in answer.content.decode()
    assert client.post(f"{keys}{owner.access_key.public_id}/revoke/").status_code == 404
    assert client.post(f"{keys}{colleague.access_key.public_id}/revoke/").status_code == 302


def test_a_stranger_and_nobody_find_nothing(client, page_of, owner, stranger):
    keys = f"/a/{owner.account.public_id}/keys/"
    assert client.get(keys).status_code == 302
    page_of(stranger)
    assert client.get(keys).status_code == 404
    assert client.post(keys + "create/", {"name": "x"}).status_code == 404
    assert client.post(f"{keys}{owner.access_key.public_id}/revoke/").status_code == 404
    client.force_login(make_user("lonely@example.com"))
    assert client.get(keys).status_code == 404
    assert "You belong to no account" in client.get("/").content.decode()
    assert client.get("/me/preferences/").status_code == 200


def test_operators_have_keys_of_their_own(client, page_of, administrator, reviewer):
    page = page_of(administrator)("/operator/keys/")
    assert administrator.access_key.public_id in page and "Make a key" in page
    assert client.post("/operator/keys/create/", {"name": "x"}).status_code == 201
    page_of(reviewer)
    assert client.post("/operator/keys/create/", {"name": "x"}).status_code == 403


def test_forms_need_their_token(owner):
    client = Client(enforce_csrf_checks=True)
    client.force_login(owner.user)
    assert client.post(f"/a/{owner.account.public_id}/keys/create/", {"name": "x"}).status_code == 403


@pytest.mark.parametrize(
    "address",
    ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/nothing/"],
)
def test_pages_have_no_inline_code_and_load_nothing_from_elsewhere(client, address):
    answer = client.get(address)
    page = answer.content.decode()
    assert not re.search(r"<script(?![^>]*( src=|type=.application/json))|<style|\sstyle=|\son\w+=", page)
    assert not re.findall(r"""(?:src|href)=["'](?:https?:)?//""", page)
    policy = answer["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert "Sandbox" in page


def test_the_style_sheet_comes_with_the_package(client):
    answer = client.get("/static/hanaper/site.css")
    assert answer.status_code == 200 and b"--accent" in b"".join(answer)
