"""Addresses of the pages: those of a place below `/a/<account>/` or `/operator/`, and those of a person."""

from django.urls import include, path, register_converter

from hanaper.faces.console import landing
from hanaper.faces.console.customers import (
    acts,
    applying,
    audit,
    balance,
    certificates,
    downloads,
    keys,
    members,
    notices,
    orders,
    overview,
    people,
    person,
    policy,
    receipts,
    refunds,
    search,
    shop,
    webhooks,
)
from hanaper.faces.console.gateway import addresses as gateway
from hanaper.faces.console.operators import (
    accounts,
    catalogue,
    ledger,
    offers,
    policies,
    queue,
    reviews,
    staff,
    system,
    trials,
)
from hanaper.faces.console.operators import refunds as operating_refunds
from hanaper.faces.console.places import OPERATOR
from hanaper.faces.console.private_ca import addresses as private_ca


class PlaceConverter:
    """`a/<account>` for its members, `operator` for operators; the value is the place's id."""

    regex = rf"a/[^/]+|{OPERATOR}"

    def to_python(self, value: str) -> str:
        if value == f"a/{OPERATOR}":
            raise ValueError("operators have one address")
        return value.removeprefix("a/")

    def to_url(self, value: str) -> str:
        return value if value == OPERATOR else f"a/{value}"


register_converter(PlaceConverter, "place")

for_both = [
    path("", landing.start, name="start"),
    path("search/", search.search, name="search"),
    path("notices/", notices.notices, name="notices"),
    path("notices/read/", notices.read_all, name="read-notices"),
    path("notices/letters/", notices.letters, name="letters"),
    path("orders/", orders.orders, name="orders"),
    path("orders.csv", orders.as_csv, name="orders-csv"),
    path("orders/<str:order>/", orders.order, name="order"),
    path("orders/<str:order>/receipt/", receipts.receipt, name="receipt"),
    path("orders/<str:order>/receipt.pdf", receipts.pdf, name="receipt-pdf"),
    path("orders/<str:order>/refund/", refunds.application, name="refund-application"),
    path("refunds/<str:refund>/", refunds.refund, name="refund"),
    path("certificates/", certificates.certificates, name="certificates"),
    path("certificates.csv", certificates.as_csv, name="certificates-csv"),
    path("certificates/<str:certificate>/", certificates.certificate, name="certificate"),
    path("certificates/<str:certificate>/download/<str:part>/", downloads.download, name="download"),
    path("policies/<str:name>/", policy.policy, name="policy"),
    path("keys/", keys.keys, name="keys"),
    path("keys/create/", keys.create, name="create-key"),
    path("keys/<str:key>/revoke/", keys.revoke, name="revoke-key"),
    path("audit/", audit.audit, name="audit"),
    path("audit/export/", audit.export, name="audit-export"),
    *private_ca.for_both,
    *gateway.for_both,
]

for_customers = [
    path("overview/", overview.overview, name="overview"),
    path("shop/", shop.products, name="shop"),
    path("shop/<str:product>/", shop.buy, name="buy"),
    path("orders/<str:order>/pay/", orders.pay, name="pay"),
    path("orders/<str:order>/cancel/", orders.cancel, name="cancel-order"),
    path("orders/<str:order>/refund/request/", refunds.request_refund, name="request-refund"),
    path("orders/<str:order>/refund/plan/", refunds.prepare, name="prepare-plan"),
    path("plans/<str:plan>/", refunds.plan, name="plan"),
    path("plans/<str:plan>/confirm/", refunds.confirm, name="confirm-plan"),
    path("plans/<str:plan>/resume/", refunds.resume, name="resume-plan"),
    path("plans/<str:plan>/cancel/", refunds.cancel, name="cancel-plan"),
    path("certificates/create/", applying.create, name="create-certificate"),
    path("certificates/combine/of/", acts.combine, name="combine"),
    path("certificates/<str:certificate>/apply/", applying.apply, name="apply"),
    path("certificates/<str:certificate>/submit/", applying.apply, name="submit"),
    path("certificates/<str:certificate>/recheck/", applying.recheck, name="recheck"),
    path("certificates/<str:certificate>/cancel-apply/", acts.cancel_apply, name="cancel-apply"),
    path("certificates/<str:certificate>/withdraw/", acts.withdraw, name="withdraw"),
    path("certificates/<str:certificate>/cancel/", acts.cancel, name="cancel"),
    path("certificates/<str:certificate>/revoke/", acts.revoke, name="revoke"),
    path("certificates/<str:certificate>/renew/", acts.renew, name="renew"),
    path("certificates/<str:certificate>/reissue/", acts.reissue, name="reissue"),
    path("certificates/<str:certificate>/auto-reissue/", acts.auto_reissue, name="auto-reissue"),
    path("certificates/<str:certificate>/key/", downloads.download_key, name="download-key"),
    path("contacts/", people.contacts, name="contacts"),
    path("contacts/<str:person>/", people.contact, name="contact"),
    path("contacts/<str:person>/remove/", people.remove_contact, name="remove-contact"),
    path("companies/", people.companies, name="companies"),
    path("companies/<str:person>/", people.company, name="company"),
    path("companies/<str:person>/remove/", people.remove_company, name="remove-company"),
    path("balance/", balance.balance, name="balance"),
    path("balance.csv", balance.as_csv, name="balance-csv"),
    path("members/", members.members, name="members"),
    path("members/<str:person>/role/", members.change_role, name="change-role"),
    path("members/<str:person>/remove/", members.remove, name="remove-member"),
    path("members/rename/", members.rename, name="rename-account"),
    path("webhooks/", webhooks.webhooks, name="webhooks"),
    path("webhooks/create/", webhooks.create, name="create-webhook"),
    path("webhooks/<str:webhook>/", webhooks.webhook, name="webhook"),
    path("webhooks/<str:webhook>/secret/", webhooks.rotate, name="rotate-webhook"),
    path("webhooks/<str:webhook>/remove/", webhooks.remove, name="remove-webhook"),
    path("webhooks/<str:webhook>/test/", webhooks.test, name="test-webhook"),
    path("webhooks/<str:webhook>/deliveries/<str:delivery>/", webhooks.replay, name="replay-delivery"),
    *private_ca.for_customers,
    *gateway.for_customers,
]

for_operators = [
    path("queue/", queue.queue, name="queue"),
    path("reviews/", reviews.reviews, name="reviews"),
    path("reviews/several/", reviews.approve_several, name="approve-several"),
    path("reviews/revocations/<str:revocation>/", reviews.decide_revocation, name="decide-revocation"),
    path("reviews/applications/<str:application>/", reviews.decide_application, name="decide-application"),
    path("refunds/", operating_refunds.refunds, name="refunds"),
    path("orders/<str:order>/propose/", operating_refunds.propose, name="propose-refund"),
    path("refunds/<str:refund>/decide/", operating_refunds.decide, name="decide-refund"),
    path("refunds/<str:refund>/give-up/", operating_refunds.give_up, name="give-up-refund"),
    path("certificates/<str:certificate>/for-cause/", reviews.for_cause, name="revoke-for-cause"),
    path("accounts/", accounts.accounts, name="accounts"),
    path("accounts/<str:account>/", accounts.account, name="account"),
    path("accounts/<str:account>/credit/", accounts.credit, name="credit"),
    path("catalogue/", catalogue.products, name="catalogue"),
    path("catalogue/<str:product>/", catalogue.product, name="catalogue-product"),
    path("catalogue/<str:product>/price/", catalogue.price, name="set-price"),
    path("catalogue/<str:product>/change/", catalogue.change, name="change-product"),
    path("vouchers/", offers.vouchers, name="vouchers"),
    path("vouchers/<str:offer>/withdraw/", offers.withdraw_voucher, name="withdraw-voucher"),
    path("coupons/", offers.coupons, name="coupons"),
    path("coupons/<str:offer>/withdraw/", offers.withdraw_coupon, name="withdraw-coupon"),
    path("promotions/", offers.promotions, name="promotions"),
    path("promotions/<str:offer>/withdraw/", offers.withdraw_promotion, name="withdraw-promotion"),
    path("policies/", policies.policies, name="policies"),
    path("policies/drafts/new/", policies.draft, name="draft-policy"),
    path("policies/<str:name>/publish/", policies.publish, name="publish-policy"),
    path("policies/<str:name>/change/", policies.change, name="change-policy"),
    path("policies/<str:name>/remove/", policies.remove, name="remove-policy"),
    path("policies/<str:name>/try/", trials.start, name="try-policy"),
    path("trials/<str:trial>/", trials.trial, name="trial"),
    path("trials/<str:trial>.csv", trials.as_csv, name="trial-csv"),
    path("trials/<str:trial>/cancel/", trials.cancel, name="cancel-trial"),
    path("trials/<str:trial>/remove/", trials.remove, name="remove-trial"),
    path("ledger/", ledger.ledger, name="ledger"),
    path("ledger/<str:transfer>/", ledger.transfer, name="transfer"),
    path("system/", system.system, name="system"),
    path("staff/", staff.staff, name="staff"),
    path("staff/<str:person>/<str:role>/withdraw/", staff.withdraw, name="withdraw-staff-role"),
    *gateway.for_operators,
]

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("go/<str:thing>/", search.follow, name="follow"),
    path("me/preferences/", person.preferences, name="preferences"),
    path("me/security/", person.security, name="security"),
    path("<place:place>/", include(for_customers + for_both + for_operators)),
]
