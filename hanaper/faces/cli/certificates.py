"""`hanaper certificates`: the whole life of a certificate, through the API."""

import base64
import time
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer

from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.contacts import companies_app, contacts_app
from hanaper.faces.cli.files import new_private_file, read_text, write_text
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="Apply for, download, renew and revoke certificates.", no_args_is_help=True)
app.add_typer(contacts_app, name="contacts")
app.add_typer(companies_app, name="companies")

COLUMNS = ("id", "state_label", "domains", "brand", "level", "kind", "year", "term_end", "order")
WAIT_SECONDS = 2.0
FAILED_STATES = ("validation_failed", "revoked", "expired", "removed", "pending_application")

CertificateArgument = Annotated[str, typer.Argument(help="crt_...", metavar="CERTIFICATE")]
Yes = Annotated[bool, typer.Option("--yes", help="Confirm the warning without being asked.")]


@app.command("list")
def list_certificates(
    search: Annotated[str, typer.Option(help="The beginning of any part of a name; a serial number.")] = "",
    state: Annotated[str, typer.Option(help="One state, or several by commas.")] = "",
    brand: str = "",
    order: str = "",
    expiring_before: Annotated[str | None, typer.Option(help="A moment, RFC 3339.")] = None,
    sort: Annotated[str | None, typer.Option(help="id or term_end; `-` in front: descending.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> None:
    """The account's certificates."""
    wanted = {
        "search": search or None,
        "state": state or None,
        "brand": brand or None,
        "order": order or None,
        "expiring_before": expiring_before,
        "sort": sort,
        "limit": limit,
        "cursor": cursor,
    }
    output.show(api().get("/certificates", wanted), columns=COLUMNS)


@app.command()
def show(certificate: CertificateArgument) -> None:
    """One certificate: state, checks and what they saw, X.509 certificates, what was done."""
    _show_detail(api().get(f"/certificates/{certificate}"))


@app.command()
def create(
    order: Annotated[str, typer.Argument(help="ord_..., whose quota is used.")],
    line: Annotated[str | None, typer.Option(help="oln_..., if several lines have quota left.")] = None,
) -> None:
    """Take one quota of an order: a certificate in Pending Application."""
    _show_detail(api().post("/certificates", {"order": order, "line": line}))


@app.command()
def apply(
    certificate: CertificateArgument,
    domain: Annotated[list[str] | None, typer.Option("--domain", "-d", help="May be repeated.")] = None,
    csr: Annotated[Path | None, typer.Option(help="A file with a PEM signing request.")] = None,
    key_algorithm: Annotated[
        str | None, typer.Option(help="ec-p256, ec-p384, rsa-2048, rsa-3072 or rsa-4096.")
    ] = None,
    contact: Annotated[str | None, typer.Option(help="con_...")] = None,
    company: Annotated[str | None, typer.Option(help="com_..., for OV and EV.")] = None,
    method: Annotated[str | None, typer.Option(help="dns or http.")] = None,
    draft: Annotated[bool, typer.Option("--draft", help="Only save the form (Modify).")] = False,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it is issued or has failed.")] = False,
    timeout: Annotated[int, typer.Option(help="How many seconds to wait at most.")] = 600,
) -> None:
    """Apply, or after a failure Modify and Submit; what is left out stays as it was saved."""
    given = {
        "domains": domain or None,
        "csr": read_text(csr, "csr") if csr else None,
        "key_algorithm": key_algorithm,
        "contact": contact,
        "company": company,
        "method": method,
    }
    form = {name: value for name, value in given.items() if value is not None}
    if draft:
        _show_detail(api().put(f"/certificates/{certificate}/form", form))
        return
    detail = api().post(f"/certificates/{certificate}/apply", form)
    if wait:
        detail = _wait(certificate, timeout, detail)
    _show_detail(detail)
    if wait and detail["state"] != "issued":
        raise typer.Exit(1)


@app.command()
def wait(
    certificate: CertificateArgument,
    timeout: Annotated[int, typer.Option(help="How many seconds to wait at most.")] = 600,
) -> None:
    """Wait until it is issued or has failed."""
    detail = _wait(certificate, timeout, api().get(f"/certificates/{certificate}"))
    _show_detail(detail)
    if detail["state"] != "issued":
        raise typer.Exit(1)


@app.command()
def recheck(certificate: CertificateArgument) -> None:
    """Check control of the domains now."""
    _show_detail(api().post(f"/certificates/{certificate}/recheck"))


@app.command()
def withdraw(certificate: CertificateArgument) -> None:
    """Withdraw the application: back to Pending Application."""
    _show_detail(api().post(f"/certificates/{certificate}/withdraw"))


@app.command("cancel-apply")
def cancel_apply(certificate: CertificateArgument) -> None:
    """Cancel Apply: off the list, its quota restored to the order."""
    _show_detail(api().post(f"/certificates/{certificate}/cancel-apply"))


@app.command()
def cancel(certificate: CertificateArgument, yes: Yes = False) -> None:
    """Cancel a year that is not activated: off the list for good."""
    confirmation = _confirmed(f"/certificates/{certificate}/cancel/prepare", None, yes)
    _show_detail(api().post(f"/certificates/{certificate}/cancel/confirm", {"confirmation": confirmation}))


@app.command()
def revoke(
    certificate: CertificateArgument,
    reason: Annotated[str, typer.Option(help="unspecified, key_compromise, superseded ...")] = "unspecified",
    text: Annotated[str, typer.Option(help="Anything the reviewer should know.")] = "",
    yes: Yes = False,
) -> None:
    """Ask for its revocation, after the warning; an operator reviews it."""
    confirmation = _confirmed(f"/certificates/{certificate}/revoke/prepare", None, yes)
    body = {"confirmation": confirmation, "reason": reason, "text": text}
    output.show(api().post(f"/certificates/{certificate}/revoke/confirm", body))


@app.command()
def renew(
    certificate: CertificateArgument,
    years: Annotated[int, typer.Option(min=1, max=3)] = 1,
    voucher: Annotated[list[str] | None, typer.Option(help="vch_...; may be repeated.")] = None,
    coupon: str = "",
    promotion: str = "",
) -> None:
    """Place a renewal order; an early one cannot be refunded by self-service (R14)."""
    body = {"years": years, "vouchers": voucher or [], "coupon": coupon, "promotion": promotion}
    output.show(api().post(f"/certificates/{certificate}/renew", body))


@app.command()
def reissue(
    certificate: CertificateArgument,
    csr: Annotated[Path | None, typer.Option(help="A file with a PEM signing request.")] = None,
    key_algorithm: Annotated[str | None, typer.Option(help="For a key generated here.")] = None,
    wait: Annotated[bool, typer.Option("--wait", help="Wait until it has come.")] = False,
) -> None:
    """Reissue with a new key, for the rest of the year; costs no quota."""
    before = api().get(f"/certificates/{certificate}")["serial"]
    body = {"csr": read_text(csr, "csr") if csr else None, "key_algorithm": key_algorithm}
    asked = api().post(f"/certificates/{certificate}/reissue", body)
    if wait:
        detail = _wait_for(
            certificate, 600, lambda seen: seen["serial"] != before or _last_failed(seen, asked["id"])
        )
        _show_detail(detail)
        if detail["serial"] == before:
            raise typer.Exit(1)
        return
    output.show(asked, columns=("id", "purpose", "state", "domains", "key_algorithm"))


@app.command()
def combine(certificates: list[str], yes: Yes = False) -> None:
    """Combine several one-year applications into one certificate."""
    body = {"certificates": certificates}
    confirmation = _confirmed("/certificates/combine/prepare", body, yes)
    _show_detail(api().post("/certificates/combine/confirm", {**body, "confirmation": confirmation}))


@app.command()
def download(
    certificate: CertificateArgument,
    part: Annotated[str, typer.Option(help="leaf, chain or full_chain.")] = "full_chain",
    serial: Annotated[str | None, typer.Option(help="An earlier X.509 certificate of the year.")] = None,
    to: Annotated[Path | None, typer.Option("--to", help="A file; by default standard output.")] = None,
) -> None:
    """Leaf, chain or both, as PEM."""
    found = api().get(f"/certificates/{certificate}/download", {"part": part, "serial": serial})
    write_text(found["pem"], to, found)


@app.command()
def key(
    certificate: CertificateArgument,
    to: Annotated[Path, typer.Option("--to", help="The file to write; it must not exist.")],
    pkcs12: Annotated[
        bool, typer.Option("--pkcs12", help="With certificate and chain, as PKCS #12.")
    ] = False,
    clear: Annotated[bool, typer.Option("--clear", help="Not encrypted, which happens once.")] = False,
) -> None:
    """The private key, if it was generated here; asks for a passphrase."""
    passphrase = None if clear else typer.prompt("Passphrase", hide_input=True, confirmation_prompt=True)
    with new_private_file(to) as file:
        body = {"passphrase": passphrase, "format": "pkcs12" if pkcs12 else "pem"}
        found = api().post(f"/certificates/{certificate}/key", body)
        file.write(base64.b64decode(found["content_base64"]))


@app.command("auto-reissue")
def auto_reissue(
    certificate: CertificateArgument, on: Annotated[bool, typer.Option("--on/--off")] = True
) -> None:
    """Whether the service reissues within the year by itself."""
    _show_detail(api().patch(f"/certificates/{certificate}", {"auto_reissue": on}))


def _confirmed(path: str, body: Any, yes: bool) -> str:
    """Show the warning and have it confirmed; the token."""
    warned = api().post(path, body)
    if warned["warning"]:
        output.note(f"Note: {warned['warning']}")
    for order in warned["orders"]:
        output.note(_outlook(order))
    if not yes and not typer.confirm("Go on?", err=True):
        raise typer.Abort
    return str(warned["confirmation"])


def _outlook(order: dict[str, Any]) -> str:
    if not order["refundable"]:
        why = " ".join(f"{reason['text']} [{reason['clause']}]" for reason in order["reasons"])
        return f"Order {order['order']} is not refundable: {why}"
    said = f"Order {order['order']}: its refund period closes at {order['closes_at']}."
    if order["revoke_by"]:
        said += f" A request is sure to be reviewed in time until {order['revoke_by']}"
        said += ", which has passed." if order["revoke_by_passed"] else "."
    return said


def _last_failed(detail: dict[str, Any], application: str) -> bool:
    states = {one["id"]: one["state"] for one in detail["applications"]}
    return states.get(application) in ("failed", "withdrawn")


def _wait(certificate: str, timeout: int, detail: dict[str, Any]) -> dict[str, Any]:
    if detail["state"] != "validating_application":
        return detail
    _explain_checks(detail)
    return _wait_for(certificate, timeout, lambda seen: seen["state"] != "validating_application")


def _wait_for(certificate: str, timeout: int, done: Any) -> dict[str, Any]:
    """Ask until `done`; says what it waits for on a terminal."""
    until = time.monotonic() + timeout
    progress = import_module("rich.console").Console(stderr=True)
    with progress.status("Waiting") as status:
        while True:
            detail: dict[str, Any] = api().get(f"/certificates/{certificate}")
            if done(detail) or time.monotonic() > until:
                return detail
            status.update(_waits_for(detail))
            time.sleep(WAIT_SECONDS)


def _waits_for(detail: dict[str, Any]) -> str:
    latest = detail["applications"][0] if detail["applications"] else None
    if latest is None:
        return str(detail["state_label"])
    waiting = [check for check in latest["checks"] if check["state"] == "pending"]
    if waiting:
        seen = waiting[0]["seen"].get("message", "not looked yet")
        return f"{waiting[0]['domain']}: {seen} (try {waiting[0]['tries']})"
    return {"reviewing": "An operator reviews the organisation", "issuing": "At the issuer"}.get(
        latest["state"], str(detail["state_label"])
    )


def _explain_checks(detail: dict[str, Any]) -> None:
    for check in detail["applications"][0]["checks"] if detail["applications"] else []:
        if check["state"] != "pending":
            continue
        if check["method"] == "dns":
            output.note(f'Set the DNS record:  {check["place"]}  TXT  "{check["value"]}"')
        else:
            output.note(f"Serve {check['place']} with the text {check['value']}")


def _show_detail(detail: dict[str, Any]) -> None:
    if output.wants_json():
        output.show(detail)
        return
    plain = (
        "id", "state_label", "acts_next", "domains", "product", "order", "year", "series", "issued_at",
        "term_begin", "term_end", "serial", "not_after", "reissue_due_at",
    )  # fmt: skip
    output.show({name: detail[name] for name in plain})
    latest = detail["applications"][0] if detail["applications"] else None
    if latest and latest["failure"]:
        output.show({"failure": latest["failure"]})
    if latest and latest["state"] == "validating":
        output.show(
            latest["checks"],
            columns=("domain", "method", "state", "place", "value", "tries", "seen.message"),
            title="Checks",
        )
    if detail["issuances"]:
        output.show(
            detail["issuances"],
            columns=("serial", "not_before", "not_after", "revoked_at", "is_current"),
            title="X.509 certificates",
        )
