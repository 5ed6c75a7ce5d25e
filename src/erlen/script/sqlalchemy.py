"""Dry runs with Flask-SQLAlchemy: every engine has one connection, and its transaction is rolled back.

A script commits where it likes, by the session, an engine or a connection. It sees what it has written; a
commit is the end of a savepoint, and all of them lie in one transaction that is never committed. So the
database keeps its constraints and triggers, and nothing has to be known of the script.

What no transaction can take back is refused: statements that end it (COMMIT, VACUUM, on MySQL those
that change tables), and connections in AUTOCOMMIT. What a script does to the DBAPI's connection is not
seen.
"""

from __future__ import annotations

import re
import typing as t
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, suppress

from erlen import Erlen

from .errors import ScriptError
from .transaction import Changes

if t.TYPE_CHECKING:
    from sqlalchemy import Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection, ExecutionContext

_COMMENTS = re.compile(r"^(?:\s+|--[^\n]*\n|/\*.*?\*/)+", re.DOTALL)
_ENDS = re.compile(r"(?:COMMIT|END|ROLLBACK(?!\s+TO)|BEGIN|START|VACUUM|ATTACH|DETACH)\b", re.IGNORECASE)
_SCHEMA = re.compile(r"(?:CREATE|ALTER|DROP|TRUNCATE|RENAME)\b", re.IGNORECASE)
_KNOWN = {"sqlite", "postgresql", "mysql", "mariadb"}
_ROLLS_SCHEMA_BACK = {"sqlite", "postgresql"}
_TABLE = r'(?P<table>[\w."`\[\]]+)'
_WRITES = re.compile(
    rf"(?:(?P<added>(?:INSERT|REPLACE)(?:\s+OR\s+\w+)?\s+INTO\s+)|(?P<changed>UPDATE\s+(?:ONLY\s+)?)"
    rf"|(?P<deleted>DELETE\s+FROM\s+(?:ONLY\s+)?)){_TABLE}",
    re.IGNORECASE,
)


def dry_run(app: Erlen, /) -> AbstractContextManager[Changes] | None:
    """Undo what is done to the databases of Flask-SQLAlchemy; the plugin of `erlen.script.transaction`."""
    extension = app.extensions.get("sqlalchemy")
    return None if extension is None else _undone(extension)


@contextmanager
def _undone(extension: t.Any) -> Iterator[Changes]:
    counts = _Counts()
    with ExitStack() as stack:
        extension.session.remove()
        for name, engine in extension.engines.items():
            stack.enter_context(_rolled_back(engine, counts, "" if name is None else f"{name}: "))
        # Before the engines are as they were, the session gives its connections back.
        stack.callback(extension.session.remove)
        yield counts.lines


class _Counts:
    """How many rows of which tables were added, changed and deleted."""

    def __init__(self) -> None:
        self._rows: dict[str, Counter[str]] = {}
        self._unknown: set[str] = set()
        self._last: t.Any = None

    def note(self, database: str, statement: str, context: t.Any, rows: int) -> None:
        """Note a statement that was executed."""
        found = _WRITES.match(_COMMENTS.sub("", statement))
        if found is None:
            return
        verb = _verb(found)
        table = database + re.sub(r'["`\[\]]', "", found["table"])
        if verb == "added" and context.compiled is not None:
            # A statement of many rows may come in parts, and each time says how many rows there are in all.
            if context is self._last:
                return
            self._last = context
            rows = max(rows, len(context.compiled_parameters))
        elif rows < 1 and re.search(r"\bRETURNING\b", statement, re.IGNORECASE):
            self._unknown.add(table)  # how many they are is known when they have been read
        self._rows.setdefault(table, Counter())[verb] += max(rows, 0)

    def lines(self) -> list[str]:
        """Return a line for each table."""
        return [self._line(table) for table in sorted(self._rows)]

    def _line(self, table: str) -> str:
        rows = self._rows[table]
        parts = [f"{rows[verb]} {verb}" for verb in ("added", "changed", "deleted") if rows[verb]]
        if table in self._unknown:
            parts.append("and some whose number the database did not tell")
        return f"{table}: {', '.join(parts) or 'nothing changed'}"


def _verb(found: re.Match[str]) -> str:
    return next(verb for verb in ("added", "changed", "deleted") if found[verb])


@contextmanager
def _rolled_back(engine: Engine, counts: _Counts, database: str) -> Iterator[None]:
    from sqlalchemy import event
    from sqlalchemy.pool import StaticPool

    def before(*args: t.Any) -> None:
        _refuse(engine, args[2])

    def after(
        _: t.Any, cursor: t.Any, statement: str, __: t.Any, context: ExecutionContext, ___: t.Any
    ) -> None:
        counts.note(database, statement, context, cursor.rowcount)

    def options(_: t.Any, given: dict[str, t.Any]) -> None:
        if given.get("isolation_level") == "AUTOCOMMIT":
            raise _in_autocommit(engine)

    listeners = {
        "before_cursor_execute": before,
        "after_cursor_execute": after,
        "set_connection_execution_options": options,
    }
    with closing(engine.raw_connection()) as kept:
        connection = kept.dbapi_connection
        assert connection is not None
        pool = engine.pool
        with _one_transaction(engine, connection):
            # Connections are given back while another's savepoint is open: no rollback then.
            engine.pool = StaticPool(lambda: connection, dialect=engine.dialect, reset_on_return=None)
            for name, function in listeners.items():
                event.listen(engine, name, function)
            try:
                yield
            finally:
                for name, function in listeners.items():
                    event.remove(engine, name, function)
                engine.pool = pool


def _refuse(engine: Engine, statement: str) -> None:
    text = _COMMENTS.sub("", statement)
    by_schema = engine.dialect.name not in _ROLLS_SCHEMA_BACK and _SCHEMA.match(text)
    if _ENDS.match(text) or by_schema:
        raise ScriptError(f"A dry run cannot undo this statement, so it is not executed: {text[:80]!r}")


@contextmanager
def _one_transaction(engine: Engine, connection: DBAPIConnection) -> Iterator[None]:
    """Begin a transaction in which the dialect's are savepoints, and roll it back."""
    dialect: t.Any = engine.dialect
    if dialect.name not in _KNOWN:
        raise ScriptError(
            f"A dry run can undo changes in {', '.join(sorted(_KNOWN))}, and not in {dialect.name}."
        )
    isolation: t.Any = None
    # sqlite3 would begin by itself, and not before each statement; from Python 3.12 on it can be told to.
    begins = dialect.name == "sqlite" and getattr(connection, "autocommit", None) is not False
    if begins:
        isolation, connection.isolation_level = connection.isolation_level, None
        _execute(connection, "BEGIN")
    elif _commits_by_itself(dialect, connection):
        raise _in_autocommit(engine)
    savepoints = _Savepoints(connection, is_watched=dialect.name == "sqlite")
    replaced = {
        "do_begin": savepoints.begin,
        "do_commit": savepoints.commit,
        "do_rollback": savepoints.roll_back,
    }
    for name, function in replaced.items():
        setattr(dialect, name, function)
    try:
        yield
    finally:
        for name in replaced:
            delattr(dialect, name)
        connection.rollback()
        if begins:
            connection.isolation_level = isolation


def _in_autocommit(engine: Engine) -> ScriptError:
    return ScriptError(f"A dry run cannot undo what is done in AUTOCOMMIT ({engine.url!r}).")


def _commits_by_itself(dialect: t.Any, connection: DBAPIConnection) -> bool:
    detect = getattr(dialect, "detect_autocommit_setting", None)  # SQLAlchemy 2.0.43 and later
    if detect is not None:
        with suppress(NotImplementedError):
            return bool(detect(connection))
    return getattr(connection, "autocommit", False) is True


class _Savepoints:
    """The savepoints that stand for the transactions of a dialect; the last one is the innermost.

    Two users of the one connection may overlap: where the outer one ends first, its savepoint is left.
    """

    def __init__(self, connection: DBAPIConnection, *, is_watched: bool) -> None:
        self._connection = connection
        self._is_watched = is_watched
        self._open: list[tuple[int, str]] = []
        self._number = 0

    def begin(self, user: object) -> None:
        self._require_transaction()
        self._number += 1
        name = f"erlen_dry_run_{self._number}"
        _execute(self._connection, f"SAVEPOINT {name}")
        self._open.append((id(user), name))

    def commit(self, user: object) -> None:
        index = self._index_of(user)
        if index is None:
            return
        self._require_transaction()
        _, name = self._open.pop(index)
        if index == len(self._open):
            _execute(self._connection, f"RELEASE SAVEPOINT {name}")

    def roll_back(self, user: object) -> None:
        index = self._index_of(user)
        if index is None:
            return
        name = self._open[index][1]
        del self._open[index:]  # those inside are gone with it
        _execute(self._connection, f"ROLLBACK TO SAVEPOINT {name}")
        _execute(self._connection, f"RELEASE SAVEPOINT {name}")

    def _require_transaction(self) -> None:
        """Raise `ScriptError` where SQLite has ended the transaction, as `ON CONFLICT ROLLBACK` does."""
        if self._is_watched and not self._connection.in_transaction:
            raise ScriptError(
                "The database has ended the transaction of the dry run, so nothing more is done."
            )

    def _index_of(self, user: object) -> int | None:
        found = [index for index, (owner, _) in enumerate(self._open) if owner == id(user)]
        return found[-1] if found else None


def _execute(connection: DBAPIConnection, statement: str) -> None:
    cursor = connection.cursor()
    try:
        cursor.execute(statement)
    finally:
        cursor.close()
