"""`hanaper policy`: what a program and a person see."""

import copy
import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from hanaper.core.refund import SHIPPED_POLICIES, decide, read_facts
from hanaper.core.refund.policy import shipped_text
from hanaper.core.refund.reading import as_moment
from hanaper.faces.cli.policy import app

ROOT = Path(__file__).parents[3]
AT = "2026-03-03T00:00:00Z"
FACTS = {
    "order": {
        "id": "ord_1",
        "product": "ssl_certificate",
        "origin": "purchase",
        "placed_at": "2026-03-02T09:00:00Z",
        "paid_at": "2026-03-02T09:05:00Z",
        "currency": "USD",
        "years": 1,
        "combined": False,
        "payments": [{"means": "card", "amount": 9000}],
        "promotion": None,
        "policy": "2024-10-25",
        "zone": "UTC",
        "calendar": {"name": "none", "closed": [], "open": [], "day_ends": "18:00"},
        "refund": None,
    },
    "certificates": [],
}


def run(*arguments, given=""):
    return CliRunner().invoke(app, list(arguments), input=given)


def facts(**order):
    changed = copy.deepcopy(FACTS)
    changed["order"] |= order
    return changed


def test_list_names_every_policy():
    done = run("list")
    assert done.exit_code == 0
    assert [line.split()[0] for line in done.stdout.splitlines()] == list(SHIPPED_POLICIES)


def test_show_cites_the_clauses():
    done = run("show", "2026-03-18")
    assert done.exit_code == 0
    for clause in ("R1 ", "R18", "D11", "no deployment task was created"):
        assert clause in done.stdout


def test_show_of_no_policy():
    done = run("show", "2020-01-01")
    assert done.exit_code == 2
    assert "2024-10-25" in done.stderr


def test_decide_from_file_and_from_standard_input(tmp_path):
    file = tmp_path / "facts.json"
    file.write_text(json.dumps(FACTS))
    from_file = run("decide", "--at", AT, str(file))
    from_input = run("decide", "--at", AT, given=json.dumps(FACTS))
    assert from_file.exit_code == from_input.exit_code == 0
    assert from_file.stdout_bytes == from_input.stdout_bytes
    read = read_facts(FACTS)
    expected = decide(read, SHIPPED_POLICIES["2024-10-25"], as_moment(AT, "", "at"))
    assert from_file.stdout_bytes == expected.to_bytes() + b"\n"


def test_a_refusal_is_a_decision_too():
    done = run("decide", "--at", "2026-05-01T00:00:00Z", given=json.dumps(FACTS))
    assert done.exit_code == 0
    assert json.loads(done.stdout)["verdict"] == "refused"


@pytest.mark.parametrize(
    ("arguments", "given", "field"),
    [
        (["--at", AT], json.dumps(facts(zone="Mars")), "order.zone"),
        (["--at", "2026-03-01T00:00:00Z"], json.dumps(FACTS), "at"),
        (["--at", "yesterday"], json.dumps(FACTS), "at"),
        ([], json.dumps(FACTS), "at"),
        (["--at", AT], "{", "facts"),
        (["--at", AT], "", "facts"),
        (["--at", AT], "[" * 200_000, "facts"),
        (["--at", AT, "no/such/file"], "", "FILE"),
    ],
)
@pytest.mark.parametrize("command", ["decide", "explain"])
def test_senseless_is_exit_2_with_the_field_named(command, arguments, given, field):
    done = run(command, *arguments, given=given)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"{field}: ")
    assert done.stdout == ""


def test_explain_says_it_in_words():
    done = run("explain", "--at", AT, given=json.dumps(FACTS))
    assert done.exit_code == 0
    assert "can be refunded now" in done.stdout
    assert "90.00 USD" in done.stdout
    assert "9 March 2026" in done.stdout


def test_lines_answers_each_line_with_one():
    huge = json.dumps({"facts": facts(payments=[{"means": "card", "amount": 1}]), "at": AT}).replace(
        '"amount": 1}', '"amount": ' + "9" * 5000 + "}"
    )
    lines = [
        (json.dumps({"facts": FACTS, "at": AT}), "refundable"),
        (json.dumps({"facts": FACTS, "at": "2026-04-01T00:00:00Z"}), "refused"),
        (json.dumps({"facts": facts(zone="Mars"), "at": AT}), "order.zone"),
        (json.dumps({"facts": FACTS}), "at"),
        (json.dumps({"at": AT}), "facts"),
        (json.dumps({"facts": None, "at": AT}), "facts"),
        (huge, "order.payments.0.amount"),
        (json.dumps([]), "line"),
        ("{", "line"),
        ("", "line"),
        ("\udcff", "line"),
        ("[" * 100_000, "line"),
        ("NaN", "line"),
        (json.dumps({"facts": facts(currency="\ud800"), "at": AT}), "order.currency"),
        (json.dumps({"facts": FACTS, "at": AT}), "refundable"),
    ]
    given = "\n".join(line for line, _ in lines).encode("utf-8", "surrogateescape")
    done = run("decide", "--lines", given=given)
    assert done.exit_code == 0
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    seen = [answer.get("verdict") or answer["error"]["field"] for answer in answers]
    assert seen == [wanted for _, wanted in lines]
    assert all(set(answer["error"]) == {"field", "message"} for answer in answers if "error" in answer)


def test_lines_answers_a_program_that_waits():
    command = [sys.executable, "-m", "hanaper.faces.cli.policy", "decide", "--lines"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        for at in (AT, "2026-03-04T00:00:00Z"):
            process.stdin.write(json.dumps({"facts": FACTS, "at": at}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["verdict"] == "refundable"
        process.stdin.close()
        assert process.wait(10) == 0


def test_a_reader_that_goes_away_is_no_error():
    command = f"yes '{json.dumps({'facts': FACTS, 'at': AT})}' | head -n 20000 | " + (
        f"( {sys.executable} -m hanaper.faces.cli.policy decide --lines; echo $? >&2 ) | head -n 1"
    )
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.strip() == "0"


def test_it_starts_without_anything_heavy():
    program = (
        "import sys, hanaper.faces.cli.policy;"
        "print([name for name in ('django', 'holidays', 'cryptography', 'rich') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_policy_of_ones_own_is_checked_compared_and_decided_by(tmp_path):
    assert run("text", "2024-10-25").stdout == shipped_text("2024-10-25")
    own = tmp_path / "own.toml"
    own.write_text(shipped_text("2024-10-25").replace("2024-10-25", "own").replace("days = 7", "days = 9"))
    assert "Window: 9 days" in run("check", str(own)).stdout
    said = run("differences", "2024-10-25", str(own)).stdout
    assert said.startswith("  R1  The refund window has 9 days instead of 7.\n")
    assert (
        "customers read it: An order may be refunded only inside its window of seven calendar days." in said
    )
    assert run("differences", "2024-10-25", "2024-10-25").stdout == "They say the same.\n"
    text = json.dumps(facts(policy="own"))
    refused = run("decide", "--at", "2026-03-10T00:00:00Z", given=text)
    assert refused.exit_code == 2 and "order.policy" in refused.stderr
    decided = run("decide", "--at", "2026-03-10T00:00:00Z", "--policy", str(own), given=text)
    assert json.loads(decided.stdout)["verdict"] == "refundable"
    line = json.dumps({"facts": facts(policy="own"), "at": "2026-03-10T00:00:00Z"})
    assert json.loads(run("decide", "--lines", "--policy", str(own), given=line).stdout)["policy"] == "own"


def test_a_policy_that_is_none_says_where(tmp_path):
    bad = tmp_path / "bad.toml"
    bad.write_text(shipped_text("2024-10-25").replace("days = 7", "days = -7"))
    done = run("check", str(bad))
    assert done.exit_code == 2 and "policy.window.days" in done.stderr
    assert "no-such" in run("check", "no-such").stderr
    bad.write_bytes(b"\xff\xfe")
    assert "UTF-8" in run("check", str(bad)).stderr
    assert run("text", "2030-01-01").exit_code == 2
