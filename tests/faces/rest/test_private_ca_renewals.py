"""The life of private CAs over REST: each option in the certificate, renewals, ways to a root, a CSR out and in."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from hanaper.apps.authority.services import crl_file
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.core.x509.algorithms import KeyAlgorithm, key_algorithm
from tests.apps.private_ca.outside_root import OutsideRoot
from tests.fixtures_authority import published
from tests.people import Person
from tests.shop import *  # noqa: F403 - its fixtures
from tests.shop import buy

pytestmark = pytest.mark.django_db
__all__ = ["published"]  # a fixture


@pytest.fixture
def at() -> datetime:
    from hanaper import clock  # noqa: PLC0415

    return clock.now().replace(microsecond=0)


def ids(person: Person, product: str, at: datetime) -> list[str]:
    order = buy(person, product, at=at)
    return list(PrivateCA.objects.filter(order=order).order_by("pk").values_list("public_id", flat=True))


def sent(person: Person, path: str, body: Any = None, status: int = 200) -> Any:
    answer = person.rest.post(path, body) if body is not None else person.rest.get(path)
    assert answer.status_code == status, answer.content
    return answer.json()


def enable(person: Person, ca: str, common_name: str, **choices: Any) -> Any:
    return sent(person, f"/private-cas/{ca}/enable", {"subject": {"common_name": common_name}, **choices})


def certificates(pem: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem.encode())


def value[Value: x509.ExtensionType](certificate: x509.Certificate, kind: type[Value]) -> Value:
    return certificate.extensions.get_extension_for_class(kind).value


def test_every_option_stands_in_the_certificate(
    owner: Person, catalogue: None, published: Path, at: datetime
) -> None:
    root, below = ids(owner, "private-root-ca", at)
    enable(owner, root, "Root", algorithm="rsa-4096", years=20, path_length=2)
    limits = {"permitted": {"dns": ["corp.example"]}}
    shown = enable(
        owner, below, "Issuing", algorithm="ed25519", years=3, path_length=1, name_constraints=limits,
        list_days=30, shards=2, name="Team CA",
    )  # fmt: skip
    assert (shown["name"], shown["ca"]["outside"], shown["request_out"]) == ("Team CA", False, False)
    issuing, top = certificates(sent(owner, f"/private-cas/{below}/chain")["pem"])
    issuing.verify_directly_issued_by(top)
    kinds = [key_algorithm(one.public_key()) for one in (top, issuing)]
    assert kinds == [KeyAlgorithm.RSA_4096, KeyAlgorithm.ED25519]
    assert [value(one, x509.BasicConstraints).path_length for one in (top, issuing)] == [2, 1]
    assert value(issuing, x509.NameConstraints).permitted_subtrees == [x509.DNSName("corp.example")]
    years = [round((one.not_valid_after_utc - at).days / 365) for one in (top, issuing)]
    assert years == [20, 3]
    authority = PrivateCA.objects.get(public_id=below).authority
    assert authority is not None
    for shard in (None, 0, 1):
        listed = x509.load_der_x509_crl(crl_file(authority, shard).read_bytes())
        assert (listed.next_update_utc - listed.last_update_utc).days == 30  # type: ignore[operator]
    refused = owner.rest.post(f"/private-cas/{below}/enable", {"subject": {}, "path_length": 9})
    assert refused.status_code == 422


def test_renewed_and_cross_signed(owner: Person, catalogue: None, published: Path, at: datetime) -> None:
    root, below = ids(owner, "private-root-ca", at)
    other, _ = ids(owner, "private-root-ca", at)
    enable(owner, root, "Root")
    enable(owner, below, "Issuing")
    enable(owner, other, "Other root")
    sent(owner, f"/private-cas/{root}/renew", {"new_key": True})
    sent(owner, f"/private-cas/{below}/renew", {"new_key": False, "years": 2})
    crossed = sent(owner, f"/private-cas/{below}/cross-signs", {"by": other}, 201)
    assert (crossed["kind"], crossed["issued_by"]) == ("cross", other)
    shown = sent(owner, f"/private-cas/{root}/generations")
    assert [one["retired_at"] is None for one in shown["generations"]] == [True, False]
    assert sorted(one["kind"] for one in shown["certificates"]) == ["link", "link", "own", "own"]
    ways = [certificates(pem) for pem in sent(owner, f"/private-cas/{below}/chains")["chains"]]
    assert {way[-1].subject.rfc4514_string().split(",")[0] for way in ways} == {"CN=Root", "CN=Other root"}
    for way in ways:
        for one, above in zip(way, [*way[1:], way[-1]], strict=True):
            one.verify_directly_issued_by(above)
    issued = sent(
        owner, f"/private-cas/{below}/certificates", {"template": "server", "names": {"dns": ["db"]}}, 201
    )
    download = f"/private-certificates/{issued['id']}/download?part=root"
    roots = {sent(owner, f"{download}&chain={number}")["pem"] for number in range(len(ways))}
    assert len(roots) == 3
    warned = sent(owner, f"/private-cas/{below}/revocation/prepare", {"certificate": crossed["id"]})
    body = {"reason": "superseded", "confirmation": warned["confirmation"], "certificate": crossed["id"]}
    sent(owner, f"/private-cas/{below}/revocation/confirm", body)
    assert len(sent(owner, f"/private-cas/{below}/chains")["chains"]) == len(ways) - 1


def test_out_and_in(owner: Person, catalogue: None, published: Path, at: datetime, tmp_path: Path) -> None:
    (ca,) = ids(owner, "private-intermediate-ca", at)
    begun = sent(owner, f"/private-cas/{ca}/outside", {"subject": {"common_name": "Ours"}})
    assert (begun["state"], begun["request_out"], begun["ca"]) == ("not_enabled", True, None)
    csr = sent(owner, f"/private-cas/{ca}/outside/request")["csr"]
    signed = OutsideRoot(tmp_path / "outside", at).sign(csr)
    wrong = owner.rest.post(f"/private-cas/{ca}/outside/complete", {"chain": signed.partition("-----END")[0]})
    assert wrong.status_code == 422 and wrong.json()["error"]["faults"][0]["field"] == "chain"
    done = sent(owner, f"/private-cas/{ca}/outside/complete", {"chain": signed})
    assert (done["state"], done["request_out"], done["ca"]["outside"]) == ("enabled", False, True)
    assert len(certificates(sent(owner, f"/private-cas/{ca}/chain")["pem"])) == 2
    sent(owner, f"/private-cas/{ca}/outside/renew", {"new_key": True})
    sent(owner, f"/private-cas/{ca}/outside/withdraw", {})
