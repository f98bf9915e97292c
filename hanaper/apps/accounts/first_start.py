"""The first start of an installation: somebody must be able to sign in.

An administrator, a reviewer and a finance operator (three persons, for R14 wants two), and in a sandbox a
customer to try it with. Their credentials are generated and written to one file that only its owner reads.
"""

import json
import os
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction

from hanaper.apps.accounts import services
from hanaper.apps.accounts.models import Account, StaffMembership, User
from hanaper.core.actor import Actor, StaffRole, system

OPERATORS = {
    "administrator": StaffRole.ADMINISTRATOR,
    "reviewer": StaffRole.REVIEWER,
    "finance": StaffRole.FINANCE,
}
DEMO_ACCOUNT = "Example Ltd"
DEMO_OWNER = "owner@example.com"


@dataclass(frozen=True, slots=True)
class FirstStart:
    """`made`: whether this was the first start. `demo`: the sandbox's customer, for the caller to fill.

    `credentials`: who -> {email, password, access_key}; empty if made earlier and the file is gone.
    `lines`: what to print.
    """

    made: bool
    path: Path
    credentials: dict[str, dict[str, str]]
    demo: Account | None
    lines: tuple[str, ...]


def first_start(at: datetime) -> FirstStart:
    """Make the first people, once; later calls change nothing and tell where the credentials are.

    The file is in place before the transaction commits: a crash in between leaves a file about nobody,
    which the next start replaces; never people whose passwords nobody knows.
    """
    path = settings.DATA / "credentials.json"
    if StaffMembership.objects.exists():
        demo = Account.objects.filter(name=DEMO_ACCOUNT, memberships__user__email=DEMO_OWNER).first()
        return FirstStart(False, path, {}, demo, _lines_of_old(path))
    actor = system("first start")
    credentials: dict[str, dict[str, str]] = {}
    demo = None
    with transaction.atomic():
        for name, role in OPERATORS.items():
            user, password = _person(f"{name}@hanaper.example")
            services.grant_staff_role(actor, user, role, at=at)
            credentials[name] = _credentials(actor, user, password, None, at)
        if settings.SANDBOX:
            user, password = _person(DEMO_OWNER)
            demo = services.create_account(actor, name=DEMO_ACCOUNT, owner=user, at=at)
            credentials["customer"] = {
                **_credentials(actor, user, password, demo, at),
                "account": demo.public_id,
            }
        _write(path, credentials)
    return FirstStart(True, path, credentials, demo, _lines(path, credentials))


def _person(email: str) -> tuple[User, str]:
    password = secrets.token_urlsafe(15)
    user = User.objects.create_user(email, password)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user, password


def _credentials(
    actor: Actor, user: User, password: str, account: Account | None, at: datetime
) -> dict[str, str]:
    _, secret = services.create_access_key(actor, name="first start", account=account, user=user, at=at)
    return {"email": user.email, "password": password, "access_key": secret}


def _write(path: Path, credentials: dict[str, dict[str, str]]) -> None:
    """Whole or not at all, mode 0600 from the first byte on, on the disk before we go on."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump(credentials, file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _lines(path: Path, credentials: dict[str, dict[str, str]]) -> tuple[str, ...]:
    people = [f"  {name:<13} {who['email']}" for name, who in credentials.items()]
    return (
        "Made the first people:",
        *people,
        f"Their passwords and access keys are in {path} (only you can read it).",
    )


def _lines_of_old(path: Path) -> tuple[str, ...]:
    return (f"Passwords and access keys of the first people: {path}",) if path.exists() else ()
