"""Private CAs, walked like `asides.py`: `python -m tests.faults.private_cas NAME`; JSON at the end."""

import json
import os
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hanaper.settings")
django.setup()

from cryptography import x509
from django.conf import settings

from hanaper import clock
from hanaper.apps.audit.models import AuditEntry
from hanaper.apps.authority import sweep as authority_sweep
from hanaper.apps.authority.models import Authority, CaCertificate, Issuance, StoredKey, Tombstone
from hanaper.apps.authority.services import crl_file
from hanaper.apps.catalog.quotes import LineDraft
from hanaper.apps.orders import services as orders
from hanaper.apps.orders.models import Order
from hanaper.apps.payments.services import MeansChoice
from hanaper.apps.payments.vocabulary import Means
from hanaper.apps.private_ca import services, sweep
from hanaper.apps.private_ca.models.batches import CertificateBatch
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.settings import CaSettings
from hanaper.core.actor import Actor
from hanaper.core.x509.crl import RevocationReason
from hanaper.core.x509.names import Subject
from tests.apps.private_ca.outside_root import OutsideRoot
from tests.faults.drive import Journey

THREE = "dns\na.example\nb.example\nc.example\n"


def _enabled() -> tuple[Actor, PrivateCA]:
    """A root and its intermediate, bought and enabled as far as they are not; the intermediate."""
    journey, at = Journey("success"), clock.now()
    if not PrivateCA.objects.exists():
        order = orders.place_order(
            journey.actor,
            account=journey.account,
            lines=[LineDraft("private-root-ca", 1)],
            currency="USD",
            at=at,
        )
        orders.pay_order(journey.actor, order, means=[MeansChoice(Means.BALANCE)], at=at)
    mine = PrivateCA.objects.filter(order=Order.objects.order_by("pk")[0])
    if mine.filter(begun_at__isnull=False).exists():
        _sweep()
    for ca in mine.order_by("pk"):
        if ca.state == "not_enabled" and not AuditEntry.objects.filter(action="private_ca.reset").exists():
            given = CaSettings(subject=Subject(common_name=f"Example {ca.kind}"))
            services.enable_ca(journey.actor, ca, given, at=at)
    return journey.actor, mine.select_related("authority").get(kind="intermediate")


def _sweep(minutes: tuple[int, ...] = (2, 4, 6)) -> None:
    """Until past the patience with whoever died."""
    for later in minutes:
        for one in (authority_sweep, sweep):
            one.sweep(clock.now(), clock.system_now() + timedelta(minutes=later))


def enable() -> dict[str, Any]:
    """Each is enabled once; a key that nobody knows of signs nothing."""
    _, ca = _enabled()
    _sweep()
    return {
        "states": list(PrivateCA.objects.order_by("pk").values_list("state", flat=True)),
        "authorities": Authority.objects.filter(private_ca__isnull=False).count(),
        "told": AuditEntry.objects.filter(action="private_ca.enabled").count(),
        "chain": services.chain_pem(ca).count("BEGIN"),
        "unfinished": Issuance.objects.filter(state__in=["prepared", "signing"]).count(),
        "recorded": _recorded(),
        "given_up_is_listed": all(map(_listed, Issuance.objects.filter(state="abandoned"))),
    }


def _recorded() -> bool:
    """What was signed and kept is known, and was not given up silently."""
    files = Path(settings.DATA, "issued").glob("*/*/*.cer")
    known = Issuance.objects.filter(state="signed") | Issuance.objects.filter(revoked_at__isnull=False)
    return {one.stem for one in files} <= set(known.values_list("serial", flat=True))


def _listed(issuance: Issuance) -> bool:
    listed = x509.load_der_x509_crl(crl_file(issuance.authority).read_bytes())
    return listed.get_revoked_certificate_by_serial_number(int(issuance.serial, 16)) is not None


def batch() -> dict[str, Any]:
    """Three certificates from a table."""
    actor, ca = _enabled()
    if not CertificateBatch.objects.exists():
        services.start_batch(actor, ca, THREE, template="server", at=clock.now())
    _sweep()
    found = CertificateBatch.objects.get()
    return {
        "batch": [found.state, found.begun, found.refused],
        "rows": [services.state_of(row) for row in services.rows_of(found)],
        "certificates": PrivateCertificate.objects.count(),
        "signed": Issuance.objects.filter(reference__startswith="pct_", state="signed").count(),
        "unsigned": Issuance.objects.exclude(state="signed").count(),
        "quota_used": PrivateCA.objects.get(pk=ca.pk).quota_used,
        "told": AuditEntry.objects.filter(action="private_certificate.issued").count(),
    }


def reset() -> dict[str, Any]:
    """The intermediate is reset, with what it issued."""
    actor, ca = _enabled()
    if ca.state == "enabled":
        if not PrivateCertificate.objects.exists():
            wanted = services.Request("server", names={"dns": ["a.example"]})
            services.issue(actor, ca, wanted, at=clock.now())
        token = services.prepare_reset(actor, ca).token
        services.reset_ca(actor, ca, confirmation=token, deletes_all_data=True, at=clock.now())
    _sweep()
    ca = PrivateCA.objects.get(pk=ca.pk)
    return {
        "ca": [ca.state, ca.resetting, ca.authority_id is None, ca.quota_used],
        "certificates": PrivateCertificate.objects.count(),
        "ended": Authority.objects.exclude(ended_at=None).count(),
        "buried": Tombstone.objects.count(),
        "keys": StoredKey.objects.count(),
        "told": AuditEntry.objects.filter(action="private_ca.reset").count(),
    }


def renew() -> dict[str, Any]:
    """The root with a new key, its intermediate with the same, which another root cross-signs."""
    actor, ca = _enabled()
    root = PrivateCA.objects.filter(kind="root").order_by("pk")[0]
    if root.begun_at is not None:
        _sweep()
    elif root.generations.count() == 1:
        services.renew_ca(actor, root, services.Renewal(new_key=True), at=clock.now())
    assert ca.authority is not None
    if ca.authority.certificates.filter(kind="own").count() == 1:
        services.renew_ca(actor, ca, services.Renewal(new_key=False), at=clock.now())
    other = _bought("private-root-ca", 2)
    if other.state == "not_enabled":
        given = CaSettings(subject=Subject(common_name="Other root"))
        other = services.enable_ca(actor, other, given, at=clock.now())
    _sweep()
    if not ca.authority.certificates.filter(kind="cross").exists():
        services.cross_sign(actor, ca, other, at=clock.now())
    _sweep()
    return {
        "generations": root.generations.count(),
        "retired": Authority.objects.filter(generation__ca=root, issuing=False).count(),
        "signed": {
            kind: CaCertificate.objects.filter(kind=kind, der__isnull=False, revoked_at=None).count()
            for kind in ("link", "cross")
        },
        "own": ca.authority.certificates.filter(kind="own").count(),
        "begun": CaCertificate.objects.filter(der=None).count(),
        "recorded": _recorded(),
        "ways": len(services.chains_of_ca(PrivateCA.objects.get(pk=ca.pk), clock.now())),
    }


def outside() -> dict[str, Any]:
    """A request out and withdrawn, another that comes in, a third that a reset takes along."""
    actor = Journey("success").actor
    ca = _bought("private-intermediate-ca", 1)

    def ask() -> None:
        if PrivateCA.objects.get(pk=ca.pk).pending_id is None:
            given = CaSettings(subject=Subject(common_name="Ours"))
            services.begin_outside(actor, ca, given, at=clock.now())

    if not _noted("request_withdrawn"):
        ask()
        services.withdraw_outside(actor, ca, at=clock.now())
    if not _noted("imported"):
        ask()
        folder = Path(tempfile.mkdtemp()) / "root"
        signed = OutsideRoot(folder, clock.now()).sign(services.request_pem(PrivateCA.objects.get(pk=ca.pk)))
        services.complete_outside(actor, ca, signed, at=clock.now())
    if not _noted("reset"):
        ca = PrivateCA.objects.get(pk=ca.pk)
        if ca.pending_id is None:
            ca = services.renew_outside(actor, ca, new_key=True, at=clock.now())
        token = services.prepare_reset(actor, ca).token
        services.reset_ca(actor, ca, confirmation=token, deletes_all_data=True, at=clock.now())
    _sweep(minutes=(2, 90, 120))
    ca = PrivateCA.objects.get(pk=ca.pk)
    return {
        "ca": [ca.state, ca.resetting, ca.authority_id is None, ca.pending_id is None],
        "ended": Authority.objects.exclude(ended_at=None).count(),
        "keys": StoredKey.objects.count(),
        "told": [_noted("imported"), _noted("reset")],
    }


def revoke() -> dict[str, Any]:
    """The intermediate is revoked for cause: on its root's list."""
    actor, ca = _enabled()
    if not _noted("revoked"):
        token = services.prepare_revocation(actor, ca).token
        why = RevocationReason.KEY_COMPROMISE
        services.revoke_ca(actor, ca, why, confirmation=token, at=clock.now())
    _sweep()
    assert ca.authority is not None
    row = ca.authority.certificates.get()
    assert row.issuer is not None
    listed = x509.load_der_x509_crl(crl_file(row.issuer).read_bytes())
    return {
        "on_the_list": listed.get_revoked_certificate_by_serial_number(int(row.serial, 16)) is not None,
        "issuing": Authority.objects.get(pk=ca.authority.pk).issuing,
        "told": _noted("revoked"),
    }


def _bought(product: str, number: int) -> PrivateCA:
    """The first CA of the order with this number, bought if it is not."""
    journey = Journey("success")
    if Order.objects.count() < number:
        order = orders.place_order(
            journey.actor,
            account=journey.account,
            lines=[LineDraft(product, 1)],
            currency="USD",
            at=clock.now(),
        )
        orders.pay_order(journey.actor, order, means=[MeansChoice(Means.BALANCE)], at=clock.now())
    bought = Order.objects.order_by("pk")[number - 1]
    return PrivateCA.objects.filter(order=bought).order_by("pk")[0]


def _noted(what: str) -> int:
    return AuditEntry.objects.filter(action=f"private_ca.{what}").count()


if __name__ == "__main__":
    walks = {walk.__name__: walk for walk in (enable, batch, reset, renew, outside, revoke)}
    sys.stdout.write(json.dumps(walks[sys.argv[1]]()) + "\n")
