"""Trying a refund policy on the whole order book: its progress, and what it found."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from hanaper.apps.trials import queries, services
from hanaper.apps.trials.vocabulary import Subject, TrialState
from hanaper.core.actor import StaffRole
from hanaper.core.refund.trial import Change
from hanaper.faces.console.amounts import number_of
from hanaper.faces.console.exporting import csv_answer
from hanaper.faces.console.places import PlaceRequest, done, go, operator_page
from hanaper.storage.paging import page

COLUMNS = (
    "change", "subject", "order", "refund", "account", "name", "product", "currency", "before", "after",
    "clauses before", "clauses after",
)  # fmt: skip


@operator_page("POST", role=StaffRole.ADMINISTRATOR)
def start(request: PlaceRequest, name: str) -> HttpResponse:
    days = number_of(request.POST.get("days", ""), "days")
    made = services.start_trial(request.place.actor, policy=name, days=days, at=request.at)
    return go(request, "trial", made.public_id)


@operator_page()
def trial(request: PlaceRequest, trial: str) -> HttpResponse:
    found = queries.trial(trial)
    wanted = {name: request.GET.get(name, "") for name in ("change", "subject")}
    listed = page(queries.findings(found, **wanted), sort="id", cursor=request.GET.get("cursor"))
    content = {
        "trial": found,
        "running": found.state == TrialState.RUNNING,
        "sums": _sums(found.tally),
        "rows": listed.rows,
        "next_cursor": listed.next_cursor,
        "wanted": wanted,
        "changes": list(Change),
        "subjects": list(Subject),
    }
    answer = render(request, "console/operators/trial.html", content)
    if request.headers.get("HX-Request") and not content["running"]:
        answer["HX-Refresh"] = "true"  # what stands below the moving part has changed as well
    return answer


@operator_page()
def as_csv(request: PlaceRequest, trial: str) -> HttpResponse:
    del request  # every operator may
    found = queries.findings(queries.trial(trial)).order_by("pk")
    rows = (
        (
            *(one.change, one.subject, one.order.public_id, one.refund.public_id if one.refund else None),
            *(one.account.public_id, one.account.name, one.product, one.currency, one.before, one.after),
            *(one.because_before, one.because_after),
        )
        for one in found.iterator(chunk_size=1000)
    )
    return csv_answer(trial, COLUMNS, rows)


@operator_page("POST", role=StaffRole.ADMINISTRATOR)
def cancel(request: PlaceRequest, trial: str) -> HttpResponse:
    services.cancel_trial(request.place.actor, queries.trial(trial), at=request.at)
    return done(request, _("The trial is cancelled; what it found until then stays."), "trial", trial)


@operator_page("POST", role=StaffRole.ADMINISTRATOR)
def remove(request: PlaceRequest, trial: str) -> HttpResponse:
    services.remove_trial(request.place.actor, queries.trial(trial), at=request.at)
    return done(request, _("The trial is thrown away."), "policies")


def _sums(tally: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Over all products: a row for each subject, change and currency."""
    sums: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in tally:
        key = (row["subject"], row["change"], row["currency"])
        sum_ = sums.setdefault(
            key,
            {**{name: row[name] for name in ("subject", "change", "currency")}, "count": 0, "difference": 0},
        )
        sum_["count"] += row["count"]
        sum_["difference"] += row["after"] - row["before"]
    order = list(Change)
    return sorted(
        sums.values(), key=lambda one: (one["subject"], order.index(one["change"]), one["currency"])
    )
