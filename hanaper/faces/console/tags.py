"""What every template can do; registered as builtins in the settings."""

import json
from datetime import date, datetime, timedelta
from typing import Any

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.numbers import format_decimal
from django import template
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language, gettext

from hanaper.apps.certificates.models.certificates import Certificate
from hanaper.apps.certificates.services.downloading import file_name
from hanaper.apps.events.models import Notice
from hanaper.apps.events.queries import told_to
from hanaper.apps.events.texts import Reader
from hanaper.apps.orders.models import Order
from hanaper.apps.policies.registry import POLICIES
from hanaper.core.calendar import zone_named
from hanaper.core.readable import locale_of, money_in
from hanaper.core.refund.words import deadline
from hanaper.faces.console.faults import said_here
from hanaper.faces.console.labels import label
from hanaper.faces.console.once import FIELD, new_token
from hanaper.faces.console.snippets import Snippet
from hanaper.faces.language import sentences

register = template.Library()


def locale() -> Locale:
    return locale_of(get_language() or "en")


@register.filter
def money(amount: int | None, currency: str) -> str:
    """`{{ order.money|money:order.currency }}`: $1,234.50 in English, US$1,234.50 in Chinese."""
    return "" if amount is None else money_in(amount, currency, get_language() or "en")


@register.filter
def count(number: int | None) -> str:
    """A number with its thousands apart."""
    return "" if number is None else str(format_decimal(number, locale=locale()))


@register.filter
def moment(value: datetime | None) -> SafeString | str:
    """A point in time, in the zone of whoever looks at it, exact to the minute."""
    if value is None:
        return ""
    local = timezone.localtime(value)
    shown = format_date(local, "medium", locale=locale())
    return format_html(
        '<time datetime="{}">{} {} {}</time>', value.isoformat(), shown, f"{local:%H:%M}", local.tzname()
    )


@register.simple_tag
def zone() -> str:
    """The zone in which whoever looks at a page reads and writes times."""
    return timezone.get_current_timezone_name()


@register.filter
def day(value: datetime | date | None) -> SafeString | str:
    """A day, in the zone of whoever looks at it; the exact time is in its title."""
    if value is None:
        return ""
    local = timezone.localtime(value) if isinstance(value, datetime) else value
    title = f"{local:%Y-%m-%d %H:%M:%S %Z}".rstrip() if isinstance(local, datetime) else local.isoformat()
    shown = format_date(local, "medium", locale=locale())
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), title, shown)


@register.filter
def age_at(then: datetime, now: datetime) -> str:
    """How long ago that was, without zero minutes."""
    young = now - then < timedelta(minutes=1)
    return gettext("less than a minute") if young else str(timesince(then, now))


@register.filter
def until(closes_at: datetime | None, order: Order) -> str:
    """The last day of a window of an order, with its own zone, in the words of a decision."""
    if closes_at is None:
        return ""
    return sentences.translate(deadline(closes_at, zone_named(order.zone), POLICIES[order.policy].counting))


@register.filter
def words(name: Any) -> str:
    """A name of the code as people read it: `approve_revocation` becomes `Approve the revocation`."""
    return label(name)


@register.filter
def said(sentence: Any) -> str:
    """A sentence of the service (a refusal, a reason) in the language of whoever reads it."""
    return sentences.translate(str(sentence))


@register.filter
def step(sentence: Any) -> str:
    """What to do next, as it is done on these pages."""
    return said_here(str(sentence))


@register.filter
def told(notice: Notice) -> tuple[str, str]:
    """Title and text of a notice, in the reader's language and zone."""
    reader = Reader(get_language() or "en", timezone.get_current_timezone_name())
    return told_to(reader, notice)


@register.simple_tag
def badge(state: Any, caption: Any = None) -> SafeString:
    """A state with its colour and its word; the word alone says it to whoever sees no colour."""
    return format_html('<span class="badge {}">{}</span>', str(state), caption or label(state))


@register.filter
def item(mapping: Any, name: str) -> Any:
    """`{{ given|item:name }}`: of a mapping or a form, nothing where it has none."""
    return mapping.get(name, "")


@register.simple_tag(takes_context=True)
def changed(context: template.RequestContext, **parameters: Any) -> str:
    """The query of this page with some parameters changed: `?{% changed cursor=next_cursor %}`."""
    query = context["request"].GET.copy()
    for name, value in parameters.items():
        query.pop(name, None)
        if value not in (None, ""):
            query[name] = str(value)
    return str(query.urlencode())


@register.simple_tag(takes_context=True)
def form_once(context: template.RequestContext) -> SafeString:
    """The tokens of a form that takes effect once, however often it is sent."""
    return format_html(
        '<input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<input type="hidden" name="{}" value="{}">',
        get_token(context["request"]),
        FIELD,
        new_token(),
    )


@register.inclusion_tag("console/_faults.html")
def faults_of(faults: Any, field: str) -> dict[str, Any]:
    """`{% faults_of faults "domains" %}`: what was wrong with that field, where it can be read beside it."""
    return {"faults": (faults or {}).get(field, ()), "field": field}


@register.simple_tag
def described(faults: Any, field: str) -> SafeString | str:
    """The attributes that tie a field to its faults for screen readers."""
    if (faults or {}).get(field):
        return format_html('aria-invalid="true" aria-describedby="{}-fault"', field)
    return ""


@register.filter
def month(value: date) -> str:
    """A month, short: Mar in English, 3月 in Chinese."""
    return str(format_date(value, "LLL", locale=locale()))


@register.filter
def short_day(value: date) -> str:
    """A day without its year: Nov 30 in English, 11月30日 in Chinese."""
    return str(format_skeleton("MMMd", value, locale=locale()))


@register.filter
def pretty(value: Any) -> str:
    """What the audit log keeps of a thing, for people to read."""
    return json.dumps(value, indent=2, ensure_ascii=False, sort_keys=True)


@register.simple_tag
def snippet_text(snippet: Snippet, certificate: Certificate) -> str:
    """A snippet with the certificate's own names; escaped by the template."""
    name = certificate.domains[0] if certificate.domains else "example.com"
    return snippet.filled(name, file_name(certificate))


@register.filter
def names(certificate: Certificate) -> str:
    """The domain names of a certificate, those of its draft before it was applied for, or else its id."""
    drafted = certificate.domains or certificate.form.get("domains") or []
    return ", ".join(str(name) for name in drafted) or certificate.public_id


@register.filter
def parts(text: str) -> list[str]:
    """`{% for value in "dv,ov,ev"|parts %}`"""
    return text.split(",")
