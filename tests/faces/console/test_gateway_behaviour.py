"""Origin and behaviour in the console: every option there and back, every fault at its field."""

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import translation
from django.utils.datastructures import MultiValueDict

from hanaper.apps.gateway import services
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.core.errors import InvalidInput
from hanaper.core.gateway.behaviour import Behaviour
from hanaper.faces.console.gateway import site_form
from hanaper.faces.language import sentences
from tests.faces.console.gateways import *  # noqa: F403 - its fixtures
from tests.faces.console.gateways import page, text
from tests.people import Person

pytestmark = pytest.mark.django_db
PLAIN = {
    "scheme": "http", "host": ["127.0.0.1"], "port": ["8080"], "weight": ["1"], "verify_origin": "yes",
    "connect_seconds": "5", "answer_seconds": "60", "upload_megabytes": "100", "force_https": "yes",
    "least_tls": "1.2", "hsts_seconds": "0", "http3": "yes", "compression": "yes", "cache_enabled": "yes",
    "exhausted": "continue",
}  # fmt: skip
WHOLE = {
    "scheme": "https", "host": ["127.0.0.1", "127.0.0.2", ""], "port": ["8443", "", ""],
    "weight": ["3", "1", "1"], "backup": ["2"], "host_header": "inner.shop.test", "connect_seconds": "2",
    "answer_seconds": "300", "upload_megabytes": "1000", "least_tls": "1.3", "hsts_seconds": "31536000",
    "hsts_subdomains": "yes", "hsts_preload": "yes", "cache_development": "yes",
    "prefix": ["/static/", ""], "kept": ["86400", "3600"], "request_headers_add": "X-Via: gateway",
    "request_headers_remove": "X-Debug, X-Trace", "response_headers_add": "X-One: 1\nX-Two: a: b",
    "redirects": "/old /new\n/gone https://example.com/ 301", "allow": "192.0.2.0/24\n2001:db8::/32",
    "deny": "192.0.2.7", "requests_per_second": "50", "maintenance": "yes", "exhausted": "page",
    "looked_at": "yes", "health_path": "/up", "health_seconds": "5", "health_status": "204",
}  # fmt: skip


def test_every_option_there_and_back(owner: Person, client: Client, active: GatewayInstance) -> None:
    address = page(owner, "gateway-behaviour", active.public_id)
    assert client.post(address, WHOLE).status_code == 302
    active.refresh_from_db()
    kept = Behaviour.model_validate(active.behaviour)
    assert [(one.host, one.asked_port, one.weight, one.backup) for one in kept.origins] == [
        ("127.0.0.1", 8443, 3, False),
        ("127.0.0.2", 443, 1, True),
    ]
    assert kept.hsts.preload and kept.least_tls == "1.3" and not kept.force_https and kept.maintenance
    assert kept.response_headers.add == {"X-One": "1", "X-Two": "a: b"}
    assert kept.request_headers.remove == ("X-Debug", "X-Trace")
    assert [(one.path, one.status) for one in kept.redirects] == [("/old", 308), ("/gone", 301)]
    assert [(one.prefix, one.seconds) for one in kept.cache.rules] == [("/static/", 86_400)]
    assert kept.health is not None and (kept.health.path, kept.health.status) == ("/up", 204)
    assert kept.deny == ("192.0.2.7/32",) and kept.requests_per_second == 50 and kept.exhausted == "page"
    # What is shown then, sent as it is, changes nothing.
    shown = client.get(address).context["site"]
    again = Behaviour.model_validate(site_form.read(_sent(shown), active.behaviour or {}))
    assert again == kept


def _sent(shown: dict[str, Any]) -> Any:
    """What a browser sends of the form as it stands."""

    chosen = {name: [one.value for one in many if one.chosen] for name, many in shown["choices"].items()}
    texts = ("host_header", "origin_ca", "redirects", "allow", "deny", "exhausted", "scheme")
    texts += tuple(f"{name}_{part}" for name in site_form.HEADERS for part in ("add", "remove"))
    ticks = {name: ["yes"] for name in site_form.TICKS if shown[name]}
    ticks |= {f"hsts_{name}": ["yes"] for name in ("subdomains", "preload") if shown["hsts"][name]}
    ticks |= {f"cache_{name}": ["yes"] for name in ("enabled", "development") if shown["cache"][name]}
    sent: dict[str, list[str]] = dict(
        host=[str(one.get("host", "")) for one in shown["origins"]],
        port=[str(one.get("port") or "") for one in shown["origins"]],
        weight=[str(one["weight"]) for one in shown["origins"]],
        backup=[str(one["number"]) for one in shown["origins"] if one.get("backup")],
        prefix=[one["prefix"] for one in shown["rules"]],
        kept=[next(each.value for each in one["kept"] if each.chosen) for one in shown["rules"]],
        looked_at=["yes"] if shown["looked_at"] else [""],
        health_path=[shown["health"]["path"]],
        health_seconds=[one.value for one in shown["health"]["choices"] if one.chosen],
        health_status=[str(shown["health"]["status"])],
        hsts_seconds=[one.value for one in shown["hsts_choices"] if one.chosen],
        **{name: [shown[name]] for name in texts},
        **{name: values or [""] for name, values in chosen.items()},
        **ticks,
    )
    return MultiValueDict(sent)


@pytest.mark.parametrize(
    ("wrong", "field", "said"),
    [
        ({"host": [""]}, "behaviour.origins", "One at least is needed."),
        ({"host": ["not a host"]}, "behaviour.origins.0", ""),
        ({"port": ["0"]}, "behaviour.origins.0.port", "Port: This number is too small."),
        ({"port": ["abc"]}, "behaviour.origins.0.port", "Port: Write a whole number."),
        ({"weight": ["x"]}, "behaviour.origins.0.weight", "Weight: Write a whole number."),
        ({"weight": ["-1"]}, "behaviour.origins.0.weight", "Weight: This number is too small."),
        (
            {"looked_at": "yes", "health_path": "/", "health_seconds": "5", "health_status": "ok"},
            "behaviour.health.status",
            "Status: Write a whole number.",
        ),
        ({"response_headers_add": "X-A: 1\nX-A: 2"}, "behaviour.response_headers.add", "x-a is given twice"),
        ({"redirects": "foo bar baz qux"}, "behaviour.redirects", "Line 1: The path begins with /"),
        ({"backup": ["1"]}, "behaviour.origins", "One origin at least is no backup."),
        ({"host_header": "a_b c"}, "behaviour.host_header", ""),
        ({"origin_ca": "nothing"}, "behaviour.origin_ca", "Paste certificates in PEM."),
        (
            {"looked_at": "yes", "health_path": "up", "health_seconds": "5", "health_status": "200"},
            "behaviour.health",
            "The path begins with /",
        ),
        ({"hsts_preload": "yes"}, "behaviour.hsts", "Preload takes a year"),
        ({"connect_seconds": "7"}, "behaviour.connect_seconds", "Choose one of the list."),
        ({"least_tls": "1.0"}, "behaviour.least_tls", "Choose one of the list."),
        (
            {"response_headers_add": "Host: x"},
            "behaviour.response_headers.add",
            "Host is set by the gateway itself.",
        ),
        ({"request_headers_remove": "a b:"}, "behaviour.request_headers.remove", "is no name of a header."),
        (
            {"response_headers_remove": "Server"},
            "behaviour.response_headers.remove",
            "The gateway writes Server into every answer itself",
        ),
        ({"redirects": "/a /b\n/A /c"}, "behaviour.redirects", "Each path is redirected once"),
        ({"redirects": "/a /b\nnowhere /b"}, "behaviour.redirects", "Line 2: The path begins with /"),
        (
            {"redirects": "/a /b\n/b /a"},
            "behaviour.redirects",
            "Line 2: Nobody arrives, for these lead in a circle",
        ),
        ({"redirects": "/a /b 200"}, "behaviour.redirects", "Line 1: Status: Choose one of the list."),
        ({"prefix": ["static"], "kept": ["60"]}, "behaviour.cache.rules", "Rule 1: The path begins with /"),
        ({"allow": "192.0.2.0/24 x"}, "behaviour.allow", "is no address and no network"),
        ({"requests_per_second": "7"}, "behaviour.requests_per_second", "Choose one of the list."),
    ],
)
def test_every_fault_stands_at_its_field(
    owner: Person, client: Client, active: GatewayInstance, wrong: dict[str, Any], field: str, said: str
) -> None:
    before = active.behaviour
    answer = client.post(page(owner, "gateway-behaviour", active.public_id), {**PLAIN, **wrong})
    assert answer.status_code == 422 and set(answer.context["faults"]) == {field}
    shown = text(answer)
    assert f'id="{field}-fault"' in shown and said in shown
    active.refresh_from_db()
    assert active.behaviour == before


def test_what_was_typed_stays_as_it_was(owner: Person, client: Client, active: GatewayInstance) -> None:
    """To be put right where it is wrong. But a private key is shown to nobody again."""
    written = {
        "redirects": "foo bar baz qux\n/a", "request_headers_add": "X-A 1\n X-B:2", "allow": "x, y",
        "response_headers_remove": "A, B C",
    }  # fmt: skip
    looks = {"health_path": "/hc", "health_seconds": "30", "health_status": "9x9"}  # without the tick
    key = "-----BEGIN EC PRIVATE KEY-----\nc2VjcmV0\n-----END EC PRIVATE KEY-----"
    wrong = {
        **PLAIN,
        **written,
        **looks,
        "port": ["abc"],
        "weight": ["-1"],
        "origin_ca": f"before\n{key}\nafter",
    }
    answer = client.post(page(owner, "gateway-behaviour", active.public_id), wrong)
    site, said = answer.context["site"], text(answer)
    assert {name: site[name] for name in written} == written
    health = site["health"]
    chosen = [one.value for one in health["choices"] if one.chosen]
    assert (health["path"], chosen, health["status"], site["looked_at"]) == ("/hc", ["30"], "9x9", False)
    assert (site["origins"][0]["port"], site["origins"][0]["weight"]) == ("abc", -1)
    for field in ("port", "weight"):
        described = f'aria-invalid="true" aria-describedby="behaviour.origins.0.{field}-fault"'
        assert re.search(f'name="{field}" [^>]*{described}', said)
    assert "This holds a private key" in said and "c2VjcmV0" not in said
    assert site["origin_ca"] == "before\n\nafter"


def test_every_wrong_header_is_told(owner: Person, client: Client, active: GatewayInstance) -> None:
    wrong = {**PLAIN, "request_headers_add": "Host: x\nX-A 1\nExpect: y"}
    said = text(client.post(page(owner, "gateway-behaviour", active.public_id), wrong))
    assert "X-A 1 has no value" not in said
    for one in ("Host is set by the gateway", "is no name of a header", "Expect is set by the gateway"):
        assert one in said


def test_faults_are_said_in_the_readers_language(
    owner: Person, client: Client, active: GatewayInstance
) -> None:
    with translation.override("zh-hans"):
        answer = client.post(
            page(owner, "gateway-behaviour", active.public_id),
            {**PLAIN, "redirects": "nowhere /b"},
            headers={"Accept-Language": "zh-Hans"},
        )
    assert "第 1 行：路径须以 / 开头且不含空格。" in text(answer)


def test_whatever_programs_may_send_has_words_in_chinese(owner: Person, active: GatewayInstance, at) -> None:
    """Each kind of fault, as the console would say it."""
    wrong = [
        {"origins": [{"host": "a.example", "port": True, "weight": 0, "colour": 1}]},
        {"origins": [], "force_https": "yes", "allow": "x", "exhausted": "explode", "host_header": 5},
        {"origins": [{"host": "a.example"}], "response_headers": {"remove": ["Date"]}, "cache": []},
    ]
    for given in wrong:
        with pytest.raises(InvalidInput) as refused:
            services.change_behaviour(owner.actor, active, given, at=at)
        said = [fault.message for fault in refused.value.faults]
        with translation.override("zh-hans"):
            for sentence in said:
                assert not sentences.translate(sentence).isascii(), sentence


def test_what_the_form_does_not_know_is_kept() -> None:
    before = site_form.new_site() | {"newer": {"than": "this form"}}
    assert site_form.read(MultiValueDict(), before)["newer"] == before["newer"]


def test_without_a_domain_there_is_nothing_to_change(
    owner: Person, client: Client, gateway: GatewayInstance
) -> None:
    address = page(owner, "gateway-behaviour", gateway.public_id)
    assert client.get(address)["Location"] == page(owner, "gateway", gateway.public_id)
    refused = client.post(address, PLAIN)
    assert refused.status_code == 409 and "This instance has no domain." in text(refused)
