"""What was ``flask._compat``: one text for Python 2 and 3, of which the half for Python 3 is left."""

from __future__ import annotations

import collections.abc as collections_abc  # noqa: F401
import typing as t
from inspect import getfullargspec as getargspec  # noqa: F401
from io import StringIO as StringIO
from os import fspath as fspath

if t.TYPE_CHECKING:
    from types import TracebackType

PY2 = False
BROKEN_PYPY_CTXMGR_EXIT = False
json_available = True

text_type = str
string_types = (str,)
integer_types = (int,)

T = t.TypeVar("T")
K = t.TypeVar("K")
V = t.TypeVar("V")


def iterkeys(d: t.Mapping[K, V]) -> t.Iterator[K]:
    """Return an iterator over the keys of a dict."""
    return iter(d.keys())


def itervalues(d: t.Mapping[K, V]) -> t.Iterator[V]:
    """Return an iterator over the values of a dict."""
    return iter(d.values())


def iteritems(d: t.Mapping[K, V]) -> t.Iterator[tuple[K, V]]:
    """Return an iterator over keys and values of a dict."""
    return iter(d.items())


def reraise(tp: object, value: BaseException, tb: TracebackType | None = None) -> t.NoReturn:
    """Raise *value* with a traceback."""
    raise value if value.__traceback__ is tb else value.with_traceback(tb)


def implements_to_string(cls: T) -> T:
    """Return the class as it is: its ``__str__`` returns text."""
    return cls


def with_metaclass(meta: t.Any, *bases: type) -> t.Any:
    """Return a class to inherit from; the class that does has the metaclass *meta* and the *bases*."""

    class Replacing(type):
        def __new__(cls, name: str, _: tuple[type, ...], namespace: dict[str, t.Any]) -> t.Any:
            return meta(name, bases, namespace)

    return type.__new__(Replacing, "WithMetaclass", (), {})
