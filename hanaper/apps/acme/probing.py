"""Which probe looks for which challenge."""

import ssl

from django.conf import settings

from hanaper.apps.acme.models import Challenge
from hanaper.apps.probes import Answer, Probe, Question
from hanaper.apps.probes.dns import DnsProbe
from hanaper.apps.probes.http import HttpProbe
from hanaper.apps.probes.tls_alpn import TlsAlpnProbe
from hanaper.core.acme.challenges import DNS_LABEL, HTTP_PATH, ChallengeKind, dns_value, key_authorization


def look(challenge: Challenge) -> Answer:
    """Once, now: touches no table beyond the rows that came with `challenge`."""
    authorization = challenge.authorization
    proof = key_authorization(challenge.token, authorization.acme_account.thumbprint)
    wanted = dns_value(proof) if challenge.kind == ChallengeKind.DNS else proof
    return _probe(challenge.kind).look(Question(authorization.value, wanted, challenge.token))


def _probe(kind: str) -> Probe:
    """Made anew for each look: settings may differ between tests, and a resolver's own cache is unwanted."""
    if kind == ChallengeKind.DNS:
        return DnsProbe(settings.RESOLVERS, label=DNS_LABEL)
    if kind == ChallengeKind.TLS_ALPN:
        return TlsAlpnProbe(
            settings.ACME_TLS_PORT,
            settings.RESOLVERS,
            allow_loopback=settings.SANDBOX,
            networks=settings.ACME_NETWORKS,
        )
    return HttpProbe(
        settings.ACME_HTTP_PORT,
        settings.RESOLVERS,
        allow_loopback=settings.SANDBOX,
        path=HTTP_PATH,
        networks=settings.ACME_NETWORKS,
        tls=_whoever_answers(),
    )


def _whoever_answers() -> ssl.SSLContext:
    """Behind a redirect to https stands a server that is only about to get its certificate (RFC 8555 8.3)."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
