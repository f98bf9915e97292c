"""What people read about an event, in English. Placeholders are fields of the event's data, and `subject`."""

from hanaper.apps.events.vocabulary import EventKind

# kind: (title, text)
TEXTS: dict[EventKind, tuple[str, str]] = {
    EventKind.MEMBER_ADDED: ("{email} joined the account", "{email} is now a member with the role {role}."),
    EventKind.VOUCHER_CREATED: (
        "A voucher of {price} for this account",
        "The voucher {subject} is worth {price} and can be spent until {expires_at}.",
    ),
    EventKind.ORDER_PLACED: (
        "Order {subject} was placed",
        "The order {subject} comes to {price}. It is kept until {expires_at}; pay it before that.",
    ),
    EventKind.ORDER_PAID: (
        "Order {subject} is paid",
        "The order {subject} over {price} is paid and what was bought is ready to use.",
    ),
    EventKind.ORDER_CANCELLED: (
        "Order {subject} was cancelled",
        "The unpaid order {subject} was cancelled; vouchers and coupon are free again.",
    ),
    EventKind.ORDER_EXPIRED: (
        "Order {subject} was not paid in time",
        "The order {subject} was not paid in time and has ended; vouchers and coupon are free again.",
    ),
    EventKind.POLICY_PUBLISHED: (
        "Refund policy {subject} was published",
        "The refund policy {subject} holds for orders placed from {holds_from} on.",
    ),
    EventKind.VALIDATION_NEEDED: (
        "Show that you control {domains}",
        "The certificate {subject} waits until control of {domains} is shown. Its page says which DNS record"
        " or file to set up; we keep looking by ourselves.",
    ),
    EventKind.PRIVATE_CA_ENABLED: (
        "The private CA {name} is enabled",
        "The private CA {subject} ({name}) has its key and its certificate.",
    ),
    EventKind.PRIVATE_CA_RESET: (
        "The private CA {name} was reset",
        "The private CA {subject} ({name}) was reset: its key is destroyed, what it held is deleted, and a"
        " last revocation list says so.",
    ),
    EventKind.PRIVATE_CA_EXPIRING: (
        "The term of the private CA {name} ends on {term_ends_at}",
        "The term of the private CA {subject} ({name}) ends {term_ends_at}, at most {days} days from now. It"
        " issues nothing after that.",
    ),
    EventKind.PRIVATE_CA_RENEWED: (
        "The private CA {name} has a new certificate",
        "The private CA {subject} ({name}) has a new certificate, which ends {not_after}.",
    ),
    EventKind.PRIVATE_CA_REVOKED: (
        "The private CA {name} was revoked",
        "A certificate of the private CA {subject} ({name}) was revoked ({reason}): who trusted it through"
        " that certificate trusts nothing that it issued any more.",
    ),
    EventKind.PRIVATE_CA_EXPIRED: (
        "The term of the private CA {name} has ended",
        "The term of the private CA {subject} ({name}) has ended: it issues nothing more. Revocation lists go"
        " on until its certificates end.",
    ),
    EventKind.CEREMONY_PROPOSED: (
        "Waits for a second person: {operation}",
        "{proposed_by} proposed the ceremony {subject}: {operation} ({target}). Somebody else of the account"
        " approves or refuses it, until {expires_at}.",
    ),
    EventKind.CEREMONY_CARRIED_OUT: (
        "Carried out by two persons: {operation}",
        "The ceremony {subject} was carried out: {operation} ({target}). {proposed_by} proposed it, "
        "{approved_by} approved it; its transcript says what was made.",
    ),
    EventKind.CEREMONY_ENDED: (
        "Not carried out: {operation}",
        "The ceremony {subject} is over, and nothing was done: {operation} ({target}). {problem}",
    ),
    EventKind.PRIVATE_CA_QUOTA_LOW: (
        "{used} of the {quota} certificates of the private CA {name} are used",
        "The private CA {subject} ({name}) has issued {used} of {quota} certificates; {left} are left. Buy"
        " another intermediate CA before they are used up.",
    ),
    EventKind.PRIVATE_CERTIFICATE_EXPIRING: (
        "Private certificates of {ca_name} end soon: {count}",
        "Certificates of the private CA {ca_name} end from {not_after} on: {names} ({count} together). Renew"
        " them before that.",
    ),
    EventKind.PRIVATE_CERTIFICATE_REVOKED: (
        "The private certificate for {names} is revoked",
        "The private certificate {subject} for {names} is revoked ({reason}) and must not be used any more.",
    ),
    EventKind.PRIVATE_CERTIFICATE_SAME_KEY: (
        "Certificates of a compromised key are still good",
        "It was reported by ACME that the key of the private certificate {subject} for {names} is"
        " compromised. These have the same key and were not revoked with it: {left}. Revoke them.",
    ),
    EventKind.CERTIFICATE_BATCH_DONE: (
        "{begun} of {total} certificates of a batch are issued",
        "The batch {subject} of the private CA {ca} is done: {begun} certificates were issued, {refused} rows"
        " were refused, {failed} failed. Its result says which.",
    ),
    EventKind.CERTIFICATE_BATCH_STOPPED: (
        "A batch of certificates has stopped",
        "The batch {subject} of the private CA {ca} has stopped after {begun} of {total} certificates:"
        " {reason} It can be resumed or cancelled.",
    ),
    EventKind.CERTIFICATE_ISSUED: (
        "A certificate for {domains} was issued",
        "The certificate {subject} for {domains} was issued with the serial number {serial}. Its year ends"
        " {term_end}.",
    ),
    EventKind.CERTIFICATE_REISSUED: (
        "The certificate for {domains} was reissued",
        "The certificate {subject} for {domains} was reissued with the serial number {serial}, valid until"
        " {not_after}. Install it in place of the one before.",
    ),
    EventKind.CERTIFICATE_FAILED: (
        "The application for {domains} has failed",
        "The application for the certificate {subject} has failed: {reason} Modify it and submit it again.",
    ),
    EventKind.CERTIFICATE_EXPIRING: (
        "The certificate for {domains} ends on {term_end}",
        "The year of the certificate {subject} for {domains} ends {term_end}, at most {days} days from now."
        " Renew it before that.",
    ),
    EventKind.CERTIFICATE_EXPIRED: (
        "The certificate for {domains} has expired",
        "The year of the certificate {subject} for {domains} has ended.",
    ),
    EventKind.CERTIFICATE_ACTIVATED: (
        "The next year of {domains} was activated",
        "The certificate {subject} was activated and applied for with the data of the year before.",
    ),
    EventKind.CERTIFICATE_REVOKED: (
        "The certificate for {domains} is revoked",
        "The certificate {subject} for {domains} is revoked and must not be used any more. {text}",
    ),
    EventKind.REISSUE_FAILED: (
        "Reissuing the certificate for {domains} has failed",
        "The certificate {subject} is still valid, but could not be reissued: {reason} We try again.",
    ),
    EventKind.REVIEW_NEEDED: (
        "An application of {company} waits for review",
        "The application for the certificate {subject} ({domains}) waits for a reviewer.",
    ),
    EventKind.REVOCATION_ASKED: (
        "A revocation waits for review until {due_at}",
        "The certificate {subject} ({domains}) is to be revoked: {reason}. The review is due {due_at}.",
    ),
    EventKind.REVOCATION_REFUSED: (
        "The revocation for {domains} was refused",
        "The certificate {subject} stays issued: {reason}",
    ),
    EventKind.REVOCATION_OVERDUE: (
        "The review of {request} is overdue",
        "The request {request} to revoke the certificate {subject} ({domains}) was due {due_at}.",
    ),
    EventKind.ISSUER_TROUBLE: (
        "An issuer does not answer",
        "The issuer does not answer about the certificate {subject} ({domains}): {fault}",
    ),
    # webhooks
    EventKind.WEBHOOK_TEST: ("A test of the webhook {subject}", "{by} asked for this test event."),
    EventKind.WEBHOOK_GIVEN_UP: (
        "The webhook at {url} does not answer well",
        "For three days something could not be delivered to {url}: {fault} It is not tried again by itself;"
        " see the deliveries of {subject}, and replay what is needed.",
    ),
    EventKind.WEBHOOK_DISABLED: (
        "The webhook at {url} was disabled",
        "The webhook {subject} has failed for too long, or its address asked for no more: {fault} Nothing is"
        " sent to {url} until an owner enables it again.",
    ),
    # ledger and payments
    EventKind.BALANCE_CREDITED: (
        "{price} was put on your balance",
        "The balance of the account was topped up by {price}; orders can be paid from it.",
    ),
    EventKind.PAYMENT_FAILED: (
        "A payment has failed",
        "The payment {subject} has failed: {problem} The order is kept until its time runs out; pay it by"
        " other means.",
    ),
    EventKind.RETURN_BOUNCED: (
        "A refund could not be returned to its source",
        "Money of the refund {subject} could not go back the way it came; it is on the account's balance.",
    ),
    EventKind.RETURN_NEEDS_OPERATOR: (
        "A refund at the provider needs a person",
        "The return {return} of {subject} needs somebody to look at it: {problem}",
    ),
    EventKind.EXTERNAL_REFUND_FOUND: (
        "A refund was made outside this service",
        "The provider knows the refund {subject}, which nobody made here: {problem}",
    ),
    EventKind.RECOVERY_FOUND: (
        "Found after the restore: {subject}",
        "Comparing with the provider after the restore has found something about {subject}: {problem}",
    ),
    # refunds
    EventKind.GATEWAY_ACTIVE: (
        "{domain} is served by the gateway",
        "{domain} leads to the gateway {subject}: visitors get it over HTTPS from now on, and are counted.",
    ),
    EventKind.GATEWAY_TAKEN_OVER: (
        "{domain} is served for another instance now",
        "The DNS of {domain} names another instance of the gateway, and visitors get the site of that one"
        " from now on; {subject} serves nothing. If this is not what you want, see who can change the DNS of"
        " {domain}, and set its CNAME to {cname}: it is served for {subject} again then.",
    ),
    EventKind.GATEWAY_QUOTA_LOW: (
        "{percent} % of the quota for {domain} is used",
        "The gateway {subject} ({domain}) has used {used} of {included} GRCQ.",
    ),
    EventKind.GATEWAY_QUOTA_EXHAUSTED: (
        "The quota for {domain} is used up",
        "The gateway {subject} ({domain}) has used {used} of {included} GRCQ. What visitors get now is"
        " what its settings say.",
    ),
    EventKind.GATEWAY_RESET: (
        "The gateway for {domain} was reset",
        "{domain} is off the gateway {subject} and not served any more. Consumed until then: {visits} visits"
        " and {bytes_out} bytes.",
    ),
    EventKind.GATEWAY_EXPIRING: (
        "The term of the gateway for {domain} ends on {term_ends_at}",
        "The term of the gateway {subject} ({domain}) ends {term_ends_at}, at most {days} days from now."
        " Nothing is served after that: buy another instance and lead {domain} to it before, or elsewhere.",
    ),
    EventKind.GATEWAY_EXPIRED: (
        "The term of the gateway for {domain} has ended",
        "The term of the gateway {subject} ({domain}) has ended: nothing is served any more.",
    ),
    EventKind.GATEWAY_CERTIFICATE_ORDERED: (
        "A certificate for {domain} is being obtained",
        "The gateway {subject} has taken one for {domain}, as its owner wished: {certificate}. It is served"
        " as soon as it is issued.",
    ),
    EventKind.GATEWAY_CERTIFICATE_FAILED: (
        "No certificate for {domain} could be had",
        "The gateway {subject} could not get a certificate for {domain}: {reason} It tries again by itself"
        " where that can help; its page says what can be done.",
    ),
    EventKind.GATEWAY_CERTIFICATE_RENEWED: (
        "The certificate for {domain} was renewed",
        "The gateway {subject} serves {domain} with its next certificate, {certificate}. No connection was"
        " dropped.",
    ),
    EventKind.GATEWAY_CERTIFICATE_ENDING: (
        "The certificate for {domain} ends on {day}",
        "The certificate that the gateway {subject} serves for {domain} ends on {day}. Where its owner"
        " allowed it, the next one is taken from unused quota seven days before: see that there is some."
        " Otherwise choose another one, or order it.",
    ),
    EventKind.REFUND_WINDOW_CLOSING: (
        "Order {subject} can be refunded until {closes_at}",
        "Something of the order {subject} ({price}) has not been used yet. If it is not needed, ask for the"
        " refund before {closes_at}; afterwards it is too late.",
    ),
    EventKind.REFUND_REQUESTED: (
        "The refund of {order} was requested",
        "The refund {subject} of {price} for the order {order} was requested and is on its way.",
    ),
    EventKind.REFUND_SUCCEEDED: (
        "The order {order} is refunded",
        "The refund {subject} of {price} for the order {order} has succeeded. Cards and banks may take some"
        " days to show it.",
    ),
    EventKind.REFUND_TO_BALANCE: (
        "The refund of {order} went to your balance",
        "The refund {subject} for the order {order} could not go back to the card; the money is on the"
        " account's balance.",
    ),
    EventKind.REFUND_GIVEN_UP: (
        "The refund of {order} was ended",
        "The refund {subject} for the order {order} was ended without a payment; the order goes on as it"
        " was.",
    ),
    EventKind.REFUND_PROPOSED: (
        "A refund by hand of {price} waits for a second person",
        "The refund {subject} of {price} for the order {order} was proposed and waits for its approval.",
    ),
    EventKind.PLAN_NEEDS_CUSTOMER: (
        "A refund plan waits for you",
        "The refund plan {subject} cannot go on by itself: {problem}",
    ),
    EventKind.PLAN_ENDED: (
        "A refund plan has ended",
        "The refund plan {subject} has ended without a refund: {problem}",
    ),
}

ROLES = {"owner": "owner", "member": "member", "read_only": "read-only"}
OPERATIONS = {
    "enable": "enable a private CA",
    "reset": "reset a root CA",
    "renew": "renew a private CA",
    "cross_sign": "cross-sign by a root CA",
    "request": "ask a CA elsewhere for a certificate",
    "complete": "bring the certificate that a CA elsewhere signed",
    "one_person": "let one person do what takes two",
}

# What stands around the text of a letter.
LETTER = {
    "open": "Look at it",
    "for": "For",
    "operators": "the operators",
    "why": "Which letters you get is set in your preferences of this account.",
}
