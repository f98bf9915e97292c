"""Texts of events: one of its own for every kind, in both languages, with the same placeholders."""

import re
import string
from types import SimpleNamespace

import pytest

from hanaper.apps.events import texts_en, texts_zh
from hanaper.apps.events.texts import LANGUAGES, Reader, around_a_letter, language_of, reader_of, text_of
from hanaper.apps.events.vocabulary import EventKind

# What a webhook's failure or an order may hold; a text may leave some out.
WORDS = {
    "证书": "certificate.issued",
    "订单": "order.paid",
    "退款": "refund.succeeded",
    "吊销": "certificate.revoked",
    "验证": "certificate.validation_needed",
    "配额": "refund.window_closing",
    "余额": "balance.credited",
    "续费": "certificate.expiring",
}


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_text_of_its_own(language):
    table = {"en": texts_en, "zh-hans": texts_zh}[language].TEXTS
    assert set(table) == set(EventKind)
    assert len({title for title, _ in table.values()}) == len(EventKind)
    for kind in EventKind:
        title, text = text_of(kind, "xxx_1", {}, Reader(language))
        assert title and text and "\n" not in title
        assert bool(re.search("[一-鿿]", title + text)) is (language == "zh-hans"), kind


@pytest.mark.parametrize("kind", EventKind)
def test_both_languages_say_the_same_things(kind):
    english, chinese = texts_en.TEXTS[kind], texts_zh.TEXTS[kind]
    assert fields("".join(english)) == fields("".join(chinese))


def test_the_field_s_own_words():
    for word, kind in WORDS.items():
        assert word in "".join(text_of(kind, "x", {}, Reader("zh-hans"))), kind
    assert around_a_letter("zh-hans").keys() == around_a_letter("en").keys()


def test_a_kind_that_nobody_knows_is_told_by_its_name():
    assert "xxx_1" in text_of("something.unheard_of", "xxx_1", {})[0]


def test_a_title_stays_one_line():
    title, _ = text_of(EventKind.MEMBER_ADDED, "s", {"email": "a\r\nBcc: x@y.z " + "e" * 400})
    assert "\n" not in title and "\r" not in title and len(title) <= 300


def test_moments_amounts_and_roles_are_written_for_people():
    _, text = text_of("order.placed", "ord_1", {"price": "9.00 USD", "expires_at": "2026-03-09T00:00:00Z"})
    assert "comes to $9.00." in text and "until Mar 9, 2026 00:00 UTC;" in text
    assert "$50.00" in text_of("balance.credited", "trf_1", {"amount": 5000, "currency": "USD"})[0]
    _, text = text_of("account.member_added", "u", {"email": "a@b.c", "role": "owner"}, Reader("zh-hans"))
    assert "所有者" in text


def test_everybody_reads_in_their_own_zone_and_language():
    told = {"price": "9.00 USD", "expires_at": "2026-03-09T20:00:00+00:00"}
    _, text = text_of("order.placed", "ord_1", told, Reader("zh-hans", "Asia/Shanghai"))
    assert "US$9.00" in text and "2026年3月10日 04:00 CST" in text
    _, text = text_of("order.placed", "ord_1", told, Reader("en", "Nowhere/AtAll"))
    assert "Mar 9, 2026 20:00 UTC" in text


@pytest.mark.parametrize(
    ("kind", "told", "said"),
    [
        ("revocation.asked", {"reason": "key_compromise"}, "密钥已泄露"),
        ("payment.failed", {"problem": "The card was declined."}, "银行卡被拒绝"),
        ("revocation.refused", {"reason": "Ask 1 more time"}, "Ask 1 more time"),
    ],
)
def test_the_service_s_own_words_in_the_reader_s_language(kind, told, said):
    assert said in text_of(kind, "x", told, Reader("zh-hans"))[1]


def test_braces_of_a_customer_are_only_text():
    told = {"domains": "{subject} {0.__class__}", "serial": "1", "term_end": "x"}
    assert "{subject} {0.__class__}" in text_of("certificate.issued", "crt_1", told)[1]


@pytest.mark.parametrize(
    ("language", "read"), [("", "en"), ("en", "en"), ("zh-hans", "zh-hans"), ("xx", "en")]
)
def test_the_language_of_somebody(language, read):
    assert language_of(SimpleNamespace(language=language)) == read
    assert language_of(None) == "en"


def test_the_zone_of_somebody(settings):
    settings.ZONE = "Europe/Berlin"
    assert reader_of(SimpleNamespace(language="", zone="")).zone == "Europe/Berlin"
    assert reader_of(SimpleNamespace(language="", zone="Asia/Tokyo")).zone == "Asia/Tokyo"
    assert reader_of(None) == Reader("en", "Europe/Berlin")
