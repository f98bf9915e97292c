"""`hanaper gateway`: domains behind the gateway, what they consume, and the nodes that serve them."""

import os
import sys
import time
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from hanaper.core.errors import InvalidInput
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.files import read_toml
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="HTTPS gateways: domains, how they behave, usage, reset.", no_args_is_help=True)
nodes_app = typer.Typer(help="The nodes that serve (operators).", no_args_is_help=True)
app.add_typer(nodes_app, name="nodes")

FIELDS = (
    "id", "state_label", "domain", "cname", "certificate", "order", "term_ends_at", "grcq_used",
    "grcq_included", "visits", "bytes_out", "looked_at", "resetting", "reset_at",
)  # fmt: skip
Gateway = Annotated[str, typer.Argument(help="gwi_...", metavar="GATEWAY")]
Origins = Annotated[
    list[str] | None, typer.Option("--origin", help="http(s)://HOST[:PORT]; may be repeated.")
]
AutomaticOption = Annotated[
    str,
    typer.Option(
        metavar="SOURCE",
        help="It comes by itself: 'quota' takes a unit of the account's unused SSL quota, whose order is not"
        " unused any more; pca_... has a private CA issue it.",
    ),
]
ByDns = Annotated[bool, typer.Option("--by-dns", help="Control is shown by a record that you set.")]
ContactOption = Annotated[str, typer.Option(help="con_...; by default the account's first.")]
TemplateOption = Annotated[str, typer.Option(help="Of the private CA; by default server.")]
KeyOption = Annotated[str, typer.Option(help="ec-p256 (default), ec-p384, rsa-2048, rsa-3072, rsa-4096.")]
Once = Annotated[bool, typer.Option("--once", help="The next one is not taken by itself.")]
# What a look saw of the certificate.
SEEN = {
    "no_certificate": "No certificate for it is valid now.",
    "certificate_revoked": "Its certificate is revoked, on hold, or below a CA that is revoked.",
}
NOTHING_FITS = "Nothing is there that one could come from by itself: see hanaper catalogue."
File = Annotated[Path | None, typer.Option(help="How it behaves, in TOML; named as over REST.")]


@app.command("list")
def list_gateways(state: str | None = None, limit: Limit = 50, cursor: Cursor = None) -> None:
    """The account's gateway instances, the newest first."""
    found = api().get("/gateways", {"state": state, "limit": limit, "cursor": cursor})
    output.show(found, columns=("id", "state_label", "domain", "grcq_used", "grcq_included", "order"))


@app.command()
def show(gateway: Gateway) -> None:
    """One instance: its domain, what DNS said at the last look, what it consumed."""
    _show(api().get(f"/gateways/{gateway}"))


@app.command("certificates")
def list_certificates(gateway: Gateway, domain: str) -> None:
    """Certificates of the account for a domain, and what one could come from by itself."""
    found = api().get(f"/gateways/{gateway}/certificates", {"domain": domain})
    _rows(found, "id", "names", "not_after")
    if not output.wants_json():
        output.note("By itself (--automatic):" if found["automatic"] else NOTHING_FITS)
        output.show(found["automatic"], columns=("source", "name", "of", "left"))


@app.command("add-domain")
def add_domain(
    gateway: Gateway,
    domain: str,
    origin: Origins = None,
    certificate: Annotated[str, typer.Option(help="By default the one that lasts longest.")] = "",
    automatic: AutomaticOption = "",
    by_dns: ByDns = False,
    contact: ContactOption = "",
    template: TemplateOption = "",
    key_algorithm: KeyOption = "",
    once: Once = False,
    file: File = None,
) -> None:
    """Put a domain behind it; then set the CNAME that is shown. From now on it counts as used (R18)."""
    body = {"domain": domain, "certificate": certificate, "behaviour": _behaviour(origin, file)}
    body |= _automatic(automatic, by_dns, contact, template, key_algorithm, once=once)
    _show(api().post(f"/gateways/{gateway}/domain", body))


@app.command()
def behaviour(gateway: Gateway) -> None:
    """How its domain behaves, as JSON: what `change` takes."""
    output.show(api().get(f"/gateways/{gateway}")["behaviour"])


@app.command()
def change(gateway: Gateway, origin: Origins = None, file: File = None) -> None:
    """How its domain behaves: all of it anew, from the file, the origins, or both."""
    _show(api().put(f"/gateways/{gateway}/behaviour", {"behaviour": _behaviour(origin, file)}))


@app.command()
def certificate(
    gateway: Gateway,
    certificate: Annotated[str, typer.Argument(help="Without one: --automatic.")] = "",
    automatic: AutomaticOption = "",
    by_dns: ByDns = False,
    contact: ContactOption = "",
    template: TemplateOption = "",
    key_algorithm: KeyOption = "",
    once: Once = False,
) -> None:
    """Serve another certificate for its domain, or one that comes by itself from now on."""
    if not certificate and not automatic:
        raise typer.BadParameter("Name a certificate, or say --automatic and from where it comes.")
    body: dict[str, Any] = {"certificate": certificate}
    body |= _automatic(automatic, by_dns, contact, template, key_algorithm, once=once)
    _show(api().put(f"/gateways/{gateway}/certificate", body))


@app.command("retry-certificate")
def retry_certificate(gateway: Gateway) -> None:
    """Try again now to have the certificate that comes by itself."""
    _show(api().post(f"/gateways/{gateway}/certificate/retry"))


@app.command()
def look(gateway: Gateway) -> None:
    """Look at DNS, certificate and origins again, now."""
    _show(api().post(f"/gateways/{gateway}/look"))


@app.command()
def purge(
    gateway: Gateway, address: Annotated[str, typer.Option(help="Of this alone, such as /news?page=2.")] = ""
) -> None:
    """Forget everything that is cached of its domain, or of one address; `purges` says when that is done."""
    if address:
        output.show(api().post(f"/gateways/{gateway}/purges", {"address": address}))
    else:
        _show(api().post(f"/gateways/{gateway}/purge"))


@app.command()
def purges(gateway: Gateway, limit: Limit = 50, cursor: Cursor = None) -> None:
    """Addresses that were or are being forgotten, the newest first."""
    found = api().get(f"/gateways/{gateway}/purges", {"limit": limit, "cursor": cursor})
    output.show(found, columns=("id", "address", "done", "nodes", "asked_at", "done_at"))


@app.command()
def origins(gateway: Gateway) -> None:
    """How the nodes find its origins."""
    found = api().get(f"/gateways/{gateway}/origins")
    if not found["checked"]:
        output.note("Nobody looks at them: its behaviour says no [health].")
    _rows(found, "address", "port", "backup", "unwell", "nodes", "problem", "since")


@app.command()
def log(gateway: Gateway, file: Path, seconds: float = 30.0) -> None:
    """The newest lines of its access log into a file, one JSON object each; waits for the nodes so long."""
    made = api().post(f"/gateways/{gateway}/access-logs")
    address, until = f"/gateways/{gateway}/access-logs/{made['id']}", time.monotonic() + seconds
    while made["done_at"] is None and time.monotonic() < until:
        time.sleep(0.5)
        made = api().get(address)
    file.write_text(api().text(f"{address}/lines"))
    output.show(made | {"file": str(file)}, columns=("file", "done", "nodes", "done_at"))


@app.command()
def usage(
    gateway: Gateway,
    hours: int = 168,
    days: Annotated[int | None, typer.Option(help="By day instead, the newest so many.")] = None,
) -> None:
    """What it served, by hour or by day."""
    asked = {"hours": hours} if days is None else {"by": "day", "days": days}
    found = api().get(f"/gateways/{gateway}/usage", asked)
    _rows(
        found,
        *("begins_at", "visits", "bytes_out", "grcq", "requests", "cache_hits", "bits_per_second"),
        *("median_milliseconds", "p95_milliseconds", "codes"),
    )


@app.command()
def paths(gateway: Gateway, hours: int = 24, most: int = 20) -> None:
    """What visitors asked for most."""
    found = api().get(f"/gateways/{gateway}/paths", {"hours": hours, "most": most})
    _rows(found, "path", "visits", "bytes_out")


@app.command()
def reset(gateway: Gateway, yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False) -> None:
    """Take its domain off (R18); what was consumed stays consumed (D8)."""
    warned = api().post(f"/gateways/{gateway}/reset/prepare")
    output.note(f"Note: {warned['text']}")
    if not yes and not typer.confirm("OK?", err=True):
        raise typer.Abort
    _show(api().post(f"/gateways/{gateway}/reset/confirm", {"confirmation": warned["confirmation"]}))


@app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
)
def node(context: typer.Context) -> None:
    """Serve on this machine: `hanaper gateway node --help` says how."""
    os.execv(sys.executable, [sys.executable, "-m", "hanaper.gateway_node", *context.args])  # noqa: S606


@nodes_app.command("list")
def list_nodes() -> None:
    """Every node, with what it serves and what it should."""
    found = api().get("/operator/gateway-nodes")
    _rows(found, "id", "name", "engine", "version", "settled", "seen_at", "error", "retired_at")
    if not output.wants_json():
        for node in found["items"]:
            for one in node["left_out"]:
                output.note(f"{node['name']} leaves out {one['instance']}: {one['said']}")


@nodes_app.command("join-token")
def join_token() -> None:
    """Let one more node join, within a day. The token is shown once."""
    found = api().post("/operator/gateway-nodes/join-tokens")
    output.show(found if output.wants_json() else found["token"])


@nodes_app.command()
def retire(node: str) -> None:
    """It serves no more, and nobody waits for what it did not say."""
    output.show(api().post(f"/operator/gateway-nodes/{node}/retire"))


def _show(found: dict[str, Any]) -> None:
    if output.wants_json():
        output.show(found)
        return
    output.show(found, columns=FIELDS)
    seen = found["look"]
    said = [seen.get("message"), SEEN.get(seen.get("certificate", "")), seen.get("origin")]
    problem = found["problem"]
    wrong = [_since(problem), *problem["next_steps"]] if problem else []
    for each in dict.fromkeys(filter(None, [*wrong, *said, *_said_of(found["automatic"])])):
        output.note(each)


def _since(problem: dict[str, Any]) -> str:
    where = "" if problem["nodes"] is None else f", nodes: {problem['nodes']}"
    return f"{problem['message']} (since {problem['since']}{where})"


def _said_of(automatic: dict[str, Any] | None) -> list[str]:
    if automatic is None:
        return []
    why = automatic["message"] or automatic["code"]
    chosen = ", ".join(filter(None, (automatic["template"], automatic["key_algorithm"])))
    source = f"{automatic['source']}{f' ({chosen})' if chosen else ''}"
    state = f"Its certificate comes by itself from {source}: {automatic['state_label']}"
    records = [f"Set the TXT record {one['name']} to {one['value']}" for one in automatic["records"]]
    return [f"{state}{f' ({why})' if why else ''}", *records, *automatic["next_steps"]]


def _automatic(
    source: str, by_dns: bool, contact: str, template: str, key_algorithm: str, *, once: bool
) -> dict[str, Any]:
    if not source:
        return {}
    wanted = {
        "source": source,
        "shown_by": "dns" if by_dns else "gateway",
        "contact": contact,
        "template": template,
        "key_algorithm": key_algorithm or None,
        "renews": not once,
    }
    return {"automatic": wanted}


def _rows(found: dict[str, Any], *columns: str) -> None:
    output.show(found if output.wants_json() else found["items"], columns=columns)


def _behaviour(origins: list[str] | None, file: Path | None) -> dict[str, Any]:
    found = read_toml(file) if file else {}
    if origins:
        found["origins"] = [_origin(each) for each in origins]
    return found


def _origin(given: str) -> dict[str, Any]:
    try:
        parts = urlsplit(given)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    more = "@" in parts.netloc or parts.path.strip("/") or "?" in given or "#" in given
    if parts.scheme not in ("http", "https") or not parts.hostname or more:
        raise InvalidInput(f"{given!r}: write http://HOST or https://HOST:PORT.", field="origin")
    return {"scheme": parts.scheme, "host": parts.hostname} | ({"port": port} if port else {})
