"""Amounts and times as people type them."""

import re
from datetime import datetime

from django.utils import timezone

from hanaper.core.errors import InvalidInput
from hanaper.core.money import MAX_AMOUNT, MINOR_DIGITS, require_currency


def currency_of(text: str) -> str:
    """`usd` as USD; empty for nothing, which is up to whoever needs one."""
    code = text.strip().upper()
    return require_currency(code) if code else ""


def amount_of(text: str, currency: str, field: str = "amount") -> int | None:
    """`19.5` as 1950 minor units of USD; None for nothing. Never by way of a float."""
    text = text.strip()
    if not text:
        return None
    digits: int = MINOR_DIGITS.get(currency, 2)
    found = re.fullmatch(r"([0-9]{1,15})(?:\.([0-9]+))?", text)
    if found is None or len(found[2] or "") > digits:
        raise InvalidInput(
            f"Write an amount such as 19.50, with at most {digits} digits after the point.", field=field
        )
    amount = int(found[1]) * int(10**digits) + int((found[2] or "").ljust(digits, "0") or "0")
    if amount > MAX_AMOUNT:
        raise InvalidInput("This amount is too large.", field=field)
    return amount


def moment_of(text: str, field: str, otherwise: datetime | None = None) -> datetime:
    """A day and a time in the zone of whoever types; `otherwise` for nothing."""
    try:
        found = datetime.fromisoformat(text.strip()) if text.strip() or otherwise is None else otherwise
        return found if found.tzinfo else timezone.make_aware(found)
    except (ValueError, OverflowError) as error:
        raise InvalidInput("Write a time such as 2026-03-31T12:00.", field=field) from error


def number_of(text: str, field: str) -> int | None:
    """A whole number; None for nothing."""
    text = text.strip()
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text):
        raise InvalidInput("Write a whole number.", field=field)
    return int(text)
