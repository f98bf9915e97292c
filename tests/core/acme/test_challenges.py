"""Which challenges there are for what, and what they prove."""

import pytest

from hanaper.core.acme.challenges import dns_value, key_authorization, kinds_for, problem_type
from hanaper.core.acme.identifiers import Identifier
from hanaper.core.acme.snippets import CLIENTS, Setup, snippets


@pytest.mark.parametrize(
    ("identifier", "kinds"),
    [
        (Identifier("dns", "www.example.com"), {"http-01", "dns-01", "tls-alpn-01"}),
        (Identifier("dns", "*.example.com"), {"dns-01"}),
        (Identifier("ip", "192.0.2.1"), {"http-01", "tls-alpn-01"}),
    ],
)
def test_wildcards_in_dns_only_and_addresses_never(identifier, kinds):
    assert {str(kind) for kind in kinds_for(identifier)} == kinds


def test_the_example_of_the_rfc():
    # RFC 8555 8.1 and 8.4: the digest of "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA." and a thumbprint.
    proof = key_authorization(
        "evaGxfADs6pSRb2LAv9IZf17Dt3juxGJ-PCt92wr-oA", "nP1qzpXGymHBrUEepNY9HCsQk7K8KhOypzEt62jcerQ"
    )
    assert proof.count(".") == 1
    assert len(dns_value(proof)) == 43


@pytest.mark.parametrize(
    ("found", "told"),
    [("no_such_name", "dns"), ("timeout", "connection"), ("bad_tls", "tls"), ("wrong_value", "incorrectResponse"),
     ("http_status", "incorrectResponse"), ("internal", "serverInternal")],
)  # fmt: skip
def test_what_was_found_in_words_of_acme(found, told):
    assert problem_type(found) == told


def test_every_client_is_told_directory_and_key():
    told = snippets(
        Setup(
            directory="https://ca.example.com/acme/pca_1/server/directory", kid="eab_1", hmac_key="c2VjcmV0"
        )
    )
    assert tuple(told) == CLIENTS
    for client, text in told.items():
        assert "https://ca.example.com/acme/pca_1/server/directory" in text, client
        assert "eab_1" in text and "c2VjcmV0" in text, client
