"""Tabs Certificates and Templates by their content: what the forms make, and where their faults stand."""

import csv
import io
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse

from hanaper.apps.authority.models import Issuance
from hanaper.apps.private_ca import services
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import CertificateTemplate, PrivateCertificate
from hanaper.core.private_ca.templates import BUILT_IN, Template
from tests.faces.console.private import *  # noqa: F403 - its fixtures
from tests.faces.console.private import page, text
from tests.people import Person

pytestmark = pytest.mark.django_db
PASSPHRASE = "correct horse battery"


def issue(owner: Person, ca: PrivateCA, at: datetime, name: str, **choices: Any) -> PrivateCertificate:
    asked = services.Request("server", names={"dns": [name]}, **choices)
    return services.issue(owner.actor, ca, asked, at=at)


def test_the_only_ca_that_issues_is_not_asked_for(owner: Person, client: Client, ca: PrivateCA) -> None:
    answer = client.get(page(owner, "choose-issuing-ca"), follow=True)
    assert answer.redirect_chain[0][0] == page(owner, "issue-private-certificate", ca.public_id)
    assert all(f"?template={name}" in text(answer) for name in BUILT_IN)


def test_a_form_has_what_its_template_takes(owner: Person, client: Client, ca: PrivateCA) -> None:
    address = page(owner, "issue-private-certificate", ca.public_id)
    server, mail = (text(client.get(address, {"template": name})) for name in ("server", "email"))
    assert 'name="dns"' in server and 'name="email"' not in server and 'name="organization"' not in server
    assert 'name="email"' in mail and 'name="dns"' not in mail and 'name="organization"' in mail
    assert client.get(address, {"template": "nothing"}).status_code == 422


def test_issued_by_the_form_with_a_key_made_here(owner: Person, client: Client, ca: PrivateCA) -> None:
    form = {
        "template": "server",
        "dns": "www.works.example\n*.works.example",
        "days": "30",
        "key_algorithm": "ec-p384",
    }
    answer = client.post(page(owner, "issue-private-certificate", ca.public_id), form, follow=True)
    assert "The certificate is issued." in text(answer)
    made = PrivateCertificate.objects.get()
    leaf = x509.load_pem_x509_certificate(
        client.get(page(owner, "private-certificate-file", made.public_id, "leaf")).content
    )
    names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["www.works.example", "*.works.example"]
    key_page = page(owner, "export-private-key", made.public_id)
    short = client.post(key_page, {"passphrase": "short"})
    assert short.status_code == 422 and "passphrase-fault" in text(short)
    file = client.post(key_page, {"passphrase": PASSPHRASE})
    assert file["Content-Disposition"] == 'attachment; filename="www.works.example.key"'
    key = serialization.load_pem_private_key(file.content, PASSPHRASE.encode())
    assert key.public_key() == leaf.public_key()


def test_issued_for_a_csr(owner: Person, client: Client, ca: PrivateCA) -> None:
    """What the form leaves blank is taken from it, through the same policy."""
    key = ec.generate_private_key(ec.SECP256R1())

    def request_for(name: str) -> str:
        built = x509.CertificateSigningRequestBuilder(x509.Name([])).add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False
        )
        return built.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()

    address = page(owner, "issue-private-certificate", ca.public_id)
    wrong = client.post(address, {"template": "server", "csr": request_for("www.else.example")})
    assert wrong.status_code == 422 and set(wrong.context["faults"]) == {"csr"}
    assert "www.else.example" in text(wrong)
    client.post(
        address, {"template": "server", "csr": request_for("db.works.example"), "key_algorithm": "rsa-4096"}
    )
    made = PrivateCertificate.objects.get()
    assert (made.names, made.key) == ({"dns": ["db.works.example"]}, None)


def test_only_names_of_a_csr_that_has_a_subject(owner: Person, client: Client, ca: PrivateCA) -> None:
    subject = x509.Name([x509.NameAttribute(x509.NameOID.ORGANIZATION_NAME, "Whoever")])
    names = x509.SubjectAlternativeName([x509.DNSName("db.works.example")])
    request = x509.CertificateSigningRequestBuilder(subject).add_extension(names, critical=False)
    signed = request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    form = {"template": "server", "csr": signed.public_bytes(serialization.Encoding.PEM).decode()}
    address = page(owner, "issue-private-certificate", ca.public_id)
    refused = client.post(address, form)
    assert set(refused.context["faults"]) == {"csr"} and "csr-fault" in text(refused)
    assert "The subject of the CSR has O=Whoever, which the template does not allow." in text(refused)
    assert "Tick the box below the CSR" in text(refused) and "--no-subject" not in text(refused)
    both = client.post(address, {**form, "no_subject": "yes", "common_name": "db.works.example"})
    assert both.status_code == 422 and set(both.context["faults"]) == {"no_subject"}
    assert client.post(address, {**form, "no_subject": "yes"}).status_code == 302
    made = PrivateCertificate.objects.get()
    assert (made.subject, made.names) == ({}, {"dns": ["db.works.example"]})


def test_faults_stand_at_their_fields(owner: Person, client: Client, ca: PrivateCA) -> None:
    form = {"template": "server", "dns": "a.works.example, b.else.example", "ip": "1.2.3", "days": "9999"}
    answer = client.post(page(owner, "issue-private-certificate", ca.public_id), form)
    assert answer.status_code == 422 and set(answer.context["faults"]) == {"names.ip", "names.dns", "days"}
    form["ip"] = ""
    answer = client.post(page(owner, "issue-private-certificate", ca.public_id), form)
    assert set(answer.context["faults"]) == {"names.dns", "days"}
    assert "a.works.example, b.else.example" in text(answer)
    assert not PrivateCertificate.objects.exists()


def test_hold_release_revoke(owner: Person, client: Client, ca: PrivateCA, at: datetime) -> None:
    made = issue(owner, ca, at, "www.works.example")
    shown = page(owner, "private-certificate", made.public_id)
    for act, form, said in (
        ("hold", {}, "On hold"),
        ("release", {}, "Issued"),
        ("revoke", {"reason": "superseded"}, "Superseded by another certificate"),
    ):
        address = page(owner, f"{act}-private-certificate", made.public_id)
        assert "Note" in text(client.get(address))
        assert client.post(address, form).status_code == 302
        assert said in text(client.get(shown))
    assert client.post(page(owner, "hold-private-certificate", made.public_id)).status_code == 409
    again = page(owner, "revoke-private-certificate", made.public_id)
    assert again in text(client.get(shown))
    assert client.get(again).context["reasons"] == ("keyCompromise",), "it may turn out to be so"
    wrong = client.post(page(owner, "revoke-private-certificate", made.public_id), {"reason": "whim"})
    assert wrong.status_code == 422 and "reason-fault" in text(wrong)


def test_those_of_a_compromised_key_are_shown_and_go_with_it(
    owner: Person, client: Client, ca: PrivateCA, at: datetime
) -> None:
    names = x509.SubjectAlternativeName([x509.DNSName("db.works.example")])
    request = x509.CertificateSigningRequestBuilder(x509.Name([])).add_extension(names, critical=False)
    signed = request.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())
    csr = signed.public_bytes(serialization.Encoding.PEM).decode()
    first, second, third = (
        services.issue(owner.actor, ca, services.Request("server", csr=csr), at=at) for _ in range(3)
    )
    alone = issue(owner, ca, at, "www.works.example")
    assert "same_key" not in text(client.get(page(owner, "revoke-private-certificate", alone.public_id)))
    address = page(owner, "revoke-private-certificate", first.public_id)
    asked = text(client.get(address))
    assert second.public_id in asked and third.public_id in asked and alone.public_id not in asked
    refused = client.post(address, {"reason": "superseded", "same_key": "yes"})
    assert refused.status_code == 422 and set(refused.context["faults"]) == {"same_key"}
    told = client.post(address, {"reason": "keyCompromise"}, follow=True)
    assert "These of the same key are not" in text(told) and third.public_id in text(told)
    address = page(owner, "revoke-private-certificate", second.public_id)
    told = client.post(address, {"reason": "keyCompromise", "same_key": "yes"}, follow=True)
    assert "and with it the others of its key" in text(told)
    assert set(PrivateCertificate.objects.filter(state="revoked")) == {first, second, third}


def test_ssl_certificates_of_the_key_are_named(
    owner: Person, client: Client, ca: PrivateCA, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are revoked by their own two steps (R12)."""
    made, asked = issue(owner, ca, at, "www.works.example"), set()
    ssl = SimpleNamespace(public_id="crt_other", domains=["shop.example.com"], state="issued")

    def of_key(_actor: object, account_id: int, fingerprint: str) -> list[SimpleNamespace]:
        asked.add((account_id, fingerprint))
        return [ssl]

    for face in ("console.private_ca.acts", "rest.private_certificates"):
        monkeypatch.setattr(f"hanaper.faces.{face}.of_key", of_key)
    shown = text(client.get(page(owner, "revoke-private-certificate", made.public_id)))
    assert page(owner, "certificate", "crt_other") in shown and "shop.example.com" in shown
    path = f"/private-certificates/{made.public_id}"
    told = owner.rest.get(f"{path}/same-key/ssl").json()
    assert told == [{"id": "crt_other", "state": "issued", "domains": ["shop.example.com"]}]
    assert owner.rest.post(f"{path}/revoke", {"reason": "keyCompromise"}).json()["ssl_same_key"] == told
    assert asked == {(made.account_id, made.key_fingerprint)} and made.key_fingerprint


def test_what_a_reset_has_deleted_of_it_is_not_shown(
    owner: Person, client: Client, ca: PrivateCA, at: datetime
) -> None:
    """Its bytes are buried before its row goes."""
    made = issue(owner, ca, at, "www.works.example")
    PrivateCA.objects.filter(pk=ca.pk).update(state="not_enabled", reset_at=at, resetting=True)
    PrivateCertificate.objects.update(state="revoked", revoked_at=at, reason="cessationOfOperation")
    Issuance.objects.filter(reference=made.public_id).delete()
    shown = client.get(page(owner, "private-certificate", made.public_id))
    assert shown.status_code == 200 and "BEGIN" not in text(shown)
    refused = client.get(page(owner, "private-certificate-file", made.public_id, "leaf"))
    assert refused.status_code == 409 and "being reset" in text(refused)


def test_renewed_it_says_so(owner: Person, client: Client, ca: PrivateCA, at: datetime) -> None:
    made = issue(owner, ca, at, "www.works.example")
    answer = client.post(
        page(owner, "renew-private-certificate", made.public_id), {"days": "10"}, follow=True
    )
    after = PrivateCertificate.objects.get(renews=made)
    assert made.public_id in text(answer)
    assert after.public_id in text(client.get(page(owner, "private-certificate", made.public_id)))


def test_renewed_without_a_csr_only_if_that_is_said(
    owner: Person, client: Client, ca: PrivateCA, at: datetime
) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([x509.DNSName("www.works.example")])
    request = x509.CertificateSigningRequestBuilder(x509.Name([])).add_extension(names, critical=False)
    pem = request.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()
    made = services.issue(owner.actor, ca, services.Request("server", csr=pem), at=at)
    address = page(owner, "renew-private-certificate", made.public_id)
    assert 'name="key_here"' in text(client.get(address))
    refused = client.post(address, {"csr": ""})
    assert refused.status_code == 422 and set(refused.context["faults"]) == {"csr"}
    assert "--key-here" not in text(refused) and "Or tick the box" in text(refused)
    refused = client.post(address, {"csr": pem, "key_here": "yes"})
    assert refused.status_code == 422 and set(refused.context["faults"]) == {"key_here"}
    assert PrivateCertificate.objects.get() == made
    assert client.post(address, {"key_here": "yes"}).status_code == 302
    assert PrivateCertificate.objects.get(renews=made).key is not None
    here = issue(owner, ca, at, "db.works.example")
    assert 'name="key_here"' not in text(client.get(page(owner, "renew-private-certificate", here.public_id)))


def test_the_list_finds_and_is_a_file(owner: Person, client: Client, ca: PrivateCA, at: datetime) -> None:
    soon = issue(owner, ca, at, "soon.works.example", days=5)
    late = issue(owner, ca, at, "late.works.example")
    listed = page(owner, "private-certificates")

    def found(**asked: str) -> list[PrivateCertificate]:
        return list(client.get(listed, asked).context["rows"])

    assert found() == [late, soon]
    assert (
        found(expires="7") == [soon]
        and found(search="late.") == [late]
        and found(search=soon.serial) == [soon]
    )
    assert found(ca=ca.public_id, template="server", state="issued") == [late, soon]
    assert found(state="revoked") == [] and client.get(listed, {"ca": "pca_none"}).status_code == 404
    file = b"".join(client.get(page(owner, "private-certificates-csv"), {"search": "soon"}))  # type: ignore[arg-type]
    rows = list(csv.DictReader(io.StringIO(file.decode())))
    assert [(row["names"], row["state"]) for row in rows] == [("soon.works.example", "issued")]


def test_what_ends_soon_stands_in_the_overview(
    owner: Person, client: Client, ca: PrivateCA, at: datetime
) -> None:
    issue(owner, ca, at, "soon.works.example", days=5)
    issue(owner, ca, at, "late.works.example")
    PrivateCA.objects.filter(pk=ca.pk).update(term_ends_at=at + timedelta(days=20))
    said = text(client.get(page(owner, "overview")))
    assert "soon.works.example" in said and "late.works.example" not in said
    assert "Private CAs whose term ends within 60 days" in said


def test_search_finds_cas_and_certificates(
    owner: Person, finance: Person, stranger: Person, client: Client, ca: PrivateCA, at: datetime
) -> None:
    made = issue(owner, ca, at, "db.works.example")
    assert made.public_id in text(client.get(page(owner, "search"), {"q": "db.works"}))
    assert ca.public_id in text(client.get(page(owner, "search"), {"q": "works interm"}))
    for thing, name in ((made, "private-certificate"), (ca, "private-ca")):
        answer = client.get(page(owner, "search"), {"q": thing.public_id})
        assert answer["Location"] == page(owner, name, thing.public_id)
    other = Client()
    other.force_login(stranger.user)
    assert made.public_id not in text(other.get(page(stranger, "search"), {"q": "db.works"}))
    operator = Client()
    operator.force_login(finance.user)
    assert made.public_id in text(operator.get(reverse("search", args=["operator"]), {"q": made.serial}))
    assert ca.public_id in text(operator.get(reverse("system", args=["operator"])))


def test_a_template_is_made_changed_and_removed_by_forms(owner: Person, client: Client) -> None:
    form = {
        "name": "web", "title": "Web servers", "uses": ["serverAuth"], "more_uses": "1.3.6.1.5.5.7.3.21",
        "dns-allowed": "yes", "dns-required": "yes", "dns-limits": "works.example", "subject-allowed": ["common_name"],
        "fixed-organization": "Works", "common_name": "one_of_the_names", "keys": ["ec-p256"], "days": "30",
        "longest_days": "60",
    }  # fmt: skip
    new = page(owner, "new-certificate-template")
    for asked, begun in (({}, "server"), ({"from": "device"}, "device")):
        assert f"begins as the template <code>{begun}</code>" in text(client.get(new, asked))
    shown = text(client.post(new, form, follow=True))
    assert "The template is made." in shown
    assert "DNS names within works.example, at least one DNS name" in shown and "ECDSA P-256" in shown
    made = Template.model_validate(CertificateTemplate.objects.get().rules)
    assert (made.uses, made.days, made.keys) == (("serverAuth", "1.3.6.1.5.5.7.3.21"), 30, ("ec-p256",))
    assert made.subject.fixed == {"organization": "Works"} and made.dns.domains == ("works.example",)
    # The form of a template shows all of it: sent back as it is, it changes nothing.
    change = page(owner, "change-certificate-template", "web")
    given = client.get(change).context["given"]
    assert (given["more_uses"], given["days"], given["kinds"][0]["limits"]) == (
        "1.3.6.1.5.5.7.3.21",
        30,
        "works.example",
    )
    client.post(change, form)
    assert Template.model_validate(CertificateTemplate.objects.get().rules) == made
    assert client.post(page(owner, "remove-certificate-template", "web")).status_code == 302
    assert not CertificateTemplate.objects.exists()


def test_what_is_wrong_with_a_template_stands_at_its_field(owner: Person, client: Client) -> None:
    form = {
        "name": "web", "title": "", "uses": [], "ip-allowed": "yes", "ip-limits": "10.0.0.0/99", "days": "many",
        "longest_days": "9999", "common_name": "free",
    }  # fmt: skip
    answer = client.post(page(owner, "new-certificate-template"), form)
    assert answer.status_code == 422
    assert set(answer.context["faults"]) == {
        "rules.title", "rules.uses", "rules.ip", "rules.days", "rules.longest_days",
    }  # fmt: skip
    assert "10.0.0.0/99" in text(answer)


def test_renewing_is_offered_where_it_is_possible_and_says_the_truth(
    owner: Person, client: Client, ca: PrivateCA, at: datetime
) -> None:
    made = issue(owner, ca, at, "www.works.example")
    shown, renewing = (
        page(owner, name, made.public_id) for name in ("private-certificate", "renew-private-certificate")
    )
    good = "The one before stays good until it ends."
    assert renewing in text(client.get(shown)) and good in text(client.get(renewing))
    services.hold(owner.actor, made, at=at)
    held = text(client.get(renewing))
    assert renewing not in text(client.get(shown)) and "It is on hold, and not renewed while it is." in held
    assert 'name="csr"' not in held
    services.revoke(owner.actor, made, reason="superseded", at=at)
    revoked = text(client.get(renewing))
    assert renewing in text(client.get(shown)) and good not in revoked
    assert "The one before stays revoked." in revoked
    assert "stays good" not in text(client.post(renewing, follow=True))
