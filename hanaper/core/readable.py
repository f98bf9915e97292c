"""Money and moments as a person reads them: by their language, and in their time zone."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency

from hanaper.core.money import MINOR_DIGITS

_LOCALES = {"en": Locale("en", "US"), "zh-hans": Locale("zh", "CN", script="Hans")}


def locale_of(language: str) -> Locale:
    """Of a language that is spoken here; English for any other."""
    return _LOCALES.get(language, _LOCALES["en"])


def money_in(amount: int, currency: str, language: str) -> str:
    """Minor units: `123450, "USD"` is $1,234.50 in English and US$1,234.50 in Chinese."""
    value = Decimal(amount).scaleb(-MINOR_DIGITS[currency])
    return str(format_currency(value, currency, locale=locale_of(language)))


def moment_in(at: datetime, zone: ZoneInfo, language: str) -> str:
    """Exact to the minute, with the name of the zone: Mar 9, 2026 08:00 CST."""
    local = at.astimezone(zone)
    return f"{format_date(local, 'medium', locale=locale_of(language))} {local:%H:%M} {local.tzname()}"
