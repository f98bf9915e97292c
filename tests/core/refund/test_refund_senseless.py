"""Facts that make no sense: one error, which names the field, and never anything else."""

from datetime import UTC, datetime

import pytest

from hanaper.core.errors import InvalidInput
from hanaper.core.refund import SHIPPED_POLICIES, SenselessFacts, decide, read_facts
from tests.core.refund.refund_cases import certificate, facts_of, put

AT = datetime(2026, 3, 5, tzinfo=UTC)
TOO_DEEP = None
for _ in range(100_000):
    TOO_DEEP = [TOO_DEEP]

# Product, what is changed, the field the error must name. First every condition of section 7.
SENSELESS = [
    ("ssl_certificate", {"order.paid_at": "2026-03-05T00:00:01Z"}, "at"),
    ("ssl_certificate", {"order.paid_at": "2026-03-02T08:59:59Z"}, "order.paid_at"),
    ("private_root_ca", {"ca.reset_at": "2026-03-02T08:59:59Z"}, "ca.reset_at"),
    ("private_root_ca", {"ca.reset_at": "2026-03-05T00:00:00.000001Z"}, "ca.reset_at"),
    ("https_gateway", {"gateway.reset_at": "2026-03-02T08:59:59Z"}, "gateway.reset_at"),
    ("https_gateway", {"gateway.reset_at": "2026-03-05T00:00:01Z"}, "gateway.reset_at"),
    ("private_root_ca", {"ca.state": "enabled", "ca.reset_at": "2026-03-03T00:00:00Z"}, "ca.reset_at"),
    ("https_gateway", {"gateway.domains": 1, "gateway.reset_at": "2026-03-03T00:00:00Z"}, "gateway.reset_at"),
    ("private_root_ca", {"ca.enabled_intermediates": ["ca_2"]}, "ca.enabled_intermediates"),
    ("ssl_certificate", {"order.payments.0.amount": -1}, "order.payments.0.amount"),
    ("ssl_certificate", {"order.payments.0.amount": 90.5}, "order.payments.0.amount"),
    ("ssl_certificate", {"order.payments.0.amount": 9000.0}, "order.payments.0.amount"),
    ("ssl_certificate", {"order.policy": "2025-01-01"}, "order.policy"),
    ("ssl_certificate", {"order.zone": "Mars/Olympus"}, "order.zone"),
    ("ssl_certificate", {"certificates": [certificate(), certificate("lost")]}, "certificates.1.state"),
    ("private_root_ca", {"ca.state": "expired"}, "ca.state"),
    ("ssl_certificate", {"order.currency": "XXX"}, "order.currency"),
    ("ssl_certificate", {"certificates": "absent"}, "certificates"),
    ("private_root_ca", {"ca": "absent"}, "ca"),
    ("private_intermediate_ca", {"ca": "null"}, "ca"),
    ("https_gateway", {"gateway": "absent"}, "gateway"),
    ("message", {"service": "absent"}, "service"),
    ("ssl_certificate", {"service": {"used": False}}, "service"),
    ("message", {"certificates": []}, "certificates"),
    ("https_gateway", {"gateway.grcq_included": 0}, "gateway.grcq_included"),
    # Values that are not what the field holds.
    ("ssl_certificate", {"order": "absent"}, "order"),
    ("ssl_certificate", {"order": []}, "order"),
    ("ssl_certificate", {"order.paid_at": "absent"}, "order.paid_at"),
    ("ssl_certificate", {"order.payments.0.amount": True}, "order.payments.0.amount"),
    ("ssl_certificate", {"order.payments.0.amount": float("nan")}, "order.payments.0.amount"),
    ("ssl_certificate", {"order.payments.0.amount": float("inf")}, "order.payments.0.amount"),
    ("ssl_certificate", {"order.payments.0.amount": 2**53}, "order.payments.0.amount"),
    ("ssl_certificate", {"order.payments.0.amount": 10**400}, "order.payments.0.amount"),
    ("ssl_certificate", {"order.payments.0.amount": "9000"}, "order.payments.0.amount"),
    ("ssl_certificate", {"order.payments.0.means": ""}, "order.payments.0.means"),
    ("ssl_certificate", {"order.payments": {}}, "order.payments"),
    ("ssl_certificate", {"order.payments": [[]]}, "order.payments.0"),
    ("ssl_certificate", {"order.id": 7}, "order.id"),
    ("ssl_certificate", {"order.id": "\ud800"}, "order.id"),
    ("ssl_certificate", {"order.id": TOO_DEEP}, "order.id"),
    ("ssl_certificate", {"order.origin": "gift"}, "order.origin"),
    ("ssl_certificate", {"order.origin": ["purchase"]}, "order.origin"),
    ("ssl_certificate", {"order.refund": "failed"}, "order.refund"),
    ("ssl_certificate", {"order.combined": 0}, "order.combined"),
    ("ssl_certificate", {"order.years": -1}, "order.years"),
    ("ssl_certificate", {"order.zone": "../../etc/passwd"}, "order.zone"),
    ("ssl_certificate", {"order.zone": "right/UTC"}, "order.zone"),
    ("ssl_certificate", {"order.zone": "a\0b"}, "order.zone"),
    ("ssl_certificate", {"order.zone": "Europe"}, "order.zone"),
    ("ssl_certificate", {"order.placed_at": "2026-03-02T09:00:00"}, "order.placed_at"),
    ("ssl_certificate", {"order.placed_at": "2026-03-02"}, "order.placed_at"),
    ("ssl_certificate", {"order.placed_at": "2026-W10-1T09:00:00Z"}, "order.placed_at"),
    ("ssl_certificate", {"order.placed_at": "2026-02-29T09:00:00Z"}, "order.placed_at"),
    ("ssl_certificate", {"order.placed_at": "2026-03-02T24:00:00Z"}, "order.placed_at"),
    ("ssl_certificate", {"order.placed_at": "0001-01-01T00:00:00+14:00"}, "order.placed_at"),
    ("ssl_certificate", {"order.placed_at": "9999-12-31T23:59:59Z"}, "order.placed_at"),
    ("ssl_certificate", {"order.placed_at": "2026-03-02T09:00:00Z "}, "order.placed_at"),
    ("ssl_certificate", {"order.placed_at": 1772442000}, "order.placed_at"),
    ("ssl_certificate", {"order.promotion": "spring"}, "order.promotion"),
    ("ssl_certificate", {"order.promotion": {"id": "p"}}, "order.promotion.policy"),
    (
        "ssl_certificate",
        {"order.promotion": {"id": "p", "policy": {"refundable": True, "days": 10**9}}},
        "order.promotion.policy.days",
    ),
    (
        "ssl_certificate",
        {"order.promotion": {"id": "p", "policy": {"refundable": True, "days": -1}}},
        "order.promotion.policy.days",
    ),
    ("ssl_certificate", {"order.calendar": "null"}, "order.calendar"),
    ("ssl_certificate", {"order.calendar.closed": [["2026-03-02"]]}, "order.calendar.closed.0"),
    (
        "ssl_certificate",
        {"order.calendar.open": ["2026-03-07", "2026-02-30"]},
        "order.calendar.open.1",
    ),
    ("ssl_certificate", {"order.calendar.day_ends": "6pm"}, "order.calendar.day_ends"),
    ("ssl_certificate", {"certificates": {}}, "certificates"),
    ("ssl_certificate", {"certificates": [None]}, "certificates.0"),
    ("ssl_certificate", {"certificates": [certificate(year=0)]}, "certificates.0.year"),
    ("ssl_certificate", {"certificates": [certificate(series=1)]}, "certificates.0.series"),
    (
        "ssl_certificate",
        {"certificates": [certificate(revocation_requested_at="soon")]},
        "certificates.0.revocation_requested_at",
    ),
    ("private_root_ca", {"ca.enabled_intermediates": [1]}, "ca.enabled_intermediates.0"),
    ("https_gateway", {"gateway.visits": -1}, "gateway.visits"),
    ("https_gateway", {"gateway.bytes_out": 2**63}, "gateway.bytes_out"),
    ("message", {"service.used": "no"}, "service.used"),
]


@pytest.mark.parametrize(
    ("product", "changes", "field"),
    SENSELESS,
    ids=[
        f"{product} {' '.join(changes)} {position}"
        for position, (product, changes, _) in enumerate(SENSELESS)
    ],
)
def test_names_the_field(product, changes, field):
    document = facts_of(product)
    for path, value in changes.items():
        put(document, path, value) if value is not TOO_DEEP else document["order"].update(id=value)
    with pytest.raises(SenselessFacts) as caught:
        facts = read_facts(document)
        decide(facts, SHIPPED_POLICIES[facts.order.policy], AT)
    assert caught.value.field == field
    assert isinstance(caught.value, InvalidInput)
    assert [fault.field for fault in caught.value.faults] == [field]


@pytest.mark.parametrize("document", [None, [], "facts", 3, True, float("nan")])
def test_facts_that_are_no_object(document):
    with pytest.raises(SenselessFacts) as caught:
        read_facts(document)
    assert caught.value.field == "facts"


def test_a_moment_without_offset_is_senseless():
    facts = read_facts(facts_of())
    with pytest.raises(SenselessFacts) as caught:
        decide(facts, SHIPPED_POLICIES["2024-10-25"], datetime(2026, 3, 5))
    assert caught.value.field == "at"


@pytest.mark.parametrize(
    "changes",
    [
        {"order.paid_at": "null"},
        {"order.payments": []},
        {"order.added_later": TOO_DEEP},
        {"added_later": {"x": float("nan")}},
        {"ca": "null"},
        {"order.placed_at": "2026-03-02t17:00:00.123456789+08:00"},
    ],
    ids=["unpaid", "nothing paid", "deep unknown field", "unknown part", "null part", "fraction and offset"],
)
def test_what_is_not_senseless(changes):
    document = facts_of()
    for path, value in changes.items():
        if value is TOO_DEEP:
            document["order"]["added_later"] = value
        else:
            put(document, path, value)
    decide(read_facts(document), SHIPPED_POLICIES["2024-10-25"], AT)
