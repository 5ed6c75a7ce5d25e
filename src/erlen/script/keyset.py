"""The rows of a query in batches, by key: each batch is one query for what lies behind the last key.

An OFFSET would read all rows before it again, and a cursor of the server's would survive neither a commit nor
the process.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Iterator, Sequence, Sized
from itertools import islice

from erlen import current_app

from .checkpoint import Key
from .errors import ScriptError

Batch = tuple[list[t.Any], Key]
"""Rows, and the key of the last one."""


class Batches(t.Protocol):
    """Rows in batches, which can be asked for from a key on."""

    total: int | None

    def behind(self, key: Key | None) -> Iterator[Batch]:
        """Yield the batches behind a key, or all of them."""
        ...

    def commit(self) -> None:
        """Make lasting what was done with a batch."""
        ...


def batches_of(source: t.Any, *, key: t.Any, size: int, session: t.Any) -> Batches:
    """Return the batches of a query of SQLAlchemy's, or of anything that can be iterated over."""
    if hasattr(source, "statement") and hasattr(source, "session"):  # Query, as of `Model.query`
        return SelectBatches(source.statement, key, size, session or source.session)
    if hasattr(source, "column_descriptions"):
        return SelectBatches(source, key, size, session or _session_of_the_application())
    if not isinstance(source, Iterable):
        raise ScriptError(f"progress() takes a query or an iterable, and not a {type(source).__name__}.")
    if key is not None:
        raise ScriptError("progress() takes key=… for queries; other things are counted.")
    return IterableBatches(source, size)


def _session_of_the_application() -> t.Any:
    extension = current_app.extensions.get("sqlalchemy") if current_app else None
    if extension is None:
        raise ScriptError("progress() does not know where to run the query: give it session=…")
    return extension.session


class IterableBatches:
    """The batches of an iterable; the key is the number of items, so it has to have the same ones again."""

    def __init__(self, source: Iterable[t.Any], size: int) -> None:
        self._source = source
        self._size = size
        self.total = len(source) if isinstance(source, Sized) else None

    def behind(self, key: Key | None) -> Iterator[Batch]:
        count = key[0] if key else 0
        items = islice(self._source, count, None)
        while batch := list(islice(items, self._size)):
            count += len(batch)
            yield batch, (count,)

    def commit(self) -> None:
        pass


class SelectBatches:
    """The batches of a `select()`, ordered by the primary key of its model or by the columns given as key."""

    def __init__(self, statement: t.Any, key: t.Any, size: int, session: t.Any) -> None:
        if _has_order_or_limit(statement):
            raise ScriptError("progress() reads a query by its key: leave out order_by, limit and offset.")
        self._statement = statement
        self._size = size
        self._session = session
        self._is_model, self._columns, self._key_of = _key_of(statement, key)
        self.total: int | None = self._count()

    def _count(self) -> int:
        from sqlalchemy import func, select

        count = self._session.scalar(select(func.count()).select_from(self._statement.subquery()))
        return int(count)

    def behind(self, key: Key | None) -> Iterator[Batch]:
        statement = self._statement.order_by(*self._columns).limit(self._size)
        while True:
            page = statement if key is None else statement.where(_is_behind(self._columns, key))
            result = self._session.execute(page)
            rows = list(result.unique().scalars() if self._is_model else result)
            if not rows:
                return
            key = self._key_of(rows[-1])
            if None in key:
                raise ScriptError("progress() cannot go by a key that is NULL: choose another with key=…")
            full = len(rows) == self._size
            yield rows, key
            del rows  # while the next ones come, memory has one batch
            if not full:
                return

    def commit(self) -> None:
        self._session.commit()


def _has_order_or_limit(statement: t.Any) -> bool:
    return bool(
        statement._order_by_clauses
        or statement._limit_clause is not None
        or statement._offset_clause is not None
    )


def _is_behind(columns: Sequence[t.Any], key: Key) -> t.Any:
    """Return the condition; a comparison of tuples is not known to all databases."""
    from sqlalchemy import and_, or_

    pairs = list(zip(columns, key, strict=True))
    return or_(
        *(
            and_(*(column == value for column, value in pairs[:index]), pairs[index][0] > pairs[index][1])
            for index in range(len(pairs))
        )
    )


def _key_of(statement: t.Any, key: t.Any) -> tuple[bool, list[t.Any], t.Callable[[t.Any], Key]]:
    """Return whether rows are models, the columns of the key, and what reads a row's key."""
    described = statement.column_descriptions
    is_model = len(described) == 1 and described[0]["expr"] is described[0].get("entity") is not None
    if key is None:
        if not is_model:
            raise ScriptError(
                "progress() needs key=… for a query of columns: the one that is unique, as Order.id."
            )
        return True, *_primary_key(described[0]["entity"])
    columns = list(key) if isinstance(key, list | tuple) else [key]
    if is_model:
        names = [column.key for column in columns]
        return True, columns, lambda row: tuple(getattr(row, name) for name in names)
    known = [each["name"] for each in described]
    missing = [column.key for column in columns if column.key not in known]
    if missing:
        raise ScriptError(f"progress() reads the key from the rows: select {missing[0]!r}, too.")
    places = [known.index(column.key) for column in columns]
    return False, columns, lambda row: tuple(row[place] for place in places)


def _primary_key(entity: t.Any) -> tuple[list[t.Any], t.Callable[[t.Any], Key]]:
    from sqlalchemy import inspect

    mapper = inspect(entity).mapper
    columns = [getattr(entity, mapper.get_property_by_column(column).key) for column in mapper.primary_key]
    return columns, lambda row: tuple(mapper.primary_key_from_instance(row))
