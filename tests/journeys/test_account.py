"""An account that is run by several people and by programs: members, keys, webhooks, notices."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.journeys.driving import Window, add_contact, buy, issue

pytestmark = pytest.mark.process
SINGLE = "hanaper-dv-single-1y"


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[str]]]:
    """A server of the customer's own: its address, and the ids of the deliveries that it got."""
    got: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            got.append(self.headers["webhook-id"])
            self.send_response(200)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=[0.05], daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/hook", got
    server.shutdown()
    server.server_close()


def _email(person: Window) -> str:
    return person.page.locator("header .drop.right .quiet").text_content() or ""


def test_a_member_comes_works_and_goes(window: Callable[..., Window]) -> None:
    owner, guest = window().sign_up(), window().sign_up()
    email = _email(guest)
    owner.open("members/").write("E-mail address they signed up with", "nobody@example.com").press("Add")
    assert owner.page.locator("#email").get_attribute("aria-invalid") == "true"
    owner.write("E-mail address they signed up with", email).choose("Role", "read_only").press("Add")
    owner.sees(f"{email} is a member now.").has_no_barriers()

    guest.place = owner.place
    guest.open(f"shop/{SINGLE}/").sees("Hanaper")
    assert guest.page.get_by_role("button", name="Place the order").count() == 0
    guest.open("keys/").sees("Owners make keys; ask one.")
    owner.open("members/").choose(f"Role of {email}", "member")
    owner.page.locator("tr", has_text=email).get_by_role("button", name="Change").click()
    owner.sees("The role is changed.")
    order = buy(guest, SINGLE)
    owner.open(f"orders/{order}/").sees("Paid")

    owner.open("members/").follow(f"Remove {email}").sees("No access key ends with it.").has_no_barriers()
    owner.press("OK").sees("They are no longer a member")
    guest.open(f"orders/{order}/").sees("There is nothing here")


def test_the_last_owner_stays(customer: Window) -> None:
    customer.open("members/").follow("Leave")
    customer.sees("owner").has_no_barriers()
    customer.open("members/").sees(_email(customer))


def test_a_key_works_until_it_is_revoked(customer: Window) -> None:
    customer.open("keys/").write("Name", "deploy").press("Make a key").sees("It is shown this once")
    secret = customer.page.locator("#secret").inner_text()
    customer.has_no_barriers()
    account = f"{customer.service.url}/api/v1/account"
    headers = {"Authorization": f"Bearer {secret}"}
    assert httpx.get(account, headers=headers).status_code == 200
    customer.page.reload()
    customer.open("keys/")
    assert secret not in customer.page.content()
    customer.follow("Revoke deploy").sees("it cannot be brought back").has_no_barriers()
    customer.press("OK").sees("The access key deploy is revoked.")
    assert httpx.get(account, headers=headers).status_code == 401


def test_a_webhook_is_tried_read_and_sent_again(customer: Window, receiver: tuple[str, list[str]]) -> None:
    address, got = receiver
    customer.open("webhooks/").write("Address", "not an address").press("Add")
    assert customer.page.locator("#url").get_attribute("aria-invalid") == "true"
    customer.write("Address", address).press("Add").sees("The secret that signs").has_no_barriers()
    customer.open("webhooks/").follow(address).press("Send a test event")
    for _ in range(30):
        if customer.page.locator("tbody .badge.delivered").count():
            break
        customer.page.wait_for_timeout(500)
        customer.page.reload()
    customer.sees("webhook.test").sees("HTTP 200").has_no_barriers()
    (first,) = got
    customer.press("Send again")
    for _ in range(30):
        if len(got) == 2:
            break
        customer.page.wait_for_timeout(500)
    assert got == [first, first], "the same delivery under the same id"
    customer.page.reload()
    customer.page.locator("summary", has_text="Change").click()
    customer.follow("Remove the webhook").press("OK").sees("There are none yet.")


def test_notices_tell_and_are_read(customer: Window) -> None:
    order = buy(customer, SINGLE)
    bell = customer.page.locator("header .bell")
    for _ in range(30):
        customer.open("notices/?unread=yes")
        if customer.page.locator(".notice", has_text="is paid").count():  # the last that buying tells
            break
        customer.page.wait_for_timeout(500)
    assert "unread" in (bell.text_content() or "")
    customer.has_no_barriers()
    customer.page.locator(".notice a").first.click()
    customer.sees(order)
    customer.open("notices/").press("Mark all as read")
    assert "unread" not in (bell.text_content() or "")
    customer.open("notices/?unread=yes").sees("There are none.")
    customer.open("notices/letters/")
    box = customer.page.locator("fieldset input").first
    box.uncheck()
    customer.press("Save")
    customer.open("notices/letters/")
    assert not box.is_checked()


def test_a_reviewer_approves_several_at_once(customer: Window, reviewer: Window) -> None:
    add_contact(customer)
    issued = [issue(customer, buy(customer, SINGLE), f"several{number}.shop.test") for number in (1, 2)]
    for certificate in issued:
        customer.open(f"certificates/{certificate}/revoke/").press("OK").sees("Validating Revocation")
    reviewer.open("reviews/")
    for number in (1, 2):
        reviewer.page.get_by_label(f"Choose several{number}.shop.test").check()
    reviewer.has_no_barriers()
    reviewer.press("Approve the chosen ones").sees("2 approved.")
    for certificate in issued:
        customer.open(f"certificates/{certificate}/").sees("Revoked", seconds=30)
