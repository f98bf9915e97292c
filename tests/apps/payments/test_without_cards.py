"""An installation in production, where no card provider is connected yet."""

from datetime import datetime

import pytest

from hanaper import clock
from hanaper.apps.ledger.verification import LedgerReport
from hanaper.apps.orders import services as orders
from hanaper.apps.payments import providers
from hanaper.apps.payments.models import PaymentPart
from hanaper.apps.payments.recovery import Reconciled, reconcile
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.verification import verify_provider
from hanaper.apps.payments.vocabulary import Means
from hanaper.core.errors import Refusal
from tests.apps.payments.conftest import PRODUCT, details
from tests.people import Person
from tests.shop import place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_cards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(providers, "_providers", {})


def test_a_card_is_refused_and_nothing_is_held(owner: Person, catalogue: None, at: datetime) -> None:
    order = place(owner, PRODUCT, at=at)
    with pytest.raises(Refusal) as refused:
        orders.pay_order(owner.actor, order, means=[MeansChoice(Means.CARD, card=details("success"))], at=at)
    assert refused.value.code == "means_not_offered"
    assert not PaymentPart.objects.exists()


def test_there_is_nobody_to_ask(at: datetime) -> None:
    report = LedgerReport()
    verify_provider(report)
    assert report.problems == []
    assert reconcile(at, clock.system_now()) == Reconciled()
