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
