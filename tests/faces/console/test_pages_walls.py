"""The permission matrix of the console: every page, as everybody, in every place they might try.

`pages.py` names each once, with who it is for. What is added and named nowhere fails the first test.
"""

from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from hanaper import __version__
from hanaper.apps.accounts.models import Membership
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.ledger.models import Transfer
from hanaper.faces.console import urls
from tests.faces.console.pages import CUSTOMERS, ELSEWHERE, EVERYBODY, OPERATORS, PAGES, Page
from tests.faces.rest.everything import *  # noqa: F403 - its fixtures
from tests.people import Person

pytestmark = pytest.mark.django_db

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


def test_every_page_is_in_the_table() -> None:
    named = {one.name for group in (urls.for_both, urls.for_customers, urls.for_operators) for one in group}
    assert named == {page.name for page in PAGES} | ELSEWHERE


@pytest.fixture
def people(request: pytest.FixtureRequest) -> dict[str, Person]:
    return {name: request.getfixturevalue(name) for name in (*EVERYBODY, "stranger")}


@pytest.fixture
def clients(people: dict[str, Person]) -> dict[str, Client]:
    found = {name: Client(raise_request_exception=False) for name in (*people, "nobody")}
    for name, person in people.items():
        found[name].force_login(person.user)
    return found


def _address(page: Page, place: str, world: dict[str, str]) -> str:
    return reverse(page.name, args=[place, *(value.format(**world) for value in page.what.values())])


def _asked(client: Client, page: Page, place: str, world: dict[str, str], *, send: bool) -> int:
    """The status; whatever the request did is undone."""
    address = _address(page, place, world)
    with transaction.atomic():
        if send:
            form = {
                name: [one.format(**world) for one in value]
                if isinstance(value, list)
                else value.format(**world)
                for name, value in (page.form or {}).items()
            }
            answer = client.post(address, form)
        else:
            answer = client.get(address)
        if answer.streaming:
            b"".join(answer)  # type: ignore[arg-type]
        transaction.set_rollback(True)
    return int(answer.status_code)


def test_everybody_sees_what_is_theirs_and_nothing_else(
    people: dict[str, Person], clients: dict[str, Client], world: dict[str, str]
) -> None:
    """Members in their account, operators in their place; a stranger finds nothing anywhere."""
    wrong = []
    account, elsewhere = world["account"], people["stranger"].account
    assert elsewhere is not None
    for page in PAGES:
        if page.form is not None and not page.both:
            continue
        for name, client in clients.items():
            for place in (account, "operator", elsewhere.public_id):
                at_home = place == ("operator" if name in OPERATORS else account)
                if name == "nobody":
                    expected = (302,)
                elif name == "stranger":
                    mine = place == elsewhere.public_id and not page.what and "owner" in page.who
                    expected = (200, 302) if mine else (404,)
                    if page.name in ("buy", "policy") and place == elsewhere.public_id:
                        expected = (200,)  # catalogue and policies are everybody's
                else:
                    expected = (200, 302) if at_home and name in page.who else (404,)
                got = _asked(client, page, place, world, send=False)
                if got not in expected:
                    wrong.append((page.name, name, place[:8], got, expected))
    assert not wrong, "\n".join(map(str, wrong))


def test_no_page_overwrites_what_stands_around_it(clients: dict[str, Client], world: dict[str, str]) -> None:
    """Its own values have other names than those of the frame (`faces/console/context.py`)."""
    framed, wrong = 0, []
    for page in (page for page in PAGES if page.form is None or page.both):
        name = page.who[0]
        place = "operator" if name in OPERATORS else world["account"]
        answer = clients[name].get(_address(page, place, world))
        if answer.status_code == 200 and not answer.streaming and b"<footer>" in answer.content:
            framed += 1
            if f"<span>Hanaper {__version__}</span>" not in answer.content.decode():
                wrong.append(page.name)
    assert wrong == [] and framed > len(PAGES) / 3


def test_forms_change_things_for_those_who_may(
    people: dict[str, Person], clients: dict[str, Client], world: dict[str, str]
) -> None:
    """Who may is answered with anything but a refusal of their role; everybody else with 403 or 404."""
    wrong = []
    account, elsewhere = world["account"], people["stranger"].account
    assert elsewhere is not None
    for page in (page for page in PAGES if page.form is not None):
        for name, client in clients.items():
            for place in (account, "operator", elsewhere.public_id):
                at_home = place == ("operator" if name in OPERATORS else account)
                got = _asked(client, page, place, world, send=True)
                if name == "nobody":
                    fine = got == 302
                elif at_home and name in page.may:
                    fine = got in (200, 201, 302, 409, 422, 429)
                elif name == "stranger" and place == elsewhere.public_id and "owner" in page.who:
                    own = not page.what and "{" not in str(list((page.form or {}).values()))
                    fine = got in (200, 201, 302, 405, 409, 422) if own or page.name == "buy" else got == 404
                elif at_home and name in page.who:
                    fine = got in (403, 405) or (page.name == "combine" and got == 422)
                else:
                    fine = got in (404, 405)
                if not fine:
                    wrong.append((page.name, name, place[:8], got))
    assert not wrong, "\n".join(map(str, wrong))


def test_a_refused_form_leaves_no_trace(clients: dict[str, Client], world: dict[str, str]) -> None:
    before = AuditEntry.objects.count()
    for page in (page for page in PAGES if page.form is not None and page.name != "letters"):
        for name in ("stranger", "reader", "nobody"):
            _asked(clients[name], page, world["account"], world, send=True)
    assert AuditEntry.objects.count() == before


@pytest.mark.parametrize(
    "thing", ["order", "issued", "refund", "plan", "account", "contact", "ceremony", "served"]
)
def test_a_link_of_a_letter_leads_whoever_may_see_it(
    clients: dict[str, Client], world: dict[str, str], thing: str
) -> None:
    """`/go/<id>/` finds the thing at a place of theirs, and nothing for a stranger."""
    address = f"/go/{world[thing]}/"
    assert clients["stranger"].get(address).status_code == 404
    assert clients["nobody"].get(address).status_code == 302
    if thing in ("order", "issued", "refund", "plan", "ceremony", "served"):
        assert world["account"] in clients["reader"].get(address)["Location"]
    if thing in ("order", "issued", "refund", "account", "served"):
        assert clients["finance"].get(address)["Location"].startswith("/operator/")
    if thing == "ceremony":
        assert clients["finance"].get(address).status_code == 404
        assert clients["administrator"].get(address)["Location"].startswith("/operator/")


def test_what_customers_write_is_never_code(
    owner: Person, clients: dict[str, Client], world: dict[str, str]
) -> None:
    """Stored and reflected: every field of every form, then every page of owner and administrator."""
    for page in (page for page in PAGES if page.form is not None and "owner" in page.may):
        address = reverse(
            page.name, args=[world["account"], *(value.format(**world) for value in page.what.values())]
        )
        fields = dict.fromkeys(
            (*(page.form or {}), "text", "search", "coupon", "voucher", "csr", "contact"), HOSTILE
        )
        with transaction.atomic():
            answer = clients["owner"].post(address, fields)
            _is_harmless(answer, page.name)
            for name in ("owner", "administrator"):
                place = world["account"] if name == "owner" else "operator"
                for look in ("audit", "certificates", "orders", "notices"):
                    _is_harmless(clients[name].get(reverse(look, args=[place])), look)
            transaction.set_rollback(True)
    for page in (page for page in PAGES if not page.what and page.form is None and "owner" in page.who):
        query = dict.fromkeys(
            ("q", "search", "state", "brand", "order", "action", "target", "since", "currency"), HOSTILE
        )
        _is_harmless(clients["owner"].get(reverse(page.name, args=[world["account"]]), query), page.name)


def _is_harmless(answer: Any, where: str) -> None:
    if answer.streaming or not answer.get("Content-Type", "").startswith("text/html"):
        return
    text = answer.content.decode()
    assert "<script>alert" not in text and "<img src=x" not in text, where
    assert "unsafe" not in answer["Content-Security-Policy"]


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nothing_redirects_elsewhere(clients: dict[str, Client], owner: Person, wanted: str) -> None:
    for address in ("/accounts/login/", "/accounts/logout/", "/accounts/reauthenticate/"):
        for answer in (
            clients["owner"].get(address, {"next": wanted}),
            clients["owner"].post(f"{address}?next={wanted}", {"next": wanted, "password": "x"}),
        ):
            assert "evil" not in answer.get("Location", "") and "javascript" not in answer.get("Location", "")
            clients["owner"].force_login(owner.user)


def test_pages_cannot_be_framed_and_are_kept_by_nobody(
    clients: dict[str, Client], world: dict[str, str]
) -> None:
    for name in ("overview", "order"):
        arguments = [world["account"]] + ([world["order"]] if name == "order" else [])
        answer = clients["owner"].get(reverse(name, args=arguments))
        assert (
            answer["X-Frame-Options"] == "DENY"
            and "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        )
        assert "no-store" in answer["Cache-Control"] and answer["Referrer-Policy"] == "same-origin"


def test_whoever_opens_where_a_form_is_sent_is_led_to_a_page(
    clients: dict[str, Client], world: dict[str, str]
) -> None:
    """After signing in anew, or when a page that answered a form is loaded again."""
    for page in (page for page in PAGES if page.form is not None and not page.both):
        name = "owner" if "owner" in page.who else "administrator"
        place = world["account"] if name == "owner" else "operator"
        address = reverse(page.name, args=[place, *(value.format(**world) for value in page.what.values())])
        answer = clients[name].get(address, follow=True)
        assert answer.status_code in (200, 409), page.name
        assert all(address.startswith(above) for above, _ in answer.redirect_chain[:1]), page.name
        assert clients["nobody"].get(address)["Location"].startswith("/accounts/login/")


def _sent(clients: dict[str, Client], name: str, place: str, page: str, thing: str) -> int:
    return _asked(clients[name], Page(page, (), {"thing": thing}, {}), place, {}, send=True)


def test_a_key_is_ended_by_its_own_and_by_owners(
    people: dict[str, Person], clients: dict[str, Client], world: dict[str, str]
) -> None:
    """Owner: any of the account's; others see and end their own; elsewhere there is none of them."""
    account, elsewhere = world["account"], people["stranger"].account
    assert elsewhere is not None
    keys = {name: person.access_key.public_id for name, person in people.items()}
    for whose, key in keys.items():
        for name in clients:
            for place in (account, "operator", elsewhere.public_id):
                got = _sent(clients, name, place, "revoke-key", key)
                home = (
                    "operator"
                    if whose in OPERATORS
                    else elsewhere.public_id
                    if whose == "stranger"
                    else account
                )
                here = (
                    "operator"
                    if name in OPERATORS
                    else elsewhere.public_id
                    if name == "stranger"
                    else account
                )
                if name == "nobody":
                    expected = 302
                elif place != here or place != home:
                    expected = 404
                else:
                    seen = name in OPERATORS  # who see each other's keys; customers see their own
                    expected = 302 if name in (whose, "owner", "administrator") else 403 if seen else 404
                assert got == expected, (whose, name, place[:8])


def test_a_member_goes_or_is_put_out_by_owners(
    people: dict[str, Person], clients: dict[str, Client], world: dict[str, str]
) -> None:
    account, elsewhere = world["account"], people["stranger"].account
    assert elsewhere is not None
    Membership.objects.filter(user__email="other@example.com").delete()  # or the owner is not the last
    for whose in CUSTOMERS:
        member = people[whose].user.public_id
        for name in clients:
            for place in (account, "operator", elsewhere.public_id):
                got = _sent(clients, name, place, "remove-member", member)
                if name == "nobody":
                    expected = 302
                elif (name in CUSTOMERS and place == account) or (name, place) == (
                    "stranger",
                    elsewhere.public_id,
                ):
                    may = name in (whose, "owner")
                    last = may and whose == "owner"
                    expected = 404 if name == "stranger" else 409 if last else 302 if may else 403
                else:
                    expected = 404
                assert got == expected, (whose, name, place[:8])


def test_a_transfer_is_for_operators(
    people: dict[str, Person], clients: dict[str, Client], world: dict[str, str]
) -> None:
    transfers = list(Transfer.objects.all()[:20])
    assert {transfer.account_id for transfer in transfers} >= {people["owner"].account.pk}  # type: ignore[union-attr]
    for transfer in transfers:
        page = Page("transfer", OPERATORS, {"transfer": transfer.public_id})
        for name, client in clients.items():
            expected = 302 if name == "nobody" else 200 if name in OPERATORS else 404
            assert _asked(client, page, "operator", world, send=False) == expected, name
