"""ACME's objects as JSON (RFC 8555 7.1)."""

from datetime import datetime
from typing import Any

from hanaper.apps.acme import services
from hanaper.apps.acme.models import AcmeAccount, AcmeOrder, Authorization, Challenge
from hanaper.core.acme.states import AcmeOrderState, AuthorizationState, ChallengeState
from hanaper.faces.acme.addresses import Addresses


def moment(at: datetime) -> str:
    """RFC 3339, whole seconds, in UTC."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def account_object(account: AcmeAccount, addresses: Addresses) -> dict[str, Any]:
    return {
        "status": account.state,
        "contact": account.contact,
        "termsOfServiceAgreed": account.terms_agreed,
        "externalAccountBinding": account.binding,
        "orders": addresses.at("account", account.public_id, "orders"),
    }


def order_object(order: AcmeOrder, addresses: Addresses) -> dict[str, Any]:
    told: dict[str, Any] = {
        "status": order.state,
        "expires": moment(order.expires_at),
        "identifiers": order.identifiers,
        "authorizations": [addresses.at("authz", each) for each in services.authorizations_of(order)],
        "finalize": addresses.at("order", order.public_id, "finalize"),
    }
    if order.not_after is not None:
        told["notAfter"] = moment(order.not_after)
    if order.replaces:
        told["replaces"] = order.replaces
    if order.state == AcmeOrderState.VALID and order.certificate_id is not None:
        told["certificate"] = addresses.certificate(order.public_id)
    if order.error is not None:
        told["error"] = order.error
    return told


def authorization_object(row: Authorization, addresses: Addresses) -> dict[str, Any]:
    """Once decided, only the challenge that decided it (RFC 8555 7.1.4)."""
    challenges = services.challenges_of(row)
    if row.state == AuthorizationState.VALID:
        challenges = [one for one in challenges if one.state == ChallengeState.VALID]
    elif row.state == AuthorizationState.INVALID:
        challenges = [one for one in challenges if one.error is not None] or challenges
    told: dict[str, Any] = {
        "identifier": {"type": row.kind, "value": row.value},
        "status": row.state,
        "expires": moment(row.expires_at),
        "challenges": [challenge_object(one, addresses) for one in challenges],
    }
    if row.wildcard:
        told["wildcard"] = True
    return told


def challenge_object(challenge: Challenge, addresses: Addresses) -> dict[str, Any]:
    told: dict[str, Any] = {
        "type": challenge.kind,
        "url": addresses.at("challenge", challenge.public_id),
        "status": challenge.state,
        "token": challenge.token,
    }
    if challenge.validated_at is not None:
        told["validated"] = moment(challenge.validated_at)
    if challenge.error is not None:
        told["error"] = challenge.error
    return told
