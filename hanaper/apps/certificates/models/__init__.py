"""Tables. Django finds them by this package; everybody else imports them from its modules."""

from hanaper.apps.certificates.models import applications, certificates, issuing, people, revocations

__all__ = ["applications", "certificates", "issuing", "people", "revocations"]
