"""Which probe looks for which method; a test may put others in their place."""

from django.conf import settings

from hanaper.apps.certificates.models import DomainCheck
from hanaper.apps.certificates.probes import Answer, Probe, Question
from hanaper.apps.certificates.probes.dns import DnsProbe
from hanaper.apps.certificates.probes.http import HttpProbe
from hanaper.apps.certificates.vocabulary import CheckMethod


def probe_for(method: str) -> Probe:
    """Made anew for each look: settings may differ between tests, and a resolver's own cache is unwanted."""
    if method == CheckMethod.DNS:
        return DnsProbe(settings.RESOLVERS)
    return HttpProbe(settings.HTTP_CHECK_PORT, settings.RESOLVERS, allow_loopback=settings.SANDBOX)


def question_of(check: DomainCheck) -> Question:
    return Question(check.domain, check.token, check.public_id)


def place_of(check: DomainCheck) -> str:
    """Where the customer puts the token: the name of a TXT record, or the address of a file."""
    return probe_for(check.method).place(question_of(check))


def look(check: DomainCheck) -> Answer:
    return probe_for(check.method).look(question_of(check))
