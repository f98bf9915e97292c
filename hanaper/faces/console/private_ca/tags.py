"""What templates of private CAs' pages can do; registered as builtins in the settings."""

from datetime import datetime

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from hanaper.apps.acme.models import AcmeAccount
from hanaper.apps.private_ca.generations import revoked_at
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.states import Operation, PrivateCaState, PrivateCertificateState
from hanaper.core.acme.snippets import COMMENT
from hanaper.core.private_ca.templates import Template
from hanaper.faces.console.labels import label
from hanaper.faces.console.private_ca.reading import names_of, phrase
from hanaper.faces.console.tags import badge, short_day
from hanaper.faces.language import sentences

register = template.Library()


@register.simple_tag
def ca_badge(ca: PrivateCA) -> SafeString:
    """The state of a private CA; one that is enabled and stopped or revoked, and one being reset,
    say so."""
    if ca.resetting:
        return badge("busy", _("Being reset"))
    if ca.state == PrivateCaState.REFUNDED:
        return badge(ca.state, _("Refunded"))
    if ca.state == PrivateCaState.ENABLED and (revoked := revoked_at(ca)):
        return badge("revoked", _("Revoked %(day)s") % {"day": short_day(timezone.localdate(revoked))})
    if ca.state == PrivateCaState.ENABLED and ca.authority is not None and not ca.authority.issuing:
        return badge("busy", _("Enabled, not issuing"))
    return badge(ca.state)


@register.simple_tag
def certificate_badge(certificate: PrivateCertificate, at: datetime) -> SafeString:
    """The state of a private certificate; an issued one that has ended says so."""
    if certificate.state == PrivateCertificateState.HELD:
        return badge("busy", _("On hold"))
    if certificate.state == PrivateCertificateState.ISSUED and certificate.not_after <= at:
        return badge("expired")
    return badge(certificate.state)


@register.filter
def region(name: str) -> str:
    """As it was named for this installation; the one that nobody named, in words."""
    return _("Default region") if name == "default" else name


@register.filter
def place_in_table(field: str) -> str:
    """Where a fault of a table stands: `rows.2.days` is row 2, column days."""
    start, _dot, rest = field.partition(".")
    number, _dot, column = rest.partition(".")
    if start != "rows":
        return _("The table") if field == "csv" else label(field)
    if not column:
        return _("Row %(number)s") % {"number": number}
    return _("Row %(number)s, column %(column)s") % {"number": number, "column": column}


@register.filter
def comments_said(snippet: str) -> str:
    """A snippet for clients, its comments in the reader's language."""
    lines = snippet.splitlines(keepends=True)
    return "".join(
        f"{COMMENT}{sentences.translate(line[len(COMMENT) :].rstrip())}\n"
        if line.startswith(COMMENT)
        else line
        for line in lines
    )


@register.filter
def called(certificate: PrivateCertificate) -> str:
    """What people call a private certificate: its first name, else its common name, else its id."""
    first = next(iter(names_of(certificate)), "")
    return first or certificate.subject.get("common_name") or certificate.public_id


@register.filter
def more_names(certificate: PrivateCertificate) -> int:
    """How many names it has besides the one it is called by."""
    return max(0, len(names_of(certificate)) - 1)


@register.filter
def template_title(found: Template) -> str:
    return phrase(found.title)


@register.filter
def operation(name: str) -> str:
    """What a ceremony is for. Renewing a CA is not the renewal that is ordered and paid."""
    return pgettext("a private certificate", "Renew") if name == Operation.RENEW else label(name)


@register.filter
def client_called(client: AcmeAccount) -> str:
    """What people call a client of ACME: its contacts without their scheme, else its id."""
    return ", ".join(str(one).removeprefix("mailto:") for one in client.contact) or client.public_id
