"""What exactly is sealed: canonical JSON of an entry, and SHA-256 over the link before and over it.

Somebody with an export and twenty lines of any language can compute the chain again; `docs/operations.md`
says how. Nothing here reads the database.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from hanaper.apps.audit.models import AuditEntry

GENESIS = "0" * 64
REDACTED = "[redacted]"
# Words that name a secret when they end a key: `secret`, `client_secret`, `private_key_pem` ...
SECRET_WORDS = ("secret", "password", "passphrase", "private_key", "private_key_pem", "token", "card_number")


def canonical(content: Mapping[str, Any]) -> bytes:
    """Keys sorted, no blanks, UTF-8 as it is: the same content is always the same bytes."""
    return json.dumps(
        content, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    ).encode()


def time_text(at: datetime) -> str:
    """RFC 3339 in UTC, always with microseconds."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def content_of(entry: AuditEntry) -> dict[str, Any]:
    """The entry as JSON values, as it is exported and sealed (`account` and `user` must be loaded)."""
    return {
        "id": entry.public_id,
        "at": time_text(entry.at),
        "system_at": time_text(entry.system_at),
        "account": entry.account.public_id if entry.account else None,
        "actor": {
            "kind": entry.actor_kind,
            "name": entry.actor_name,
            "user": entry.user.public_id if entry.user else None,
            "access_key": entry.access_key,
            "address": entry.address,
            "request_id": entry.request_id,
        },
        "action": entry.action,
        "target": entry.target,
        "before": entry.before,
        "after": entry.after,
    }


def link(previous: str, position: int, entry: AuditEntry) -> str:
    """The hash of the link at `position`, after the hash `previous`."""
    text = f"{previous}\n{position}\n".encode() + canonical(content_of(entry))
    return hashlib.sha256(text).hexdigest()


def redacted(value: Any) -> Any:
    """`value` with everything that a key calls a secret, and every PEM private key, taken out."""
    if isinstance(value, Mapping):
        return {
            str(key): REDACTED if item is not None and _names_secret(str(key)) else redacted(item)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(item) for item in value]
    if isinstance(value, str) and "PRIVATE KEY-----" in value:
        return REDACTED
    if isinstance(value, str):
        return value.replace("\x00", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL's jsonb refuses U+0000
    return value


def _names_secret(key: str) -> bool:
    key = key.lower().replace("-", "_")
    return any(key == word or key.endswith("_" + word) for word in SECRET_WORDS)
