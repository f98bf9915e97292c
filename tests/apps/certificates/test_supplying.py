"""What a gateway takes of the account's own quota: which, once, with what its nodes are to answer, and given back."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.certificates import supplying
from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.models.people import Contact
from hanaper.apps.certificates.services import applying, cause, people, renewing, revoking, withdrawing
from hanaper.apps.certificates.serving import Served
from hanaper.apps.certificates.vocabulary import RevocationReason
from hanaper.apps.events.models import Event
from hanaper.apps.orders.models import Order, OrderLine
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.gateway.supply import QUOTA, Asked, ShownBy, Stage, Standing
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.demo.world import WebServer
from tests.apps.certificates.conftest import DV, DV2, OV, WILD, x509s
from tests.people import Person
from tests.shop import buy, pay_by_balance

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]

DOMAIN = "shop.example.com"
MULTI = "hanaper-dv-multi-1y"
SUPPLY = supplying.Supply()


@pytest.fixture
def nodes(settings: Any, name_server: Any) -> Iterator[WebServer]:
    """The gateway's nodes, as far as an issuer sees them."""
    server = WebServer()
    settings.GATEWAY_CHECK_PORT = server.port
    name_server.records[DOMAIN, "A"] = ["127.0.0.1"]
    yield server
    server.close()


def asked(person: Person, **given: Any) -> Asked:
    assert person.account is not None
    said = {"account_id": person.account.pk, "domain": DOMAIN, "source": QUOTA, "shown_by": ShownBy.GATEWAY}
    return Asked(**{**said, **given})


def obtain(person: Person, at: datetime, **given: Any) -> str:
    begun: list[str] = []
    SUPPLY.obtain(asked(person, **given), begun.append, at)
    return begun[0]


def standing(person: Person, public_id: str, at: datetime) -> Standing:
    assert person.account is not None
    found = SUPPLY.standing(person.account.pk, public_id, at)
    assert found is not None
    return found


def left(order: Order) -> int:
    return OrderLine.objects.get(order=order).quota_available


def test_a_unit_is_taken_applied_for_proven_and_issued(
    owner: Person, catalogue: None, contact: Contact, nodes: WebServer, work: Callable[..., None], at: datetime
) -> None:  # fmt: skip
    order = buy(owner, (DV, 2), at=at)
    public_id = obtain(owner, at)
    row = Certificate.objects.get(public_id=public_id)
    assert (row.state, row.domains, row.order, left(order)) == ("validating_application", [DOMAIN], order, 1)
    found = standing(owner, public_id, at)
    (proof,) = found.proofs
    check = DomainCheck.objects.get()
    assert (found.stage, proof.domain, proof.content) == (Stage.PENDING, DOMAIN, check.token)
    assert proof.path == f"/.well-known/pki-validation/{check.public_id}.txt"
    # Nobody is asked to do anything.
    assert not Event.objects.filter(kind="certificate.validation_needed").exists()
    work(at)
    assert "404" in standing(owner, public_id, at).message
    nodes.files[DOMAIN, proof.path] = proof.content
    work(at)
    found = standing(owner, public_id, at)
    end = Certificate.objects.get().term_end
    assert (found.stage, found.proofs, found.ends_at) == (Stage.ISSUED, (), end)
    assert found.renew_at == end - timedelta(days=7) and found.tell_at == end - timedelta(days=30)
    assert set(AuditEntry.objects.filter(target=public_id).values_list("actor_name", flat=True)) >= {
        "gateway"
    }


def test_by_dns_its_owner_sets_a_record(
    owner: Person, catalogue: None, contact: Contact, name_server: Any, work: Callable[..., None], at: datetime
) -> None:  # fmt: skip
    buy(owner, DV, at=at)
    public_id = obtain(owner, at, shown_by=ShownBy.DNS)
    found = standing(owner, public_id, at)
    (record,) = found.records
    assert record.name == f"_hanaper-challenge.{DOMAIN}" and found.proofs == ()
    name_server.records[record.name, "TXT"] = [record.value]
    work(at)
    assert standing(owner, public_id, at).stage is Stage.ISSUED


def test_which_is_taken_first(
    owner: Person, catalogue: None, contact: Contact, nodes: Any, pending: Any, at: datetime
) -> None:
    """What is on the list untouched; then the plainest, the oldest; never a wildcard, or what names a company."""
    buy(owner, OV, at=at)
    buy(owner, WILD, at=at)
    with pytest.raises(Refusal) as refused:
        SUPPLY.refuse_impossible(asked(owner), at)
    assert refused.value.code == "no_quota"
    several, two_years = buy(owner, MULTI, at=at), buy(owner, DV2, at=at)
    single = buy(owner, DV, at=at + timedelta(hours=1))
    untouched, begun = pending(), pending()
    applying.save_form(owner.actor, begun, form={"domains": ["mine.example.com"]}, at=at)
    offers = [one.of for one in SUPPLY.offers(owner.account.pk, at)]
    expected = [untouched.order.public_id, single.public_id, two_years.public_id, several.public_id]
    assert offers == expected
    taken = [Certificate.objects.get(public_id=obtain(owner, at)).order.public_id for _ in range(4)]
    assert taken == expected and SUPPLY.offers(owner.account.pk, at) == []
    begun.refresh_from_db()
    assert begun.state == "pending_application"
    with pytest.raises(Refusal):
        obtain(owner, at)


def test_another_kind_of_key_is_a_reissue_and_costs_nothing(
    owner: Person, contact: Contact, issued: Callable[..., Certificate], at: datetime
) -> None:
    served = issued(domains=[DOMAIN])
    account, public_id = served.account_id, served.public_id
    assert standing(owner, public_id, at).key_algorithm == "ec-p256"
    for _ in range(2):
        assert SUPPLY.rekey(owner.actor, account, public_id, KeyAlgorithm.RSA_2048, at)
    asked_for = served.applications.exclude(state="issued").values_list("purpose", "key_algorithm")
    assert list(asked_for) == [("rekey", "rsa-2048")]
    assert standing(owner, public_id, at).key_algorithm == "rsa-2048"


def test_the_kind_of_key_that_was_chosen(
    owner: Person, catalogue: None, contact: Contact, nodes: Any, at: datetime
) -> None:
    buy(owner, DV, at=at)
    row = Certificate.objects.get(public_id=obtain(owner, at, key_algorithm=KeyAlgorithm.RSA_2048))
    assert row.form["key_algorithm"] == row.applications.get().key_algorithm == "rsa-2048"


def test_a_renewal_is_for_what_it_renews(
    owner: Person, contact: Contact, nodes: Any, issued: Callable[..., Certificate], at: datetime
) -> None:
    served = issued(domains=[DOMAIN])
    renewal = renewing.renew(owner.actor, served, at=at)
    pay_by_balance(owner, renewal, at)
    assert SUPPLY.offers(owner.account.pk, at) == []
    other = buy(owner, DV, at=at)
    row = Certificate.objects.get(public_id=obtain(owner, at, replaces=served.public_id))
    assert (row.order, row.follows) == (renewal, served)  # D18: it begins where the other ends
    assert left(other) == 1


def test_nothing_is_taken_if_the_one_who_asked_is_gone(
    owner: Person, catalogue: None, contact: Contact, nodes: Any, at: datetime
) -> None:
    order = buy(owner, DV, at=at)

    def gone(_: str) -> None:
        raise Refusal("It is not wanted any more.")

    with pytest.raises(Refusal):
        SUPPLY.obtain(asked(owner), gone, at)
    assert left(order) == 1 and not Certificate.objects.exists()


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"contact": "con_none"}, "contact_not_found"),
        ({"domain": "co.uk"}, "public_suffix"),
        ({"template": "server"}, "no_template_needed"),
        ({"key_algorithm": KeyAlgorithm.ED25519}, "key_not_served"),
    ],
)
def test_what_is_wrong_before_anything_is_taken(
    owner: Person, catalogue: None, contact: Contact, at: datetime, given: dict[str, Any], code: str
) -> None:
    order = buy(owner, DV, at=at)
    with pytest.raises(InvalidInput) as refused:
        obtain(owner, at, **given)
    assert refused.value.code == code and left(order) == 1


def test_somebody_answers_for_an_application(
    owner: Person, stranger: Person, catalogue: None, at: datetime
) -> None:
    buy(owner, DV, at=at)
    theirs = people.create_contact(
        stranger.actor, stranger.account, fields={"name": "X", "email": "x@example.com"}, at=at
    )
    for given, code in (({}, "contact_missing"), ({"contact": theirs.public_id}, "contact_not_found")):
        with pytest.raises(InvalidInput) as refused:
            obtain(owner, at, **given)
        assert refused.value.code == code and refused.value.next_steps


def test_in_the_own_account_only(
    owner: Person, stranger: Person, catalogue: None, contact: Contact, nodes: Any, at: datetime
) -> None:
    people.create_contact(
        stranger.actor, stranger.account, fields={"name": "X", "email": "x@example.com"}, at=at
    )
    buy(owner, DV, at=at)
    assert SUPPLY.offers(stranger.account.pk, at) == []
    with pytest.raises(Refusal) as refused:
        obtain(stranger, at)
    assert refused.value.code == "no_quota"
    public_id = obtain(owner, at)
    assert standing(stranger, public_id, at).stage is Stage.LOST  # as one that never was
    with pytest.raises(Refusal):
        SUPPLY.give_up(stranger.account.pk, public_id, at)


def test_given_up_it_is_off_the_list_and_its_quota_back(
    owner: Person, catalogue: None, contact: Contact, nodes: Any, at: datetime
) -> None:
    order = buy(owner, DV, at=at)
    public_id = obtain(owner, at)
    for _ in range(2):
        SUPPLY.give_up(owner.account.pk, public_id, at)
    assert (Certificate.objects.get().state, left(order)) == ("removed", 1)
    assert standing(owner, public_id, at).stage is Stage.TAKEN_BACK


def test_issued_it_stays(owner: Person, issued: Callable[..., Certificate], at: datetime) -> None:
    row = issued(domains=[DOMAIN])
    SUPPLY.give_up(owner.account.pk, row.public_id, at)
    row.refresh_from_db()
    assert row.state == "issued"


def test_a_failed_one_is_applied_for_again(
    owner: Person, catalogue: None, contact: Contact, nodes: Any, at: datetime
) -> None:
    order = buy(owner, DV, at=at)
    public_id = obtain(owner, at)
    check = DomainCheck.objects.get()
    Certificate.objects.update(state="validation_failed")
    check.application.state, check.application.failure = "failed", "Not seen."
    check.application.save()
    assert standing(owner, public_id, at).message == "Not seen."
    SUPPLY.go_on(owner.account.pk, public_id, at)
    assert standing(owner, public_id, at).stage is Stage.PENDING and left(order) == 0
    Certificate.objects.update(state="validation_failed")
    SUPPLY.give_up(owner.account.pk, public_id, at)
    assert left(order) == 1


def test_withdrawn_or_revoked_it_was_taken_back(
    owner: Person, catalogue: None, contact: Contact, nodes: Any, revoked: Callable[..., Certificate], at: datetime
) -> None:  # fmt: skip
    buy(owner, DV, at=at)
    public_id = obtain(owner, at)
    withdrawing.withdraw(owner.actor, Certificate.objects.get(public_id=public_id), at=at)
    assert standing(owner, public_id, at).stage is Stage.TAKEN_BACK
    gone = revoked(domains=["other.example.com"])
    assert standing(owner, gone.public_id, at).stage is Stage.TAKEN_BACK
    assert Served().revoked_at(gone.account_id, gone.public_id) == at
    assert Served().revoked_at(gone.account_id, public_id) is None


@pytest.mark.parametrize(
    ("reason", "stage"), [("key_compromise", Stage.LOST), ("privilege_withdrawn", Stage.TAKEN_BACK)]
)
def test_revoked_by_its_ca_another_is_wanted_unless_it_was_misused(
    owner: Person, reviewer: Person, issued: Callable[..., Certificate], work: Any, at: datetime,
    reason: str, stage: Stage,
) -> None:  # fmt: skip
    row = issued(key_algorithm="ec-p256")
    account, public_id = row.account_id, row.public_id
    before = Served().key_pair(account, public_id, at)
    cause.revoke_for_cause(reviewer.actor, row, reason=RevocationReason(reason), text="So.", at=at)
    work(at)
    assert Served().key_pair(account, public_id, at) is None
    assert before and before == Served().last_key_pair(account, public_id)  # for nodes that come later
    assert standing(owner, row.public_id, at).stage is stage
    assert Served().revoked_at(row.account_id, row.public_id) == at


def test_one_that_is_being_revoked_is_still_served(
    owner: Person, issued: Callable[..., Certificate], at: datetime
) -> None:
    row = issued(domains=[DOMAIN])
    revoking.request_revocation(owner.actor, row, at=at)
    assert standing(owner, row.public_id, at).stage is Stage.ISSUED


def test_with_a_year_that_follows_nothing_has_to_be_had(
    owner: Person, issued: Callable[..., Certificate], at: datetime
) -> None:
    found = standing(owner, issued(DV2, domains=[DOMAIN]).public_id, at)
    assert (found.stage, found.renew_at, found.tell_at) == (Stage.ISSUED, None, None)


def test_reissues_ask_the_nodes_again_once_a_validation_is_too_old(
    owner: Person, catalogue: None, contact: Contact, nodes: WebServer, work: Callable[..., None], at: datetime
) -> None:  # fmt: skip
    at += timedelta(days=30)  # from when on a year takes several
    buy(owner, DV, at=at)
    public_id = obtain(owner, at)
    (proof,) = standing(owner, public_id, at).proofs
    nodes.files[DOMAIN, proof.path] = proof.content
    work(at)
    row = Certificate.objects.get()
    assert SUPPLY.proving() == [] and row.reissue_due_at is not None
    DomainCheck.objects.update(obtained_at=at - timedelta(days=500))
    work(row.reissue_due_at)
    assert SUPPLY.proving() == [public_id]
    (again,) = standing(owner, public_id, row.reissue_due_at).proofs
    nodes.files[DOMAIN, again.path] = again.content
    work(row.reissue_due_at)
    assert SUPPLY.proving() == [] and len(x509s(row)) == 2


def test_the_year_that_follows_is_proven_for_the_one_that_is_served(
    owner: Person, catalogue: None, contact: Contact, nodes: WebServer, work: Callable[..., None], at: datetime
) -> None:  # fmt: skip
    buy(owner, DV2, at=at)
    public_id = obtain(owner, at)
    (proof,) = standing(owner, public_id, at).proofs
    nodes.files[DOMAIN, proof.path] = proof.content
    work(at)
    first, second = Certificate.objects.order_by("year")
    later = first.term_end - timedelta(days=20)
    DomainCheck.objects.update(obtained_at=at - timedelta(days=500))
    work(later)
    second.refresh_from_db()
    assert (second.state, SUPPLY.proving()) == ("validating_application", [public_id])
    (again,) = standing(owner, public_id, later).proofs
    nodes.files[DOMAIN, again.path] = again.content
    work(later)
    second.refresh_from_db()
    assert second.state == "issued" and standing(owner, public_id, later).renew_at is None
