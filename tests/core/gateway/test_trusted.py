"""What owners paste as the CA of their origins."""

import ssl

import pytest
from pydantic import ValidationError

from hanaper.core.gateway.behaviour import Behaviour
from hanaper.core.gateway.headers import WRITTEN_NOW
from hanaper.core.rule_faults import faults_of
from tests.gateway_node.sites import a_pair

A, B = a_pair("a.test").chain, a_pair("b.test").chain
ORIGINS = [{"host": "origin.example", "scheme": "https"}]


@pytest.mark.parametrize(
    ("pasted", "kept"),
    [
        (A + B, A + B),
        ("\n".join(f"    {line}" for line in A.splitlines()), A),
        (" " + A, A),
        (A.strip() + B, A + B),
        (f"Certificate:\n  Data: x\n{A}s:/CN=b\n{B}", A + B),
        (A.replace("\n", "\r\n"), A),
        ("\ufeff" + A, A),
        (A + B + A, A + B),
    ],
)
def test_only_certificates_are_kept(pasted: str, kept: str) -> None:
    """As nginx and openssl read them, which take less than people paste."""
    for context in (WRITTEN_NOW, None):
        made = Behaviour.model_validate({"origins": ORIGINS, "origin_ca": pasted}, context=context)
        assert made.origin_ca == kept
    ssl.create_default_context(cadata=kept)


@pytest.mark.parametrize(
    ("pasted", "said"),
    [
        (A + a_pair("a.test").key, "This holds a private key"),
        (a_pair("a.test").key, "This holds a private key"),
        ("-----BEGIN ENCRYPTED PRIVATE KEY-----", "This holds a private key"),
        (A + "-----BEGIN CERTIFICATE-----\nAAAA", "Not all of these PEM blocks"),
        (A + "-----BEGIN X-----\nAAAA\n-----END X-----", "Not all of these PEM blocks"),
        ("nothing", "Paste certificates in PEM."),
    ],
)
def test_what_is_not_kept(pasted: str, said: str) -> None:
    with pytest.raises(ValidationError) as wrong:
        Behaviour.model_validate({"origins": ORIGINS, "origin_ca": pasted}, context=WRITTEN_NOW)
    (fault,) = faults_of(wrong.value, "behaviour")
    assert fault.field == "behaviour.origin_ca" and fault.message.startswith(said)


def test_a_private_key_that_was_kept_goes_no_further() -> None:
    made = Behaviour.model_validate({"origins": ORIGINS, "origin_ca": a_pair("a.test").key + A})
    assert made.origin_ca == A
