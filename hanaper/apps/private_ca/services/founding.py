"""A key that is made here, for a CA that is enabled or renewed: begun, signed, taken.

Its authority and the certificate that it is to have are written down before anything is signed; they become
the CA's in a last transaction. What a process that died left is taken up by the sweep in the name of whoever
began it, or ended if it cannot be any more: key destroyed, certificate on the list above.
"""

from datetime import datetime

from django.db import transaction

from hanaper import clock
from hanaper.apps.authority.models import Authority
from hanaper.apps.authority.services import begin_authority, end_authority, finish_authority
from hanaper.apps.authority.services.making import Drafted
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.actor import Actor, packed
from hanaper.core.errors import Refusal

# A verb may be refused for these and not for good.
PASSING = (
    "in_recovery",
    "keystore_unavailable",
    "order_locked",
    "reset_under_way",
    "key_being_made",
    "signing_elsewhere",
)


def begin(actor: Actor, ca: PrivateCA, drafted: Drafted, *, at: datetime) -> Authority:
    """The intention, in the caller's transaction that holds the lock of `ca`."""
    authority = begin_authority(drafted, at=at)
    ca.pending, ca.begun_at, ca.begun_by = authority, clock.system_now(), packed(actor)
    ca.save(update_fields=["pending", "begun_at", "begun_by"])
    return authority


def signed(ca: PrivateCA) -> Authority:
    """The authority that was begun, with its certificate.

    Refused: `signing_elsewhere`, and `not_issuing` when whoever was to sign it may not any more.
    """
    authority = ca.pending
    if authority is None or authority.ended_at is not None or not finish_authority(authority):
        raise Refusal(
            "This key was given up before it had a certificate.",
            code="not_issuing",
            next_steps=["Ask for it again: another key is made."],
        )
    return authority


def settled(ca: PrivateCA) -> None:
    """Nothing is being made any more; the caller saves it."""
    ca.pending = ca.begun_at = ca.begun_by = None


SETTLED = ("pending", "begun_at", "begun_by")


def give_up(pk: int, authority: Authority, at: datetime) -> None:
    """What was begun cannot become the CA's: nothing is left of it but its serial on a list."""
    mine = PrivateCA.objects.filter(pk=pk, pending=authority, begun_at__isnull=False)
    if mine.exists():
        while end_authority(authority, at=at).ended_at is None:
            pass  # it never worked: there is next to nothing that it signed
        with transaction.atomic():
            mine.update(**dict.fromkeys(SETTLED))


def refuse_pending(ca: PrivateCA, begun: Authority | None = None) -> None:
    """Refused while something else than `begun` is on its way: `key_being_made`, `request_out`."""
    if ca.pending == begun:
        return
    if ca.begun_at is not None:
        raise Refusal(
            "A key of this private CA is being made.",
            code="key_being_made",
            next_steps=["Look again in a minute: it is finished even if the service was interrupted."],
        )
    if ca.pending is not None:
        raise Refusal(
            "A request of this private CA is out, to be signed elsewhere.",
            code="request_out",
            next_steps=["Bring the signed certificate, or withdraw the request."],
        )
    raise Refusal("This key was given up.", code="ca_changed", next_steps=["Look at it again."])
