"""Every page of the console, named once, with who it is for."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

CUSTOMERS = ("owner", "colleague", "reader")
OPERATORS = ("reviewer", "finance", "administrator")
EVERYBODY = (*CUSTOMERS, *OPERATORS)
WRITERS = ("owner", "colleague")


@dataclass(frozen=True)
class Page:
    """`who`: those it answers; `what`: the things in its address; `form`: what is sent to it, if it is one
    that changes something, and `may`: those for whom it does (the others are refused with 403)."""

    name: str
    who: tuple[str, ...]
    what: dict[str, str] = field(default_factory=dict)
    form: dict[str, Any] | None = None
    may: tuple[str, ...] = ()
    both: bool = False  # a page to look at, and a form


def _of(who: tuple[str, ...], *names: str, **what: str) -> Iterator[Page]:
    for name in names:
        yield Page(name, who, what)


def _deed(name: str, who: tuple[str, ...], may: tuple[str, ...], both: bool = False, **what: str) -> Page:
    form = what.pop("form", None) or {}
    return Page(name, who, what, form, may, both)  # type: ignore[arg-type]


ADMINISTRATOR, FINANCE, REVIEWER = (
    ("administrator",),
    ("finance", "administrator"),
    ("reviewer", "administrator"),
)
OWNER = ("owner",)
PAGES = (
    *_of(EVERYBODY, "start", "search", "notices", "orders", "orders-csv", "certificates", "certificates-csv", "keys", "private-cas", "private-certificates", "private-certificates-csv", "gateways"),
    *_of((*OWNER, *OPERATORS), "audit", "audit-export"),
    *_of(EVERYBODY, "order", "receipt", "receipt-pdf", "refund-application", order="{order}"),
    *_of(EVERYBODY, "refund", refund="{refund}"),
    *_of(EVERYBODY, "certificate", certificate="{issued}"),
    *_of(EVERYBODY, "download", certificate="{issued}", part="full_chain"),
    *_of(CUSTOMERS, "overview", "shop", "private-ca-orders", "balance", "balance-csv"),
    *_of(CUSTOMERS, "plan", plan="{plan}"),
    *_of(EVERYBODY, "private-ca", ca="{pca}"),
    *_of(EVERYBODY, "private-certificate", certificate="{pcert}"),
    *_of(EVERYBODY, "private-certificate-file", certificate="{pcert}", part="leaf"),
    *_of(EVERYBODY, "ca-lifecycle", ca="{pca}"),
    *_of(EVERYBODY, "outside-request", ca="{waiting}"),
    *_of((*CUSTOMERS, *ADMINISTRATOR), "ceremonies"),
    *_of((*CUSTOMERS, *ADMINISTRATOR), "ceremony", "ceremony-transcript", ceremony="{ceremony}"),
    *_of(CUSTOMERS, "certificate-templates", "choose-issuing-ca"),
    *_of(CUSTOMERS, "certificate-template", template="{template}"),
    *_of(CUSTOMERS, "batches"),
    *_of(CUSTOMERS, "acme", ca="{pca}"),
    *_of(CUSTOMERS, "acme-client", ca="{pca}", client="{acme_account}"),
    *_of(CUSTOMERS, "batch", "batch-result", batch="{batch}"),
    *_of(EVERYBODY, "private-ca-file", ca="{pca}", part="chain"),
    *_of(EVERYBODY, "gateway", "gateway-statistics", "gateway-usage-csv", gateway="{served}"),
    *_of(OPERATORS, "gateway-nodes", "queue", "refunds", "accounts", "policies", "ledger"),
    *_of(OPERATORS, "account", account="{account}"),
    *_of(ADMINISTRATOR, "catalogue-product", product="{product}"),
    *_of(EVERYBODY, "policy", policy="2026-03-18"),
    *_of(OPERATORS, "trial", "trial-csv", trial="{trial}"),
    *_of(REVIEWER, "reviews"),
    # what changes something
    _deed("read-notices", EVERYBODY, (*WRITERS, *OPERATORS)),
    _deed("letters", EVERYBODY, EVERYBODY, both=True),
    _deed("create-key", EVERYBODY, (*OWNER, *ADMINISTRATOR), form={"name": "x"}),
    _deed("buy", CUSTOMERS, WRITERS, both=True, product="{product}", form={"order": "yes"}),
    _deed("pay", CUSTOMERS, WRITERS, order="{unpaid}", form={"means": "balance"}),
    _deed("cancel-order", CUSTOMERS, WRITERS, order="{unpaid}"),
    _deed("request-refund", CUSTOMERS, WRITERS, order="{order}"),
    _deed("prepare-plan", CUSTOMERS, WRITERS, order="{used}"),
    _deed("confirm-plan", CUSTOMERS, WRITERS, plan="{plan}", form={"token": "x"}),
    _deed("resume-plan", CUSTOMERS, WRITERS, plan="{plan}"),
    _deed("cancel-plan", CUSTOMERS, WRITERS, plan="{plan}"),
    _deed("create-certificate", CUSTOMERS, WRITERS, form={"order": "{order}"}),
    _deed("apply", CUSTOMERS, WRITERS, both=True, certificate="{pending}", form={"domains": "x"}),
    _deed("submit", CUSTOMERS, WRITERS, both=True, certificate="{pending}", form={"domains": "x"}),
    _deed("recheck", CUSTOMERS, WRITERS, certificate="{validating}"),
    _deed("cancel-apply", CUSTOMERS, WRITERS, both=True, certificate="{pending}"),
    _deed("withdraw", CUSTOMERS, WRITERS, both=True, certificate="{validating}"),
    _deed("renew", CUSTOMERS, WRITERS, both=True, certificate="{issued}", form={"years": "1"}),
    _deed("reissue", CUSTOMERS, WRITERS, both=True, certificate="{issued}", form={"key_algorithm": "ec-p256"}),
    _deed("auto-reissue", CUSTOMERS, WRITERS, certificate="{issued}", form={"wanted": "no"}),
    _deed("download-key", CUSTOMERS, WRITERS, certificate="{issued}", form={"passphrase": "a long passphrase"}),
    _deed("revoke", CUSTOMERS, WRITERS, certificate="{issued}", form={"confirmation": "x"}),
    _deed("cancel", CUSTOMERS, WRITERS, certificate="{issued}", form={"confirmation": "x"}),
    _deed("combine", CUSTOMERS, WRITERS, form={"certificate": ["{pending}", "{other}"], "confirmation": "x"}),
    _deed("enable-private-ca", CUSTOMERS, WRITERS, both=True, ca="{ca}", form={"common_name": "Root"}),
    _deed("switch-issuing", CUSTOMERS, WRITERS, ca="{pca}", form={"wanted": "no"}),
    _deed("reset-private-ca", CUSTOMERS, WRITERS, both=True, ca="{pca}", form={"confirmation": "{reset}", "confirm_deletes_all_data": "yes"}),
    _deed("renew-ca", CUSTOMERS, WRITERS, ca="{pca}", form={"new_key": "no", "years": "1"}),
    _deed("cross-sign", CUSTOMERS, WRITERS, ca="{pca}", form={"by": "{root2}"}),
    _deed("renew-ca-subscription", CUSTOMERS, WRITERS, ca="{pca}"),
    _deed("complete-outside", CUSTOMERS, WRITERS, ca="{waiting}", form={"chain": "x"}),
    _deed("withdraw-outside", CUSTOMERS, WRITERS, ca="{waiting}"),
    _deed("revoke-ca", (*CUSTOMERS, *ADMINISTRATOR), (*WRITERS, *ADMINISTRATOR), both=True, ca="{pca}", form={"reason": "superseded", "confirmation": "{revocation}"}),
    _deed("switch-two-persons-on", CUSTOMERS, OWNER),
    _deed("propose-one-person", CUSTOMERS, OWNER),
    _deed("decide-ceremony", (*CUSTOMERS, *ADMINISTRATOR), WRITERS, ceremony="{ceremony}", form={"decision": "approve"}),
    _deed("issue-private-certificate", CUSTOMERS, WRITERS, both=True, ca="{pca}", form={"template": "server", "dns": "a.example"}),
    _deed("create-acme-key", CUSTOMERS, WRITERS, ca="{pca}", form={"name": "web"}),
    _deed("revoke-acme-key", CUSTOMERS, WRITERS, ca="{pca}", key="{acme_key}"),
    _deed("revoke-acme-client", CUSTOMERS, WRITERS, ca="{pca}", client="{acme_account}"),
    _deed("order-batch", CUSTOMERS, WRITERS, both=True, ca="{pca}", form={"table": "dns", "begin": "yes"}),
    _deed("cancel-batch", CUSTOMERS, WRITERS, batch="{stopped}"),
    _deed("resume-batch", CUSTOMERS, WRITERS, batch="{stopped}"),
    _deed("fetch-batch", CUSTOMERS, WRITERS, batch="{batch}", form={"passphrase": "correct horse battery"}),
    _deed("renew-private-certificate", CUSTOMERS, WRITERS, both=True, certificate="{pcert}"),
    _deed("hold-private-certificate", CUSTOMERS, WRITERS, both=True, certificate="{pcert}"),
    _deed("release-private-certificate", CUSTOMERS, WRITERS, both=True, certificate="{held}"),
    _deed("revoke-private-certificate", CUSTOMERS, WRITERS, both=True, certificate="{pcert}", form={"reason": "superseded"}),
    _deed("export-private-key", CUSTOMERS, WRITERS, certificate="{pcert}", form={"passphrase": "correct horse battery"}),
    _deed("new-certificate-template", CUSTOMERS, WRITERS, both=True, form={"name": "new"}),
    _deed("change-certificate-template", CUSTOMERS, WRITERS, both=True, template="{template}", form={"title": "T"}),
    _deed("remove-certificate-template", CUSTOMERS, WRITERS, both=True, template="{template}"),
    _deed("add-gateway-domain", CUSTOMERS, WRITERS, both=True, gateway="{gateway}", form={"domain": "www.shop.test", "scheme": "http", "host": "127.0.0.1", "port": "", "weight": "1"}),
    _deed("gateway-behaviour", CUSTOMERS, WRITERS, both=True, gateway="{served}", form={"scheme": "http", "host": "127.0.0.1", "port": "", "weight": "1"}),
    _deed("gateway-certificate", CUSTOMERS, WRITERS, gateway="{served}", form={"certificate": "{host_certificate}"}),
    _deed("gateway-log", CUSTOMERS, WRITERS, both=True, gateway="{served}"),
    *_of(CUSTOMERS, "gateway-log-file", gateway="{served}", log="{access_log}"),
    _deed("retry-gateway-certificate", CUSTOMERS, WRITERS, gateway="{served}"),
    _deed("look-at-gateway", CUSTOMERS, WRITERS, gateway="{served}"),
    _deed("purge-gateway", CUSTOMERS, WRITERS, gateway="{served}"),
    _deed("reset-gateway", CUSTOMERS, WRITERS, both=True, gateway="{served}", form={"confirmation": "{gateway_reset}"}),
    _deed("make-join-token", ADMINISTRATOR, ADMINISTRATOR),
    _deed("retire-gateway-node", ADMINISTRATOR, ADMINISTRATOR, both=True, node="{node}"),
    _deed("contacts", CUSTOMERS, WRITERS, both=True, form={"name": "A", "email": "a@example.com"}),
    _deed("contact", CUSTOMERS, WRITERS, both=True, person="{contact}", form={"name": "A", "email": "a@example.com"}),
    _deed("remove-contact", CUSTOMERS, WRITERS, both=True, person="{contact}"),
    _deed("companies", CUSTOMERS, WRITERS, both=True, form={"organization": "A", "country": "DE", "locality": "B"}),
    _deed("company", CUSTOMERS, WRITERS, both=True, person="{company}", form={"organization": "A", "country": "DE", "locality": "B"}),
    _deed("remove-company", CUSTOMERS, WRITERS, both=True, person="{company}"),
    _deed("members", CUSTOMERS, OWNER, both=True, form={"email": "x@example.com", "role": "member"}),
    _deed("change-role", CUSTOMERS, OWNER, person="{me}", form={"role": "owner"}),
    _deed("rename-account", CUSTOMERS, OWNER, form={"name": "N"}),
    _deed("create-webhook", CUSTOMERS, OWNER, form={"url": "https://hook.example.com/"}),
    _deed("webhooks", CUSTOMERS, (), both=True),
    _deed("webhook", CUSTOMERS, OWNER, both=True, webhook="{webhook}", form={"url": "https://hook.example.com/x"}),
    _deed("rotate-webhook", CUSTOMERS, OWNER, webhook="{webhook}"),
    _deed("remove-webhook", CUSTOMERS, OWNER, both=True, webhook="{webhook}"),
    _deed("test-webhook", CUSTOMERS, OWNER, webhook="{webhook}"),
    _deed("replay-delivery", CUSTOMERS, OWNER, webhook="{webhook}", delivery="{delivery}"),
    _deed("approve-several", REVIEWER, REVIEWER, form={"revocation": "{revocation}"}),
    _deed("decide-revocation", REVIEWER, REVIEWER, revocation="{revocation}", form={"decision": "approve"}),
    _deed("decide-application", REVIEWER, REVIEWER, application="{application}", form={"decision": "approve"}),
    _deed("revoke-for-cause", REVIEWER, REVIEWER, both=True, certificate="{issued}", form={"confirmation": "x"}),
    _deed("propose-refund", FINANCE, FINANCE, both=True, order="{order}", form={"reason": "r"}),
    _deed("decide-refund", FINANCE, FINANCE, refund="{proposed}", form={"decision": "decline", "reason": "r"}),
    _deed("give-up-refund", FINANCE, FINANCE, refund="{refund}", form={"reason": "r"}),
    _deed("credit", FINANCE, FINANCE, account="{account}", form={"amount": "1", "reason": "r"}),
    _deed("catalogue", OPERATORS, ADMINISTRATOR, both=True, form={"code": "new-one", "name": "N", "kind": "message"}),
    _deed("set-price", ADMINISTRATOR, ADMINISTRATOR, product="{product}", form={"currency": "USD", "amount": "5"}),
    _deed("change-product", ADMINISTRATOR, ADMINISTRATOR, product="{product}", form={"name": "N"}),
    _deed("vouchers", OPERATORS, FINANCE, both=True, form={"account": "{account}", "currency": "USD", "amount": "1", "expires_at": "2030-01-01", "reason": "r"}),
    _deed("withdraw-voucher", FINANCE, FINANCE, both=True, offer="{voucher}"),
    _deed("coupons", ADMINISTRATOR, ADMINISTRATOR, both=True, form={"code": "NEW", "percent": "5", "ends_at": "2030-01-01"}),
    _deed("withdraw-coupon", ADMINISTRATOR, ADMINISTRATOR, both=True, offer="{coupon}"),
    _deed("promotions", ADMINISTRATOR, ADMINISTRATOR, both=True, form={"name": "N", "percent": "5", "ends_at": "2030-01-01", "refund_days": "7"}),
    _deed("withdraw-promotion", ADMINISTRATOR, ADMINISTRATOR, both=True, offer="{promotion}"),
    _deed("publish-policy", ADMINISTRATOR, ADMINISTRATOR, policy="{draft}"),
    _deed("draft-policy", ADMINISTRATOR, ADMINISTRATOR, both=True, form={"text": "x"}),
    _deed("change-policy", ADMINISTRATOR, ADMINISTRATOR, both=True, policy="{draft}", form={"text": "x"}),
    _deed("remove-policy", ADMINISTRATOR, ADMINISTRATOR, both=True, policy="{draft}"),
    _deed("try-policy", ADMINISTRATOR, ADMINISTRATOR, policy="{draft}", form={"days": "7"}),
    _deed("cancel-trial", ADMINISTRATOR, ADMINISTRATOR, trial="{trial}"),
    _deed("remove-trial", ADMINISTRATOR, ADMINISTRATOR, trial="{trial}"),
    _deed("system", OPERATORS, ADMINISTRATOR, both=True, form={"by": "1h"}),
    _deed("staff", ADMINISTRATOR, ADMINISTRATOR, both=True, form={"email": "owner@example.com", "role": "reviewer"}),
    _deed("withdraw-staff-role", ADMINISTRATOR, ADMINISTRATOR, both=True, person="{operator}", role="reviewer"),
)  # fmt: skip
# Whose answer depends on the thing more than on the person: a test of their own, below.
ELSEWHERE = {"revoke-key", "remove-member", "transfer"}
