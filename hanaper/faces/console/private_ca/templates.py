"""Templates: those that come with the program, and the account's own, in words and in a form."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.private_ca import templates
from hanaper.core.errors import InvalidInput, Refusal
from hanaper.core.private_ca.template_text import COMMON_NAMES, USAGES, USES
from hanaper.core.private_ca.templates import BUILT_IN, Template
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.faces.console.faults import answer
from hanaper.faces.console.places import PlaceRequest, customer_page, done
from hanaper.faces.console.private_ca.reading import described, phrase

KINDS = (("dns", "domains"), ("ip", "networks"), ("email", "domains"), ("uri", "below"))
SUBJECT = ("common_name", "organization", "country", "state", "locality", "registration_number")
FIELDS = (
    "rules.title", "rules.uses", "rules.keys", "rules.key_usages", "rules.days", "rules.longest_days",
    "rules.subject",
    *(f"rules.{kind}" for kind, _limits in KINDS),
)  # fmt: skip
Rules = dict[str, Any]


@customer_page()
def certificate_templates(request: PlaceRequest) -> HttpResponse:
    own = templates.own_templates(request.place.actor, request.account)
    shown = [(one.name, Template.model_validate(one.rules)) for one in own]
    content = {
        "own": [(name, template, described(template)) for name, template in shown],
        "built_in": [(name, template, described(template)) for name, template in BUILT_IN.items()],
        "tab": "certificate-templates",
    }
    return render(request, "console/private_ca/templates.html", content)


@customer_page()
def certificate_template(request: PlaceRequest, name: str) -> HttpResponse:
    template = templates.template_named(request.account, name)
    content = {
        "name": name,
        "template": template,
        "words": described(template),
        "rules": template.model_dump(mode="json", exclude_defaults=True),
        "own": name not in BUILT_IN,
        "tab": "certificate-templates",
    }
    return render(request, "console/private_ca/template.html", content)


@customer_page("GET", "POST")
def new(request: PlaceRequest) -> HttpResponse:
    """Filled with the template that one begins with."""
    if request.method != "POST":
        begun = templates.template_named(request.account, _begun_with(request))
        title = "" if request.GET.get("from") in (None, "", *BUILT_IN) else begun.title
        return _form(request, {**_given_of(begun), "title": title})
    name = request.POST.get("name", "").strip()
    try:
        rules = _rules(request.POST)
        templates.make_template(request.place.actor, request.account, name=name, rules=rules, at=request.at)
    except Refusal as refusal:
        return _form(request, _given(request.POST), refusal)
    return done(request, _("The template is made."), "certificate-template", name)


@customer_page("GET", "POST")
def change(request: PlaceRequest, name: str) -> HttpResponse:
    found = templates.own_template(request.place.actor, name, request.account)
    if request.method != "POST":
        return _form(request, _given_of(Template.model_validate(found.rules)), name=name)
    try:
        templates.change_template(request.place.actor, found, rules=_rules(request.POST), at=request.at)
    except InvalidInput as refusal:
        return _form(request, _given(request.POST), refusal, name=name)
    return done(request, _("The template is changed."), "certificate-template", name)


@customer_page("GET", "POST")
def remove(request: PlaceRequest, name: str) -> HttpResponse:
    found = templates.own_template(request.place.actor, name, request.account)
    if request.method == "POST":
        templates.remove_template(request.place.actor, found, at=request.at)
        return done(request, _("The template is removed."), "certificate-templates")
    return render(
        request, "console/private_ca/remove_template.html", {"name": name, "tab": "certificate-templates"}
    )


def _begun_with(request: PlaceRequest) -> str:
    return request.GET.get("from") or "server"


def _form(
    request: PlaceRequest, given: dict[str, Any], refusal: Refusal | None = None, *, name: str = ""
) -> HttpResponse:
    content = {
        "name": name,
        "begun_with": _begun_with(request),
        "given": given,
        "uses": [(key, phrase(said)) for key, said in USES.items()],
        "usages": [(key, phrase(said)) for key, said in USAGES.items() if key != "digital_signature"],
        "common_names": [(key.value, phrase(said)) for key, said in COMMON_NAMES.items()],
        "algorithms": list(KeyAlgorithm),
        "kinds": given["kinds"],
        "subject": given["subject"],
        "tab": "certificate-templates",
    }
    return answer(request, "console/private_ca/template_form.html", content, refusal, fields=FIELDS)


def _given_of(template: Template) -> dict[str, Any]:
    """A template as the form shows it."""
    subject = template.subject
    fixed = {str(field): value for field, value in subject.fixed.items()}
    return {
        "title": template.title,
        "uses": [one for one in template.uses if one in USES],
        "more_uses": " ".join(one for one in template.uses if one not in USES),
        "keys": list(template.keys),
        "key_usages": list(template.key_usages),
        "days": template.days,
        "longest_days": template.longest_days,
        "common_name": subject.common_name.value,
        "kinds": [
            {
                "name": kind,
                "field": f"rules.{kind}",
                "allowed": rule.allowed,
                "required": rule.required,
                "wildcards": getattr(rule, "wildcards", False),
                "limits": "\n".join(getattr(rule, limits)),
            }
            for kind, limits in KINDS
            for rule in (getattr(template, kind),)
        ],
        "subject": [
            {
                "name": name,
                "allowed": name in subject.allowed,
                "required": name in subject.required,
                "fixed": fixed.get(name, ""),
            }
            for name in SUBJECT
        ],
    }


def _given(form: Any) -> dict[str, Any]:
    """What was typed, right or wrong, as the form shows it."""
    texts = ("name", "title", "more_uses", "days", "longest_days", "common_name")
    return {
        **{name: form.get(name, "") for name in texts},
        **{name: form.getlist(name) for name in ("uses", "keys", "key_usages")},
        "kinds": [
            {
                "name": kind,
                "field": f"rules.{kind}",
                "allowed": form.get(f"{kind}-allowed") == "yes",
                "required": form.get(f"{kind}-required") == "yes",
                "wildcards": form.get(f"{kind}-wildcards") == "yes",
                "limits": form.get(f"{kind}-limits", ""),
            }
            for kind, _limits in KINDS
        ],
        "subject": [
            {
                "name": name,
                "allowed": name in form.getlist("subject-allowed"),
                "required": name in form.getlist("subject-required"),
                "fixed": form.get(f"fixed-{name}", ""),
            }
            for name in SUBJECT
        ],
    }


def _rules(form: Any) -> Rules:
    """The form as the data of a template; what is wrong with it is said by whoever keeps templates."""
    given = _given(form)
    rules: Rules = {
        "title": given["title"].strip(),
        "uses": [*given["uses"], *given["more_uses"].replace(",", " ").split()],
        "keys": given["keys"],
        "key_usages": [
            "digital_signature",
            *(one for one in given["key_usages"] if one != "digital_signature"),
        ],
        "days": _whole(given["days"]),
        "longest_days": _whole(given["longest_days"]),
        "subject": {
            "allowed": [one["name"] for one in given["subject"] if one["allowed"]],
            "required": [one["name"] for one in given["subject"] if one["required"]],
            "fixed": {one["name"]: said for one in given["subject"] if (said := one["fixed"].strip())},
            "common_name": given["common_name"],
        },
    }
    for one, (kind, limits) in zip(given["kinds"], KINDS, strict=True):
        rules[kind] = {
            "allowed": one["allowed"],
            "required": one["required"],
            limits: one["limits"].replace(",", " ").split(),
        }
    rules["dns"]["wildcards"] = given["kinds"][0]["wildcards"]
    return rules


def _whole(text: str) -> int | str:
    """A number if it is one; if not, whoever keeps templates says so."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else text
