"""What templates of the gateway's pages can do; registered as builtins in the settings."""

from datetime import UTC, datetime
from typing import Any

from babel.dates import format_date
from babel.numbers import format_decimal
from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hanaper.apps.gateway import states
from hanaper.apps.gateway.models import GatewayInstance
from hanaper.apps.gateway.states import GatewayState, WishState
from hanaper.faces.console.labels import label
from hanaper.faces.console.tags import badge, locale

register = template.Library()
FIRST_MOMENT = 1_000_000_000_000  # milliseconds of the Unix epoch: in 2001
SHORT, MOST_SHOWN = 120, 2048  # characters of what strangers write
UNITS = ("B", "kB", "MB", "GB", "TB", "PB")


@register.simple_tag
def gateway_badge(gateway: GatewayInstance, short: bool = False) -> SafeString:
    """The state of an instance; one that nodes are still finishing says so; `short` in lists."""
    if gateway.resetting_since is not None:
        return badge("busy", _("Being reset"))
    match gateway.state:
        case GatewayState.REFUNDED:
            return badge(gateway.state, _("Refunded"))
        case GatewayState.DOMAIN_ADDED:
            return badge("busy", label(gateway.state) if short else _("Domain added, waiting for DNS"))
        case GatewayState.QUOTA_EXHAUSTED:
            return badge("warn", _("Quota exhausted"))
    return badge(gateway.state)


@register.simple_tag
def problem_badge(code: str) -> SafeString:
    """In short, why an instance is not served as its owner wants it."""
    match code:
        case states.CERTIFICATE_REVOKED:
            return badge("warn", _("certificate revoked"))
        case states.SERVED_FOR_ANOTHER:
            return badge("warn", _("served for another"))
        case states.ORIGIN_FAILS:
            return badge("warn", _("origin does not answer"))
        case states.RESET_WAITS:
            return badge("busy", _("waits for nodes"))
    return badge("warn", _("not as set"))


@register.simple_tag
def wish_badge(state: str) -> SafeString:
    """Of a certificate that comes by itself."""
    match state:
        case WishState.WANTED:
            return badge("busy", _("Wanted"))
        case WishState.APPLIED:
            return badge("busy", _("Applied for"))
        case WishState.FAILED:
            return badge("warn", _("Not had yet"))
    return badge("good", _("Served"))


@register.simple_tag
def node_badge(state: str) -> SafeString:
    """Of a gateway node."""
    match state:
        case "retired":
            return badge("retired", _("Retired"))
        case "away":
            return badge("warn", _("Not heard of"))
        case "failed":
            return badge("warn", _("Keeps to what it had"))
        case "behind":
            return badge("busy", _("Catching up"))
    return badge("good", _("Up to date"))


@register.filter
def version_said(version: int) -> str:
    """A version of the fleet is a moment, but for those before that was so."""
    if version < FIRST_MOMENT:
        return str(format_decimal(version, locale=locale()))
    moment = timezone.localtime(datetime.fromtimestamp(version / 1000, UTC))
    return f"{format_date(moment, 'medium', locale=locale())} {moment:%H:%M:%S} {moment.tzname()}"


@register.filter
def bytes_said(number: int) -> str:
    """Decimal units, as GRCQ counts them: 30 MB are 30,000,000 bytes."""
    size, unit = float(number), 0
    while size >= 1000 and unit < len(UNITS) - 1:
        size, unit = size / 1000, unit + 1
    shown = format_decimal(round(size, 0 if unit == 0 or size >= 100 else 1), locale=locale())
    return f"{shown} {UNITS[unit]}"


@register.inclusion_tag("console/gateway/_folded.html")
def folded(text: str) -> dict[str, Any]:
    """What strangers write, as long as they like: its beginning, and more of it for whoever opens it."""
    return {"text": text, "begins": text[:SHORT], "long": len(text) > SHORT, "more": text[:MOST_SHOWN],
            "cut": len(text) > MOST_SHOWN, "length": len(text)}  # fmt: skip


@register.filter
def certificate_page(public_id: str) -> str:
    """The name of the page that shows a certificate, by whose product it is."""
    return "private-certificate" if public_id.startswith("pct_") else "certificate"


@register.filter
def hour(value: datetime) -> str:
    """The hour of a moment, in the zone of whoever looks at it."""
    return f"{timezone.localtime(value):%H:%M}"
