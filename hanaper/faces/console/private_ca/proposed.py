"""What a ceremony is to do, in words: each parameter with a caption, private CAs by name."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hanaper.apps.private_ca import queries
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from hanaper.apps.private_ca.settings import DEFAULT_ALGORITHM, DEFAULT_YEARS
from hanaper.apps.private_ca.states import Operation, PrivateCaKind
from hanaper.core.actor import Actor
from hanaper.faces.console.labels import label


@dataclass(frozen=True, slots=True)
class Said:
    """`ca`: the private CA that is meant, to be led to."""

    caption: str
    text: str
    ca: str = ""


def proposed(actor: Actor, ceremony: Ceremony) -> list[Said]:
    """Of an operation that takes parameters; of the others its name says everything."""
    given: Mapping[str, Any] = ceremony.parameters
    if ceremony.ca is None:
        return []
    match Operation(ceremony.operation):
        case Operation.ENABLE:
            return list(_enabling(actor, PrivateCaKind(ceremony.ca.kind), given))
        case Operation.REQUEST if "settings" in given:
            return list(_enabling(actor, PrivateCaKind(ceremony.ca.kind), given))
        case Operation.REQUEST:
            return [_key(given)]
        case Operation.COMPLETE:
            return [Said(_("Certificate"), given["chain"])]
        case Operation.RENEW:
            return list(_renewing(ceremony.ca, given))
        case Operation.CROSS_SIGN:
            return [_signed_by(actor, given["by"])]
    return []


def _enabling(actor: Actor, kind: PrivateCaKind, given: Mapping[str, Any]) -> Iterator[Said]:
    settings = given["settings"]
    for name, value in settings["subject"].items():
        if value:
            yield Said(label(name), value)
    if settings.get("name"):
        yield Said(_("Name"), settings["name"])
    if given.get("parent"):
        yield _signed_by(actor, given["parent"])
    yield Said(_("Key"), label(settings.get("algorithm") or DEFAULT_ALGORITHM[kind]))
    yield Said(_("Valid for"), _years(settings.get("years") or DEFAULT_YEARS[kind]))
    if settings.get("path_length") is not None:
        yield Said(_("CAs one below another"), str(settings["path_length"]))
    for field, caption in (("region", _("Region")), ("keystore", _("Keystore"))):
        if settings.get(field):
            yield Said(caption, settings[field])
    yield Said("OCSP", _("named in its certificates") if settings.get("ocsp") else _("none, the list alone"))
    yield Said(_("Revocation lists"), _lists(settings))
    for side, kinds in (settings.get("name_constraints") or {}).items():
        for name, values in (kinds or {}).items():
            if values:
                yield Said(f"{label(side)}: {label(name)}", ", ".join(values))


def _renewing(ca: PrivateCA, given: Mapping[str, Any]) -> Iterator[Said]:
    yield _key(given)
    yield Said(_("Valid for"), _years(given.get("years") or DEFAULT_YEARS[PrivateCaKind(ca.kind)]))


def _key(given: Mapping[str, Any]) -> Said:
    kind = _("a new key") if given.get("new_key") else _("the same key")
    if given.get("algorithm"):
        kind += f", {label(given['algorithm'])}"
    return Said(_("Key"), kind)


def _years(number: int) -> str:
    return ngettext("%(number)s year", "%(number)s years", number) % {"number": number}


def _lists(settings: Mapping[str, Any]) -> str:
    days = settings.get("list_days", 7)
    parts = [ngettext("kept for %(days)s day", "kept for %(days)s days", days) % {"days": days}]
    if settings.get("shards", 1) > 1:
        parts.append(_("%(number)s shards besides the complete one") % {"number": settings["shards"]})
    if settings.get("delta"):
        parts.append(_("short ones of what changed"))
    return ", ".join(parts)


def _signed_by(actor: Actor, public_id: str) -> Said:
    root = queries.private_ca(actor, public_id)
    return Said(_("Signed by the root"), root.name or public_id, public_id)
