"""Tab Private CAs by its content: the tree, Enable with its faults, Reset with its tick, files."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from django.test import Client
from django.urls import reverse

from hanaper import clock
from hanaper.apps.orders.models import Order
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.apps.private_ca.states import PrivateCaState
from hanaper.apps.refunds.services import prepare_plan
from hanaper.core.x509.names import Subject
from tests.fixtures_authority import *  # noqa: F403 - its fixtures
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy

pytestmark = pytest.mark.django_db


@pytest.fixture
def at() -> datetime:
    """Pages read the clock: what they show is bought now."""
    return clock.now()


@pytest.fixture
def client(owner: Person) -> Client:
    found = Client()
    found.force_login(owner.user)
    return found


@pytest.fixture
def cas(owner: Person, catalogue: None, published: Path, at: datetime) -> dict[str, PrivateCA]:
    order = buy(owner, "private-root-ca", at=at)
    extra = buy(owner, "private-intermediate-ca", at=at)
    return {
        **{ca.kind: ca for ca in PrivateCA.objects.filter(order=order)},
        "extra": PrivateCA.objects.get(order=extra),
    }


def page(owner: Person, name: str, *what: str) -> str:
    assert owner.account is not None
    return reverse(name, args=[owner.account.public_id, *what])


def text(answer: Any) -> str:
    return str(answer.content.decode())


def enable(owner: Person, ca: PrivateCA, at: datetime, parent: PrivateCA | None = None) -> None:
    given = CaSettings(subject=Subject(common_name=f"Works {ca.kind} {ca.pk}"))
    services.enable_ca(owner.actor, ca, given, parent=parent, at=at)
    ca.refresh_from_db()


def test_nothing_bought_explains_what_comes_first(owner: Person, client: Client) -> None:
    said = text(client.get(page(owner, "private-cas")))
    assert "Buy a root CA." in said and said.index("Enable the root,") < said.index("Issue.")
    assert "No private CA is like that." in text(client.get(page(owner, "private-cas"), {"state": "enabled"}))


def test_intermediates_stand_below_their_root(
    owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime, monkeypatch: Any
) -> None:
    enable(owner, cas["root"], at)
    answer = client.get(page(owner, "private-cas"))
    assert [len(node.below) for node in answer.context["trees"]] == [0, 1]  # the newest order first
    assert "Default region" in text(answer) and ">default<" not in text(answer)
    assert answer.context["trees"][1].below[0].ca == cas["intermediate"]
    enable(owner, cas["extra"], at, parent=cas["root"])
    answer = client.get(page(owner, "private-cas"))
    assert [one.ca for one in answer.context["trees"][0].below] == [cas["intermediate"], cas["extra"]]
    # More than fit are a page of their own.
    monkeypatch.setattr("hanaper.faces.console.private_ca.tree.MOST_BELOW", 1)
    assert f"?below={cas['root'].public_id}" in text(client.get(page(owner, "private-cas")))
    below = client.get(page(owner, "private-cas"), {"below": cas["root"].public_id})
    assert {node.ca for node in below.context["trees"]} == {cas["intermediate"], cas["extra"]}


@pytest.mark.parametrize(
    ("asked", "fits"),
    [
        ({"state": "enabled"}, {"root": []}),
        ({"state": "not_enabled"}, {"root": ["intermediate"], "extra": []}),
        ({"search": "works ROOT"}, {"root": []}),
        ({"search": "nothing"}, {}),
        ({"region": "elsewhere"}, {}),
    ],
)
def test_filters_keep_the_root_above_what_they_find(
    owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime, asked: Any, fits: Any
) -> None:
    enable(owner, cas["root"], at)
    trees = client.get(page(owner, "private-cas"), asked).context["trees"]
    names = {ca.pk: name for name, ca in cas.items()}
    assert {names[node.ca.pk]: [names[one.ca.pk] for one in node.below] for node in trees} == fits
    assert all(node.fits for node in trees) is (asked != {"state": "not_enabled"})


def test_the_tree_costs_the_same_however_full(
    owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime, django_assert_max_num_queries: Any
) -> None:
    for _ in range(6):
        buy(owner, "private-root-ca", at=at)
    with django_assert_max_num_queries(16):
        client.get(page(owner, "private-cas"))


def test_every_fault_of_enabling_stands_at_its_field(
    owner: Person, client: Client, cas: dict[str, PrivateCA]
) -> None:
    wrong = {
        "common_name": "", "country": "Germany", "years": "99", "shards": "0",
        "permitted-dns": "ok.example, not a_host!", "algorithm": "ec-p256",
    }  # fmt: skip
    answer = client.post(page(owner, "enable-private-ca", cas["root"].public_id), wrong)
    assert answer.status_code == 422
    assert set(answer.context["faults"]) == {
        "subject.common_name", "subject.country", "years", "shards", "name_constraints.permitted.dns",
    }  # fmt: skip
    said = text(answer)
    assert 'aria-describedby="subject.country-fault"' in said and "ok.example, not a_host!" in said
    assert '<details class="box" open>' in said
    (fault,) = answer.context["faults"]["subject.country"]
    assert fault.message == "A country is its two-letter code, such as DE."
    # Nothing is cut off while it is typed, and what was typed is kept.
    assert re.search(r'name="country" value="Germany"(?![^>]*maxlength)', said)
    cas["root"].refresh_from_db()
    assert cas["root"].state == PrivateCaState.NOT_ENABLED


def test_enabled_by_the_form_it_is_what_was_asked_for(
    owner: Person, client: Client, cas: dict[str, PrivateCA]
) -> None:
    form = {
        "common_name": "Works Root", "organization": "Works", "country": "DE", "algorithm": "ec-p256",
        "years": "3", "permitted-dns": "works.example", "ocsp": "yes",
    }  # fmt: skip
    answer = client.post(page(owner, "enable-private-ca", cas["root"].public_id), form, follow=True)
    assert "The private CA is enabled." in text(answer) and "Only these: DNS names" in text(answer)
    file = client.get(page(owner, "private-ca-file", cas["root"].public_id, "certificate"))
    assert file["Content-Disposition"] == 'attachment; filename="works-root-certificate.pem"'
    certificate = x509.load_pem_x509_certificate(file.content)
    assert certificate.subject.rfc4514_string() == "CN=Works Root,O=Works,C=DE"
    der = client.get(page(owner, "private-ca-file", cas["root"].public_id, "der")).content
    assert x509.load_der_x509_certificate(der) == certificate
    assert client.get(page(owner, "private-ca-file", cas["root"].public_id, "key")).status_code == 404


def test_a_page_says_how_fresh_its_lists_are(
    owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime
) -> None:
    enable(owner, cas["root"], at)
    address = page(owner, "private-ca", cas["root"].public_id)
    answer = client.get(address)
    assert [(one.shard, one.entries) for one in answer.context["status"].lists] == [(None, 0)]
    assert "fresh" in text(answer) and "stale" not in text(answer)
    assert "R17" in text(answer)
    answer.context["authority"].revocation_lists.update(next_update=at)
    assert "stale" in text(client.get(address))


def test_stopped_and_resumed(owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime) -> None:
    enable(owner, cas["root"], at)
    address = page(owner, "switch-issuing", cas["root"].public_id)
    assert "Enabled, not issuing" in text(client.post(address, {"wanted": "no"}, follow=True))
    assert "Enabled, not issuing" not in text(client.post(address, {"wanted": "yes"}, follow=True))


def test_a_reset_needs_its_tick(
    owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime
) -> None:
    """R17, word for word; a form without it changes nothing."""
    enable(owner, cas["root"], at)
    address = page(owner, "reset-private-ca", cas["root"].public_id)
    answer = client.get(address)
    assert "Confirm that the reset operation deletes all data." in text(answer)
    form = {"confirmation": answer.context["warned"].token}
    refused = client.post(address, form)
    assert refused.status_code == 422 and "confirm_deletes_all_data-fault" in text(refused)
    cas["root"].refresh_from_db()
    assert cas["root"].state == PrivateCaState.ENABLED
    done = client.post(address, {**form, "confirm_deletes_all_data": "yes"}, follow=True)
    assert "The private CA is reset" in text(done) and "Not enabled" in text(done)


def test_a_root_with_enabled_intermediates_names_them_and_offers_the_plan(
    owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime
) -> None:
    """D7."""
    enable(owner, cas["root"], at)
    enable(owner, cas["intermediate"], at)
    enable(owner, cas["extra"], at, parent=cas["root"])
    answer = client.get(page(owner, "reset-private-ca", cas["root"].public_id))
    assert answer.status_code == 409 and "D7" in text(answer)
    assert answer.context["below"] == [cas["intermediate"], cas["extra"]]
    assert text(answer).count("of another order, not refunded by this") == 1
    assert page(owner, "prepare-plan", cas["root"].order.public_id) in text(answer)


def test_reset_is_offered_where_it_is_possible(
    owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime
) -> None:
    """D7: a root waits for those below it, whoever's order they are; D11: nothing under a refund."""
    reset = {name: f'{page(owner, "reset-private-ca", ca.public_id)}">Reset<' for name, ca in cas.items()}
    enable(owner, cas["root"], at)
    pages = [page(owner, "private-cas"), page(owner, "private-ca", cas["root"].public_id)]
    for address in pages:
        said = text(client.get(address))
        assert reset["root"] in said and reset["intermediate"] not in said
        assert "Its intermediates are reset first" not in said
    enable(owner, cas["extra"], at, parent=cas["root"])
    for address in pages:
        said = text(client.get(address))
        assert reset["root"] not in said and "Its intermediates are reset first" in said
    assert reset["extra"] in text(client.get(pages[0]))
    Order.objects.update(state="refund_in_progress")
    said = text(client.get(pages[0]))
    assert ">Reset<" not in said and ">Enable<" not in said


def test_operators_find_them_in_their_place(
    owner: Person, finance: Person, client: Client, cas: dict[str, PrivateCA]
) -> None:
    operator = Client()
    operator.force_login(finance.user)
    said = text(operator.get(reverse("private-cas", args=["operator"])))
    assert owner.account is not None and owner.account.name in said and cas["root"].public_id in said
    assert "Enable</a>" not in said


def test_enable_is_offered_once_the_root_is_enabled(
    owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime
) -> None:
    pages = [page(owner, "private-cas"), page(owner, "private-ca", cas["intermediate"].public_id)]
    link = page(owner, "enable-private-ca", cas["intermediate"].public_id)
    for address in pages:
        said = text(client.get(address))
        assert link not in said and "Its root is enabled first" in said
    enable(owner, cas["root"], at)
    for address in pages:
        said = text(client.get(address))
        assert link in said and "Its root is enabled first" not in said


def test_times_are_said_in_the_right_number(
    owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime
) -> None:
    enable(owner, cas["root"], at)
    said = text(client.get(page(owner, "private-ca", cas["root"].public_id)))
    assert "0 minutes" not in said.replace("\xa0", " ")
    said = text(client.get(page(owner, "certificate-template", "server")))
    assert "1 day before" in said and " 1 days" not in said


def test_a_number_that_is_none_hides_no_other_fault(
    owner: Person, client: Client, cas: dict[str, PrivateCA]
) -> None:
    wrong = {"common_name": "", "permitted-ip": "10.0.0.0/99", "list_days": "x", "algorithm": "ec-p256"}
    answer = client.post(page(owner, "enable-private-ca", cas["root"].public_id), wrong)
    assert answer.status_code == 422
    assert set(answer.context["faults"]) == {
        "subject.common_name", "name_constraints.permitted.ip", "list_days",
    }  # fmt: skip
    assert "The private CA cannot be enabled like this." in text(answer)


def test_a_plan_names_the_private_cas(
    owner: Person, client: Client, cas: dict[str, PrivateCA], at: datetime
) -> None:
    """Those of the order, and one of another order below its root (D7)."""
    for kind, parent in (("root", None), ("intermediate", None), ("extra", cas["root"])):
        given = CaSettings(subject=Subject(common_name=f"Works {kind}"))
        services.enable_ca(owner.actor, cas[kind], given, parent=parent, at=at)
    plan = prepare_plan(owner.actor, cas["root"].order, at=at)
    shown = text(client.get(page(owner, "plan", plan.public_id)))
    for kind, ca in cas.items():
        assert f"Works {kind}</strong> <code>{ca.public_id}" in shown
