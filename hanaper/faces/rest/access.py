"""Who may call a route: `auth=customer()`, `auth=operator(StaffRole.REVIEWER)`, `auth=anyone_signed_in()`.

Access keys only: a browser's session gives no access to the API, so there is nothing to forge (no CSRF).
Afterwards the request (`ApiRequest`) carries `actor`, `at` and `account`.
"""

from datetime import datetime

from django.http import HttpRequest
from ninja.security.base import AuthBase

from hanaper import clock
from hanaper.apps.accounts import keys
from hanaper.apps.accounts.models import Account
from hanaper.core.actor import Actor, ActorKind, StaffRole
from hanaper.core.errors import Forbidden
from hanaper.faces.rest.problems import no_key, request_id_of


class ApiRequest(HttpRequest):
    """A request that passed one of the checks below.

    `actor`: whoever stands behind it; `at`: business time, read once; `account`: the customer's account,
    None for operators.
    """

    actor: Actor
    at: datetime
    account: Account | None
    request_id: str


def own_account(request: ApiRequest) -> Account:
    """The customer's account; `auth=customer()` made sure that there is one."""
    if request.account is None:
        raise RuntimeError("a route for customers was reached without an account")
    return request.account


class AccessKeyAuth(AuthBase):
    """The one security scheme of the API: an access key as bearer token."""

    openapi_type = "http"
    openapi_scheme = "bearer"
    openapi_description = "An access key, `key_....secret`. Owners make them at /keys/ or POST /access-keys."

    def __init__(self, *, customers: bool, operators: bool, role: StaffRole | None = None) -> None:
        super().__init__()
        self.customers, self.operators, self.role = customers, operators, role

    def __call__(self, request: HttpRequest) -> Actor:
        scheme, _, presented = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not presented.strip():
            raise no_key()
        actor, account = keys.authenticate(
            presented.strip(), address=request.META.get("REMOTE_ADDR"), request_id=request_id_of(request)
        )
        self._check(actor)
        request.actor, request.account, request.at = actor, account, clock.now()  # type: ignore[attr-defined]
        return actor

    def _check(self, actor: Actor) -> None:
        if actor.kind is ActorKind.CUSTOMER and not self.customers:
            raise Forbidden("Only operators may do this.", code="staff_role_required")
        if actor.kind is ActorKind.OPERATOR and not self.operators:
            raise Forbidden(
                "This is for customers: the key belongs to an operator, not to an account.",
                code="customer_key_required",
                next_steps=["Use a key of the account."],
            )
        if self.role is not None and not actor.has_staff_role(self.role):
            raise Forbidden(
                f"Only an operator with the role {self.role.value} may do this.", code="staff_role_required"
            )


def customer() -> AccessKeyAuth:
    """Keys of an account's members; what their role allows is the service's question."""
    return AccessKeyAuth(customers=True, operators=False)


def operator(role: StaffRole | None = None) -> AccessKeyAuth:
    """Keys of operators; with `role`, of those who have it (an administrator has every role)."""
    return AccessKeyAuth(customers=False, operators=True, role=role)


def anyone_signed_in() -> AccessKeyAuth:
    """Any key that lives."""
    return AccessKeyAuth(customers=True, operators=True)
