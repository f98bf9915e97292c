"""`hanaper accounts`, `keys` and `notices`: the account behind the access key, through the API."""

from typing import Annotated

import typer

from hanaper.core.actor import AccountRole
from hanaper.faces.cli import output
from hanaper.faces.cli.client import api
from hanaper.faces.cli.options import Cursor, Limit

app = typer.Typer(help="The account and its members.", no_args_is_help=True)
keys_app = typer.Typer(help="Access keys.", no_args_is_help=True)
notices_app = typer.Typer(help="What the account should know of.", no_args_is_help=True)

KEY_COLUMNS = ("id", "name", "email", "created_at", "last_used_at", "revoked_at")


@app.command("show")
def show_account() -> None:
    """The account itself."""
    output.show(api().get("/account"))


@app.command()
def rename(name: str) -> None:
    """Give the account another name (owners)."""
    output.show(api().patch("/account", {"name": name}))


@app.command()
def members(limit: Limit = 50, cursor: Cursor = None) -> None:
    """Who belongs to it."""
    output.show(api().get("/account/members", {"limit": limit, "cursor": cursor}))


@app.command()
def add(email: str, role: Annotated[AccountRole, typer.Option()] = AccountRole.MEMBER) -> None:
    """Let somebody in who signed up already (owners)."""
    output.show(api().post("/account/members", {"email": email, "role": role.value}))


@app.command()
def role(user: str, role: AccountRole) -> None:
    """Give a member another role (owners)."""
    output.show(api().patch(f"/account/members/{user}", {"role": role.value}))


@app.command()
def remove(user: str) -> None:
    """Put a member out (owners), or leave."""
    api().delete(f"/account/members/{user}")
    output.show({"removed": user})


@keys_app.command("list")
def list_keys(limit: Limit = 50, cursor: Cursor = None) -> None:
    """The keys you may see, the newest first."""
    output.show(api().get("/access-keys", {"limit": limit, "cursor": cursor}), columns=KEY_COLUMNS)


@keys_app.command("create")
def create_key(
    name: str,
    user: Annotated[str | None, typer.Option(help="For which member (usr_...); by default you.")] = None,
) -> None:
    """Make a key; its secret is shown this once."""
    made = api().post("/access-keys", {"name": name, "user": user})
    output.show(made, columns=("id", "name", "email", "secret"))
    output.note("The secret is shown only now.")


@keys_app.command("revoke")
def revoke_key(key: str) -> None:
    """End a key for good."""
    output.show(api().delete(f"/access-keys/{key}"), columns=KEY_COLUMNS)


@notices_app.command("list")
def list_notices(unread: bool = False, limit: Limit = 50, cursor: Cursor = None) -> None:
    """Notices, the newest first."""
    found = api().get(_notices(), {"unread": unread, "limit": limit, "cursor": cursor})
    output.show(found, columns=("id", "at", "title", "subject", "read_at"))


@notices_app.command("read")
def read_notice(notice: str) -> None:
    """Show one, and mark it read."""
    output.show(api().post(f"{_notices()}/{notice}/read"))


@notices_app.command()
def letters() -> None:
    """The letters you get, by topic."""
    output.show(api().get("/notice-preferences")["items"], columns=("topic", "email"))


@notices_app.command()
def choose(
    topic: str,
    email: Annotated[bool, typer.Option("--email/--no-email", help="Whether you get letters about it.")],
) -> None:
    """Choose whether you get letters about a topic."""
    chosen = api().put(f"/notice-preferences/{topic}", {"email": email})["items"]
    output.show(chosen, columns=("topic", "email"))


def _notices() -> str:
    return "/operator/notices" if api().get("/me")["kind"] == "operator" else "/notices"
