"""A decision in plain words, for people: the command line prints it, the console may."""

from hanaper.core.calendar import local_date, zone_named
from hanaper.core.money import format_amount
from hanaper.core.refund.decision import Action, By, Decision, Step, Verdict
from hanaper.core.refund.facts import Facts
from hanaper.core.refund.words import long_date, long_moment

HEADINGS = {
    Verdict.REFUNDABLE: "This order can be refunded now.",
    Verdict.ACTION_NEEDED: "This order can be refunded once something is done first.",
    Verdict.REFUSED: "This order cannot be refunded.",
}

# The document's own names of the buttons (section 3).
SENTENCES = {
    Action.CANCEL_APPLY: "Cancel Apply: take the application {target} off the list; its quota is restored.",
    Action.WITHDRAW: "Withdraw the application {target}.",
    Action.MODIFY: "Modify the application {target}, correcting what was wrong with it.",
    Action.SUBMIT: "Submit the application {target} again.",
    Action.REVOKE: "Revoke the certificate {target}.",
    Action.APPROVE_REVOCATION: "The revocation of {target} is reviewed.",
    Action.CANCEL: "Cancel the certificate {target}, which is not activated.",
    Action.RESET: "Reset {target}, confirming that this deletes all its data.",
}


def explain(facts: Facts, decision: Decision) -> str:
    """Several lines of text: what is decided, why, what to do in which order, and until when."""
    zone = zone_named(facts.order.zone)
    lines = [HEADINGS[decision.verdict]]
    amount = decision.amount
    if decision.verdict is not Verdict.REFUSED:
        parts = ", ".join(
            f"{format_amount(share.amount, amount.currency)} to {share.means}" for share in amount.by_means
        )
        lines.append(f"To be returned: {format_amount(amount.total, amount.currency)} ({parts}).")
    lines += ["", "Why:"]
    lines += [f"  {reason.clause}: {reason.text}" for reason in decision.reasons]
    if decision.steps:
        lines += ["", "What to do first, in this order:"]
        lines += [
            f"  {number}. {step_sentence(step, facts)}" for number, step in enumerate(decision.steps, start=1)
        ]
    if decision.closes_at is not None or decision.revoke_by is not None:
        lines.append("")
    if decision.closes_at is not None:
        lines.append(f"Too late from {long_moment(decision.closes_at, zone)}.")
    if decision.revoke_by is not None and facts.order.paid_at is not None:
        # D12
        if decision.revoke_by < local_date(facts.order.paid_at, zone):
            lines.append("On no day is a revocation request sure to be reviewed in time.")
        else:
            lines.append(
                f"Last day on which a revocation request is sure to be reviewed in time: "
                f"{long_date(decision.revoke_by)}."
            )
    lines += ["", f"Decided by the refund policy {decision.policy}."]
    return "\n".join(lines)


def step_sentence(step: Step, facts: Facts) -> str:
    """One step as a person does it, with who acts, until when, and the warning of R12."""
    sentence = SENTENCES[step.action].format(target=step.target)
    if step.by is By.OPERATOR:
        sentence += " By an operator"
        sentence += (
            "." if step.due is None else f", due {long_moment(step.due, zone_named(facts.order.zone))}."
        )
    if step.irreversible:
        # R12
        sentence += " This cannot be undone."
    return sentence
