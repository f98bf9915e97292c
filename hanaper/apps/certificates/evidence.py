"""What was done with the certificates of orders, for refund decisions (SPEC section 7)."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from hanaper.apps.certificates.models.certificates import Certificate, CombinedQuota
from hanaper.apps.certificates.models.revocations import RevocationRequest
from hanaper.apps.orders.models import Order
from hanaper.core.certificate.states import CertificateState
from hanaper.core.refund.canonical import write_moment


def on_the_list(order: Order) -> list[Certificate]:
    """Every certificate made from quota of the order that is on the list, in list order."""
    return _on_the_lists([order])[order.pk]


def certificates_evidence(orders: Sequence[Order], at: datetime) -> Mapping[int, Mapping[str, Any]]:
    """`{"certificates": [...]}` of each order, those off the list left out; `series` pairs the years of
    one of several."""
    del at  # the states are as they are now
    lists = _on_the_lists(orders)
    asked = _asked_at(certificate for listed in lists.values() for certificate in listed)
    return {
        pk: {"certificates": [_part(one, asked.get(one.pk)) for one in listed]}
        for pk, listed in lists.items()
    }


def _on_the_lists(orders: Sequence[Order]) -> dict[int, list[Certificate]]:
    """A combined certificate is on the list of each order that gave quota to it (D5)."""
    found: dict[int, dict[int, Certificate]] = {order.pk: {} for order in orders}
    for one in Certificate.objects.filter(order__in=orders).exclude(state=CertificateState.REMOVED):
        found[one.order_id][one.pk] = one
    given = CombinedQuota.objects.filter(order__in=orders).select_related("certificate")
    for quota in given.exclude(certificate__state=CertificateState.REMOVED):
        found[quota.order_id][quota.certificate_id] = quota.certificate
    return {pk: [listed[key] for key in sorted(listed)] for pk, listed in found.items()}


def _part(certificate: Certificate, asked_at: datetime | None) -> dict[str, Any]:
    return {
        "id": certificate.public_id,
        "state": certificate.state,
        "year": certificate.year,
        "series": certificate.series,
        "publicly_trusted": certificate.publicly_trusted,
        "revocation_requested_at": None if asked_at is None else write_moment(asked_at),
    }


def _asked_at(certificates: Iterable[Certificate]) -> dict[int, datetime]:
    """When the revocation under review was asked for, by certificate."""
    waiting = [one.pk for one in certificates if one.state == CertificateState.VALIDATING_REVOCATION]
    if not waiting:
        return {}
    # The latest, also if a cause was found since: it is what the state was entered by.
    rows = RevocationRequest.objects.filter(certificate_id__in=waiting, for_cause=False).order_by("pk")
    return dict(rows.values_list("certificate_id", "requested_at"))
