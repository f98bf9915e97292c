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

    # private CAs
    PRIVATE_CA_ENABLED = "private_ca.enabled"
    PRIVATE_CA_RESET = "private_ca.reset"
    PRIVATE_CA_EXPIRING = "private_ca.expiring"
    PRIVATE_CA_EXPIRED = "private_ca.expired"
    CEREMONY_PROPOSED = "ceremony.proposed"
    CEREMONY_CARRIED_OUT = "ceremony.carried_out"
    CEREMONY_ENDED = "ceremony.ended"
    PRIVATE_CA_QUOTA_LOW = "private_ca.quota_low"
    PRIVATE_CERTIFICATE_EXPIRING = "private_certificate.expiring"
    PRIVATE_CERTIFICATE_REVOKED = "private_certificate.revoked"
    PRIVATE_CERTIFICATE_SAME_KEY = "private_certificate.same_key"
    CERTIFICATE_BATCH_DONE = "certificate_batch.done"
    CERTIFICATE_BATCH_STOPPED = "certificate_batch.stopped"
    PRIVATE_CA_RENEWED = "private_ca.renewed"
    PRIVATE_CA_REVOKED = "private_ca.revoked"

    # gateway
    GATEWAY_ACTIVE = "gateway.active"
    GATEWAY_TAKEN_OVER = "gateway.taken_over"
    GATEWAY_QUOTA_LOW = "gateway.quota_low"
    GATEWAY_QUOTA_EXHAUSTED = "gateway.quota_exhausted"
    GATEWAY_RESET = "gateway.reset"
    GATEWAY_EXPIRING = "gateway.expiring"
    GATEWAY_EXPIRED = "gateway.expired"
    GATEWAY_CERTIFICATE_ORDERED = "gateway.certificate_ordered"
    GATEWAY_CERTIFICATE_FAILED = "gateway.certificate_failed"
    GATEWAY_CERTIFICATE_RENEWED = "gateway.certificate_renewed"
    GATEWAY_CERTIFICATE_ENDING = "gateway.certificate_ending"

    # refunds
    REFUND_WINDOW_CLOSING = "refund.window_closing"
    REFUND_REQUESTED = "refund.requested"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_TO_BALANCE = "refund.to_balance"
    REFUND_GIVEN_UP = "refund.given_up"
    REFUND_PROPOSED = "refund.proposed"
    PLAN_NEEDS_CUSTOMER = "refund_plan.needs_customer"
    PLAN_ENDED = "refund_plan.ended"
