"""The sandbox card provider at its own door: whatever comes in, it answers in one shape and stays up."""

import json
import time
from collections.abc import Iterator

import httpx
import pytest

from hanaper.sandbox_card.cards import CARDS
from tests.fixtures_card import SECRET, CardProvider

CARD = {"number": CARDS[0].number, "expiry": "12/49"}


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CardProvider]:
    one = CardProvider(tmp_path_factory.mktemp("provider"))
    one.start()
    yield one
    one.stop()


@pytest.fixture
def client(provider: CardProvider) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {SECRET}"}
    with httpx.Client(base_url=provider.url, headers=headers, timeout=5, trust_env=False) as one:
        yield one


@pytest.mark.parametrize("secret", ["", "Bearer", "Bearer x", f"Basic {SECRET}", f"Bearer {SECRET}x"])
@pytest.mark.parametrize("path", ["/v1/charges", "/v1/refunds", "/v1/tokens", "/anything"])
def test_nobody_without_the_secret(client: httpx.Client, path: str, secret: str) -> None:
    for method in ("GET", "POST"):
        body = {"number": CARDS[0].number} if method == "POST" else None
        answer = client.request(method, path, json=body, headers={"Authorization": secret})
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")


@pytest.mark.parametrize(
    ("method", "path", "content", "code"),
    [
        ("GET", "/v1/charges?limit=many", None, "bad_limit"),
        ("GET", "/v1/charges?limit=-1", None, "bad_limit"),
        ("GET", "/v1/charges?limit=0", None, "bad_limit"),
        ("GET", "/v1/tokens", None, "not_found"),
        ("GET", "/etc/passwd", None, "not_found"),
        ("POST", "/v1/nothing", b"{}", "not_found"),
        ("POST", "/v1/charges", b"{}", "key_missing"),
        ("POST", "/v1/tokens", b"", "unknown_card"),
        ("POST", "/v1/tokens", b"\xff\xfe", "bad_json"),
        ("POST", "/v1/tokens", b"[1]", "bad_json"),
        ("POST", "/v1/tokens", b'{"number": {"a": 1}}', "unknown_card"),
        ("POST", "/v1/tokens", b" " * 70_000, "too_large"),
        ("POST", "/v1/refunds/re_none/resolve", b'{"status": "succeeded"}', "unknown_refund"),
        ("POST", "/v1/refunds/re_none/resolve", b'{"status": "lost"}', "bad_status"),
        ("POST", "/v1/dashboard/refunds", b'{"charge": "ch_none", "amount": 1}', "unknown_charge"),
    ],
)
def test_bad_input(client: httpx.Client, method: str, path: str, content: bytes | None, code: str) -> None:
    answer = client.request(method, path, content=content)
    assert 400 <= answer.status_code < 500
    assert (answer.json()["error"]["code"], answer.json()["sandbox"]) == (code, True)
    assert client.get("/v1/charges").status_code == 200


@pytest.mark.parametrize("amount", ["0", "-1", "1.5", '"1"', "true", "null", "9007199254740992", "1e3"])
def test_amounts(client: httpx.Client, amount: str) -> None:
    token = client.post("/v1/tokens", json=CARD).json()["id"]
    body = f'{{"token": "{token}", "currency": "USD", "amount": {amount}}}'
    answer = client.post("/v1/charges", content=body, headers={"Idempotency-Key": f"amount {amount}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_amount")


@pytest.mark.parametrize(
    ("expiry", "code"),
    [
        ("", "bad_expiry"),
        ("13/49", "bad_expiry"),
        ("00/49", "bad_expiry"),
        ("12/2049", "bad_expiry"),
        ("\u0661\u0662/49", "bad_expiry"),
        ("12/20", "expired_card"),
    ],
)
def test_a_card_has_an_end(client: httpx.Client, expiry: str, code: str) -> None:
    answer = client.post("/v1/tokens", json=CARD | {"expiry": expiry})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, code)


def test_a_card_is_good_to_the_end_of_its_month(client: httpx.Client) -> None:
    assert client.post("/v1/tokens", json=CARD | {"expiry": time.strftime("%m/%y")}).status_code == 200


def test_every_answer_says_that_it_is_a_sandbox(client: httpx.Client) -> None:
    for path in ("/v1/charges", "/v1/refunds", "/nothing"):
        answer = client.get(path)
        assert answer.headers["Sandbox"] == "yes" and answer.json()["sandbox"] is True


def test_it_keeps_no_number(client: httpx.Client, provider: CardProvider) -> None:
    number = CARDS[0].number
    answer = client.post("/v1/tokens", json=CARD)
    assert number not in json.dumps(answer.json())
    for file in provider.folder.iterdir():
        assert number.encode() not in file.read_bytes()
