"""The tables of an empty SQLite database at once, instead of one migration after another, which takes long.

`tables.sql` is what all migrations of its day make, written by `make tables`; it says which they were, so
Django adds what is newer. PostgreSQL goes the whole way.
"""

import sqlite3
from collections.abc import Iterator
from importlib import resources

from django.db import connection, transaction


def statements() -> Iterator[str]:
    """What makes the tables, in order."""
    statement = ""
    for line in resources.files(__package__).joinpath("tables.sql").read_text().splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""


def make() -> None:
    """All or nothing, once: a database that has tables is left as it is, and so is PostgreSQL."""
    if connection.vendor != "sqlite":
        return
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.introspection.table_names(cursor):
            return
        for statement in statements():
            cursor.execute(statement)
