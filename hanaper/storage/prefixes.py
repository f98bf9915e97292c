"""Text that begins with something, in a way that an index answers on both databases."""

from django.db import connection
from django.db.models import Q

# Behind every character that could follow.
LAST = "\U0010ffff"


def begins_with(column: str, text: str) -> Q:
    """Rows whose `column` begins with `text`, case and all.

    PostgreSQL finds LIKE 'text%' in an index with `varchar_pattern_ops`, whatever its collation; SQLite
    compares bytes, and finds a range but no LIKE.
    """
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": text, f"{column}__lt": text + LAST})
    return Q(**{f"{column}__startswith": text})
