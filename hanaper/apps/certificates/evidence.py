"""What was done with the certificates of an order, for a refund decision (SPEC section 7)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from hanaper.apps.certificates.models import Certificate, RevocationRequest
from hanaper.apps.orders.models import Order
from hanaper.core.certificate.states import CertificateState
from hanaper.core.refund.canonical import write_moment


def on_the_list(order: Order) -> list[Certificate]:
    """Every certificate made from quota of the order that is on the list, in list order.

    A combined one is on the list of each order that gave quota to it (D5).
    """
    rows = Certificate.objects.filter(Q(order=order) | Q(parts__order=order))
    return list(rows.exclude(state=CertificateState.REMOVED).distinct().order_by("pk"))


def certificates_evidence(order: Order, at: datetime) -> Mapping[str, Any]:
    """`{"certificates": [...]}`, those off the list left out; `series` pairs the years of one of several."""
    del at  # the states are as they are now
    certificates = on_the_list(order)
    asked = _asked_at(certificates)
    return {
        "certificates": [
            {
                "id": one.public_id,
                "state": one.state,
                "year": one.year,
                "series": one.series,
                "publicly_trusted": one.publicly_trusted,
                "revocation_requested_at": write_moment(asked[one.pk]) if one.pk in asked else None,
            }
            for one in certificates
        ]
    }


def _asked_at(certificates: list[Certificate]) -> dict[int, datetime]:
    """When the revocation under review was asked for, by certificate."""
    waiting = [one.pk for one in certificates if one.state == CertificateState.VALIDATING_REVOCATION]
    if not waiting:
        return {}
    # The latest, also if a cause was found since: it is what the state was entered by.
    rows = RevocationRequest.objects.filter(certificate_id__in=waiting, for_cause=False).order_by("pk")
    return dict(rows.values_list("certificate_id", "requested_at"))
