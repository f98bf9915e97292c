"""Money: integers of minor units with an ISO 4217 currency, never a float."""

from collections.abc import Sequence

# ISO 4217 currencies and the number of digits of their minor unit. A service sells in few
# currencies; those without minor units and those with three are here because they are where
# software goes wrong.
MINOR_DIGITS: dict[str, int] = {
    "AED": 2, "AUD": 2, "BHD": 3, "BRL": 2, "CAD": 2, "CHF": 2, "CLP": 0, "CNY": 2, "CZK": 2,
    "DKK": 2, "EUR": 2, "GBP": 2, "HKD": 2, "HUF": 2, "IDR": 2, "ILS": 2, "INR": 2, "ISK": 0,
    "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "MXN": 2, "MYR": 2, "NOK": 2, "NZD": 2, "OMR": 3,
    "PHP": 2, "PLN": 2, "RON": 2, "SAR": 2, "SEK": 2, "SGD": 2, "THB": 2, "TND": 3, "TRY": 2,
    "TWD": 2, "USD": 2, "VND": 0, "ZAR": 2,
}  # fmt: skip

# The largest amount that a 64-bit column, JSON number and JavaScript client all hold exactly.
MAX_AMOUNT = 2**53 - 1


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 currency this service deals in."""
    return code in MINOR_DIGITS


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` minor units in proportion to `weights` by largest remainder.

    The parts sum to exactly `total`; ties go to the earlier part. Weights are non-negative integers,
    not all zero unless `total` is zero; a part never exceeds its share rounded up.
    """
    if total < 0 or any(weight < 0 for weight in weights):
        raise ValueError("allocate takes non-negative integers")
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError("allocate needs a weight above zero to carry a total above zero")
        return [0] * len(weights)
    parts = [total * weight // whole for weight in weights]
    remainders = [total * weight % whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda index: (-remainders[index], index))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def format_amount(amount: int, currency: str) -> str:
    """`9000, "USD"` as `90.00 USD`, for people; programs get the integer."""
    digits = MINOR_DIGITS[currency]
    sign, amount = ("-" if amount < 0 else ""), abs(amount)
    if digits == 0:
        return f"{sign}{amount} {currency}"
    units, minor = divmod(amount, 10**digits)
    return f"{sign}{units}.{minor:0{digits}d} {currency}"
