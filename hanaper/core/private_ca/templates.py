"""Templates: what kind of certificate, for which names, for how long. Five come with the program.

A template is data that people read and write (TOML on the command line, JSON over REST). What is wrong with
one is a ValueError that is told as it is written. Sources: RFC 5280 4.2.1.3 and 4.2.1.12 (uses); RFC 8551
(S/MIME).
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from cryptography.x509.oid import ExtendedKeyUsageOID, ObjectIdentifier
from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from hanaper.core.errors import InvalidInput
from hanaper.core.private_ca.alternative_names import host_of, network_of
from hanaper.core.private_ca.notices import DEFAULT_DAYS
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject, subject_faults

LONGEST_DAYS = 825
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}\Z")
USES = {
    "serverAuth": ExtendedKeyUsageOID.SERVER_AUTH,
    "clientAuth": ExtendedKeyUsageOID.CLIENT_AUTH,
    "emailProtection": ExtendedKeyUsageOID.EMAIL_PROTECTION,
    "codeSigning": ExtendedKeyUsageOID.CODE_SIGNING,
    "timeStamping": ExtendedKeyUsageOID.TIME_STAMPING,
    "smartcardLogon": ExtendedKeyUsageOID.SMARTCARD_LOGON,
    "ipsecIKE": ExtendedKeyUsageOID.IPSEC_IKE,
}
_RESERVED = {ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE, ExtendedKeyUsageOID.OCSP_SIGNING}
_OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*)){1,20}\Z")
_SUBJECT_FIELDS = ("country", "state", "locality", "organization", "common_name", "registration_number")
SubjectField = Literal["country", "state", "locality", "organization", "common_name", "registration_number"]
KeyUsage = Literal[
    "digital_signature", "content_commitment", "key_encipherment", "data_encipherment", "key_agreement"
]
Days = Annotated[int, Field(strict=True, ge=1, le=LONGEST_DAYS)]  # strict: to Python, `true` is 1
Domain = Annotated[str, Field(max_length=253)]


def use_of(name: str) -> ObjectIdentifier:
    return USES.get(name) or ObjectIdentifier(name)


def _told(read: Callable[[str], str], value: str) -> str:
    """What is wrong is told by a ValueError, as pydantic takes it."""
    try:
        return read(value)
    except InvalidInput as wrong:
        raise ValueError(wrong.message) from None


class CommonName(StrEnum):
    """What a common name may be."""

    ONE_OF_THE_NAMES = "one_of_the_names"  # of hosts: clients that still read it find nothing else
    FREE = "free"
    NONE = "none"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Names(_Part):
    allowed: bool = False
    required: bool = False

    @model_validator(mode="after")
    def _required_is_allowed(self) -> Self:
        if self.required and not self.allowed:
            raise ValueError("What is required must be allowed: allow it, or do not require it.")
        return self


class DnsRule(Names):
    """`domains`: these and everything below them; none: any."""

    wildcards: bool = False
    domains: tuple[Domain, ...] = Field(default=(), max_length=100)

    @field_validator("domains")
    @classmethod
    def _canonical(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_told(host_of, one) for one in given)


class IpRule(Names):
    """`networks`: as `10.0.0.0/8`; none: any."""

    networks: tuple[str, ...] = Field(default=(), max_length=100)

    @field_validator("networks")
    @classmethod
    def _canonical(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_told(network_of, one) for one in given)


class EmailRule(Names):
    """`domains`: mailboxes at exactly these; none: any."""

    domains: tuple[Domain, ...] = Field(default=(), max_length=100)

    @field_validator("domains")
    @classmethod
    def _canonical(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(_told(host_of, one) for one in given)


class UriRule(Names):
    """`below`: URIs of this scheme, host and port whose path begins with these segments; none: any."""

    below: tuple[str, ...] = Field(default=(), max_length=100)

    @field_validator("below")
    @classmethod
    def _canonical(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            parts = urlsplit(one)
            if not parts.scheme or not parts.hostname or "@" in parts.netloc or parts.query or parts.fragment:
                raise ValueError(
                    f"{one[:60]!r} is not the beginning of a URI with a host: write one such as"
                    " spiffe://example.org/team."
                )
        return given


class SubjectRule(_Part):
    """`allowed`: fields that a request may fill; `required` among them; `fixed`: the same for all."""

    allowed: tuple[SubjectField, ...] = ("common_name",)
    required: tuple[SubjectField, ...] = ()
    fixed: dict[SubjectField, Annotated[str, Field(max_length=128)]] = {}
    common_name: CommonName = CommonName.ONE_OF_THE_NAMES

    @model_validator(mode="after")
    def _fits(self) -> Self:
        faults = subject_faults(Subject(**self.fixed))
        if faults:
            raise ValueError(
                f"The {faults[0].field.partition('.')[2]} cannot be fixed so. {faults[0].message}"
            )
        missing = set(self.required) - set(self.allowed) - set(self.fixed)
        if missing:
            names = ", ".join(sorted(missing))
            raise ValueError(f"What is required must be allowed or fixed too: {names}.")
        return self


class Template(_Part):
    """One kind of certificate. `keys`: kinds of keys, none: every one; `uses`: of USES, or dotted OIDs;
    `notice_days`: how long before its end somebody is told, as far as that lies in the last third of its
    life."""

    title: Annotated[str, Field(min_length=1, max_length=80)]
    uses: tuple[str, ...] = Field(min_length=1, max_length=10)
    key_usages: tuple[KeyUsage, ...] = ("digital_signature",)
    keys: tuple[KeyAlgorithm, ...] = ()
    days: Days = 90
    longest_days: Days = 397
    notice_days: tuple[Days, ...] = Field(default=DEFAULT_DAYS, max_length=10)
    subject: SubjectRule = SubjectRule()
    dns: DnsRule = DnsRule()
    ip: IpRule = IpRule()
    email: EmailRule = EmailRule()
    uri: UriRule = UriRule()

    @field_validator("uses")
    @classmethod
    def _known_uses(cls, given: tuple[str, ...]) -> tuple[str, ...]:
        for one in given:
            if one not in USES and not _OID.match(one):
                known = ", ".join(USES)
                raise ValueError(f"{one[:40]!r} is no use: write one of {known}, or a dotted OID.")
            if use_of(one) in _RESERVED:
                raise ValueError("Leave out any use and OCSP signing: a template is for certain uses.")
        return tuple(dict.fromkeys(given))

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if "digital_signature" not in self.key_usages:
            raise ValueError("The key of an end entity signs: add digital_signature to key_usages.")
        if self.days > self.longest_days:
            raise ValueError(
                "The usual days are more than the longest: make the one less, or the other more."
            )
        return self


BUILT_IN: dict[str, Template] = {
    "server": Template(
        title="TLS server",
        uses=("serverAuth",),
        dns=DnsRule(allowed=True, wildcards=True),
        ip=IpRule(allowed=True),
    ),
    "client": Template(
        title="TLS client (mTLS)",
        uses=("clientAuth",),
        subject=SubjectRule(allowed=("common_name", "organization"), common_name=CommonName.FREE),
        dns=DnsRule(allowed=True),
        email=EmailRule(allowed=True),
        uri=UriRule(allowed=True),
    ),
    "email": Template(
        title="S/MIME",
        uses=("emailProtection",),
        key_usages=("digital_signature", "content_commitment"),
        subject=SubjectRule(allowed=("common_name", "organization"), common_name=CommonName.FREE),
        email=EmailRule(allowed=True, required=True),
    ),
    "code-signing": Template(
        title="Code signing",
        uses=("codeSigning",),
        days=365,
        longest_days=397,
        subject=SubjectRule(
            allowed=("common_name", "organization", "country", "state", "locality"),
            required=("common_name",),
            common_name=CommonName.FREE,
        ),
    ),
    "device": Template(
        title="Device",
        uses=("clientAuth", "serverAuth"),
        days=365,
        longest_days=LONGEST_DAYS,
        subject=SubjectRule(
            allowed=("common_name", "organization", "registration_number"),
            required=("common_name",),
            common_name=CommonName.FREE,
        ),
        dns=DnsRule(allowed=True),
        ip=IpRule(allowed=True),
        uri=UriRule(allowed=True),
    ),
}
