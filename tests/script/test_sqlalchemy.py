from __future__ import annotations

import hashlib
import typing as t
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from sqlalchemy import create_engine, delete, event, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from erlen import Erlen
from erlen.script.errors import ScriptError
from erlen.script.sqlalchemy import dry_run

from .conftest import Database, Order, Position


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@contextmanager
def undone(database: Database) -> Iterator[Callable[[], list[str]]]:
    app = Erlen("shop")
    app.extensions["sqlalchemy"] = database
    context = dry_run(app)
    assert context is not None
    with context as changes:
        yield changes


def ids(database: Database) -> list[int]:
    found = list(database.session.scalars(select(Order.id)))
    database.session.remove()
    return found


def by_objects(database: Database) -> None:
    session = database.session
    session.add_all([Order(cents=1), Order(cents=2), Order(cents=3)])
    session.commit()
    session.get(Order, 1).cents = 7
    session.delete(session.get(Order, 2))
    session.commit()


def by_statements(database: Database) -> None:
    session = database.session
    session.execute(insert(Order), [{"cents": 1}, {"cents": 2}, {"cents": 3}])
    session.execute(update(Order).where(Order.id == 1).values(cents=7))
    session.execute(delete(Order).where(Order.id == 2))
    session.commit()


def by_an_engine(database: Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(insert(Order).values([{"cents": 1}, {"cents": 2}, {"cents": 3}]))
    with database.engine.connect() as connection:
        connection.execute(text("UPDATE orders SET cents = 7 WHERE id = 1"))
        connection.exec_driver_sql("/* why */ DELETE FROM orders WHERE id = 2")
        connection.commit()


def by_more_connections_at_once(database: Database) -> None:
    database.session.get(Order, 1).cents = 7
    database.session.flush()
    with database.engine.begin() as connection:
        connection.execute(insert(Order).from_select(["cents"], select(Order.cents).limit(3)))
    with database.engine.begin() as connection:
        connection.execute(delete(Order).where(Order.id == 2))
    database.session.commit()


WAYS = [by_objects, by_statements, by_an_engine, by_more_connections_at_once]


@pytest.mark.parametrize("change", WAYS)
def test_the_file_is_as_it_was_and_the_changes_are_told(
    database: Database, change: Callable[[Database], None]
) -> None:
    database.fill(5)
    before = digest(database.path)
    with undone(database) as changes:
        change(database)
        assert changes() == ["orders: 3 added, 1 changed, 1 deleted"]
        assert ids(database) == [1, 3, 4, 5, 6, 7, 8]
    assert digest(database.path) == before
    assert ids(database) == [1, 2, 3, 4, 5]


# Without a dry run, SQLite lets one connection write at a time.
@pytest.mark.parametrize("change", WAYS[:-1])
def test_without_a_dry_run_the_same_is_kept(database: Database, change: Callable[[Database], None]) -> None:
    database.fill(5)
    with undone(database):
        pass
    change(database)
    database.session.remove()
    assert ids(database) == [1, 3, 4, 5, 6, 7, 8]


def test_the_script_may_roll_back_itself(database: Database) -> None:
    database.fill(2)
    with undone(database):
        session = database.session
        session.add(Order(cents=1))
        session.commit()
        session.add(Order(cents=1))
        session.rollback()
        session.add(Order(id=1, cents=1))
        with pytest.raises(IntegrityError):
            session.commit()
        session.rollback()
        with session.begin_nested():
            session.add(Order(cents=1))
        session.commit()
        with suppress(ZeroDivisionError), database.engine.begin() as connection:
            connection.execute(delete(Order))
            raise ZeroDivisionError
        assert ids(database) == [1, 2, 3, 4]
    assert ids(database) == [1, 2]


def test_an_exception_undoes_too(database: Database) -> None:
    database.fill(2)
    before = digest(database.path)
    with suppress(ZeroDivisionError), undone(database):
        by_objects(database)
        raise ZeroDivisionError
    assert digest(database.path) == before


def test_more_than_memory_holds_is_undone(database: Database) -> None:
    """The database writes to its file when a transaction becomes large, and takes it back."""
    database.fill(10)
    before = digest(database.path)
    with undone(database) as changes:
        with database.engine.begin() as connection:
            connection.exec_driver_sql("PRAGMA cache_size = 5")
            connection.execute(insert(Order), [{"cents": n} for n in range(20_000)])
        assert changes() == ["orders: 20000 added"]
    assert digest(database.path) == before


def test_tables_that_are_made_are_gone(database: Database) -> None:
    before = digest(database.path)
    with undone(database), database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE more (id INTEGER)"))
        connection.execute(text("DROP TABLE orders"))
    assert digest(database.path) == before


def test_rows_that_a_statement_returns_are_said_not_to_be_counted(database: Database) -> None:
    database.fill(3)
    with undone(database) as changes:
        database.session.execute(update(Order).values(cents=1).returning(Order.id)).all()
        database.session.add(Position(order=1, line="a"))
        database.session.flush()
        assert changes() == [
            "orders: and some whose number the database did not tell",
            "positions: 1 added",
        ]


def test_what_only_reads_changes_nothing(database: Database) -> None:
    with undone(database) as changes:
        ids(database)
        assert changes() == []


@pytest.mark.parametrize(
    "statement", ["COMMIT", " -- no\n commit", "VACUUM", "END", "BEGIN", "ROLLBACK", "ATTACH 'x' AS y"]
)
def test_a_statement_that_cannot_be_undone_is_not_executed(database: Database, statement: str) -> None:
    executed: list[str] = []
    with undone(database):
        event.listen(database.engine, "after_cursor_execute", lambda *args: executed.append(args[2]))
        with database.engine.connect() as connection, pytest.raises(ScriptError, match="cannot undo this"):
            connection.execute(text(statement))
    assert executed == []


def test_autocommit_is_refused(database: Database) -> None:
    with undone(database), pytest.raises(ScriptError, match="AUTOCOMMIT"):
        database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")


@pytest.mark.parametrize("statement", ["CREATE TABLE x (id INTEGER)", "drop table orders", "TRUNCATE orders"])
def test_changes_of_tables_are_refused_where_they_would_end_the_transaction(
    database: Database, monkeypatch: pytest.MonkeyPatch, statement: str
) -> None:
    monkeypatch.setattr(database.engine.dialect, "name", "mysql")
    before = digest(database.path)
    with (
        undone(database),
        database.engine.connect() as connection,
        pytest.raises(ScriptError, match="cannot undo this"),
    ):
        connection.execute(text(statement))
    assert digest(database.path) == before


def test_a_driver_that_commits_by_itself_is_refused(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database.engine.dialect, "name", "postgresql")
    monkeypatch.setattr(database.engine.dialect, "detect_autocommit_setting", lambda connection: True)
    with pytest.raises(ScriptError, match="AUTOCOMMIT"):
        undone(database).__enter__()
    monkeypatch.undo()
    by_objects(database)
    assert ids(database) == [1, 3]


def test_a_transaction_that_the_database_has_ended_ends_the_dry_run(database: Database) -> None:
    database.fill(2)
    before = digest(database.path)
    with undone(database):
        with suppress(DBAPIError), database.engine.begin() as connection:
            connection.execute(text("INSERT OR ROLLBACK INTO orders (id, cents) VALUES (1, 1)"))
        with pytest.raises(ScriptError, match="has ended the transaction"):
            by_objects(database)
        database.session.rollback()
    assert digest(database.path) == before


def test_a_database_that_is_not_known_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database.engine.dialect, "name", "oracle")
    with pytest.raises(ScriptError, match="in mariadb, mysql, postgresql, sqlite, and not in oracle"):
        undone(database).__enter__()


def test_every_database_is_undone(database: Database, tmp_path: Path) -> None:
    other = create_engine(f"sqlite:///{tmp_path / 'other.db'}")
    Order.metadata.create_all(other)
    engines: dict[t.Any, t.Any] = database.engines
    engines["archive"] = other
    before = digest(tmp_path / "other.db")
    with undone(database) as changes:
        with other.begin() as connection:
            connection.execute(insert(Order).values(cents=1))
        assert changes() == ["archive: orders: 1 added"]
    assert digest(tmp_path / "other.db") == before
    other.dispose()


def test_afterwards_everything_is_as_it_was(database: Database) -> None:
    pool = database.engine.pool
    with undone(database):
        by_objects(database)
    assert database.engine.pool is pool
    assert {"do_begin", "do_commit", "do_rollback"} & set(vars(database.engine.dialect)) == set()
    with database.engine.connect() as connection:
        assert connection.connection.dbapi_connection.isolation_level == ""
