"""Every address of a directory. They are absolute, made from one setting: clients sign them."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings

from hanaper.apps.acme.directories import Directory


@dataclass(frozen=True, slots=True)
class Addresses:
    base: str  # without a slash at its end

    @classmethod
    def of(cls, directory: Directory) -> "Addresses":
        return cls(directory_base(directory.ca.public_id, directory.template))

    def at(self, *path: str) -> str:
        return "/".join((self.base, *path))

    def certificate(self, order: str, chain: int = 0) -> str:
        """`chain` counts the alternates from 1; 0 is the one that is given out."""
        return self.at("certificate", order, *([str(chain)] if chain else []))

    def document(self) -> dict[str, Any]:
        """The directory object (RFC 8555 7.1.1, RFC 9773 4)."""
        meta: dict[str, Any] = {"externalAccountRequired": True}
        if settings.ACME_TERMS:
            meta["termsOfService"] = settings.ACME_TERMS
        return {
            "newNonce": self.at("new-nonce"),
            "newAccount": self.at("new-account"),
            "newOrder": self.at("new-order"),
            "newAuthz": self.at("new-authz"),
            "revokeCert": self.at("revoke-cert"),
            "keyChange": self.at("key-change"),
            "renewalInfo": self.at("renewal-info"),
            "meta": meta,
        }


def directory_base(ca: str, template: str) -> str:
    return f"{settings.ACME_URL}/acme/{ca}/{template}"


def directory_url(ca: str, template: str) -> str:
    """What a client is told."""
    return f"{directory_base(ca, template)}/directory"


def request_url(path: str) -> str:
    """How a client must have written the address that it sent a request to."""
    return settings.ACME_URL + path
