"""Combining: what comes of it, and what it ends (SPEC section 6, R9, D4)."""

import pytest

from hanaper.apps.certificates.evidence import certificates_evidence
from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services import applying, combining, revoking, withdrawing
from hanaper.apps.orders.models import Order, OrderLine
from hanaper.core.certificate.identifiers import DomainKind
from hanaper.core.errors import InvalidInput, Refusal
from tests.apps.certificates.conftest import DV, DV2, OV, PUBLIC, WILD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]

MULTI = "hanaper-dv-multi-1y"


@pytest.fixture
def combine(owner, at):
    def make(*certificates, at=at):
        _, warned = combining.prepare_combination(owner.actor, certificates, at=at)
        return combining.confirm_combination(owner.actor, certificates, warned.token, at=at)

    return make


@pytest.mark.parametrize(
    ("kinds", "result"),
    [
        ((DomainKind.SINGLE, DomainKind.SINGLE), DomainKind.MULTI_DOMAIN),
        ((DomainKind.SINGLE, DomainKind.MULTI_DOMAIN), DomainKind.MULTI_DOMAIN),
        ((DomainKind.WILDCARD, DomainKind.WILDCARD), DomainKind.MULTI_WILDCARD),
        ((DomainKind.WILDCARD, DomainKind.MULTI_WILDCARD), DomainKind.MULTI_WILDCARD),
        ((DomainKind.WILDCARD, DomainKind.SINGLE), DomainKind.HYBRID),
        ((DomainKind.HYBRID, DomainKind.SINGLE), DomainKind.HYBRID),
    ],
)
def test_the_kind_goes_by_content(kinds, result):
    assert combining.result_kind(kinds) is result


def left(certificate):
    return OrderLine.objects.get(pk=certificate.line_id).quota_available


def test_singles_become_several_domains_and_stay_refundable(owner, pending, combine, form, publish, work, at):
    first, second = pending(), pending()
    combined = combine(first, second)
    assert (combined.state, combined.domain_kind) == ("pending_application", "multi_domain")
    for source in (first, second):
        source.refresh_from_db()
        assert (source.state, source.removed_by) == ("removed", "combine")
        assert not Order.objects.get(pk=source.order_id).combined
        # On the list of each order that gave quota to it (D5).
        (fact,) = certificates_evidence([source.order], at)[source.order_id]["certificates"]
        assert fact["id"] == combined.public_id
    names = ["a.example.com", "b.example.com"]
    applying.submit(owner.actor, combined, form={**form, "domains": names}, at=at)
    publish(combined)
    work(at)
    combined.refresh_from_db()
    assert combined.state == "issued" and combined.domains == names


def test_cancelling_gives_every_order_its_quota_back(owner, pending, combine, at):
    first, second = pending(), pending()
    combined = combine(first, second)
    assert (left(first), left(second)) == (0, 0)
    withdrawing.cancel_apply(owner.actor, combined, at=at)
    assert (left(first), left(second)) == (1, 1)
    for source in (first, second):
        assert certificates_evidence([source.order], at)[source.order_id] == {"certificates": []}


@pytest.mark.parametrize("products", [(WILD, WILD), (WILD, DV)])
def test_wildcards_and_hybrids_end_the_right_to_a_refund_for_good(owner, pending, combine, at, products):
    sources = [pending(product) for product in products]
    kind, warned = combining.prepare_combination(owner.actor, sources, at=at)
    assert kind in combining.BARS_REFUND and "ends the right" in warned.text
    # What is told is how it would be afterwards: no date until which a refund could be asked for.
    assert [(one.refundable, one.closes_at) for one in warned.outlooks] == [(False, None)] * 2
    assert all(clause == "R9" for one in warned.outlooks for clause, _ in one.reasons)
    combined = combining.confirm_combination(owner.actor, sources, warned.token, at=at)
    withdrawing.cancel_apply(owner.actor, combined, at=at)
    for source in sources:
        assert Order.objects.get(pk=source.order_id).combined  # D4: stays so


def test_a_revoked_combination_gives_back_to_every_line(
    owner, reviewer, pending, combine, form, publish, work, at
):
    first, second = pending(), pending()
    combined = combine(first, second)
    names = ["a.example.com", "b.example.com"]
    applying.submit(owner.actor, combined, form={**form, "domains": names}, at=at)
    publish(combined)
    work(at)
    request = revoking.request_revocation(owner.actor, combined, at=at)
    revoking.approve_revocation(reviewer.actor, request, at=at)
    work(at)
    assert (left(first), left(second)) == (1, 1)


def refused_codes(owner, certificates, at):
    before = list(Certificate.objects.order_by("pk").values_list("pk", "state"))
    with pytest.raises(InvalidInput) as refused:
        combining.prepare_combination(owner.actor, certificates, at=at)
    assert list(Certificate.objects.order_by("pk").values_list("pk", "state")) == before
    return {(fault.field, fault.code) for fault in refused.value.faults}


def test_what_cannot_be_combined(owner, pending, validating, at):
    single, several, public, ov = pending(), pending(DV2), pending(PUBLIC), pending(OV)
    applied = validating()
    assert refused_codes(owner, [single], at) == {("certificates", "too_few")}
    assert refused_codes(owner, [single, single], at) == {("certificates", "duplicate")}
    assert refused_codes(owner, [single, several], at) == {("certificates.1", "several_years")}
    assert refused_codes(owner, [single, public], at) == {("certificates.1", "brand_or_level")}
    assert refused_codes(owner, [single, ov], at) == {("certificates.1", "brand_or_level")}
    assert refused_codes(owner, [single, applied], at) == {("certificates.1", "not_in_this_state")}


def test_nothing_is_combined_while_one_of_the_orders_is_refunded(owner, pending, at):
    first, second = pending(), pending()
    _, warned = combining.prepare_combination(owner.actor, [first, second], at=at)
    Order.objects.filter(pk=second.order_id).update(state="refund_in_progress")
    with pytest.raises(Refusal) as refused:
        combining.confirm_combination(owner.actor, [first, second], warned.token, at=at)
    assert refused.value.code in ("order_locked", "warning_changed")
    assert Certificate.objects.filter(combined=True).count() == 0


def test_a_token_is_for_what_was_read(owner, colleague, stranger, pending, at):
    first, second, third = pending(), pending(), pending()
    _, warned = combining.prepare_combination(owner.actor, [first, second], at=at)
    with pytest.raises(Refusal) as refused:
        combining.confirm_combination(owner.actor, [first, third], warned.token, at=at)
    assert refused.value.code == "warning_changed"
    with pytest.raises(Refusal) as refused:
        combining.confirm_combination(owner.actor, [first, second], "nonsense", at=at)
    assert refused.value.code == "confirmation_invalid"
    combining.confirm_combination(colleague.actor, [second, first], warned.token, at=at)
