"""What a gateway may have made of this product by itself: server certificates of a private CA."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.db.models import F

from hanaper.apps.private_ca.generations import ca_revoked_at
from hanaper.apps.private_ca.models.cas import PrivateCA
from hanaper.apps.private_ca.models.certificates import PrivateCertificate
from hanaper.apps.private_ca.services.issuing import (
    constraints_of,
    finish,
    issue,
    issuing_authority_of,
    latest_end,
    stopped,
)
from hanaper.apps.private_ca.states import PrivateCaKind, PrivateCaState, PrivateCertificateState
from hanaper.apps.private_ca.templates import template_named
from hanaper.core.actor import Actor, system
from hanaper.core.errors import InvalidInput, NotFound, Refusal
from hanaper.core.gateway.supply import KEYS, Asked, Offer, Stage, Standing, key_algorithm_of
from hanaper.core.private_ca.requests import Request, judge
from hanaper.core.private_ca.templates import use_of
from hanaper.core.x509.algorithms import KeyAlgorithm
from hanaper.core.x509.names import Subject

US = system("gateway")
TEMPLATE = "server"
MOST = 100
RENEWED_BEFORE = timedelta(days=30)
S = PrivateCertificateState


class Supply:
    def offers(self, account_id: int, at: datetime) -> Sequence[Offer]:
        """CAs that issue now; whether they issue for a domain is for `refuse_impossible`."""
        rows = PrivateCA.objects.filter(
            account_id=account_id,
            kind=PrivateCaKind.INTERMEDIATE,
            state=PrivateCaState.ENABLED,
            term_ends_at__gt=at,
            authority__issuing=True,
            quota_used__lt=F("quota"),
        )
        return [
            Offer(ca.public_id, ca.name or ca.public_id, ca.public_id, ca.quota - ca.quota_used)
            for ca in rows.order_by("pk")[:MOST]
        ]

    def judge(self, asked: Asked, at: datetime) -> None:
        """Refused: `private_ca_not_found`, `no_contact_needed`, `template_not_found`, `key_not_served`,
        `template_not_for_servers`."""
        del at
        _request(asked, _ca(asked))
        if asked.contact:
            raise InvalidInput("A private CA asks for no contact.", field="contact", code="no_contact_needed")

    def refuse_impossible(self, asked: Asked, at: datetime) -> None:
        """As `judge`. Refused also: `not_enabled`, `not_issuing`, `only_intermediates_issue`,
        `quota_used_up`, InvalidInput for what template and name constraints do not permit."""
        self.judge(asked, at)
        ca = _ca(asked)
        authority = issuing_authority_of(ca, at)
        if not authority.issuing:
            raise stopped(ca)
        if ca.quota_used >= ca.quota:
            raise Refusal(
                f"The {ca.quota} certificates of this private CA are used up.",
                code="quota_used_up",
                next_steps=["Buy another intermediate CA."],
            )
        template = template_named(ca.account, asked.template or TEMPLATE)
        latest = latest_end(ca, authority)
        judge(_request(asked, ca), template, constraints_of(authority), at=at, latest=latest)

    def obtain(self, asked: Asked, begun: Callable[[str], None], at: datetime) -> None:
        """Issued when it returns. `begun` as the certificates' own. Refused as `issuing.issue` refuses."""
        ca = _ca(asked)
        issue(
            US,
            ca,
            _request(asked, ca),
            renews=_replaced(ca, asked.replaces),
            begun=lambda certificate: begun(certificate.public_id),
            at=at,
        )

    def go_on(self, account_id: int, public_id: str, at: datetime) -> None:
        del at
        finish(_named(account_id, public_id))

    def standing(self, account_id: int, public_id: str, at: datetime) -> Standing | None:
        """None: it is not of this product."""
        if not _is_ours(public_id):
            return None
        try:
            row = _named(account_id, public_id)
        except NotFound as missing:  # it went with the reset of its CA
            return Standing(Stage.LOST, "", "lost", missing.message)
        source = row.ca.public_id
        if row.state == S.ISSUING:
            return Standing(Stage.BEGUN, source)
        if row.state == S.ISSUED and row.not_after > at and ca_revoked_at(public_id) is not None:
            return Standing(Stage.LOST, source, "ca_revoked", "Its CA was revoked.")
        if row.state == S.ISSUED and row.not_after > at:
            lead = min(RENEWED_BEFORE, (row.not_after - row.not_before) / 3)
            return Standing(
                Stage.ISSUED,
                source,
                renew_at=row.not_after - lead,
                ends_at=row.not_after,
                template=row.template,
                key_algorithm=KeyAlgorithm(row.key_algorithm),
            )
        if row.state in (S.REVOKED, S.HELD):
            message = "It was revoked." if row.state == S.REVOKED else "It was put on hold."
            return Standing(Stage.TAKEN_BACK, source, "taken_back", message)
        return Standing(Stage.LOST, source, "lost", "Its time is over, or it was never signed.")

    def rekey(
        self, actor: Actor, account_id: int, public_id: str, wanted: KeyAlgorithm, at: datetime
    ) -> bool:
        """Another key is another certificate, and one of the CA's."""
        del actor, account_id, public_id, wanted, at
        return False

    def proving(self) -> list[str]:
        return []

    def give_up(self, account_id: int, public_id: str, at: datetime) -> None:
        """What was begun is finished by the sweep, and stays the account's."""
        del account_id, public_id, at


def _ca(asked: Asked) -> PrivateCA:
    rows = PrivateCA.objects.select_related("account", "authority")
    return rows.get_visible(US, asked.source, what="private CA", account_id=asked.account_id)


def _is_ours(public_id: str) -> bool:
    return public_id.startswith("pct_")


def _replaced(ca: PrivateCA, public_id: str) -> PrivateCertificate | None:
    """None where it is another's, or went with a reset."""
    try:
        return PrivateCertificate.objects.get_visible(US, public_id, what="private certificate", ca=ca)
    except NotFound:
        return None


def _named(account_id: int, public_id: str) -> PrivateCertificate:
    rows = PrivateCertificate.objects.select_related("ca")
    return rows.get_visible(US, public_id, what="private certificate", account_id=account_id)


def _request(asked: Asked, ca: PrivateCA) -> Request:
    """Where the template asks for a common name, it is the domain. A template may have changed since it was
    chosen."""
    named = asked.template or TEMPLATE
    template = template_named(ca.account, named)
    if use_of("serverAuth") not in map(use_of, template.uses):
        raise InvalidInput(
            f"Certificates of the template {named} are not for servers: browsers would refuse the site.",
            field="template",
            code="template_not_for_servers",
            next_steps=["Choose a template with serverAuth among its uses, or add it to this one."],
        )
    common_name = asked.domain if "common_name" in template.subject.required else None
    return Request(
        template=named,
        subject=Subject(common_name=common_name) if common_name else None,
        names={"dns": [asked.domain]},
        key_algorithm=key_algorithm_of(asked.key_algorithm, template.keys or KEYS),
    )
