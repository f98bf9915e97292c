"""Templates in words."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from hanaper.core.private_ca.templates import CommonName, DnsRule, Template
from hanaper.faces.console.labels import label

USES: dict[str, str | Promise] = {
    "serverAuth": gettext_lazy("TLS servers"),
    "clientAuth": gettext_lazy("TLS clients"),
    "emailProtection": gettext_lazy("e-mail (S/MIME)"),
    "codeSigning": gettext_lazy("code signing"),
    "timeStamping": gettext_lazy("time stamps"),
    "smartcardLogon": gettext_lazy("smart card logon"),
    "ipsecIKE": gettext_lazy("IPsec"),
}
TITLES: dict[str, str | Promise] = {
    "TLS server": gettext_lazy("TLS server"),
    "TLS client (mTLS)": gettext_lazy("TLS client (mTLS)"),
    "S/MIME": "S/MIME",
    "Code signing": gettext_lazy("Code signing"),
    "Device": gettext_lazy("Device"),
}
USAGES: dict[str, str | Promise] = {
    "digital_signature": gettext_lazy("signs"),
    "content_commitment": gettext_lazy("signs with commitment (non-repudiation)"),
    "key_encipherment": gettext_lazy("encrypts keys (RSA)"),
    "data_encipherment": gettext_lazy("encrypts data"),
    "key_agreement": gettext_lazy("agrees on keys"),
}
COMMON_NAMES: dict[CommonName, str | Promise] = {
    CommonName.ONE_OF_THE_NAMES: gettext_lazy("one of the alternative names"),
    CommonName.FREE: gettext_lazy("anything"),
    CommonName.NONE: gettext_lazy("none"),
}


def title_of(template: Template) -> str:
    return str(TITLES.get(template.title, template.title))


def described(template: Template) -> list[tuple[str, str]]:
    """What a template says, a caption and a sentence each."""
    said = [
        (pgettext("of a template", "For"), _join(str(USES.get(one, one)) for one in template.uses)),
        (_("Alternative names"), _join(_names(template)) or _("none but the subject")),
        (_("Subject"), _join(_subject(template)) or _("empty")),
        (_("Common name"), str(COMMON_NAMES[template.subject.common_name])),
        (_("Keys"), _join(label(one) for one in template.keys) or _("every kind")),
        (_("The key"), _join(str(USAGES[one]) for one in template.key_usages)),
        (
            _("Valid for"),
            _("%(days)s days, at most %(most)s") % {"days": template.days, "most": template.longest_days},
        ),
    ]
    return said


def _names(template: Template) -> list[str]:
    found = []
    for kind, limits in (("dns", "domains"), ("ip", "networks"), ("email", "domains"), ("uri", "below")):
        rule = getattr(template, kind)
        if not rule.allowed:
            continue
        said = label(kind)
        if within := getattr(rule, limits):
            said += " " + _("within %(names)s") % {"names": _join(within)}
        if isinstance(rule, DnsRule) and rule.wildcards:
            said += " " + _("(wildcards too)")
        if rule.required:
            said += " " + _("(at least one)")
        found.append(said)
    return found


def _subject(template: Template) -> list[str]:
    rule = template.subject
    fixed = [f"{label(name)}: {value}" for name, value in rule.fixed.items()]
    free = [
        label(name) + (" " + _("(needed)") if name in rule.required else "")
        for name in rule.allowed
        if name not in rule.fixed
    ]
    return [*fixed, *free]


def _join(parts: Iterable[str]) -> str:
    return ", ".join(parts)
