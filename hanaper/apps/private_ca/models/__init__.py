"""Tables. Django finds them by this package; everybody else imports them from its modules."""

from hanaper.apps.private_ca.models import batches, cas, ceremonies, certificates

__all__ = ["batches", "cas", "ceremonies", "certificates"]
