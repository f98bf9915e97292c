"""How somebody signs in, looked after by themselves: second factor, recovery codes, sessions, password, e-mail."""

import base64
import re
import time
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from tests.journeys.driving import PASSWORD, Window

pytestmark = pytest.mark.process
PAGES = ("2fa/", "2fa/totp/activate/", "sessions/", "password/change/", "email/")
OTHER = "another good battery"


def _open(person: Window, path: str) -> Window:
    """A page of `/accounts/`; whoever must prove first that it is still them, does."""
    person.page.goto(f"{person.service.url}/accounts/{path}")
    if "/reauthenticate/" in person.page.url and person.page.locator("#id_password").count():
        person.has_no_barriers()
        person.page.fill("#id_password", PASSWORD)
        person.page.locator("main form button").first.click()
    return person


def _code(seed: str) -> str:
    key = base64.b32decode(seed + "=" * (-len(seed) % 8))
    return TOTP(key, 6, SHA1(), 30, enforce_key_length=False).generate(int(time.time())).decode()


def _email(person: Window) -> str:
    return person.page.locator("header .drop.right .quiet").text_content() or ""


@pytest.mark.parametrize(("theme", "width"), [("light", 390), ("dark", 1280)])
def test_each_page_has_a_menu_and_no_barriers(window: Callable[..., Window], theme: str, width: int) -> None:
    person = window(color_scheme=theme, viewport={"width": width, "height": 900}).sign_up()
    for path in PAGES:
        _open(person, path).has_no_barriers()
        assert person.page.locator("nav.menu").count() == 1, path
        assert person.page.locator("h1").count() == 1, path
        assert person.page.evaluate("document.documentElement.scrollWidth") <= width, path
        person.page.locator(".crumbs").get_by_role("link", name="Security").click()
        person.sees("Second factor")


def test_the_second_factor_from_seed_to_recovery_code(window: Callable[..., Window]) -> None:
    person = window(color_scheme="dark").sign_up()
    email = _email(person)
    _open(person, "2fa/totp/activate/")
    picture = person.page.locator("main form img")
    assert picture.evaluate("picture => picture.naturalWidth") > 0
    behind = picture.evaluate("picture => getComputedStyle(picture).backgroundColor")
    assert behind == "rgb(255, 255, 255)", "no camera reads black on black"
    seed = person.page.locator("#authenticator_secret").input_value()
    person.page.fill("#id_code", "000000")
    person.press("Activate")
    assert person.page.locator("#id_code").get_attribute("aria-invalid") == "true"
    person.has_no_barriers()
    seed = person.page.locator("#authenticator_secret").input_value()
    person.page.fill("#id_code", _code(seed))
    person.press("Activate")
    _open(person, "2fa/recovery-codes/").has_no_barriers()
    recovery = person.page.locator("#recovery_codes").input_value().split()
    assert len(recovery) == 10
    person.page.goto(f"{person.service.url}/me/security/")
    person.sees("on")

    again = window()
    _begin(again, email, PASSWORD)
    again.sees("code").has_no_barriers()
    again.page.fill("#id_code", "000000")
    again.press("Sign In")
    assert again.page.locator("#id_code").get_attribute("aria-invalid") == "true"
    again.page.fill("#id_code", recovery[0])
    again.press("Sign In")
    again.page.wait_for_url(re.compile(r"/a/[^/]+/"))

    third = window()
    _begin(third, email, PASSWORD)
    third.page.fill("#id_code", recovery[0])
    third.press("Sign In")
    assert third.page.locator("#id_code").get_attribute("aria-invalid") == "true", (
        "a recovery code worked twice"
    )


def test_ending_the_other_sessions(window: Callable[..., Window]) -> None:
    person, other = window().sign_up(), window()
    email = _email(person)
    other.sign_in(email, PASSWORD)
    _open(person, "sessions/").press("Sign Out Other Sessions")
    other.page.goto(f"{other.service.url}/{other.place}/overview/")
    other.page.wait_for_url(re.compile("/accounts/login/"))
    person.page.goto(f"{person.service.url}/me/security/")
    person.sees("Sessions")


def test_a_new_password(window: Callable[..., Window]) -> None:
    person = window().sign_up()
    email = _email(person)
    _open(person, "password/change/")
    for field, value in (("oldpassword", "wrong"), ("password1", "short"), ("password2", "short")):
        person.page.fill(f"#id_{field}", value)
    person.press("Change Password")
    assert person.page.locator("#id_oldpassword").get_attribute("aria-invalid") == "true"
    person.has_no_barriers()
    for field, value in (("oldpassword", PASSWORD), ("password1", OTHER), ("password2", OTHER)):
        person.page.fill(f"#id_{field}", value)
    person.press("Change Password")
    person.page.goto(f"{person.service.url}/me/security/")
    person.sees("Password")
    window().sign_in(email, OTHER)


def _begin(person: Window, email: str, password: str) -> None:
    person.page.goto(f"{person.service.url}/accounts/login/")
    person.page.fill("input[name=login]", email)
    person.page.fill("input[name=password]", password)
    person.press("Sign In")
