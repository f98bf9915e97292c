"""One order with its certificate, bought through the services, and how its rows are copied."""

from typing import Any

from hanaper import clock
from hanaper.apps.accounts.models import Account, Membership
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.certificates.models.certificates import CertificateName
from hanaper.apps.certificates.search import endings
from hanaper.apps.certificates.services import creating
from hanaper.apps.events.models import Event, Notice
from hanaper.apps.ledger.models import Transfer
from hanaper.apps.orders import services
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means
from hanaper.core.actor import AccountRole, Actor, ActorKind
from hanaper.processes.worker import sweep_once

PRODUCT = "hanaper-dv-single-1y"


def tables_of_one_order() -> tuple[dict[str, tuple[int, dict[str, str]]], Account]:
    """For each table (what follows its name is not of it) the row to copy, and columns as expressions of `n`."""
    member = Membership.objects.select_related("account", "user").get(user__email="owner@example.com")
    account, at = member.account, clock.now()
    actor = Actor(
        ActorKind.CUSTOMER,
        member.user.email,
        account_id=account.pk,
        account_role=AccountRole.OWNER,
        user_id=member.user_id,
    )
    order = services.place_order(actor, account=account, lines=[LineDraft(PRODUCT, 1)], currency="USD", at=at)
    services.pay_order(actor, order, means=[MeansChoice(Means.BALANCE)], at=at)
    order.refresh_from_db()
    line, payment = order.lines.get(), order.payment
    assert payment is not None
    certificate = creating.create(actor, line, form={"domains": ["www.shop.test"]}, at=at)
    kept = [
        CertificateName.objects.create(certificate=certificate, account=account, ending=ending)
        for ending in endings(["www.shop.test"])
    ]
    sweep_once()
    part = payment.parts.get()
    ids: dict[str, Any] = {
        "order": order.pk, "line": line.pk, "payment": payment.pk, "part": part.pk, "certificate": certificate.pk,
    }  # fmt: skip
    new = {name: f"{1_000_000 + pk} + n" for name, pk in ids.items()}

    def public(prefix: str) -> str:
        return f"'{prefix}_' || printf('%024d', n)"

    earlier = "strftime('%Y-%m-%d %H:%M:%f', t.placed_at, '-' || n || ' minutes')"
    names = "'shop' || n || '.example.com'"
    tables = {
        "payments_payment": (payment.pk, {"id": new["payment"], "public_id": public("pay"), "reference": public("ord")}),
        "payments_paymentpart": (part.pk, {"id": new["part"], "public_id": public("pap"), "payment_id": new["payment"]}),
        "orders_order": (
            order.pk,
            {"id": new["order"], "public_id": public("ord"), "payment_id": new["payment"], "placed_at": earlier},
        ),
        "orders_orderline": (line.pk, {"id": new["line"], "public_id": public("oln"), "order_id": new["order"]}),
        "certificates_certificate": (
            certificate.pk,
            {
                "id": new["certificate"], "public_id": public("crt"), "series": public("crt"), "order_id": new["order"],
                "line_id": new["line"],
            },
        ),
        **{
            f"certificates_certificatename {ending}": (
                kept[0].pk,
                {"id": f"{number}0000000 + n", "certificate_id": new["certificate"], "ending": ending},
            )
            for number, ending in enumerate((names, "'example.com'", "'com'"), start=1)
        },
    }  # fmt: skip
    for model, changed in (
        (Transfer, {"public_id": public("trf"), "reference": public("pap"), "resolves_id": "NULL"}),
        (Event, {"public_id": public("evt"), "dedupe": "'copy:' || n"}),
        (Notice, {"public_id": public("ntc"), "event_id": "1000000 + n"}),
    ):
        first = model.objects.order_by("pk").first()  # type: ignore[attr-defined]
        tables[model._meta.db_table] = (first.pk, {"id": "1000000 + n", **changed})
    return tables, account
