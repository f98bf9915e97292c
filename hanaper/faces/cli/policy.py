"""`hanaper policy`: the refund policies there are, and decisions from facts, without a database.

Nothing heavy is imported here: a decision is needed in a pipeline as often as by a person.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Annotated, BinaryIO, NoReturn

import typer

from hanaper.core.refund import SHIPPED_POLICIES, Decision, Facts, SenselessFacts, decide, read_facts
from hanaper.core.refund.canonical import canonical_json
from hanaper.core.refund.differences import differences as differences_between
from hanaper.core.refund.explain import explain as explain_decision
from hanaper.core.refund.policy import BadPolicy, Policy, parse_policy, shipped_text
from hanaper.core.refund.policy_words import policy_lines
from hanaper.core.refund.reading import as_moment, as_object

Policies = Mapping[str, Policy]

SENSELESS = 2
CHUNK = 1 << 16

app = typer.Typer(
    name="policy",
    help="Refund policies, and what they decide.",
    no_args_is_help=True,
    add_completion=False,
)

At = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="The moment of the request: RFC 3339 with its offset."),
]
File = Annotated[
    str, typer.Argument(metavar="[FILE]", help="Facts as JSON; `-` or nothing for standard input.")
]

Own = Annotated[
    list[str],
    typer.Option("--policy", metavar="FILE", help="A policy of your own that facts may name; repeat it."),
]


@app.command("list")
def list_policies() -> None:
    """Name the refund policies there are, the oldest first."""
    for policy in SHIPPED_POLICIES.values():
        typer.echo(f"{policy.name}  {policy.title}")


@app.command()
def show(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Print a policy, each rule with its clause."""
    policy = SHIPPED_POLICIES.get(name)
    if policy is None:
        known = ", ".join(SHIPPED_POLICIES)
        _fail("policy", f"there is no policy {name}; there are {known}")
    typer.echo("\n".join(policy_lines(policy)))


@app.command()
def text(name: Annotated[str, typer.Argument(metavar="NAME")]) -> None:
    """Print the file of a policy, to begin another one with."""
    if name not in SHIPPED_POLICIES:
        _fail("policy", f"there is no policy {name}; there are {', '.join(SHIPPED_POLICIES)}")
    typer.echo(shipped_text(name), nl=False)


@app.command()
def check(file: Annotated[str, typer.Argument(metavar="FILE", help="TOML.")]) -> None:
    """Read a policy of your own; say what is wrong with it, or what it says."""
    typer.echo("\n".join(policy_lines(_policy(file))))


@app.command()
def differences(
    old: Annotated[str, typer.Argument(metavar="OLD", help="A policy's name, or a file.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="A policy's name, or a file.")],
) -> None:
    """Say in words what a policy does otherwise than another."""
    found = differences_between(_policy(old), _policy(new))
    for one in found:
        typer.echo(f"{one.clause:>4}  {one}")
    if not found:
        typer.echo("They say the same.")


def _policy(name: str) -> Policy:
    if name in SHIPPED_POLICIES:
        return SHIPPED_POLICIES[name]
    with _open(name) as stream:
        text = stream.read()
    try:
        return parse_policy(text.decode())
    except UnicodeDecodeError:
        _fail("FILE", f"{name} is not UTF-8")
    except BadPolicy as error:
        _fail("FILE", str(error))


@app.command("decide")
def decide_command(
    file: File = "-",
    at: At = None,
    lines: Annotated[
        bool,
        typer.Option(
            "--lines",
            help='One {"facts": ..., "at": ...} a line, answered by one line each; --at if it has none.',
        ),
    ] = False,
    own: Own = [],  # noqa: B006 - typer copies it
) -> None:
    """Decide about a refund: facts in, decision out, as JSON."""
    if lines:
        _answer_lines(file, at, _known(own))
        return
    _, decision = _decide_one(file, at, _known(own))
    _write(decision.to_bytes() + b"\n")


@app.command()
def explain(
    file: File = "-",
    at: At = None,
    own: Own = [],  # noqa: B006 - typer copies it
) -> None:
    """Decide about a refund, and say it in plain words."""
    facts, decision = _decide_one(file, at, _known(own))
    _write(explain_decision(facts, decision).encode() + b"\n")


def _known(own: Sequence[str]) -> Policies:
    return {**SHIPPED_POLICIES, **{policy.name: policy for policy in map(_policy, own)}}


def _decide_one(file: str, at: str | None, policies: Policies) -> tuple[Facts, Decision]:
    if at is None:
        _fail("at", "is missing: give --at TIME")
    with _open(file) as stream:
        text = stream.read()
    try:
        moment = as_moment(at, "", "at")
        facts = read_facts(parse_json(text, "facts"), policies)
        return facts, decide(facts, policies[facts.order.policy], moment)
    except SenselessFacts as error:
        _fail(error.field, error.message)


def parse_json(text: bytes, field: str) -> object:
    """A JSON text as Python values, or SenselessFacts naming `field`."""
    try:
        return _load(text)
    except RecursionError:
        raise SenselessFacts(field, "is nested too deeply") from None
    except ValueError as error:
        raise SenselessFacts(field, f"is not JSON: {error}") from None


def _load(text: bytes) -> object:
    try:
        return json.loads(text)
    except ValueError as error:
        if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
            raise
        # An integer with more digits than Python converts: read it as what it is not allowed to be
        # anywhere, so that the error can name its field.
        return json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 40 else float("inf"))


def answer_line(line: bytes, at: str | None, policies: Policies = SHIPPED_POLICIES) -> bytes:
    """The answer to one line of `--lines`: a decision, or an error with its field."""
    try:
        request = as_object(parse_json(line, "line"), "line")
        facts = read_facts(_wanted(request, "facts"), policies)
        moment = as_moment(request.get("at", at), "", "at")
        return decide(facts, policies[facts.order.policy], moment).to_bytes()
    except SenselessFacts as error:
        return canonical_json({"error": {"field": error.field, "message": error.message}})


def _wanted(request: dict[str, object], key: str) -> object:
    if key not in request:
        raise SenselessFacts(key, "is missing")
    return request[key]


def _answer_lines(file: str, at: str | None, policies: Policies) -> None:
    with _open(file) as stream:
        for batch in _batches(stream):
            _write(b"".join(answer_line(line, at, policies) + b"\n" for line in batch))


def _batches(stream: BinaryIO) -> Iterator[list[bytes]]:
    """The complete lines of whatever has arrived, as soon as it has.

    So a program that sends one line and waits gets its answer, and a long file costs few system calls.
    """
    read = getattr(stream, "read1", stream.read)
    pieces: list[bytes] = []
    while chunk := read(CHUNK):
        head, newline, tail = chunk.rpartition(b"\n")
        if not newline:
            pieces.append(chunk)
            continue
        yield (b"".join(pieces) + head).split(b"\n")
        pieces = [tail] if tail else []
    if pieces:
        yield [b"".join(pieces)]


def _open(file: str) -> AbstractContextManager[BinaryIO]:
    if file == "-":
        return nullcontext(sys.stdin.buffer)
    try:
        return open(file, "rb")  # noqa: PTH123 - the caller closes it; `-` is no path
    except OSError as error:
        _fail("FILE", f"cannot read {file}: {error.strerror}")


def _write(text: bytes) -> None:
    """Write to standard output at once; a reader that has gone away is no error of ours."""
    try:
        sys.stdout.buffer.write(text)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # Python flushes standard output once more at exit: give it somewhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None


def _fail(field: str, message: str) -> NoReturn:
    typer.echo(f"{field}: {message}", err=True)
    raise typer.Exit(SENSELESS)


if __name__ == "__main__":
    app()
