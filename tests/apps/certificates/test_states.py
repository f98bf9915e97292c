"""Every (state, action) pair: the legal ones move as SPEC section 4 says, the others change nothing."""

import itertools

import pytest

from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services import (
    applying,
    cause,
    renewing,
    revoking,
    withdrawing,
    years,
)
from hanaper.apps.certificates.vocabulary import RevocationReason
from hanaper.apps.orders.models import QuotaMovement
from hanaper.core.certificate.states import MOVES, CertificateState
from hanaper.core.errors import Refusal
from tests.apps.certificates.conftest import DV, DV2

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("issuer")]

CUSTOMERS = {
    "apply": lambda who, one, form, at: applying.submit(who.actor, one, form=form, at=at),
    "cancel_apply": lambda who, one, form, at: withdrawing.cancel_apply(who.actor, one, at=at),
    "withdraw": lambda who, one, form, at: withdrawing.withdraw(who.actor, one, at=at),
    "modify": lambda who, one, form, at: applying.save_form(who.actor, one, form=form, at=at),
    "submit": lambda who, one, form, at: applying.submit(who.actor, one, form=form, at=at),
    "delete_request": lambda who, one, form, at: withdrawing.delete_request(who.actor, one, at=at),
    "revoke": lambda who, one, form, at: revoking.request_revocation(who.actor, one, at=at),
    "renew": lambda who, one, form, at: renewing.renew(who.actor, one, at=at),
    "cancel": lambda who, one, form, at: withdrawing.cancel_not_activated(who.actor, one, at=at),
}
LEGAL = {(row.origin.value, row.action.value): row.to.value for row in MOVES}
# One button: it applies in one state, and submits in the other. Modify is a draft before the first.
LEGAL |= {
    ("pending_application", "submit"): "validating_application",
    ("validation_failed", "apply"): "validating_application",
    ("pending_application", "modify"): "pending_application",
}


@pytest.fixture
def certificate_in(owner, pending, validating, issued, validating_revocation, revoked, work, at):
    def expired():
        certificate = issued()
        years.expire(certificate.pk, certificate.term_end)
        return certificate

    def failed():
        certificate = validating()
        certificate.applications.get().checks.update(tries=249)
        work(at)
        return certificate

    def removed():
        certificate = pending()
        withdrawing.cancel_apply(owner.actor, certificate, at=at)
        return certificate

    makers = {
        "pending_application": pending,
        "validating_application": validating,
        "validation_failed": failed,
        "issued": issued,
        "validating_revocation": validating_revocation,
        "revoked": revoked,
        "expired": expired,
        "removed": removed,
        "not_activated": lambda: Certificate.objects.get(series=pending(DV2).series, year=2),
    }

    def make(state):
        certificate = makers[state]()
        certificate.refresh_from_db()
        assert certificate.state == state
        return certificate

    return make


def everything(certificate):
    row = Certificate.objects.filter(pk=certificate.pk).values().get()
    movements = list(QuotaMovement.objects.order_by("pk").values_list("kind", "reference"))
    applications = list(certificate.applications.order_by("pk").values_list("pk", "state"))
    return row, movements, applications, certificate.revocations.count()


@pytest.mark.parametrize(
    ("state", "action"), itertools.product([state.value for state in CertificateState], CUSTOMERS)
)
def test_every_pair(owner, certificate_in, form, at, state, action):
    certificate = certificate_in(state)
    before = everything(certificate)
    act = CUSTOMERS[action]
    if (state, action) in LEGAL:
        act(owner, certificate, form, at)
        certificate.refresh_from_db()
        assert certificate.state == LEGAL[state, action]
        return
    with pytest.raises(Refusal) as refused:
        act(owner, certificate, form, at)
    assert refused.value.code == "not_in_this_state"
    assert refused.value.details["state"] == state
    assert everything(certificate) == before


@pytest.mark.parametrize("action", CUSTOMERS)
def test_an_operator_does_not_act_for_a_customer(reviewer, pending, form, at, action):
    certificate = pending()
    before = everything(certificate)
    with pytest.raises(Refusal) as refused:
        CUSTOMERS[action](reviewer, certificate, form, at)
    assert refused.value.code in ("not_yours_to_do", "not_in_this_state", "customer_key_required")
    assert everything(certificate) == before


@pytest.mark.parametrize("action", CUSTOMERS)
def test_a_reader_changes_nothing(reader, pending, form, at, action):
    certificate = pending()
    before = everything(certificate)
    with pytest.raises(Refusal) as refused:
        CUSTOMERS[action](reader, certificate, form, at)
    assert refused.value.code == "role_too_small"
    assert everything(certificate) == before


@pytest.mark.parametrize("state", [state.value for state in CertificateState])
def test_a_cause_revokes_what_is_in_force_and_nothing_else(reviewer, certificate_in, work, at, state):
    certificate = certificate_in(state)
    reason = RevocationReason.KEY_COMPROMISE

    def act():
        return cause.revoke_for_cause(
            reviewer.actor, certificate, reason=reason, text="found on the web", at=at
        )

    if (state, "revoke_for_cause") not in LEGAL:
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "not_in_this_state"
        return
    asked = act()
    assert act().pk == asked.pk  # twice is once
    work(at)
    certificate.refresh_from_db()
    assert certificate.state == "revoked"
    assert certificate.issuer_orders.get().revocation_reason == reason


def test_finance_does_not_review(finance, validating_revocation, at):
    certificate = validating_revocation(DV)
    request = certificate.revocations.get()
    for act in (
        lambda: revoking.approve_revocation(finance.actor, request, at=at),
        lambda: revoking.refuse_revocation(finance.actor, request, reason="no", at=at),
    ):
        with pytest.raises(Refusal) as refused:
            act()
        assert refused.value.code == "staff_role_required"
