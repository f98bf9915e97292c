"""`hanaper pca certificates`: what private CAs issue, through the API."""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from hanaper.core.errors import InvalidInput
from hanaper.core.private_ca.revocation import REASONS
from hanaper.core.x509.reasons import RevocationReason
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.files import new_private_file, passphrase, read_text, refuse_unwritable, write_text
from hanaper.faces.cli.options import Cursor, Limit, one_of

app = typer.Typer(help="Issue, find, renew, hold and revoke.", no_args_is_help=True)

COLUMNS = ("id", "state", "names", "template", "key_algorithm", "not_after", "serial", "ca")
FIELDS = (
    "id", "ca", "state", "template", "subject", "names", "key_algorithm", "key_here", "serial", "fingerprint",
    "not_before", "not_after", "renews", "revoked_at", "reason",
)  # fmt: skip
SUBJECT = ("common_name", "organization", "country", "state", "locality", "registration_number")

Certificate = Annotated[str, typer.Argument(help="As `list` shows it.", metavar="CERTIFICATE")]
Names = Annotated[list[str] | None, typer.Option(help="May be repeated.")]
NoSubject = Annotated[
    bool, typer.Option("--no-subject", help="Only alternative names, whatever subject the CSR has.")
]
Csr = Annotated[Path | None, typer.Option(help="A file with a PEM signing request; else a key is made.")]
KeyHere = Annotated[
    bool, typer.Option("--key-here", help="Make a new key here, also if the one before came by CSR.")
]
Days = Annotated[int | None, typer.Option(help="By default those of the template.")]
ChainTo = Annotated[Path | None, typer.Option("--to", help="Write certificate and chain to this file.")]
KeyTo = Annotated[
    Path | None, typer.Option(help="Write the key that was made here to this new file, encrypted.")
]
Search = Annotated[str, typer.Option(help="The beginning of any part of a name; a serial; a fingerprint.")]
OfCa = Annotated[str, typer.Option(help="Only those of this CA.")]
InState = Annotated[str | None, typer.Option(help="issued, held, revoked, issuing or failed.")]
Expiring = Annotated[str | None, typer.Option(help="A moment, RFC 3339.")]
PassphraseFile = Annotated[
    Path | None, typer.Option(help="Its first line is the passphrase; else it is asked for.")
]


@app.command()
def issue(
    ca: Annotated[str, typer.Argument(help="pca_..., an intermediate.", metavar="CA")],
    template: Annotated[str, typer.Option(help="One of `hanaper pca templates list`.")] = "server",
    dns: Names = None,
    ip: Names = None,
    email: Names = None,
    uri: Names = None,
    common_name: str | None = None,
    organization: str | None = None,
    country: str | None = None,
    state: str | None = None,
    locality: str | None = None,
    registration_number: str | None = None,
    no_subject: NoSubject = False,
    csr: Csr = None,
    key_algorithm: Annotated[str | None, typer.Option(help="Of a key that is made: ec-p256.")] = None,
    days: Days = None,
    to: ChainTo = None,
    key_to: KeyTo = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Issue a certificate; from a CSR, what is left out is taken from it."""
    names = {"dns": dns, "ip": ip, "email": email, "uri": uri}
    fields = (common_name, organization, country, state, locality, registration_number)
    subject = {field: value for field, value in zip(SUBJECT, fields, strict=True) if value}
    if no_subject and subject:
        message = f"Leave --no-subject out, or what the subject is to have: {', '.join(subject)}."
        raise InvalidInput(message, field="no_subject", code="subject_given")
    body = {
        "template": template,
        "names": {kind: given for kind, given in names.items() if given} or None,
        "subject": subject if subject or no_subject else None,
        "csr": read_text(csr, "csr") if csr else None,
        "key_algorithm": key_algorithm,
        "days": days,
    }
    _issue(f"/private-cas/{ca}/certificates", body, to, key_to, passphrase_file)


def _issue(
    path: str, body: dict[str, Any], to: Path | None, key_to: Path | None, passphrase_file: Path | None
) -> None:
    """A new certificate, and the files that were asked for beside it: that they can be written is seen before
    it is issued, and which one it is is shown whatever becomes of them. A pair is not half replaced."""
    if key_to is not None and body["csr"] is not None:
        message = "The key stays where the CSR was made: leave --key-to out."
        raise InvalidInput(message, field="key_to", code="key_in_csr")
    refuse_unwritable(to, "to", new=key_to is not None)
    refuse_unwritable(key_to, "key_to", new=True)
    if passphrase_file is not None:
        passphrase(passphrase_file)
    made = api().post(path, body)
    _show(made)
    if to is not None:
        _download(made["id"], "full_chain", to)
    if key_to is not None:
        _export(made["id"], key_to, "pkcs8", passphrase_file)


@app.command("list")
def list_certificates(
    search: Search = "",
    ca: OfCa = "",
    state: InState = None,
    template: str = "",
    expiring_before: Expiring = None,
    sort: Annotated[str | None, typer.Option(help="-id or not_after.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """What the account's private CAs issued, the newest first."""
    wanted = _filters(search, ca, state, template, expiring_before)
    found = api().get("/private-certificates", {**wanted, "sort": sort, "limit": limit, "cursor": cursor})
    if not output.wants_json():
        found = {**found, "items": [_spoken(one) for one in found["items"]]}
    output.show(found, columns=COLUMNS)


@app.command()
def export(
    search: Search = "",
    ca: OfCa = "",
    state: InState = None,
    template: str = "",
    expiring_before: Expiring = None,
    to: Annotated[Path | None, typer.Option("--to", help="A file; else standard output.")] = None,
) -> None:
    """The same, all of it, as CSV for spreadsheets."""
    wanted = _filters(search, ca, state, template, expiring_before)
    text = api().text("/private-certificates.csv", wanted)
    write_text(text, to, text)


def _filters(
    search: str, ca: str, state: str | None, template: str, expiring_before: str | None
) -> dict[str, str | None]:
    return {
        "search": search or None, "ca": ca or None, "state": state, "template": template or None,
        "expiring_before": expiring_before,
    }  # fmt: skip


@app.command()
def show(certificate: Certificate) -> None:
    """One certificate."""
    _show(api().get(f"/private-certificates/{certificate}"))


@app.command()
def download(
    certificate: Certificate,
    part: Annotated[str, typer.Option(help="leaf, chain, full_chain or root.")] = "full_chain",
    way: Annotated[int, typer.Option(min=0, help="Up to which root, as `hanaper pca chains` counts.")] = 0,
    to: Annotated[Path | None, typer.Option("--to", help="A file; else standard output.")] = None,
) -> None:
    """Leaf, chain, both, or the root that clients are to trust, as PEM."""
    _download(certificate, part, to, way)


@app.command()
def key(
    certificate: Certificate,
    to: Annotated[Path, typer.Option("--to", help="The file to write; it must not exist.")],
    form: Annotated[
        str, typer.Option("--format", help="pkcs8; pkcs12 or jks: with certificate and chain.")
    ] = "pkcs8",
    passphrase_file: PassphraseFile = None,
) -> None:
    """The private key that was made here, encrypted."""
    _export(certificate, to, form, passphrase_file)


@app.command()
def renew(
    certificate: Certificate,
    csr: Csr = None,
    key_here: KeyHere = False,
    days: Days = None,
    to: ChainTo = None,
    key_to: KeyTo = None,
    passphrase_file: PassphraseFile = None,
) -> None:
    """Issue another one with the same names; the old one stays valid until its end."""
    body = {"csr": read_text(csr, "csr") if csr else None, "key_here": key_here, "days": days}
    _issue(f"/private-certificates/{certificate}/renew", body, to, key_to, passphrase_file)


@app.command()
def hold(certificate: Certificate) -> None:
    """Put it on the revocation list until it is released."""
    _show(api().post(f"/private-certificates/{certificate}/hold"))


@app.command()
def release(certificate: Certificate) -> None:
    """Take it off the revocation list again."""
    _show(api().post(f"/private-certificates/{certificate}/release"))


@app.command()
def revoke(
    certificate: Certificate,
    reason: Annotated[
        str, typer.Option(help=f"RFC 5280 5.3.1: {', '.join(REASONS)}.", callback=one_of(REASONS))
    ] = "unspecified",
    same_key: Annotated[
        bool | None,
        typer.Option(
            "--same-key/--only-this",
            help="With keyCompromise: revoke your other certificates of the key with it, or leave them. Said"
            " neither, you are asked about all; with --yes they are left.",
        ),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Confirm without being asked.")] = False,
) -> None:
    """Revoke it for good; clients see it on the next list that they fetch."""
    if not yes:
        same_key = _confirmed(certificate, reason, same_key)
    body = {"reason": reason, "same_key": bool(same_key)}
    revoked = api().post(f"/private-certificates/{certificate}/revoke", body)
    _show(revoked)
    if revoked["same_key"]:
        _tell_same_key(revoked["same_key"])
    _tell_ssl(revoked["ssl_same_key"])


def _confirmed(certificate: str, reason: str, same_key: bool | None) -> bool:
    """Asked once, about all that it is about; whether the others of the key go with it."""
    others = []
    if reason == RevocationReason.KEY_COMPROMISE:
        others = api().get(f"/private-certificates/{certificate}/same-key")
        _tell_ssl(api().get(f"/private-certificates/{certificate}/same-key/ssl"))
    what = f"Revoking {certificate}"
    if others:
        _tell_same_key(others)
        what += " alone" if same_key is False else f" and the {len(others)} above with it"
    if not typer.confirm(f"{what} cannot be undone. Go on?", err=True):
        raise typer.Abort
    return same_key is not False and bool(others)


def _tell_same_key(others: Sequence[dict[str, Any]]) -> None:
    output.note("Of the same key:")
    for one in others:
        problem = f" ({one['problem']})" if one["problem"] else ""
        output.note(f"  {one['id']}  {one['state']}  {', '.join(_names(one))}{problem}")


def _tell_ssl(found: Sequence[dict[str, Any]]) -> None:
    for one in found:
        names = ", ".join(one["domains"])
        output.note(
            f"Of the same key, not revoked with it: `hanaper certificates revoke {one['id']}` ({names})"
        )


def _download(certificate: str, part: str, to: Path | None, way: int = 0) -> None:
    found = api().get(f"/private-certificates/{certificate}/download", {"part": part, "chain": way})
    write_text(found["pem"], to, found)


def _export(certificate: str, to: Path, form: str, passphrase_file: Path | None) -> None:
    with new_private_file(to) as file:
        body = {"passphrase": passphrase(passphrase_file), "format": form}
        found = api().post(f"/private-certificates/{certificate}/key", body)
        content = found["content"]
        file.write(content.encode() if form == "pkcs8" else base64.b64decode(content))


def _show(certificate: dict[str, Any]) -> None:
    output.show(certificate) if output.wants_json() else output.show(_spoken(certificate), columns=FIELDS)


def _spoken(certificate: dict[str, Any]) -> dict[str, Any]:
    """Names and subject as people write them."""
    subject = ", ".join(f"{field}={value}" for field, value in certificate["subject"].items() if value)
    return {
        **certificate,
        "names": _names(certificate),
        "subject": subject or None,
        "reason": certificate["reason"] or None,
    }


def _names(certificate: dict[str, Any]) -> list[str]:
    names = [name for kind in certificate["names"].values() for name in kind]
    return names or [certificate["subject"].get("common_name") or "-"]
