"""Tables that only grow: triggers refuse UPDATE and DELETE, whoever asks, on both databases.

In a migration of its own after the table's: `operations = [AppendOnly("audit_auditentry")]`. Columns named
in `but` may change (PostgreSQL and SQLite alike); everything else of a row stays as it was written.
"""

from collections.abc import Sequence
from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation

MESSAGE = "rows of {table} are never changed"


class AppendOnly(Operation):
    """Create the triggers of `table`."""

    reversible = True

    def __init__(self, table: str, but: Sequence[str] = ()) -> None:
        self.table, self.but = table, tuple(but)

    def state_forwards(self, app_label: str, state: Any) -> None:
        """Nothing that Django's models know of."""

    def database_forwards(
        self,
        app_label: str,  # noqa: ARG002 - Django's signature
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: Any,  # noqa: ARG002
        to_state: Any,  # noqa: ARG002
    ) -> None:
        with schema_editor.connection.cursor() as cursor:
            for statement in self._create(
                schema_editor.connection.vendor, self._fixed_columns(schema_editor)
            ):
                cursor.execute(statement)

    def database_backwards(
        self,
        app_label: str,  # noqa: ARG002 - Django's signature
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: Any,  # noqa: ARG002
        to_state: Any,  # noqa: ARG002
    ) -> None:
        on = f" ON {self.table}" if schema_editor.connection.vendor == "postgresql" else ""
        with schema_editor.connection.cursor() as cursor:
            for verb in ("update", "delete"):
                cursor.execute(f"DROP TRIGGER {self.table}_no_{verb}{on}")
            if on:
                cursor.execute(f"DROP FUNCTION {self.table}_refuse()")

    def describe(self) -> str:
        return f"Refuse to change rows of {self.table}"

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return type(self).__qualname__, [self.table], {"but": list(self.but)} if self.but else {}

    def _fixed_columns(self, schema_editor: BaseDatabaseSchemaEditor) -> list[str]:
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            columns = connection.introspection.get_table_description(cursor, self.table)
        return [f'"{column.name}"' for column in columns if column.name not in self.but]

    def _create(self, vendor: str, fixed: list[str]) -> list[str]:
        message = MESSAGE.format(table=self.table)
        of = {"update": f"UPDATE OF {', '.join(fixed)}" if self.but else "UPDATE", "delete": "DELETE"}
        if vendor == "sqlite":
            return [
                f"CREATE TRIGGER {self.table}_no_{verb} BEFORE {of[verb]} "
                f"ON {self.table} BEGIN SELECT RAISE(ABORT, '{message}'); END"
                for verb in ("update", "delete")
            ]
        return [
            f"CREATE FUNCTION {self.table}_refuse() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = 'restrict_violation'; END $$",
            *(
                f"CREATE TRIGGER {self.table}_no_{verb} BEFORE {of[verb]} "
                f"ON {self.table} FOR EACH ROW EXECUTE FUNCTION {self.table}_refuse()"
                for verb in ("update", "delete")
            ),
        ]
