"""`hanaper pca enable`: a private CA gets its key and certificate: by one person, by two, or elsewhere."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from hanaper.core.errors import InvalidInput
from hanaper.faces.cli.client import api
from hanaper.faces.cli.files import read_toml
from hanaper.faces.cli.pca_ceremonies import Propose, propose_operation
from hanaper.faces.cli.pca_shown import Ca, show_ca

app = typer.Typer()

SUBJECT = ("common_name", "organization", "country", "state", "locality")
ALGORITHMS = (
    "rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, ed25519, ml-dsa-44, ml-dsa-65 or ml-dsa-87; "
    "by default ec-p384 for a root and ec-p256 below it."
)
KINDS_OF_NAMES = ("dns", "ip", "email", "uri")

Named = Annotated[
    list[str] | None, typer.Option(help="KIND:NAME, as dns:example.com or ip:10.0.0.0/8; may be repeated.")
]


@app.command()
def enable(
    ca: Ca,
    common_name: Annotated[str | None, typer.Option(help="The CA's name in its certificate.")] = None,
    organization: Annotated[str | None, typer.Option(help="By default the account's name.")] = None,
    country: Annotated[str | None, typer.Option(help="Two letters.")] = None,
    state: str | None = None,
    locality: str | None = None,
    parent: Annotated[str | None, typer.Option(help="pca_..., of an intermediate bought apart.")] = None,
    algorithm: Annotated[str | None, typer.Option(help=ALGORITHMS)] = None,
    years: Annotated[int | None, typer.Option(help="By default 10 for a root and 5 below it.")] = None,
    path_length: Annotated[
        int | None, typer.Option(help="CAs one below another: by default any number for a root, 0 below it.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="How the account calls it.")] = None,
    region: str | None = None,
    keystore: Annotated[str | None, typer.Option(help="Where its key lives: database or pkcs11.")] = None,
    shards: Annotated[int | None, typer.Option(help="Revocation lists besides the complete one.")] = None,
    list_days: Annotated[int | None, typer.Option(help="How long clients may keep a list: 7.")] = None,
    ocsp: Annotated[bool | None, typer.Option("--ocsp/--no-ocsp", help="Name a responder too.")] = None,
    delta: Annotated[bool | None, typer.Option("--delta/--no-delta", help="Short lists between.")] = None,
    permit: Named = None,
    exclude: Named = None,
    file: Annotated[
        Path | None, typer.Option(help="The same in TOML, named as over REST; options win over it.")
    ] = None,
    outside: Annotated[
        bool, typer.Option("--outside", help="Make its key and a request, for a CA elsewhere to sign.")
    ] = False,
    propose: Propose = False,
) -> None:
    """Make its key and certificate; a root before its intermediates. From then on it counts as used (R17)."""
    body = read_toml(file) if file else {}
    given = {
        "parent": parent, "algorithm": algorithm, "years": years, "path_length": path_length, "name": name,
        "region": region, "keystore": keystore, "shards": shards, "list_days": list_days, "ocsp": ocsp,
        "delta": delta,
    }  # fmt: skip
    body |= {field: value for field, value in given.items() if value is not None}
    subject = dict(zip(SUBJECT, (common_name, organization, country, state, locality), strict=True))
    body["subject"] = body.get("subject", {}) | {field: value for field, value in subject.items() if value}
    if permit or exclude:
        constraints = {"permitted": _subtrees(permit or []), "excluded": _subtrees(exclude or [])}
        body["name_constraints"] = {side: names for side, names in constraints.items() if names}
    if propose:
        operation = "request" if outside else "enable"
        propose_operation(ca, operation, {operation: body})
    else:
        show_ca(api().post(f"/private-cas/{ca}/{'outside' if outside else 'enable'}", body))


def _subtrees(given: Sequence[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for text in given:
        kind, colon, name = text.partition(":")
        if not colon or kind not in KINDS_OF_NAMES:
            kinds = ", ".join(KINDS_OF_NAMES)
            raise InvalidInput(
                f"{text!r}: write KIND:NAME, the kind one of {kinds}.", field="name_constraints"
            )
        found.setdefault(kind, []).append(name)
    return found
