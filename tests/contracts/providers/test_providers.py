"""What every provider of payments promises (`hanaper/apps/payments/providers`); a new one joins `engine`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from hanaper import clock
from hanaper.apps.payments.providers import (
    BadWebhook,
    CardDetails,
    Provider,
    ProviderBusy,
    ProviderCharge,
    ProviderFault,
    ProviderRejected,
    ProviderTimeout,
)
from hanaper.apps.payments.providers.sandbox_card import SandboxCard, sign_webhook
from hanaper.sandbox_card.cards import BY_NAME
from tests.fixtures_card import SECRET, CardProvider, free_port


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardProvider]:
    one = CardProvider(tmp_path_factory.mktemp("provider"))
    one.start()
    yield one
    one.stop()


@pytest.fixture
def engine(process: CardProvider) -> Provider:
    return SandboxCard(process.url, SECRET)


def token(engine: Provider, card: str = "success") -> str:
    return engine.create_token(CardDetails(BY_NAME[card].number, "12/30"))


def charge(
    engine: Provider, key: str, card: str = "success", *, amount: int = 1900, currency: str = "USD"
) -> ProviderCharge:
    return engine.charge(
        key=key,
        token=token(engine, card),
        amount=amount,
        currency=currency,
        reference="pay_1",
        account="acc_1",
    )


def test_a_charge_is_known_by_our_key(engine: Provider) -> None:
    made = charge(engine, "known")
    assert (made.status, made.amount, made.currency) == ("succeeded", 1900, "USD")
    assert (made.key, made.account) == ("known", "acc_1")
    assert engine.find_charge("known") == made
    assert made in list(engine.list_charges())
    assert engine.find_charge("unknown") is None


@pytest.mark.parametrize(("currency", "amount"), [("JPY", 1), ("KWD", 12_345), ("USD", 2**53 - 1)])
def test_amounts_are_minor_units_of_any_currency(engine: Provider, currency: str, amount: int) -> None:
    made = charge(engine, f"in {currency}", amount=amount, currency=currency)
    assert (made.amount, made.currency) == (amount, currency)


@pytest.mark.parametrize("amount", [0, -1, 2**53])
def test_amounts_that_are_none(engine: Provider, amount: int) -> None:
    with pytest.raises(ProviderRejected):
        charge(engine, f"amount {amount}", amount=amount)
    assert engine.find_charge(f"amount {amount}") is None


def test_one_key_is_one_charge_with_one_input(engine: Provider) -> None:
    given = token(engine)

    def once(amount: int) -> ProviderCharge:
        return engine.charge(
            key="once", token=given, amount=amount, currency="USD", reference="pay_1", account="acc_1"
        )

    assert once(1900) == once(1900)
    with pytest.raises(ProviderRejected):
        once(1901)
    assert [one.amount for one in engine.list_charges() if one.key == "once"] == [1900]


def test_a_decline_is_a_charge_that_failed(engine: Provider) -> None:
    made = charge(engine, "declined", "declined")
    assert made.status == "failed" and made.failure
    with pytest.raises(ProviderRejected):
        engine.refund(key="of declined", charge=made.id, amount=1, reference="rfd_1")


@pytest.mark.parametrize("number", ["4111111111111111", "", "x" * 1000, "\uff14000000000000001"])
def test_a_card_that_is_not_taken(engine: Provider, number: str) -> None:
    with pytest.raises(ProviderRejected):
        engine.create_token(CardDetails(number, "12/30"))


@pytest.mark.parametrize(
    ("card", "error", "made"),
    [
        ("charge_timeout_before", ProviderTimeout, False),
        ("charge_timeout_after", ProviderTimeout, True),
        ("charge_error_500", ProviderFault, False),
        ("charge_busy", ProviderBusy, False),
    ],
)
def test_when_it_does_not_answer_its_list_tells(
    engine: Provider, card: str, error: type[Exception], made: bool
) -> None:
    with pytest.raises(error):
        charge(engine, card, card)
    assert (engine.find_charge(card) is not None) is made


def test_a_refund_is_made_once_and_found(engine: Provider) -> None:
    paid = charge(engine, "to refund")
    made = engine.refund(key="refund", charge=paid.id, amount=1000, reference="rfd_1")
    assert (made.status, made.amount, made.charge) == ("succeeded", 1000, paid.id)
    assert (made.key, made.reference, made.currency) == ("refund", "rfd_1", "USD")
    assert engine.refund(key="refund", charge=paid.id, amount=1000, reference="rfd_1") == made
    assert engine.find_refund("refund") == engine.get_refund(made.id) == made
    assert [one for one in engine.list_refunds() if one.charge == paid.id] == [made]
    assert engine.find_refund("unknown") is engine.get_refund("unknown") is None


def test_never_more_than_was_charged(engine: Provider) -> None:
    paid = charge(engine, "to refund twice")
    engine.refund(key="most", charge=paid.id, amount=1899, reference="rfd_1")
    with pytest.raises(ProviderRejected):
        engine.refund(key="too much", charge=paid.id, amount=2, reference="rfd_2")
    assert engine.find_refund("too much") is None
    assert engine.refund(key="the rest", charge=paid.id, amount=1, reference="rfd_3").status == "succeeded"


def test_a_long_list_is_read_to_its_end(engine: Provider, monkeypatch: pytest.MonkeyPatch) -> None:
    for index in range(5):
        charge(engine, f"one of many {index}")
    whole = list(engine.list_charges())
    monkeypatch.setattr("hanaper.apps.payments.providers.sandbox_card.PAGE", 2)
    assert list(engine.list_charges()) == whole
    assert len({one.id for one in whole}) == len(whole)


def test_a_provider_that_is_away_is_no_answer() -> None:
    away = SandboxCard(f"http://127.0.0.1:{free_port()}", SECRET)
    with pytest.raises(ProviderTimeout):
        away.find_charge("any")
    with pytest.raises(ProviderTimeout):
        list(away.list_refunds())


def test_a_wrong_secret_does_nothing(process: CardProvider) -> None:
    with pytest.raises(ProviderRejected):
        token(SandboxCard(process.url, "cd" * 32))


class TestWebhooks:
    BODY = b'{"event": "evt_1", "kind": "refund.updated", "object": {"id": "re_1", "key": "refund"}}'

    @pytest.fixture
    def now(self) -> datetime:
        return clock.system_now()

    def headers(self, when: datetime, *, secret: str = SECRET, body: bytes = BODY) -> dict[str, str]:
        stamp = str(int(when.timestamp()))
        return {"Sandbox-Signature": f"t={stamp},v1={sign_webhook(secret, stamp, body)}"}

    def test_its_own(self, engine: Provider, now: datetime) -> None:
        event = engine.parse_webhook(self.headers(now), self.BODY, now)
        assert (event.id, event.kind, event.body["id"]) == ("evt_1", "refund.updated", "re_1")

    def test_another_body(self, engine: Provider, now: datetime) -> None:
        with pytest.raises(BadWebhook):
            engine.parse_webhook(self.headers(now), self.BODY.replace(b"re_1", b"re_2"), now)

    @pytest.mark.parametrize("age", [timedelta(minutes=6), timedelta(minutes=-6)])
    def test_of_another_time(self, engine: Provider, now: datetime, age: timedelta) -> None:
        with pytest.raises(BadWebhook):
            engine.parse_webhook(self.headers(now - age), self.BODY, now)

    def test_of_somebody_else(self, engine: Provider, now: datetime) -> None:
        with pytest.raises(BadWebhook):
            engine.parse_webhook(self.headers(now, secret="cd" * 32), self.BODY, now)
        with pytest.raises(BadWebhook):
            engine.parse_webhook({}, self.BODY, now)

    @pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"event": 1, "kind": 2, "object": 3}', b"\xff"])
    def test_no_event(self, engine: Provider, now: datetime, body: bytes) -> None:
        with pytest.raises(BadWebhook):
            engine.parse_webhook(self.headers(now, body=body), body, now)


def test_a_card_never_shows_its_number() -> None:
    assert "400000000000" not in repr(CardDetails(BY_NAME["success"].number, "12/30"))


def test_the_process_outlives_a_kill(tmp_path: Path) -> None:
    one = CardProvider(tmp_path)
    one.start()
    engine = SandboxCard(one.url, SECRET)
    made = charge(engine, "before")
    assert one.process is not None
    one.process.kill()
    one.process.wait(10)
    one.start()
    assert engine.find_charge("before") == made
    one.stop()
