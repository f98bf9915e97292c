"""Sensible facts of every kind, for hypothesis; and a model of the state tables of section 4.

The model is written from SPEC.md, not from the program's own tables, so that the two check each other.
"""

import copy
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from tests.core.refund.refund_cases import facts_of

START = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)
STATES = (
    "pending_application",
    "validating_application",
    "validation_failed",
    "issued",
    "validating_revocation",
    "revoked",
    "expired",
)


def text_of(moment):
    return moment.isoformat().replace("+00:00", "Z")


minutes = st.integers(0, 20 * 24 * 60).map(lambda number: timedelta(minutes=number))


@st.composite
def sensible_facts(draw):
    """Facts and a moment at which they make sense."""
    product = draw(
        st.sampled_from(
            ["ssl_certificate", "private_root_ca", "private_intermediate_ca", "https_gateway", "message"]
        )
    )
    facts = facts_of(product)
    order = facts["order"]
    placed = START + draw(minutes)
    paid = placed + draw(st.sampled_from([timedelta(0), timedelta(minutes=5), DAY, 3 * DAY]))
    at = paid + draw(minutes)
    order["placed_at"], order["paid_at"] = text_of(placed), text_of(paid)
    if draw(st.integers(0, 19)) == 0:
        order["paid_at"] = None
    order["zone"] = draw(st.sampled_from(["UTC", "Asia/Shanghai", "America/New_York", "Africa/Cairo"]))
    order["policy"] = draw(st.sampled_from(["2024-10-25", "2026-03-18"]))
    order["origin"] = draw(st.sampled_from(["purchase", "purchase", "renewal", "early_renewal"]))
    order["combined"] = draw(st.integers(0, 9)) == 0
    order["refund"] = draw(st.sampled_from([None, None, None, None, "in_progress", "succeeded"]))
    order["payments"] = [
        {"means": means, "amount": amount}
        for means, amount in draw(
            st.lists(
                st.tuples(
                    st.sampled_from(["card", "balance", "voucher", "coupon", "wallet"]), st.integers(0, 10**6)
                ),
                max_size=4,
            )
        )
    ]
    order["promotion"] = draw(
        st.none()
        | st.builds(
            lambda refundable, days: {"id": "event", "policy": {"refundable": refundable, "days": days}},
            st.booleans(),
            st.integers(0, 30),
        )
    )
    order["calendar"]["closed"] = [
        day.isoformat() for day in draw(st.sets(st.dates(START.date(), START.date() + 40 * DAY), max_size=10))
    ]
    _draw_part(draw, facts, product, placed, at)
    return facts, at


def _draw_part(draw, facts, product, placed, at):
    past = st.timedeltas(timedelta(0), at - placed).map(lambda after: text_of(placed + after))
    if product == "ssl_certificate":
        facts["certificates"] = _draw_certificates(draw, past)
        facts["order"]["years"] = draw(st.integers(1, 3))
    elif product == "https_gateway":
        gateway = facts["gateway"]
        gateway["domains"] = draw(st.integers(0, 1))
        for key in ("visits", "bytes_out", "grcq_used"):
            gateway[key] = draw(st.sampled_from([0, 0, 1, 150, 299, 300, 400]))
        if not gateway["domains"]:
            gateway["reset_at"] = draw(st.none() | past)
    elif product != "message":
        ca = facts["ca"]
        ca["state"] = draw(st.sampled_from(["not_enabled", "enabled", "refunded"]))
        if ca["state"] != "enabled":
            ca["reset_at"] = draw(st.none() | past)
        else:
            ca["enabled_intermediates"] = draw(st.sampled_from([[], ["ca_2"], ["ca_3", "ca_2"]]))
    else:
        facts["service"]["used"] = draw(st.booleans())


def _draw_certificates(draw, past):
    certificates = []
    for series in range(draw(st.integers(0, 3))):
        state = draw(st.sampled_from(STATES))
        years = draw(st.integers(1, 3))
        for year in range(1, years + 1):
            certificates.append(
                {
                    "id": f"crt_{series}_{year}",
                    "state": state if year == 1 else "not_activated",
                    "year": year,
                    "series": str(series),
                    "publicly_trusted": draw(st.booleans()),
                    "revocation_requested_at": (
                        draw(past) if year == 1 and state in ("validating_revocation", "revoked") else None
                    ),
                }
            )
    return draw(st.permutations(certificates))


class IllegalMove(AssertionError):
    """A plan asked for something that section 4 does not allow."""


def carry_out(facts, step, now):
    """The facts after one step, by the tables of section 4."""
    facts = copy.deepcopy(facts)
    action, target = step["action"], step["target"]
    if action == "reset":
        _reset(facts, target, now)
        return facts
    certificates = facts["certificates"]
    found = [one for one in certificates if one["id"] == target]
    if not found:
        raise IllegalMove(f"{target} is not on the list")
    one = found[0]
    moves = {
        ("pending_application", "cancel_apply"): "off the list",
        ("validating_application", "withdraw"): "pending_application",
        ("validation_failed", "modify"): "validation_failed",
        ("validation_failed", "submit"): "validating_application",
        ("issued", "revoke"): "validating_revocation",
        ("validating_revocation", "approve_revocation"): "revoked",
        ("not_activated", "cancel"): "off the list",
    }
    if (one["state"], action) not in moves:
        raise IllegalMove(f"{action} of {target}, which is {one['state']}")
    if action == "revoke" and any(
        other["series"] == one["series"] and other["state"] == "not_activated" for other in certificates
    ):
        raise IllegalMove("R16: the ones not activated are cancelled first")
    state = moves[one["state"], action]
    if state != "off the list":
        one["state"] = state
        one["revocation_requested_at"] = (
            text_of(now) if action == "revoke" else one["revocation_requested_at"]
        )
        return facts
    gone = [one["id"]]
    if action == "cancel_apply":
        # R15: the second and third leave the list with the first.
        gone += [
            other["id"]
            for other in certificates
            if other["series"] == one["series"] and other["state"] == "not_activated"
        ]
    facts["certificates"] = [other for other in certificates if other["id"] not in gone]
    return facts


def _reset(facts, target, now):
    if "gateway" in facts:
        if target != facts["gateway"]["id"]:
            raise IllegalMove(f"no gateway {target}")
        facts["gateway"]["domains"] = 0
        facts["gateway"]["reset_at"] = text_of(now)
        return
    ca = facts["ca"]
    if target in ca["enabled_intermediates"]:
        ca["enabled_intermediates"].remove(target)
        return
    root = facts["order"]["product"] == "private_root_ca"
    if target != ca["id"] or ca["state"] != "enabled" or (root and ca["enabled_intermediates"]):
        raise IllegalMove(f"{target} cannot be reset now")
    ca["state"] = "not_enabled"
    ca["reset_at"] = text_of(now)
