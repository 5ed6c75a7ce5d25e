from __future__ import annotations

import typing as t

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine, event, func, insert, select, text
from sqlalchemy.orm import Session, aliased

from erlen import Erlen
from erlen.script.errors import ScriptError
from erlen.script.keyset import Batches, batches_of

from .conftest import Base, Database, Order, Position


def batches(source: t.Any, database: Database, size: int = 3, key: t.Any = None) -> Batches:
    return batches_of(source, key=key, size=size, session=database.session)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 6, 7])
def test_each_row_comes_once_and_in_order(database: Database, count: int) -> None:
    database.fill(count)
    found = batches(select(Order), database)
    assert found.total == count
    pages = [([row.id for row in rows], key) for rows, key in found.behind(None)]
    assert [number for page, _ in pages for number in page] == list(range(1, count + 1))
    assert all(key == (page[-1],) for page, key in pages)


def test_it_goes_on_behind_a_key(database: Database) -> None:
    database.fill(7)
    pages = list(batches(select(Order), database).behind((5,)))
    assert [[row.id for row in rows] for rows, _ in pages] == [[6, 7]]


def test_no_row_is_read_twice(database: Database) -> None:
    """No OFFSET: each query asks for what lies behind the last key."""
    database.fill(7)
    found = batches(select(Order).where(Order.cents > 1), database)
    queries: list[tuple[str, t.Any]] = []
    event.listen(database.engine, "before_cursor_execute", lambda *args: queries.append(args[2:4]))
    assert sum(len(rows) for rows, _ in found.behind(None)) == 6
    assert [parameters for _, parameters in queries] == [(1, 3, 0), (1, 4, 3, 0), (1, 7, 3, 0)]


@given(st.lists(st.tuples(st.integers(1, 4), st.text("abc", max_size=2)), unique=True), st.integers(1, 5))
def test_a_key_of_two_columns_is_in_order(keys: list[tuple[int, str]], size: int) -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.add_all([Position(order=order, line=line) for order, line in keys])
        session.flush()
        found = batches_of(select(Position), key=None, size=size, session=session)
        rows = [(row.order, row.line) for page, _ in found.behind(None) for row in page]
    engine.dispose()
    assert rows == sorted(keys)


def test_columns_need_a_key_that_is_among_them(database: Database) -> None:
    database.fill(4)
    found = batches(select(Order.cents, Order.id), database, key=Order.id)
    assert [(rows[-1].cents, key) for rows, key in found.behind(None)] == [(3, (3,)), (4, (4,))]
    with pytest.raises(ScriptError, match="needs key="):
        batches(select(Order.cents, Order.id), database)
    with pytest.raises(ScriptError, match="select 'id', too"):
        batches(select(Order.cents), database, key=Order.id)


def test_models_may_have_another_key(database: Database) -> None:
    database.fill(4)
    assert [key for _, key in batches(select(Order), database, key=Order.cents).behind(None)] == [(3,), (4,)]


def test_an_alias_has_the_key_of_its_model(database: Database) -> None:
    database.fill(4)
    other = aliased(Order)
    found = batches(select(other).where(other.id > 1), database)
    assert [[row.id for row in rows] for rows, _ in found.behind(None)] == [[2, 3, 4]]


def test_the_query_of_a_session_brings_its_session(database: Database) -> None:
    database.fill(4)
    found = batches_of(database.session.query(Order), key=None, size=3, session=None)
    assert [key for _, key in found.behind(None)] == [(3,), (4,)]


def test_the_session_is_flask_sqlalchemys(database: Database) -> None:
    with pytest.raises(ScriptError, match="give it session="):
        batches_of(select(Order), key=None, size=3, session=None)
    app = Erlen("shop")
    app.extensions["sqlalchemy"] = database
    with app.app_context():
        assert batches_of(select(Order), key=None, size=3, session=None).total == 0


def test_what_a_batch_has_changed_is_committed(database: Database) -> None:
    database.fill(4)
    found = batches(select(Order), database)
    for rows, _ in found.behind(None):
        for row in rows:
            row.cents = 0
        found.commit()
    database.session.rollback()
    assert database.session.scalar(select(func.sum(Order.cents))) == 0


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (select(Order).order_by(Order.cents), "leave out order_by, limit and offset"),
        (select(Order).limit(3), "leave out order_by, limit and offset"),
        (select(Order).offset(3), "leave out order_by, limit and offset"),
        (text("SELECT 1"), "takes a query or an iterable, and not a TextClause"),
        (Order.__table__.insert().returning(Order.id), "a query or an iterable, and not a Insert"),
        (insert(Order).returning(Order.id), "a query or an iterable, and not a Insert"),
        (select(Order.id).union(select(Order.cents)), "a query or an iterable, and not a CompoundSelect"),
        (7, "takes a query or an iterable, and not a int"),
    ],
)
def test_what_cannot_be_read_by_key_is_refused(database: Database, source: object, message: str) -> None:
    with pytest.raises(ScriptError, match=message):
        batches(source, database, key=None)


def test_a_key_that_is_null_is_refused(database: Database) -> None:
    database.fill(1)
    nothing = func.nullif(1, 1).label("missing")
    with pytest.raises(ScriptError, match="a key that is NULL"):
        list(batches(select(nothing, Order.id), database, key=nothing).behind(None))


def test_an_iterable_is_counted() -> None:
    found = batches_of("abcdefg", key=None, size=3, session=None)
    assert found.total == 7
    assert list(found.behind(None)) == [(list("abc"), (3,)), (list("def"), (6,)), (["g"], (7,))]
    assert list(found.behind((6,))) == [(["g"], (7,))]
    assert batches_of(iter("abc"), key=None, size=3, session=None).total is None
    with pytest.raises(ScriptError, match="for queries"):
        batches_of("abc", key=Order.id, size=3, session=None)
