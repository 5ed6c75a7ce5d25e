"""What was `flask._compat`."""

from __future__ import annotations

import io
import sys
from typing import Any

import pytest

from erlen.legacy.modules import compat


def test_names() -> None:
    assert (compat.PY2, compat.text_type, compat.string_types, compat.integer_types) == (
        False,
        str,
        (str,),
        (int,),
    )
    assert compat.StringIO is io.StringIO
    assert compat.fspath("x") == "x"
    assert compat.collections_abc.Mapping


def test_iterators() -> None:
    table = {"a": 1}
    assert (next(compat.iterkeys(table)), next(compat.itervalues(table))) == ("a", 1)
    assert list(compat.iteritems(table)) == [("a", 1)]


def test_an_exception_is_raised_with_its_traceback() -> None:
    try:
        raise KeyError("x")
    except KeyError:
        kind, error, traceback = sys.exc_info()
    assert error is not None
    with pytest.raises(KeyError) as raised:
        compat.reraise(kind, error, traceback)
    assert raised.value is error
    with pytest.raises(KeyError):
        compat.reraise(kind, error)


def test_a_class_with_a_metaclass() -> None:
    class Meta(type):
        def __new__(cls, name: str, bases: Any, names: Any) -> Any:
            return super().__new__(cls, name, bases, {**names, "made": name})

    class Base:
        pass

    class Made(compat.with_metaclass(Meta, Base)):  # type: ignore[misc]
        pass

    assert (type(Made), Made.__mro__[1], Made.made) == (Meta, Base, "Made")
    assert compat.implements_to_string(Made) is Made
