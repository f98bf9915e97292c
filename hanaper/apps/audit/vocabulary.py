"""What can be audited: a closed list, so that a reader of the log can know every word in it.

Each area adds its own block; a word is never renamed or reused.
"""

from enum import StrEnum


class AuditAction(StrEnum):
    # clock
    CLOCK_ADVANCED = "clock.advanced"

    # accounts
    ACCOUNT_CREATED = "account.created"
    ACCOUNT_RENAMED = "account.renamed"
    MEMBER_ADDED = "account.member_added"
    MEMBER_ROLE_CHANGED = "account.member_role_changed"
    MEMBER_REMOVED = "account.member_removed"
    STAFF_ROLE_GRANTED = "staff.role_granted"
    STAFF_ROLE_WITHDRAWN = "staff.role_withdrawn"
    ACCESS_KEY_CREATED = "access_key.created"
    ACCESS_KEY_REVOKED = "access_key.revoked"
    PREFERENCES_CHANGED = "person.preferences_changed"

    # events
    NOTICE_PREFERENCE_SET = "notice_preference.set"

    # webhooks
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_CHANGED = "webhook.changed"
    WEBHOOK_SECRET_ROTATED = "webhook.secret_rotated"  # noqa: S105 - the name of an action
    WEBHOOK_REMOVED = "webhook.removed"
    WEBHOOK_DISABLED = "webhook.disabled"
    WEBHOOK_REPLAYED = "webhook.replayed"
    WEBHOOK_TESTED = "webhook.tested"

    # catalog
    CATALOGUE_SEEDED = "catalogue.seeded"
    PRODUCT_CREATED = "product.created"
    PRODUCT_UPDATED = "product.updated"
    PRODUCT_WITHDRAWN = "product.withdrawn"
    PRICE_SET = "price.set"
    VOUCHER_CREATED = "voucher.created"
    VOUCHER_WITHDRAWN = "voucher.withdrawn"
    COUPON_CREATED = "coupon.created"
    COUPON_WITHDRAWN = "coupon.withdrawn"
    PROMOTION_CREATED = "promotion.created"
    PROMOTION_WITHDRAWN = "promotion.withdrawn"

    # ledger and payments
    BALANCE_CREDITED = "balance.credited"
    PAYMENT_SUBMITTED = "payment.submitted"
    PAYMENT_COMPLETED = "payment.completed"
    PAYMENT_FAILED = "payment.failed"
    RETURN_RESERVED = "return.reserved"
    RETURN_COMPLETED = "return.completed"
    RETURN_VOIDED = "return.voided"
    RETURN_BOUNCED = "return.bounced"
    EXTERNAL_REFUND_FOUND = "payment.external_refund_found"

    # policies
    POLICY_DRAFTED = "policy.drafted"
    POLICY_DRAFT_CHANGED = "policy.draft_changed"
    POLICY_DRAFT_REMOVED = "policy.draft_removed"
    POLICY_PUBLISHED = "policy.published"

    # trials
    POLICY_TRIED = "policy.tried"
    POLICY_TRIAL_CANCELLED = "policy.trial_cancelled"
    POLICY_TRIAL_REMOVED = "policy.trial_removed"

    # orders
    ORDER_PLACED = "order.placed"
    ORDER_PAID = "order.paid"
    ORDER_CANCELLED = "order.cancelled"
    ORDER_EXPIRED = "order.expired"
    ORDER_REFUND_BEGUN = "order.refund_begun"
    ORDER_REFUND_GIVEN_UP = "order.refund_given_up"
    ORDER_REFUNDED = "order.refunded"

    # gateway
    GATEWAY_DOMAIN_ADDED = "gateway.domain_added"
    GATEWAY_ACTIVATED = "gateway.activated"
    GATEWAY_TAKEN_OVER = "gateway.taken_over"
    GATEWAY_CHANGED = "gateway.changed"
    GATEWAY_CERTIFICATE_WANTED = "gateway.certificate_wanted"
    GATEWAY_CERTIFICATE_BEGUN = "gateway.certificate_begun"
    GATEWAY_PURGED = "gateway.purged"
    GATEWAY_LOG_ASKED = "gateway.log_asked"
    GATEWAY_RESET = "gateway.reset"
    GATEWAY_EXPIRED = "gateway.expired"
    GATEWAY_JOIN_TOKEN_MADE = "gateway_node.join_token_made"  # noqa: S105 - the name of an action
    GATEWAY_NODE_JOINED = "gateway_node.joined"
    GATEWAY_NODE_RETIRED = "gateway_node.retired"

    # other services
    SERVICE_USED = "service.used"

    # secrets
    MASTER_KEY_ROTATED = "master_key.rotated"

    # authority
    ISSUANCE_REVOKED = "issuance.revoked"

    # certificates
    CONTACT_CREATED = "contact.created"
    CONTACT_CHANGED = "contact.changed"
    CONTACT_REMOVED = "contact.removed"
    COMPANY_CREATED = "company.created"
    COMPANY_CHANGED = "company.changed"
    COMPANY_REMOVED = "company.removed"
    CERTIFICATE_CREATED = "certificate.created"
    CERTIFICATE_FORM_SAVED = "certificate.form_saved"
    CERTIFICATE_APPLIED = "certificate.applied"
    CERTIFICATE_WITHDRAWN = "certificate.withdrawn"
    CERTIFICATE_CANCELLED = "certificate.cancelled"
    CERTIFICATE_COMBINED = "certificate.combined"
    CERTIFICATE_ISSUED = "certificate.issued"
    CERTIFICATE_REISSUED = "certificate.reissued"
    CERTIFICATE_REISSUE_ASKED = "certificate.reissue_asked"
    CERTIFICATE_REISSUE_FAILED = "certificate.reissue_failed"
    CERTIFICATE_FAILED = "certificate.failed"
    CERTIFICATE_ACTIVATED = "certificate.activated"
    CERTIFICATE_EXPIRED = "certificate.expired"
    CERTIFICATE_RENEWED = "certificate.renewed"
    CERTIFICATE_REVOKED = "certificate.revoked"
    CERTIFICATE_DISCARDED = "certificate.discarded"
    CERTIFICATE_SETTINGS_CHANGED = "certificate.settings_changed"
    CERTIFICATE_KEY_DOWNLOADED = "certificate.key_downloaded"
    DOMAIN_CHECKED = "domain.checked"
    APPLICATION_APPROVED = "application.approved"
    APPLICATION_REFUSED = "application.refused"
    REVOCATION_REQUESTED = "revocation.requested"
    REVOCATION_APPROVED = "revocation.approved"
    REVOCATION_REFUSED = "revocation.refused"
    REVOCATION_LAPSED = "revocation.lapsed"

    # private CAs
    PRIVATE_CA_ENABLED = "private_ca.enabled"
    PRIVATE_CA_STOPPED = "private_ca.stopped"
    PRIVATE_CA_RESUMED = "private_ca.resumed"
    PRIVATE_CA_RESET = "private_ca.reset"
    PRIVATE_CA_EXPIRED = "private_ca.expired"
    PRIVATE_CA_RENEWED = "private_ca.renewed"
    PRIVATE_CA_CROSS_SIGNED = "private_ca.cross_signed"
    PRIVATE_CA_REVOKED = "private_ca.revoked"
    PRIVATE_CA_REQUESTED = "private_ca.requested"
    PRIVATE_CA_IMPORTED = "private_ca.imported"
    PRIVATE_CA_REQUEST_WITHDRAWN = "private_ca.request_withdrawn"
    PRIVATE_CERTIFICATE_ISSUED = "private_certificate.issued"
    PRIVATE_CERTIFICATE_REVOKED = "private_certificate.revoked"
    PRIVATE_CERTIFICATE_HELD = "private_certificate.held"
    PRIVATE_CERTIFICATE_RELEASED = "private_certificate.released"
    PRIVATE_KEY_EXPORTED = "private_certificate.key_exported"
    CERTIFICATE_BATCH_STARTED = "certificate_batch.started"
    CERTIFICATE_BATCH_CANCELLED = "certificate_batch.cancelled"
    CERTIFICATE_BATCH_RESUMED = "certificate_batch.resumed"
    TEMPLATE_CREATED = "certificate_template.created"
    TEMPLATE_CHANGED = "certificate_template.changed"
    TEMPLATE_REMOVED = "certificate_template.removed"
    TWO_PERSONS_ON = "two_persons.on"
    TWO_PERSONS_OFF = "two_persons.off"
    CEREMONY_PROPOSED = "ceremony.proposed"
    CEREMONY_APPROVED = "ceremony.approved"
    CEREMONY_CARRIED_OUT = "ceremony.carried_out"
    CEREMONY_ENDED = "ceremony.ended"  # refused, withdrawn, expired, failed

    # ACME
    ACME_KEY_CREATED = "acme_key.created"
    ACME_KEY_REVOKED = "acme_key.revoked"
    ACME_ACCOUNT_CREATED = "acme_account.created"
    ACME_ACCOUNT_CHANGED = "acme_account.changed"
    ACME_ACCOUNT_KEY_CHANGED = "acme_account.key_changed"
    ACME_ACCOUNT_DEACTIVATED = "acme_account.deactivated"
    ACME_ACCOUNT_REVOKED = "acme_account.revoked"
    ACME_ORDER_PLACED = "acme_order.placed"
    ACME_ORDER_FINALIZED = "acme_order.finalized"
    ACME_ORDER_FAILED = "acme_order.failed"
    ACME_AUTHORIZATION_VALIDATED = "acme_authorization.validated"
    ACME_AUTHORIZATION_FAILED = "acme_authorization.failed"
    ACME_AUTHORIZATION_DEACTIVATED = "acme_authorization.deactivated"
    ACME_RENEWAL_ASKED = "acme_renewal.asked"

    # refunds
    REFUND_REQUESTED = "refund.requested"
    REFUND_PROPOSED = "refund.proposed"
    REFUND_APPROVED = "refund.approved"
    REFUND_DECLINED = "refund.declined"
    REFUND_SUCCEEDED = "refund.succeeded"
    REFUND_GIVEN_UP = "refund.given_up"
    PLAN_CONFIRMED = "refund_plan.confirmed"
    PLAN_RESUMED = "refund_plan.resumed"
    PLAN_STEP_TAKEN = "refund_plan.step_taken"
    PLAN_ENDED = "refund_plan.ended"
