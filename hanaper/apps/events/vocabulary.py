"""What can happen that somebody is told of: a closed list. Each area adds its own block."""

from enum import StrEnum


class EventKind(StrEnum):
    # accounts
    MEMBER_ADDED = "account.member_added"

    # webhooks
    WEBHOOK_TEST = "webhook.test"  # sent on request, told to nobody
    WEBHOOK_GIVEN_UP = "webhook.given_up"
    WEBHOOK_DISABLED = "webhook.disabled"

    # catalog
    VOUCHER_CREATED = "voucher.created"

    # ledger and payments
    BALANCE_CREDITED = "balance.credited"
    PAYMENT_FAILED = "payment.failed"
    RETURN_BOUNCED = "return.bounced"
    RETURN_NEEDS_OPERATOR = "return.needs_operator"
    EXTERNAL_REFUND_FOUND = "payment.external_refund_found"
    RECOVERY_FOUND = "payment.recovery_found"  # operators

    # orders
    ORDER_PLACED = "order.placed"
    ORDER_PAID = "order.paid"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_EXPIRED = "order.expired"
    POLICY_PUBLISHED = "policy.published"

    # certificates
    VALIDATION_NEEDED = "certificate.validation_needed"
    CERTIFICATE_ISSUED = "certificate.issued"
    CERTIFICATE_REISSUED = "certificate.reissued"
    CERTIFICATE_FAILED = "certificate.failed"
    CERTIFICATE_EXPIRING = "certificate.expiring"
    CERTIFICATE_EXPIRED = "certificate.expired"
    CERTIFICATE_ACTIVATED = "certificate.activated"
    CERTIFICATE_REVOKED = "certificate.revoked"
    REISSUE_FAILED = "certificate.reissue_failed"
    REVIEW_NEEDED = "application.review_needed"  # operators
    REVOCATION_ASKED = "revocation.asked"  # operators
    REVOCATION_REFUSED = "revocation.refused"
    REVOCATION_OVERDUE = "revocation.overdue"  # operators
    ISSUER_TROUBLE = "issuer.trouble"  # operators

    # refunds
    REFUND_WINDOW_CLOSING = "refund.window_closing"
    REFUND_REQUESTED = "refund.requested"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_TO_BALANCE = "refund.to_balance"
    REFUND_GIVEN_UP = "refund.given_up"
    REFUND_PROPOSED = "refund.proposed"
    PLAN_NEEDS_CUSTOMER = "refund_plan.needs_customer"
    PLAN_ENDED = "refund_plan.ended"
