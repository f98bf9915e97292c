"""Reading notices."""

from django.db.models import QuerySet

from hanaper.apps.events.models import Notice
from hanaper.apps.events.texts import Reader, text_of
from hanaper.core.actor import Actor
from hanaper.core.errors import NotFound


def notices_for(actor: Actor, *, unread: bool = False) -> QuerySet[Notice]:
    """A customer's account's notices; an operator's are those of the operators (no account)."""
    rows: QuerySet[Notice] = Notice.objects.visible_to(actor).select_related("event")
    if actor.account_id is None:
        rows = rows.filter(account=None)
    return rows.filter(read_at=None) if unread else rows


def notice_for(actor: Actor, public_id: str) -> Notice:
    notice = notices_for(actor).filter(public_id=public_id).first()
    if notice is None:
        raise NotFound(f"There is no notice {public_id!r} here.", code="notice_not_found")
    return notice


def told_to(reader: Reader, notice: Notice) -> tuple[str, str]:
    """Title and text of a notice as its reader reads them; the row keeps the English, in UTC."""
    return text_of(notice.kind, notice.subject, notice.event.data, reader)
