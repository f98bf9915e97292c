"""What was begun and not finished: a key that is to be a CA's first, or its next."""

from datetime import datetime

from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services.enabling import finish_enabling
from hanaper.apps.private_ca.services.founding import PASSING, give_up
from hanaper.apps.private_ca.services.renewing import finish_renewing
from hanaper.apps.private_ca.states import PrivateCaState
from hanaper.core.actor import unpacked
from hanaper.core.errors import Refusal
from hanaper.storage.logs import logger

log = logger(__name__)


def finish_begun(pk: int, at: datetime) -> bool:
    """Whether it is finished or given up; False while it has to wait. Safe to run again."""
    ca = PrivateCA.objects.select_related("authority", "pending__parent__generation__ca").get(pk=pk)
    if ca.begun_at is None or ca.pending is None:
        return False
    actor, begun = unpacked(ca.begun_by or {}), ca.pending
    first = ca.state == PrivateCaState.NOT_ENABLED
    try:
        (finish_enabling if first else finish_renewing)(actor, ca, at=at)
    except Refusal as refusal:
        log.warning("key_not_taken", ca=ca.public_id, code=refusal.code, reason=refusal.message)
        if refusal.code in PASSING:
            return False
        give_up(pk, begun, at)
    return True
