"""English and Simplified Chinese, complete: what is said in one is said in the other."""

import re
from types import ModuleType

import pytest
from django.test import Client
from django.utils import translation

from hanaper.apps.events import texts_en, texts_zh
from hanaper.apps.private_ca.states import Operation
from hanaper.core.private_ca.templates import BUILT_IN
from hanaper.core.refund import SHIPPED_POLICIES
from hanaper.core.refund.policy_words import policy_rules
from hanaper.faces.console.faults import HERE
from hanaper.faces.console.labels import LABELS
from hanaper.faces.console.menu import CUSTOMERS, OPERATORS
from hanaper.faces.console.private_ca.reading import described
from hanaper.faces.console.snippets import CLIENT_SNIPPETS, SNIPPETS
from hanaper.faces.language.sentences import translate
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tools.translations import messages, sentences

CHINESE = re.compile("[\u4e00-\u9fff]")
PLACES = re.compile(r"%\(\w+\)[sd]|<[^>]+>")


def test_every_message_of_a_page_is_translated() -> None:
    """Run `python -m tools.translations` after a change, and fill in what is empty."""
    kept = messages.kept()
    missing = []
    for message in messages.gathered():
        known = kept.get(message.id, message.context) if message.id else None
        if message.id and (known is None or not known.string or not all(known.string)):
            missing.append(message.id)
    assert missing == []


def test_gathering_again_changes_nothing() -> None:
    assert messages.updated().creation_date == messages.kept().creation_date


def test_no_translation_loses_a_value() -> None:
    wrong = [
        message.id
        for message in messages.kept()
        if isinstance(message.id, str)
        and message.id
        and sorted(PLACES.findall(message.id)) != sorted(PLACES.findall(str(message.string)))
    ]
    assert wrong == []


def test_what_is_compiled_is_what_is_written() -> None:
    with translation.override("zh-hans"):
        for message in messages.kept():
            if isinstance(message.id, str) and message.id and not message.context:
                assert translation.gettext(message.id) == message.string


def test_every_sentence_of_the_service_is_translated() -> None:
    kept = sentences.kept()
    assert [source for source in sentences.gathered() if not kept.get(source)] == []
    for source, target in kept.items():
        assert all(int(place) < source.count("{}") for place in re.findall(r"\{(\d+)\}", target)), source


@pytest.mark.parametrize("texts", [texts_en, texts_zh])
def test_every_operation_of_a_ceremony_has_words_in_letters(texts: ModuleType) -> None:
    assert set(texts.OPERATIONS) == set(Operation)


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("There is no order 'ord_1' in this account.", "此账户中没有订单 'ord_1'。"),
        (
            "The message service says no longer when it counts as unused.",
            "消息服务不再规定何时视为未使用。",
        ),
        (
            "The refund window of 7 calendar days closed at the end of 30 November 2026 (UTC).",
            "7 个自然日的退款期限已于2026年11月30日结束（UTC）截止。",
        ),
        ("Revoke the certificate crt_1. This cannot be undone.", "吊销证书 crt_1。此操作无法撤销。"),
        ("CN=Root X,O=Works is not valid now.", "CN=Root X,O=Works 目前不在有效期内。"),
        ("This certificate is not a CA's certificate (CA:TRUE).", "此证书 不是 CA 证书（CA:TRUE）。"),
        ("A chain has at most 65536 bytes.", "证书链最多 65536 字节。"),
        ("At most 64 characters fit into a certificate here.", "证书中的此字段最多 64 个字符。"),
        ("Nobody ever said this.", "Nobody ever said this."),
    ],
)
def test_sentences_are_found_again_with_their_values(english: str, chinese: str) -> None:
    with translation.override("zh-hans"):
        assert translate(english) == chinese
    with translation.override("en"):
        assert translate(english) == english


def test_comments_of_snippets_are_said_in_chinese() -> None:
    with translation.override("zh-hans"):
        said = [one.filled("a.example", "a") for one in (*SNIPPETS, *CLIENT_SNIPPETS) if one.comment]
    assert said and all(CHINESE.search(one.partition("\n")[0]) for one in said)


def test_a_template_is_said_in_chinese() -> None:
    with translation.override("zh-hans"):
        said = dict(described(BUILT_IN["server"]))
    assert said["备用名称"] == "DNS 名称, 含通配符, IP 地址" and said["有效期"] == "90 天，最多 397 天"
    assert not any(re.search("[a-z]{3}", line) for line in (*said, *said.values()))


def test_every_rule_of_every_policy_is_said_in_chinese() -> None:
    with translation.override("zh-hans"):
        for policy in SHIPPED_POLICIES.values():
            for _clause, text in policy_rules(policy):
                assert CHINESE.search(translate(text)), text


@pytest.mark.django_db
def test_the_browser_s_language_is_spoken_to_whoever_chose_none(owner: Person) -> None:
    client = Client()
    client.force_login(owner.user)
    address = f"/a/{owner.account.public_id}/overview/"  # type: ignore[union-attr]
    said = client.get(address, headers={"Accept-Language": "zh-CN,zh;q=0.9"})
    assert "概览" in said.content.decode() and said["Content-Language"] == "zh-hans"
    assert "Accept-Language" in said["Vary"]
    said = client.get(address, headers={"Accept-Language": "fr"})
    assert "<h1>Overview</h1>" in said.content.decode()


def test_chinese_says_one_word_for_one_thing() -> None:
    said = [str(message.string) for message in messages.kept()]
    said += [*sentences.kept().values(), *("".join(text) for text in texts_zh.TEXTS.values())]
    assert [one for one in said if re.search("你|额度|撤消", one)] == []


def test_no_page_speaks_of_the_command_line() -> None:
    """What programs are told to do next is said otherwise here: by `HERE`, or by the page itself."""
    by_pages = {
        "Ask another member to approve it, on the page Ceremonies or with `hanaper pca ceremonies approve`; "
        "it is carried out then.",
        "Propose it on the console's page of {}, with `{} --propose`, or over REST: POST "
        "/api/v1/private-cas/{}/ceremonies, operation {}.",
        "Give the subject in the call, such as --common-name, or an empty one, on the command line "
        "--no-subject: it takes the place of the CSR's.",
    }
    said = {one for one in sentences.gathered() if re.search("`hanaper| --[a-z]", one)}
    assert said == {*HERE, *by_pages}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_two_groups_of_a_menu_have_one_name(language: str) -> None:
    with translation.override(language):
        for groups in (CUSTOMERS, OPERATORS):
            headings = [str(group.heading) for group in groups]
            assert len(set(headings)) == len(headings)


def test_states_have_the_document_s_words() -> None:
    with translation.override("en"):
        for word in (
            "Pending Application",
            "Validating Application",
            "Validation Failed",
            "Validating Revocation",
        ):
            assert str(LABELS[word.lower().replace(" ", "_")]) == word
        assert str(LABELS["refunded"]) == "Refund successfully"


@pytest.mark.django_db
def test_operators_read_products_and_services_in_chinese(administrator: Person, catalogue: None) -> None:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(administrator.user)
    listed = client.get("/operator/catalogue/").content.decode()
    assert "单域名" in listed and "single domain" not in listed
    shown = client.get("/operator/policies/2026-03-18/").content.decode()
    assert "<dt>监控服务</dt>" in shown and "<dt>monitoring</dt>" not in shown
