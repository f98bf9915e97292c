"""Which probe looks for which method; a test may put others in their place."""

from django.conf import settings

from hanaper.apps.certificates.models.applications import DomainCheck
from hanaper.apps.certificates.vocabulary import CheckMethod
from hanaper.apps.probes import Answer, Probe, Question
from hanaper.apps.probes.dns import DnsProbe
from hanaper.apps.probes.http import HttpProbe


def probe_for(method: str) -> Probe:
    """Made anew for each look: settings may differ between tests, and a resolver's own cache is unwanted."""
    if method == CheckMethod.DNS:
        return DnsProbe(settings.RESOLVERS)
    port = settings.GATEWAY_CHECK_PORT if method == CheckMethod.GATEWAY else settings.HTTP_CHECK_PORT
    return HttpProbe(port, settings.RESOLVERS, allow_loopback=settings.SANDBOX)


def question_of(check: DomainCheck) -> Question:
    return Question(check.domain, check.token, check.public_id)


def place_of(check: DomainCheck) -> str:
    """Where the customer puts the token: the name of a TXT record, or the address of a file."""
    return probe_for(check.method).place(question_of(check))


def look(check: DomainCheck) -> Answer:
    return probe_for(check.method).look(question_of(check))
