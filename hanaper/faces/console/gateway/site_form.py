"""How a site behaves, as a form: read into the data of `core.gateway.behaviour`, and shown again.

What the form does not know stays as it was. What is wrong is said by whoever keeps behaviours; here it is put
at its field, with the number of its line where a field has several.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hanaper.core.errors import Fault, InvalidInput
from hanaper.core.gateway.behaviour import Behaviour
from hanaper.faces.language import sentences

Words = str | Promise
MOST_ORIGINS, SPARE_ORIGINS = 8, 2
DAY = 86_400
# Seconds and how people say them.
SECONDS: dict[int, Words] = {
    0: gettext_lazy("not at all"),
    2: gettext_lazy("2 seconds"),
    5: gettext_lazy("5 seconds"),
    10: gettext_lazy("10 seconds"),
    30: gettext_lazy("30 seconds"),
    60: gettext_lazy("a minute"),
    300: gettext_lazy("5 minutes"),
    3600: gettext_lazy("an hour"),
    DAY: gettext_lazy("a day"),
    7 * DAY: gettext_lazy("a week"),
    30 * DAY: gettext_lazy("30 days"),
    180 * DAY: gettext_lazy("180 days"),
    365 * DAY: gettext_lazy("a year"),
    730 * DAY: gettext_lazy("two years"),
}
HSTS = (0, 300, DAY, 30 * DAY, 180 * DAY, 365 * DAY, 730 * DAY)
CHOICES = {
    "connect_seconds": (2, 5, 10, 30),
    "answer_seconds": (10, 30, 60, 300, 3600),
    "upload_megabytes": (1, 10, 100, 1000, 10_000),
    "requests_per_second": (5, 10, 50, 100, 500),
    "least_tls": ("1.2", "1.3"),
}
LOOKS = (2, 5, 10, 30, 60)
KEPT = (0, 60, 300, 3600, DAY, 7 * DAY, 365 * DAY)
TICKS = ("verify_origin", "force_https", "http3", "compression", "maintenance")
LISTS = ("allow", "deny")
HEADERS = ("request_headers", "response_headers")
# Fields where a fault may stand, for `faults.by_field`.
FIELDS = (
    "behaviour", "behaviour.origins", *(f"behaviour.origins.{number}" for number in range(MOST_ORIGINS)),
    *(f"behaviour.origins.{number}.{part}" for number in range(MOST_ORIGINS) for part in ("port", "weight")),
    "behaviour.host_header", "behaviour.origin_ca", "behaviour.hsts",
    "behaviour.health", "behaviour.health.status",
    "behaviour.redirects", "behaviour.cache", "behaviour.cache.rules",
    *(f"behaviour.{name}" for name in (*LISTS, *CHOICES)),
    *(f"behaviour.{name}.{part}" for name in HEADERS for part in ("add", "remove")),
)  # fmt: skip
# Fields that stand beside others: what is wrong names them.
NAMED: dict[str, Words] = {
    "port": gettext_lazy("Port"),
    "weight": gettext_lazy("Weight"),
    "status": gettext_lazy("Status"),
}
PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY.*?(-----END [A-Z0-9 ]*PRIVATE KEY-----|\Z)", re.DOTALL
)
# Of standard checks, by their code; ours bring a sentence of their own.
STANDARD: dict[str, Words] = {
    "literal_error": gettext_lazy("Choose one of the list."),
    "enum": gettext_lazy("Choose one of the list."),
    "int_type": gettext_lazy("Write a whole number."),
    "greater_than_equal": gettext_lazy("This number is too small."),
    "less_than_equal": gettext_lazy("This number is too large."),
    "string_too_long": gettext_lazy("This is too long."),
    "too_long": gettext_lazy("These are too many."),
    "too_short": gettext_lazy("One at least is needed."),
    "missing": gettext_lazy("This is needed."),
}


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    caption: str
    chosen: bool


def new_site() -> dict[str, Any]:
    """A behaviour before anything was said of it."""
    return Behaviour.model_validate({"origins": [{"host": "127.0.0.1"}]}).model_dump(mode="json") | {
        "origins": []
    }


def read(form: Any, before: Mapping[str, Any]) -> dict[str, Any]:
    """The form as a behaviour, right or wrong; what it has no field for is kept from `before`."""
    seconds = form.get("hsts_seconds", "0")
    made: dict[str, Any] = {
        **before,
        "origins": origins_of(form),
        "host_header": form.get("host_header", "").strip() or None,
        "origin_ca": form.get("origin_ca", "").strip() or None,
        "hsts": {
            "seconds": _whole(seconds),
            "subdomains": form.get("hsts_subdomains") == "yes",
            "preload": form.get("hsts_preload") == "yes",
        },
        "redirects": [_redirect(line) for line in _lines(form, "redirects")],
        "cache": {
            "enabled": form.get("cache_enabled") == "yes",
            "development": form.get("cache_development") == "yes",
            "rules": [
                {"prefix": prefix.strip(), "seconds": _whole(seconds)}
                for prefix, seconds in zip(form.getlist("prefix"), form.getlist("kept"), strict=False)
                if prefix.strip()
            ],
        },
        "health": _health(form),
        "exhausted": form.get("exhausted", ""),
    }
    for name in TICKS:
        made[name] = form.get(name) == "yes"
    for name in LISTS:
        made[name] = form.get(name, "").replace(",", " ").split()
    for name in HEADERS:
        made[name] = {
            "add": _headers(_lines(form, f"{name}_add")),
            "remove": form.get(f"{name}_remove", "").replace(",", " ").split(),
        }
    for name, values in CHOICES.items():
        said = form.get(name, "")
        made[name] = said if isinstance(values[0], str) else _whole(said) if said else None
    return made


def typed(form: Any) -> dict[str, Any]:
    """What would be lost, as somebody wrote it: fields of many lines, and how origins are to be looked at
    where they are not yet. No private key comes back."""
    names = ("redirects", *LISTS, *(f"{name}_{part}" for name in HEADERS for part in ("add", "remove")))
    seconds = list(_of_seconds(LOOKS, _whole(form.get("health_seconds", ""))))
    health = {
        "path": form.get("health_path", ""),
        "status": form.get("health_status", ""),
        "choices": seconds,
    }
    return {name: form.get(name, "") for name in names} | {
        "origin_ca": PRIVATE_KEY.sub("", form.get("origin_ca", "")).strip(),
        "health": health,
    }


def shown(site: Mapping[str, Any]) -> dict[str, Any]:
    """A behaviour, right or wrong, as the form shows it."""
    origins, cache, hsts = site["origins"], site["cache"], site["hsts"]
    health = site.get("health") or {"path": "/", "seconds": 10, "status": 200}
    spare = [{"weight": 1} for _ in range(min(SPARE_ORIGINS, MOST_ORIGINS - len(origins)))]
    rules = [*cache["rules"], *({"prefix": "", "seconds": 3600} for _ in range(SPARE_ORIGINS))]
    return {
        "origins": [
            {**one, **_fields(f"behaviour.origins.{number}"), "number": number + 1}
            for number, one in enumerate([*origins, *(spare if origins else [{"weight": 1}])])
        ],
        "scheme": origins[0].get("scheme", "http") if origins else "https",
        "looked_at": bool(site.get("health")),
        "health": {**health, "choices": list(_of_seconds(LOOKS, health["seconds"]))},
        "host_header": site["host_header"] or "",
        "origin_ca": site["origin_ca"] or "",
        "hsts": hsts,
        "hsts_choices": list(_of_seconds(HSTS, hsts["seconds"])),
        "choices": {name: list(_choices(name, values, site[name])) for name, values in CHOICES.items()},
        "redirects": "\n".join(f"{one['path']} {one['to']} {one['status']}" for one in site["redirects"]),
        "cache": cache,
        "rules": [
            {"prefix": one["prefix"], "kept": list(_of_seconds(KEPT, one["seconds"]))} for one in rules
        ],
        "exhausted": site["exhausted"],
        **{name: site[name] for name in TICKS},
        **{name: "\n".join(site[name]) for name in LISTS},
        **{
            f"{name}_add": "\n".join(f"{header}: {value}" for header, value in site[name]["add"].items())
            for name in HEADERS
        },
        **{f"{name}_remove": " ".join(site[name]["remove"]) for name in HEADERS},
    }


def _fields(origin: str) -> dict[str, str]:
    return {"field": origin, "port_field": f"{origin}.port", "weight_field": f"{origin}.weight"}


def origins_of(form: Any) -> list[dict[str, Any]]:
    """The rows in which a host stands; `backup` names rows by their number, from one."""
    rows = zip(form.getlist("host"), form.getlist("port"), form.getlist("weight"), strict=False)
    backups = set(form.getlist("backup"))
    return [
        {
            "scheme": form.get("scheme", ""),
            "host": host.strip(),
            "port": _whole(port) if port.strip() else None,
            "weight": _whole(weight) if weight.strip() else 1,
            "backup": str(number) in backups,
        }
        for number, (host, port, weight) in enumerate(rows, 1)
        if host.strip()
    ]


def at_fields(wrong: InvalidInput) -> InvalidInput:
    """The same refusal in words of the reader's language, each fault with the number of its line."""
    wrong.faults = tuple(_worded(fault) for fault in wrong.faults)
    return wrong


def _worded(fault: Fault) -> Fault:
    message = str(STANDARD.get(fault.code, "")) or sentences.translate(fault.message)
    parts = fault.field.split(".")
    if parts[1:2] in (["origins"], ["health"], ["redirects"]) and parts[-1] in NAMED:
        message = _("%(field)s: %(message)s") % {"field": NAMED[parts[-1]], "message": message}
    if parts[1:2] in (["redirects"], ["allow"], ["deny"]) and len(parts) > 2:
        message = _("Line %(number)s: %(message)s") % {"number": int(parts[2]) + 1, "message": message}
    elif parts[1:3] == ["cache", "rules"] and len(parts) > 3:
        message = _("Rule %(number)s: %(message)s") % {"number": int(parts[3]) + 1, "message": message}
    return replace(fault, message=message)


def _health(form: Any) -> dict[str, Any] | None:
    """None unless origins are to be looked at."""
    if form.get("looked_at") != "yes":
        return None
    return {
        "path": form.get("health_path", "").strip() or "/",
        "seconds": _whole(form.get("health_seconds", "")),
        "status": _whole(form.get("health_status", "")),
    }


def _lines(form: Any, name: str) -> list[str]:
    return [line.strip() for line in form.get(name, "").splitlines() if line.strip()]


def _headers(lines: Iterable[str]) -> dict[str, str]:
    """Each line's. One that is there twice is given in another case, so that it is told and not lost."""
    made: dict[str, str] = {}
    for line in lines:
        name, _colon, value = line.partition(":")
        name = name.strip()
        made[name.swapcase() if name in made else name] = value.strip()
    return made


def _redirect(line: str) -> dict[str, Any]:
    """`/old /new 308`: what is left out is wrong, or the usual one."""
    path, to, status = [*line.split(maxsplit=2), "", ""][:3]
    return {"path": path, "to": to, "status": _whole(status) if status else 308}


def _choices(name: str, values: Iterable[Any], chosen: Any) -> Iterator[Choice]:
    if name.endswith("_seconds"):
        yield from _of_seconds(values, chosen)
        return
    captions = {"upload_megabytes": "{:,} MB", "least_tls": "TLS {}"}
    caption = captions.get(name, "{}")
    for value in values:
        yield Choice(str(value), caption.format(value), value == chosen)


def _of_seconds(values: Iterable[int], chosen: Any) -> Iterator[Choice]:
    """One that is not of the list, such as programs may set, stands in it too."""
    known = list(values)
    other = [chosen] if isinstance(chosen, int) and chosen not in known else []
    for value in [*known, *other]:
        caption = SECONDS.get(value) or _("%(number)s seconds") % {"number": value}
        yield Choice(str(value), str(caption), value == chosen)


def _whole(text: Any) -> Any:
    """A number if it is one; if not, whoever keeps behaviours says so."""
    text = str(text).strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(text) < 12 else text
