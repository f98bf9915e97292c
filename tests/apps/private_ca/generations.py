"""Renewals, and what has become of a CA by now."""

from datetime import timedelta

from cryptography import x509

from hanaper.apps.authority.models import Authority
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.services import Renewal

DAY = timedelta(days=1)
SAME, NEW = Renewal(new_key=False), Renewal(new_key=True)


def fresh(ca: PrivateCA) -> PrivateCA:
    return PrivateCA.objects.select_related("authority", "parent__authority", "pending").get(pk=ca.pk)


def authority_of(ca: PrivateCA) -> Authority:
    found = fresh(ca).authority
    assert found is not None
    return found


def certificate(authority: Authority) -> x509.Certificate:
    return x509.load_der_x509_certificate(bytes(authority.certificate or b""))
