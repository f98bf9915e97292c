"""How `hanaper pca` names and shows a private CA."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from hanaper.faces.cli import output

COLUMNS = ("ca", "kind", "name", "state", "algorithm", "not_after", "certificates", "order")
FIELDS = (
    "id", "kind", "name", "state", "region", "order", "parent", "algorithm", "keystore", "not_before",
    "not_after", "certificates", "term_ends_at", "enabled_at", "reset_at", "crl", "ocsp", "certificate",
)  # fmt: skip

Ca = Annotated[str, typer.Argument(help="pca_...", metavar="CA")]
To = Annotated[Path | None, typer.Option("--to", help="A file; else standard output.")]
NewKey = Annotated[bool, typer.Option("--new-key/--same-key", help="Whether it gets another key.")]
Algorithm = Annotated[str | None, typer.Option(help="Of a new key; by default that of the one before.")]


def show_ca(ca: dict[str, Any]) -> None:
    if output.wants_json():
        output.show(ca)
        return
    output.show(_spoken(ca), columns=FIELDS)
    if ca["revoked_at"]:
        step = f"hanaper pca renew {ca['id']} --new-key"
        output.note(f"It issues nothing more. Give it another key ({step}), or reset it.")


def show_cas(cas: Sequence[dict[str, Any]]) -> None:
    """As a tree."""
    if output.wants_json():
        output.show({"items": cas, "next_cursor": None})
    else:
        rows = [{**_spoken(ca), "ca": f"{branch}{ca['id']}"} for branch, ca in tree(cas)]
        output.show(rows, columns=COLUMNS)


def tree(cas: Sequence[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each CA with its branch, the oldest first; one whose parent is not shown stands alone."""
    known = {ca["id"] for ca in cas}
    below: dict[str | None, list[dict[str, Any]]] = {}
    for ca in reversed(cas):
        below.setdefault(ca["parent"] if ca["parent"] in known else None, []).append(ca)

    def walk(parent: str | None, indent: str) -> Iterator[tuple[str, dict[str, Any]]]:
        siblings = below.get(parent, [])
        for ca in siblings:
            last = ca is siblings[-1]
            top = parent is None
            yield "" if top else f"{indent}{'└─ ' if last else '├─ '}", ca
            yield from walk(ca["id"], "" if top else f"{indent}{'   ' if last else '│  '}")

    return walk(None, "")


def _spoken(ca: dict[str, Any]) -> dict[str, Any]:
    """The same with what stands in its certificate beside it, its state and its quota in words."""
    own = ca["ca"] or {}
    state = ca["state_label"]
    if ca["resetting"]:
        state += ", being reset"
    elif ca["revoked_at"]:
        state += f", revoked {ca['revoked_at'][:10]}"
    elif own and not own["issuing"]:
        state += ", issues nothing"
    if ca["request_out"]:
        state += ", its request is out"
    quota = f"{ca['quota_used']} of {ca['quota']}" if ca["quota"] else None
    return {**own, **ca, "state": state, "certificates": quota}
