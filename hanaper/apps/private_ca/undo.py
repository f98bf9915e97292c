"""The steps of a refund plan on a private CA."""

from datetime import datetime

from hanaper import clock
from hanaper.apps.orders.models import Order
from hanaper.apps.orders.products import StepOutcome, StepState
from hanaper.apps.private_ca.in_use import told_of_sites
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.ceremonies import Ceremony
from hanaper.apps.private_ca.services import ceremonies, reset_by_plan
from hanaper.apps.private_ca.services.two_persons import two_needed, two_persons
from hanaper.apps.private_ca.states import CeremonyState, Operation, PrivateCaKind
from hanaper.core.actor import Actor
from hanaper.core.errors import Refusal


def undo_step(actor: Actor, order: Order, action: str, target: str, at: datetime) -> StepOutcome:
    """Reset the CA `target` (D7: also one of another order of the account); DONE if it has no keys."""
    # D7: an intermediate below this order's root may belong to another order, never to another account.
    ca = PrivateCA.objects.get_visible(actor, target, what="private CA", account_id=order.account_id)
    if action != "reset":
        raise Refusal(
            f"{action!r} is not something that can be done to a private CA that is {ca.state}.",
            code="unknown_step",
            clause="R17",
        )
    if not ca.has_keys:
        return StepOutcome(StepState.DONE)
    if not _takes_two(ca):
        reset_by_plan(actor, ca, at=at)
        return StepOutcome(StepState.DONE)
    agreed = _agreed(ca)
    if agreed is None:
        raise two_needed(ca, Operation.RESET)
    ceremonies.carry_out(agreed.pk, at, clock.system_now())
    ca.refresh_from_db()
    return StepOutcome(StepState.WAITING if ca.has_keys else StepState.DONE)


def foresee(order: Order, action: str, target: str) -> None:
    """Refused: `two_persons_needed` while nobody has approved the reset of a root that takes two persons."""
    ca = PrivateCA.objects.filter(account=order.account_id, public_id=target).first()
    if action == "reset" and ca is not None and ca.has_keys and _takes_two(ca) and _agreed(ca) is None:
        raise two_needed(ca, Operation.RESET)


def takes_with_it(order: Order, action: str, target: str) -> str:
    """The sites that lose a certificate which browsers accept."""
    ca = PrivateCA.objects.filter(account=order.account_id, public_id=target).first()
    return told_of_sites(ca) if action == "reset" and ca is not None else ""


def _takes_two(ca: PrivateCA) -> bool:
    return ca.kind == PrivateCaKind.ROOT and two_persons(ca.account_id) is not None


def _agreed(ca: PrivateCA) -> Ceremony | None:
    """It is carried out once no intermediate below is enabled (D7)."""
    rows = Ceremony.objects.filter(ca=ca, operation=Operation.RESET, state=CeremonyState.APPROVED)
    return rows.first()
