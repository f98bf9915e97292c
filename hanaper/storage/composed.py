"""Queries that Django puts together once and that are asked many times.

From a query set to its SQL Django takes a millisecond, ten times as long as the database takes to answer. On
the paths that are gone a thousand times a minute, a query is a function of what it asks for:

    @composed
    def _account(public_id: str) -> QuerySet[AcmeAccount]:
        return AcmeAccount.objects.select_related("key").filter(public_id=public_id)

    account = _account.first(public_id)

A change of rows is such a function too, and says how many rows it changed:

    @composed_change
    def _begin(pk: int, due_at: datetime) -> Change:
        rows = AcmeOrder.objects.filter(pk=pk, state=AcmeOrderState.READY)
        return Change(rows, state=AcmeOrderState.PROCESSING, due_at=due_at)

The function is called once, with a placeholder for each argument, which it hands on and does not look
at; with a list of them for a list, once for each length. Only the SQL is kept: every call asks the
database.
"""

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from enum import Enum
from inspect import signature
from operator import itemgetter
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet, Value
from django.db.models.query import FlatValuesListIterable, ModelIterable, get_related_populators
from django.db.models.sql import UpdateQuery
from django.db.transaction import TransactionManagementError

LONGEST = 10  # of lists whose SQL is kept


class _Keeping[**P, Whole, Kept: "_Sql"]:
    """What is kept of a function: the SQL of what it makes. Arguments are text, numbers, moments, members of
    enums, or lists of such; TypeError for None, which SQL compares in a way of its own."""

    def __init__(
        self, compose: Callable[P, Whole], keep: Callable[[Whole, BaseDatabaseWrapper], Kept]
    ) -> None:
        self._compose, self._signature, self._keep = compose, signature(compose), keep
        self._of_thread = _OfThread()

    def _kept(self, given: Mapping[str, Any]) -> Kept:
        """This thread's: how rows are read belongs to a connection."""
        connection = connections[DEFAULT_DB_ALIAS]
        lengths = {name: len(value) for name, value in given.items() if isinstance(value, list | tuple)}
        kept: Kept | None = self._of_thread.kept.get(key := tuple(lengths.values()))
        if kept is None or kept.connection is not connection:
            kept = self._keep(self._compose(**self._places(lengths)), connection)  # type: ignore[call-arg]
            if max(key, default=0) <= LONGEST:
                self._of_thread.kept[key] = kept
        return kept

    def _given(self, *args: P.args, **kwargs: P.kwargs) -> dict[str, Any]:
        return self._signature.bind(*args, **kwargs).arguments

    def _places(self, lengths: Mapping[str, int]) -> dict[str, Any]:
        return {
            name: [_Place(name, turn) for turn in range(lengths[name])] if name in lengths else _Place(name)
            for name in self._signature.parameters
        }


class Composed[**P, Row](_Keeping[P, QuerySet[Any, Row], "_Rows[Row]"]):
    """What `composed` makes of a function."""

    def all(self, *args: P.args, **kwargs: P.kwargs) -> list[Row]:
        """Every row, in the order of the query set."""
        given = self._given(*args, **kwargs)
        return [] if _of_nothing(given) else self._kept(given).rows(given)

    def first(self, *args: P.args, **kwargs: P.kwargs) -> Row | None:
        """The first row. Unlike Django's `first` it neither orders the rows nor asks for only one."""
        return next(iter(self.all(*args, **kwargs)), None)

    def get(self, *args: P.args, **kwargs: P.kwargs) -> Row:
        """The first row, where there must be one; ObjectDoesNotExist."""
        for row in self.all(*args, **kwargs):
            return row
        raise ObjectDoesNotExist(f"{self._compose.__qualname__} finds none")


class ComposedChange[**P](_Keeping[P, "Change", "_Sql"]):
    """What `composed_change` makes of a function."""

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> int:
        """How many rows were changed."""
        given = self._given(*args, **kwargs)
        if _of_nothing(given):
            return 0
        with self._kept(given).executed(given) as cursor:
            return int(cursor.rowcount)


def _of_nothing(given: Mapping[str, Any]) -> bool:
    """No row is among those of an empty list."""
    return any(isinstance(value, list | tuple) and not value for value in given.values())


class Change:
    """What is to be done with rows of one table: what `QuerySet.update` would do at once."""

    def __init__(self, rows: QuerySet[Any], **values: Any) -> None:
        query: Any = rows.query.chain(UpdateQuery)
        query.add_update_values(values)
        query.clear_ordering(force=True)
        self.query = query


def composed[**P, Row](compose: Callable[P, QuerySet[Any, Row]]) -> Composed[P, Row]:
    return Composed(compose, _Rows)


def composed_change[**P](compose: Callable[P, Change]) -> ComposedChange[P]:
    return ComposedChange(compose, _Sql)


class _OfThread(threading.local):
    """By the lengths of lists."""

    def __init__(self) -> None:
        self.kept: dict[tuple[int, ...], Any] = {}


class _Place(Value):
    """Where an argument goes, or one of a list. Among the parameters it stands for itself, until there is a
    value."""

    def __init__(self, name: str, turn: int | None = None) -> None:
        super().__init__(None)
        self.name, self.turn = name, turn

    def taken_from(self, given: Mapping[str, Any]) -> Any:
        return given[self.name] if self.turn is None else given[self.name][self.turn]

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # noqa: ARG002 - Django's form
        return "%s", (self,)

    def as_sqlite(self, compiler: Any, connection: Any, **_context: Any) -> Any:
        return self.as_sql(compiler, connection)


class _Sql:
    """What Django has put together for `connection`."""

    def __init__(self, whole: Any, connection: BaseDatabaseWrapper) -> None:
        self.connection, self._database = connection, vars(type(connection))["Database"]
        self.compiler = whole.query.get_compiler(connection=connection)
        self._sql, self._parameters = self.compiler.as_sql()

    @contextmanager
    def executed(self, given: Mapping[str, Any]) -> Iterator[Any]:
        parameters = [
            self._adapted(one.taken_from(given)) if isinstance(one, _Place) else one
            for one in self._parameters
        ]
        with self.connection.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            yield cursor

    def _adapted(self, value: object) -> Any:
        """As Django's fields hand it to a database's driver."""
        if isinstance(value, datetime):
            return self.connection.ops.adapt_datetimefield_value(value)
        if isinstance(value, bytes):
            return self._database.Binary(value)
        if value is None:
            raise TypeError("a composed query compares with no None")
        return value.value if isinstance(value, Enum) else value


class _Rows[Row](_Sql):
    """A query set, and how its rows are read."""

    def __init__(self, rows: QuerySet[Any, Row], connection: BaseDatabaseWrapper) -> None:
        super().__init__(rows, connection)
        self._locks = rows.query.select_for_update
        self._converters = self.compiler.get_converters([field for field, *_ in self.compiler.select])
        self._read = _reader(rows, self.compiler, connection)

    def rows(self, given: Mapping[str, Any]) -> list[Row]:
        if self._locks and not self.connection.in_atomic_block:
            raise TransactionManagementError("rows are locked inside transaction.atomic()")
        with self.executed(given) as cursor:
            found = cursor.fetchall()
        return [self._read(row) for row in self.compiler.apply_converters(found, self._converters)]


def _reader(rows: Any, compiler: Any, connection: BaseDatabaseWrapper) -> Callable[[Sequence[Any]], Any]:
    """What becomes of a row; Django's ModelIterable finds this out anew for each query."""
    if not issubclass(rows._iterable_class, ModelIterable):
        return itemgetter(0) if issubclass(rows._iterable_class, FlatValuesListIterable) else tuple
    model, fields = compiler.klass_info["model"], compiler.klass_info["select_fields"]
    columns = slice(fields[0], fields[-1] + 1)
    names = [field.target.attname for field, *_ in compiler.select[columns]]
    mode = rows._fetch_mode
    related = get_related_populators(compiler.klass_info, compiler.select, connection.alias, mode)

    def read(row: Sequence[Any]) -> Any:
        found = model.from_db(connection.alias, names, row[columns], fetch_mode=mode)
        for one in related:
            one.populate(row, found)
        return found

    return read
