"""Sentences of the service: what core, areas and storage say to people, found in the source as it is written.

A string counts as a sentence if it begins with a capital letter and has a space; docstrings, log lines and
descriptions of programs' interfaces do not. The values of an f-string become `{}`.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from hanaper.core.private_ca.template_text import PHRASES
from hanaper.core.refund import SHIPPED_POLICIES
from hanaper.core.refund.differences import BARS, INSIDE, OPENS, USES

ROOT = Path(__file__).resolve().parents[2]
TOML = ROOT / "hanaper" / "faces" / "locale" / "zh_Hans" / "sentences.toml"
POLICIES = ROOT / "hanaper" / "core" / "refund" / "policies"
SAYING = (
    "core", "apps", "storage", "faces/console", "clock.py", "core/x509/names.py", "core/x509/outside.py",
    "core/acme/snippets.py", "gateway_node/failing.py", "gateway_node/health.py",
)  # fmt: skip
# Written elsewhere in both languages, or read by operators of the machine and by ACME clients only; but for
# files that SAYING names.
NOT_HERE = (
    "texts", "migrations", "verification.py", "configuration.py", "seeding.py", "first_start.py",
    "append_only.py", "create_together.py", "recovery.py", "core/x509/", "core/refund/policy.py",
    "core/refund/reading.py", "core/refund/sense", "core/refund/facts_reading.py", "master_keys.py",
    "authority/", "business_calendar.py", "clock/services.py", "secrets/", "core/acme/", "acme/nonces.py",
    "acme/limits.py", "acme/services/accounts.py", "acme/services/ordering.py", "acme/services/revoking.py",
)  # fmt: skip
# What is wrong with a value is a ValueError there, and told as it is written.
TOLD_BY_VALUES = (
    "core/gateway/behaviour.py",
    "core/gateway/headers.py",
    "core/gateway/paths.py",
    "core/gateway/trusted.py",
    "core/private_ca/templates.py",
    "core/x509/outside.py",
    "core/acme/snippets.py",
    "gateway_node/failing.py",
    "gateway_node/health.py",
)
KINDS = ("single domain", "several domains", "wildcard", "several wildcards", "hybrid")
LETTERS = 8  # a pattern with fewer of its own would fit anything
SENTENCE = re.compile(r"[A-Z{][^\n]* [^\n]*", re.DOTALL)
VALUE = re.compile(r"\{[^{}]*\}|%\(\w+\)[sd]")
# Parts of sentences that decisions put together (core/refund/words.py).
FRAGMENTS = (
    "the end of {} ({})", "{}:{} on {} ({})", "{} day{} ({} hours)", "private CA was enabled",
    "private CA", "gateway was used", "all data of the CA", "the gateway's settings",
    " under the terms of the promotion {}", ", at {}", "the certificate", "the {} certificates",
    "By an operator, due {}.", "By an operator.", "This cannot be undone.",
    "{} under the terms of the promotion {}", "order", "certificate", "refund", "refund plan",
    "private CA", "gateway", "voucher", "contact", "company", "webhook", "transfer", "account",
    " Its enabled intermediates are reset before it: {}; those that belong to other orders are not refunded "
    "by this.",
    # Names of the products that come with the program (apps/catalog/seed).
    *(f"{{}} {level} {kind}, {{}}" for level in ("DV", "OV", "EV") for kind in KINDS),
    *("one year", "two years", "three years", "one month", "{} months"),
    *("Private root CA with one intermediate", "Extra private intermediate CA"),
    *("HTTPS acceleration gateway, {}", "Certificate deployment, {} tasks"),
    *("Certificate messages, {}", "Certificate monitoring, {}"),
    *("Certificate repository, {}", "Domain monitoring, {}"),
    "message", "monitoring", "repository", "deployment",
    # Parts of what two policies differ in (core/refund/differences.py).
    *BARS.values(), *USES.values(), *OPENS.values(), *INSIDE.values(), "calendar days", "elapsed time",
    *(sense for policy in SHIPPED_POLICIES.values() for sense in policy.senses.values()), "policy", "draft",
    *PHRASES,
)  # fmt: skip
NOT_SAID = {"description", "help", "summary", "memo"}  # keyword arguments


def gathered() -> list[str]:
    """Every sentence, each once, in the order of the alphabet."""
    found = {*_of_policies(), *FRAGMENTS}
    for place in SAYING:
        path = ROOT / "hanaper" / place
        for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
            if path == file or not any(part in str(file.relative_to(ROOT)) for part in NOT_HERE):
                found.update(_in(file))
    return sorted(one for one in found if one in FRAGMENTS or len(re.findall("[A-Za-z]", one)) >= LETTERS)


def kept() -> dict[str, str]:
    return tomllib.loads(TOML.read_text("utf-8")) if TOML.exists() else {}


def write(sentences: dict[str, str]) -> None:
    TOML.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"{_quoted(source)} = {_quoted(target)}" for source, target in sorted(sentences.items())]
    TOML.write_text("\n".join(lines) + "\n", "utf-8")


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _of_policies() -> Iterator[str]:
    for file in sorted(POLICIES.glob("*.toml")):
        yield from _texts_in(tomllib.loads(file.read_text("utf-8")))


def _texts_in(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("source", "name"):
                yield from _texts_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts_in(inner)
    elif isinstance(value, str) and SENTENCE.fullmatch(value):
        yield VALUE.sub("{}", value)


def _in(file: Path) -> Iterator[str]:
    tree = ast.parse(file.read_text("utf-8"))
    told = ("ValueError",) if str(file.relative_to(ROOT)).endswith(TOLD_BY_VALUES) else ()
    silent = set(_silent(tree, told))
    marked = (
        "console" in file.relative_to(ROOT).parts
    )  # there only what is raised: the rest is marked for gettext
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        text = _text(node)
        if text and SENTENCE.fullmatch(text) and re.search("[a-z]{2} ", text) and not marked:
            yield text
        elif marked and isinstance(node, ast.Call) and _name(node).endswith(("Input", "Refusal", "Fault")):
            yield from (said for one in node.args if (said := _text(one)) and SENTENCE.fullmatch(said))


def _text(node: ast.AST) -> str | None:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return VALUE.sub("{}", node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


def _silent(tree: ast.AST, told: tuple[str, ...] = ()) -> Iterator[int]:
    """Nodes that nobody is told: docstrings, parts of f-strings, logs, descriptions; errors but `told`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)
        elif isinstance(node, ast.JoinedStr):
            yield from (id(part) for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.keyword) and node.arg in NOT_SAID:
            yield from (id(inner) for inner in ast.walk(node.value))
        elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            errors = {"ValueError", "RuntimeError", "TypeError", "ImproperlyConfigured"}
            if _name(node.exc) in errors.difference(told):
                yield from (id(inner) for inner in ast.walk(node.exc))
        elif isinstance(node, ast.Call) and _name(node) in ("CheckConstraint", "UniqueConstraint", "Index"):
            yield from (id(inner) for inner in ast.walk(node))


def _name(call: ast.Call) -> str:
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
