"""Dicts and classes that say when they change, and are dicts and classes in everything else."""

from __future__ import annotations

import copy
import json
import pickle
import typing as t
from abc import ABC, ABCMeta, abstractmethod
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st

from erlen.observe import Series, Table, Watched
from tests.serve.beside import examples


class Counter:
    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> None:
        self.count += 1


def table_of(items: dict[t.Any, t.Any], factory: t.Any = list) -> tuple[Table[t.Any, t.Any], Counter]:
    changed = Counter()
    table: Table[t.Any, t.Any] = Table(changed, factory)
    table.update(items)
    changed.count = 0
    return table, changed


CHANGES: dict[str, t.Callable[[t.Any], object]] = {
    "set": lambda table: table.__setitem__("a", 1),
    "set again": lambda table: table.__setitem__("x", 1),
    "delete": lambda table: table.__delitem__("x"),
    "missing": lambda table: table["missing"],
    "setdefault": lambda table: table.setdefault("a", []),
    "update": lambda table: table.update(a=1),
    "update from pairs": lambda table: table.update([("a", 1)]),
    "or": lambda table: table.__ior__({"a": 1}),
    "pop": lambda table: table.pop("x"),
    "popitem": lambda table: table.popitem(),
    "clear": lambda table: table.clear(),
}
NO_CHANGES: dict[str, t.Callable[[t.Any], object]] = {
    "get": lambda table: table.get("missing"),
    "in": lambda table: "missing" in table,
    "item": lambda table: table["x"],
    "keys": lambda table: list(table.keys()),
    "items": lambda table: list(table.items()),
    "copy": lambda table: table.copy(),
    "equal": lambda table: table == {},
    "append to a list": lambda table: table["x"].append(1),
    "repr": repr,
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_of_a_table_is_told(change: t.Callable[[t.Any], object]) -> None:
    table, changed = table_of({"x": []})
    change(table)
    assert changed.count >= 1


@pytest.mark.parametrize("look", NO_CHANGES.values(), ids=NO_CHANGES)
def test_looking_at_a_table_is_no_change(look: t.Callable[[t.Any], object]) -> None:
    table, changed = table_of({"x": []})
    look(table)
    assert changed.count == 0


def test_a_change_is_told_after_it_was_made() -> None:
    seen: list[dict[str, int]] = []
    table: Table[str, int] = Table(lambda: seen.append(dict(table)))
    table["a"] = 1
    table.pop("a")
    assert seen == [{"a": 1}, {}]


def test_a_change_that_fails_half_way_is_told() -> None:
    table, changed = table_of({})
    with pytest.raises(ValueError, match="dictionary update sequence"):
        table.update([("a", 1), ("b",)])
    assert table == {"a": 1}
    assert changed.count == 1


_keys = st.sampled_from((None, "a", "b"))
_operations = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(("__setitem__", "setdefault")), st.tuples(_keys, st.integers(0, 3))),
        st.tuples(
            st.sampled_from(("__delitem__", "__getitem__", "pop", "get", "__contains__")), st.tuples(_keys)
        ),
        st.tuples(st.just("pop"), st.tuples(_keys, st.none())),
        st.tuples(
            st.sampled_from(("update", "__ior__")), st.tuples(st.dictionaries(_keys, st.integers(0, 3)))
        ),
        st.tuples(st.sampled_from(("clear", "popitem", "__len__", "__reversed__", "items")), st.just(())),
    ),
    max_size=10,
)


@given(_operations, st.sampled_from((list, None)))
@examples(100)
def test_a_table_does_what_a_defaultdict_does(operations: t.Any, factory: t.Any) -> None:
    table, changed = table_of({}, factory)
    plain: defaultdict[t.Any, t.Any] = defaultdict(factory)
    for name, arguments in operations:
        before, count = dict(plain), changed.count
        given_by = []
        for one in (table, plain):
            try:
                given_ = getattr(one, name)(*arguments)
                given_by.append(list(given_) if name in ("__reversed__", "items") else given_)
            except (KeyError, TypeError) as error:
                given_by.append(type(error))
        assert given_by[0] == given_by[1]
        assert table == plain
        assert list(table) == list(plain)
        assert changed.count > count or dict(plain) == before


def test_a_union_of_tables_is_a_plain_defaultdict() -> None:
    table, changed = table_of({"x": [1]})
    for union in (table | {"a": [2]}, {"a": [2]} | table):
        assert union == {"x": [1], "a": [2]}
        assert type(union) is defaultdict
        assert union["missing"] == []
    assert changed.count == 0


@pytest.mark.parametrize(
    "duplicate",
    [copy.copy, copy.deepcopy, lambda table: table.copy(), lambda table: pickle.loads(pickle.dumps(table))],
    ids=["copy", "deepcopy", "its own copy", "pickle"],
)
def test_a_copy_of_a_table_is_a_plain_defaultdict(duplicate: t.Callable[[t.Any], t.Any]) -> None:
    table, changed = table_of({"x": [1]})
    twin = duplicate(table)
    assert type(twin) is defaultdict
    assert twin == table
    twin["new"].append(1)
    assert "new" not in table
    assert changed.count == 0


def test_a_table_is_a_dict_to_everybody_else() -> None:
    table, _ = table_of({"x": [1]})
    assert isinstance(table, dict)
    assert isinstance(table, defaultdict)
    assert dict(table) == {**table} == {"x": [1]}
    assert json.dumps(table) == '{"x": [1]}'
    assert table.default_factory is list


# classes


class Watcher:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def stale(self, concern: str) -> None:
        self.heard.append(concern)


@pytest.fixture
def watcher() -> Watcher:
    watcher = Watcher()
    Watched.watch(watcher)
    return watcher


class Base(metaclass=Watched):
    def method(self) -> None: ...


class Derived(Base):
    pass


@pytest.mark.parametrize("cls", [Base, Derived])
def test_setting_and_deleting_an_attribute_of_a_class_is_told(cls: t.Any, watcher: Watcher) -> None:
    cls.mine = 1
    assert watcher.heard == ["seams"]
    del cls.mine
    assert watcher.heard == ["seams", "seams"]


def test_a_monkeypatch_is_told_both_ways(watcher: Watcher) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(Base, "method", lambda self: 1)
        assert watcher.heard
        watcher.heard.clear()
    assert watcher.heard


def test_instances_may_be_changed_in_silence(watcher: Watcher) -> None:
    Base().mine = 1  # type: ignore[attr-defined]
    assert watcher.heard == []


def test_making_a_class_is_no_change(watcher: Watcher) -> None:
    class Another(Base):
        x = 1

    assert watcher.heard == []


def test_a_watcher_may_go() -> None:
    gone = Watcher()
    heard = gone.heard
    Watched.watch(gone)
    del gone
    Base.mine = 1
    del Base.mine  # type: ignore[attr-defined]
    assert heard == []


def test_a_watched_class_mixes_with_abstract_ones() -> None:
    class Abstract(ABC):
        @abstractmethod
        def needed(self) -> None: ...

    class Incomplete(Base, Abstract):
        pass

    class Complete(Incomplete):
        def needed(self) -> None: ...

    with pytest.raises(TypeError, match="abstract"):
        Incomplete()  # type: ignore[abstract]
    assert isinstance(Complete(), Abstract)
    assert isinstance(Watched, type)
    assert issubclass(Watched, ABCMeta)
    assert not isinstance(object(), Base)


SERIES_CHANGES: dict[str, t.Callable[[t.Any], object]] = {
    "append": lambda items: items.append(1),
    "extend": lambda items: items.extend([1]),
    "insert": lambda items: items.insert(0, 1),
    "add": lambda items: items.__iadd__([1]),
    "repeat": lambda items: items.__imul__(2),
    "set": lambda items: items.__setitem__(0, 1),
    "set a slice": lambda items: items.__setitem__(slice(0, 1), [1, 2]),
    "delete": lambda items: items.__delitem__(0),
    "pop": lambda items: items.pop(),
    "remove": lambda items: items.remove("x"),
    "clear": lambda items: items.clear(),
    "reverse": lambda items: items.reverse(),
    "sort": lambda items: items.sort(),
}


@pytest.mark.parametrize("name", SERIES_CHANGES)
def test_every_change_of_a_series_is_told_and_is_a_lists(name: str) -> None:
    changed = Counter()
    series: Series[t.Any] = Series(changed)
    series.append("x")
    changed.count = 0
    plain: list[t.Any] = ["x"]

    SERIES_CHANGES[name](series)
    SERIES_CHANGES[name](plain)

    assert series == plain
    assert changed.count >= 1


@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda items: pickle.loads(pickle.dumps(items))]
)
def test_a_duplicate_of_a_series_is_a_plain_list(duplicate: t.Callable[[t.Any], t.Any]) -> None:
    series: Series[int] = Series(Counter())
    series.append(1)
    assert duplicate(series) == [1]
    assert type(duplicate(series)) is list
