"""Addresses of the pages of private CAs, below those of a place."""

from django.urls import path

from hanaper.faces.console.private_ca import (
    acme,
    acts,
    bulk,
    cas,
    ceremonies,
    certificates,
    enabling,
    issuing,
    lifecycle,
    resetting,
    templates,
)

CA = "private-cas/<str:ca>"
CEREMONY = "ceremonies/<str:ceremony>"
CERTIFICATE = "private-certificates/<str:certificate>"
BATCH = "certificate-batches/<str:batch>"
TEMPLATE = "certificate-templates/<str:name>"

for_customers = [
    path("private-cas/orders/", cas.private_ca_orders, name="private-ca-orders"),
    path(f"{CA}/enable/", enabling.enable, name="enable-private-ca"),
    path(f"{CA}/issuing/", cas.switch_issuing, name="switch-issuing"),
    path(f"{CA}/reset/", resetting.reset, name="reset-private-ca"),
    path(f"{CA}/issue/", issuing.issue, name="issue-private-certificate"),
    path(f"{CA}/issue/table/", bulk.order, name="order-batch"),
    path(f"{CA}/acme/", acme.acme, name="acme"),
    path(f"{CA}/acme/keys/", acme.create_key, name="create-acme-key"),
    path(f"{CA}/acme/keys/<str:key>/revoke/", acme.revoke_key, name="revoke-acme-key"),
    path(f"{CA}/acme/clients/<str:client>/", acme.client, name="acme-client"),
    path(
        f"{CA}/acme/clients/<str:client>/revoke/",
        acme.revoke_client,
        name="revoke-acme-client",
    ),
    path(f"{CA}/renew/", lifecycle.renew_ca, name="renew-ca"),
    path(f"{CA}/cross-sign/", lifecycle.cross_sign, name="cross-sign"),
    path(f"{CA}/renew-subscription/", lifecycle.renew_subscription, name="renew-ca-subscription"),
    path(f"{CA}/keys/bring/", lifecycle.complete_outside, name="complete-outside"),
    path(f"{CA}/keys/give-up/", lifecycle.withdraw_outside, name="withdraw-outside"),
    path("two-persons/", ceremonies.switch_on, name="switch-two-persons-on"),
    path("two-persons/end/", ceremonies.propose_end, name="propose-one-person"),
    path("private-certificates/issue/", issuing.choose, name="choose-issuing-ca"),
    path(f"{CERTIFICATE}/renew/", issuing.renew, name="renew-private-certificate"),
    path(f"{CERTIFICATE}/hold/", acts.hold, name="hold-private-certificate"),
    path(f"{CERTIFICATE}/release/", acts.release, name="release-private-certificate"),
    path(f"{CERTIFICATE}/revoke/", acts.revoke, name="revoke-private-certificate"),
    path(f"{CERTIFICATE}/key/", certificates.export_key, name="export-private-key"),
    path("certificate-batches/", bulk.batches, name="batches"),
    path(f"{BATCH}/", bulk.batch, name="batch"),
    path(f"{BATCH}/cancel/", bulk.cancel, name="cancel-batch"),
    path(f"{BATCH}/resume/", bulk.resume, name="resume-batch"),
    path(f"{BATCH}/result.csv", bulk.result, name="batch-result"),
    path(f"{BATCH}/fetch/", bulk.fetch, name="fetch-batch"),
    path("certificate-templates/", templates.certificate_templates, name="certificate-templates"),
    path("make-certificate-template/", templates.new, name="new-certificate-template"),
    path(f"{TEMPLATE}/", templates.certificate_template, name="certificate-template"),
    path(f"{TEMPLATE}/change/", templates.change, name="change-certificate-template"),
    path(f"{TEMPLATE}/remove/", templates.remove, name="remove-certificate-template"),
]

for_both = [
    path("private-cas/", cas.private_cas, name="private-cas"),
    path(f"{CA}/", cas.private_ca, name="private-ca"),
    path(f"{CA}/file/<str:part>/", cas.ca_file, name="private-ca-file"),
    path(f"{CA}/keys/", lifecycle.lifecycle, name="ca-lifecycle"),
    path(f"{CA}/keys/request.csr", lifecycle.outside_request, name="outside-request"),
    path(f"{CA}/revoke/", lifecycle.revoke_ca, name="revoke-ca"),
    path("ceremonies/", ceremonies.ceremonies, name="ceremonies"),
    path(f"{CEREMONY}/", ceremonies.ceremony, name="ceremony"),
    path(f"{CEREMONY}/transcript.txt", ceremonies.transcript, name="ceremony-transcript"),
    path(f"{CEREMONY}/decide/", ceremonies.decide, name="decide-ceremony"),
    path("private-certificates/", certificates.private_certificates, name="private-certificates"),
    path("private-certificates.csv", certificates.as_csv, name="private-certificates-csv"),
    path(f"{CERTIFICATE}/", certificates.private_certificate, name="private-certificate"),
    path(f"{CERTIFICATE}/file/<str:part>/", certificates.download, name="private-certificate-file"),
]
