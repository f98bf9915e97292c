"""What changed on the lists of an authority is counted, so that each list knows how far it is true."""

from datetime import datetime

from django.db.models import F

from hanaper.apps.authority.models import Authority


def count_change(authority_pk: int, at: datetime) -> int:
    """The number of a change that the caller makes in its transaction; its list is due from then on.

    It holds the authority's row until the transaction ends: whoever reads a number finds every change up to
    it. The authority comes first, the issuances after it.
    """
    rows = Authority.objects.filter(pk=authority_pk)
    rows.update(changes=F("changes") + 1, crl_due_at=at)
    return rows.values_list("changes", flat=True).get()
