"""The words of the code as people read them: states, kinds, means. `words` in `tags.py` looks here.

The document's own words where it has any (SPEC section 3). A test holds this list against the vocabularies.
"""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hanaper.faces.console.deeds import DEEDS

LABELS: dict[str, str | Promise] = {
    # certificates (SPEC section 4)
    "pending_application": _("Pending Application"),
    "validating_application": _("Validating Application"),
    "validation_failed": _("Validation Failed"),
    "issued": _("Issued"),
    "validating_revocation": _("Validating Revocation"),
    "revoked": _("Revoked"),
    "not_activated": _("Not Activated"),
    "expired": _("Expired"),
    "removed": _("Off the list"),
    # orders
    "unpaid": _("Unpaid"),
    "paid": _("Paid"),
    "cancelled": _("Cancelled"),
    "refund_in_progress": _("Refund in progress"),
    "refunded": _("Refund successfully"),
    "purchase": _("Purchase"),
    "renewal": _("Renewal"),
    "early_renewal": _("Early renewal"),
    # private CAs, gateways, other services
    "not_enabled": _("Not enabled"),
    "enabled": _("Enabled"),
    "no_domain": _("No domain"),
    "domain_added": _("Domain added"),
    "active": _("Active"),
    "quota_exhausted": _("Quota exhausted"),
    "unused": _("Unused"),
    "used": _("Used"),
    "ended": _("Ended"),
    # refunds and plans
    "proposed": _("Proposed"),
    "paying": _("Money is on its way"),
    "succeeded": _("Refund successfully"),
    "given_up": _("Given up"),
    "declined": _("Declined"),
    "prepared": _("Prepared"),
    "running": _("Running"),
    "waiting": _("Waiting"),
    "needs_confirmation": _("Needs you again"),
    "stopped": _("Stopped"),
    "done": _("Done"),
    "refused": _("Refused"),
    "planned": _("Planned"),
    "dropped": _("No longer needed"),
    "self_service": _("Asked for by the customer"),
    "plan": _("By a plan"),
    "operator": _("By an operator"),
    # steps of a plan, and the row actions
    "cancel_apply": _("Cancel Apply"),
    "withdraw": _("Withdraw"),
    "modify": _("Modify"),
    "submit": _("Submit"),
    "revoke": _("Revoke"),
    "approve_revocation": _("Approve the revocation"),
    "cancel": pgettext_lazy("what is done with a certificate", "Cancel"),
    "reset": _("Reset"),
    "apply": _("Apply"),
    "renew": _("Renew"),
    "combine": _("Combine"),
    # verdicts
    "refundable": _("Refundable now"),
    "action_needed": _("Refundable after something is done"),
    # payments
    "balance": _("Balance"),
    "card": _("Card"),
    "voucher": _("Voucher"),
    "coupon": _("Coupon"),
    "held": _("Held"),
    "captured": _("Taken"),
    "submitted": _("Sent"),
    "failed": _("Failed"),
    "released": _("Released"),
    "voided": _("Called off"),
    "completed": _("Completed"),
    "pending": _("Pending"),
    "unknown": _("Not known yet"),
    "bounced": _("Came back"),
    "open": _("Open"),
    "processing": _("With the provider"),
    "charging": _("Being charged"),
    "requires_action": _("Waits for somebody"),
    "reserved": _("Reserved"),
    "returning": _("On its way back"),
    "returned": _("Returned"),
    "original": _("To where it came from"),
    # domain checks and applications
    "passed": _("Passed"),
    "withdrawn": _("Withdrawn"),
    "approved": _("Approved"),
    "lapsed": _("Lapsed"),
    "validating": _("Validating"),
    "reviewing": _("In review"),
    "issuing": _("Being issued"),
    # products
    "ssl_certificate": _("SSL certificate"),
    "private_root_ca": _("Private root CA"),
    "private_intermediate_ca": _("Private intermediate CA"),
    "https_gateway": _("HTTPS acceleration gateway"),
    "message": _("Message service"),
    "monitoring": _("Monitoring service"),
    "repository": _("Repository service"),
    "deployment": _("Deployment service"),
    "dv": "DV",
    "ov": "OV",
    "ev": "EV",
    "root": _("Root"),
    "intermediate": _("Intermediate"),
    "single": _("Single domain"),
    "wildcard": _("Wildcard"),
    "multi_domain": _("Several domains"),
    "multi_wildcard": _("Several wildcards"),
    "hybrid": _("Hybrid"),
    # people
    "owner": _("Owner"),
    "member": _("Member"),
    "read_only": _("Read only"),
    "administrator": _("Administrator"),
    "reviewer": _("Reviewer"),
    "finance": _("Finance"),
    "customer": _("Customer"),
    "system": _("System"),
    "provider": _("Provider"),
    # topics of letters
    "validation": _("Domain names to be validated"),
    "expiring": _("Certificates that end soon"),
    "revocation": _("Revocations decided"),
    "refund_window": _("Refund windows that close"),
    "refunds": _("Refunds"),
    "money": _("Orders, payments and the balance"),
    "members": _("Members"),
    "webhooks": _("Webhooks"),
    "operators": _("What waits for operators"),
    # webhooks
    "delivered": _("Delivered"),
    "failing": _("It failed for days"),
    "gone": _("It asked for no more"),
    # jobs
    "ready": _("Ready"),
    "lost": _("Lost"),
    # reasons for a revocation (RFC 5280 section 5.3.1)
    "unspecified": _("Unspecified"),
    "keyCompromise": _("The key is compromised"),
    "cACompromise": _("The CA is compromised"),
    "affiliationChanged": _("The organisation changed"),
    "superseded": _("Superseded by another certificate"),
    "cessationOfOperation": _("No longer used"),
    "privilegeWithdrawn": _("Privilege withdrawn"),
}


def label(name: object) -> str:
    """A name of the code in words; one without an entry is read as it is written."""
    key = str(name)
    return str(LABELS.get(key) or DEEDS.get(key) or key.replace("_", " ").capitalize())
