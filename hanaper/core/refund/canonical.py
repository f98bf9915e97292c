"""One way to write JSON, so that the same decision is the same bytes wherever it is taken.

Keys stand in the order of section 7 of SPEC.md, nothing is between the tokens, text is UTF-8 and not
escaped. A moment is written in UTC with `Z`, with six digits of a second's fraction only if it has one:
`2026-03-09T00:00:00Z`. A date is `2026-03-09`.
"""

import json
from collections.abc import Mapping
from datetime import datetime

# Rebuilding the encoder for every call costs more than using it.
_encode = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, check_circular=False
).encode


def canonical_json(document: Mapping[str, object]) -> bytes:
    """`document` as canonical JSON, without a newline at the end."""
    return _encode(document).encode()


def write_moment(moment: datetime) -> str:
    """A moment in UTC, as RFC 3339."""
    return moment.isoformat()[:-6] + "Z"
