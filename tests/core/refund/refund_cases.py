"""Facts for tests: a plain order of each product, and the tables in cases/*.toml laid over it.

TOML has no null: the word "null" stands for it, and "absent" takes a field away.
"""

import copy
import tomllib
from pathlib import Path

from hanaper.core.refund import SHIPPED_POLICIES, Policy
from hanaper.core.refund.policy import read_policy

HERE = Path(__file__).parent
POLICY_FILES = HERE.parents[2] / "hanaper/core/refund/policies"


def order(product):
    return {
        "id": "ord_1",
        "product": product,
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
    }


def certificate(state="issued", **fields):
    plain = {
        "id": "crt_1",
        "state": state,
        "year": 1,
        "series": "1",
        "publicly_trusted": False,
        "revocation_requested_at": None,
    }
    return plain | fields


PARTS = {
    "ssl_certificate": {"certificates": []},
    "private_root_ca": {
        "ca": {"id": "ca_1", "state": "not_enabled", "reset_at": None, "enabled_intermediates": []}
    },
    "https_gateway": {
        "gateway": {
            "id": "gw_1",
            "domains": 0,
            "visits": 0,
            "bytes_out": 0,
            "grcq_included": 300,
            "grcq_used": 0,
            "reset_at": None,
        }
    },
    "message": {"service": {"used": False}},
}
PARTS["private_intermediate_ca"] = PARTS["private_root_ca"]


def facts_of(product="ssl_certificate", **changes):
    """Sensible facts of a product; `changes` are dotted paths with two underscores for the dot."""
    facts = {"order": order(product)} | copy.deepcopy(PARTS[product])
    for path, value in changes.items():
        put(facts, path.replace("__", "."), value)
    return facts


def put(document, path, value):
    """Set, or with "absent" remove, what a dotted path such as `order.payments.0.amount` names."""
    *parents, last = path.split(".")
    for key in parents:
        document = document[int(key)] if isinstance(document, list) else document[key]
    last = int(last) if isinstance(document, list) else last
    if value == "absent":
        del document[last]
    elif value == "null":
        document[last] = None
    else:
        document[last] = copy.deepcopy(value)


def facts_of_case(case):
    facts = facts_of(case.get("product", "ssl_certificate"))
    if "certificates" in case:
        facts["certificates"] = [certificate(**one) for one in case["certificates"]]
    for path, value in case.get("set", {}).items():
        put(facts, path, value)
    return facts


def policy_of_case(case, facts) -> Policy:
    name = case.get("policy") or facts["order"]["policy"]
    if "policy_set" not in case:
        return SHIPPED_POLICIES[name]
    document = tomllib.loads((POLICY_FILES / f"{name}.toml").read_text())
    for path, value in case["policy_set"].items():
        put(document, path, value)
    return read_policy(document)


def load_cases(*names):
    """Every case of the named tables (all but the senseless ones if none is named)."""
    files = [HERE / "cases" / f"{name}.toml" for name in names]
    files = files or [file for file in sorted((HERE / "cases").glob("*.toml")) if file.stem != "senseless"]
    return [
        case | {"id": f"{file.stem}: {case['name']}"}
        for file in files
        for case in tomllib.loads(file.read_text())["case"]
    ]
