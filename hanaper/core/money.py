"""Money: integers of minor units with an ISO 4217 currency, never a float."""

from collections.abc import Sequence

from hanaper.core.errors import InvalidInput

# ISO 4217: every currency that people hold, and the number of digits of its minor unit. Those without
# minor units and those with three or four are where software goes wrong.
_TWO_DIGITS = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF
    CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL
    MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
    PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
    TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG
"""
MINOR_DIGITS: dict[str, int] = {
    **dict.fromkeys(_TWO_DIGITS.split(), 2),
    "BHD": 3, "BIF": 0, "CLF": 4, "CLP": 0, "DJF": 0, "GNF": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0,
    "KMF": 0, "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "RWF": 0, "TND": 3, "UGX": 0, "UYI": 0,
    "UYW": 4, "VND": 0, "VUV": 0, "XAF": 0, "XOF": 0, "XPF": 0,
}  # fmt: skip

# The largest amount that a 64-bit column, JSON number and JavaScript client all hold exactly.
MAX_AMOUNT = 2**53 - 1


def is_currency(code: str) -> bool:
    """Whether `code` is an ISO 4217 currency this service deals in."""
    return code in MINOR_DIGITS


def require_currency(code: str) -> str:
    """`code`, if it is one; else InvalidInput at `currency` (`unknown_currency`)."""
    if not is_currency(code):
        raise InvalidInput(
            f"{code!r} is not a currency: write its three letters, such as USD.",
            field="currency",
            code="unknown_currency",
        )
    return code


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
