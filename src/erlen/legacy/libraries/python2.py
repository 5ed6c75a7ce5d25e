"""Names for what differed between Python 2 and 3, as libraries had them in ``_compat``."""

from __future__ import annotations

import os
import typing as t
from decimal import Decimal
from io import BytesIO, StringIO
from numbers import Real

__all__ = ["BytesIO", "NativeStringIO", "StringIO"]

_Class = t.TypeVar("_Class", bound=type)
_Value = t.TypeVar("_Value")

PY2 = False
NativeStringIO = StringIO
text_type = str
unichr = chr
string_types = (str,)
integer_types = (int,)
number_types = (Real, Decimal)
range_type = range
ifilter = filter
imap = map
izip = zip
fspath = os.fspath


def iterkeys(d: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Iterator[t.Any]:
    """Iterate over the keys."""
    return iter(d.keys(*args, **kwargs))


def itervalues(d: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Iterator[t.Any]:
    """Iterate over the values."""
    return iter(d.values(*args, **kwargs))


def iteritems(d: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Iterator[t.Any]:
    """Iterate over the pairs."""
    return iter(d.items(*args, **kwargs))


def iterlists(d: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Iterator[t.Any]:
    """Iterate over the keys of a MultiDict with their lists."""
    return iter(d.lists(*args, **kwargs))


def iterlistvalues(d: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Iterator[t.Any]:
    """Iterate over the lists of a MultiDict."""
    return iter(d.listvalues(*args, **kwargs))


def int_to_byte(value: int) -> bytes:
    """Return one byte."""
    return bytes((value,))


def iter_bytes(data: bytes) -> t.Iterator[bytes]:
    """Iterate over single bytes."""
    return map(int_to_byte, data)


def reraise(tp: object, value: BaseException, tb: t.Any = None) -> t.NoReturn:
    """Raise an exception with a traceback."""
    raise value.with_traceback(tb) if value.__traceback__ is not tb else value


def implements_iterator(cls: _Class) -> _Class:
    """Return the class as it is."""
    return cls


implements_bool = implements_to_string = implements_iterator


def with_metaclass(meta: t.Any, *bases: type) -> t.Any:
    """Return a base class that makes its subclass one of *bases*, with a metaclass."""

    class Temporary(type):
        def __new__(cls, name: str, _: object, namespace: dict[str, t.Any]) -> t.Any:
            return meta(name, bases, namespace)

    return type.__new__(Temporary, "temporary_class", (), {})


def to_bytes(x: t.Any, charset: str = "utf-8", errors: str = "strict") -> bytes | None:
    """Return bytes of a text or of something like bytes; None is None."""
    if x is None or isinstance(x, bytes):
        return x
    try:
        return x.encode(charset, errors) if isinstance(x, str) else memoryview(x).tobytes()
    except TypeError:
        raise TypeError(f"Expected text or bytes, not {type(x).__name__}.") from None


def to_unicode(
    x: t.Any, charset: str | None = "utf-8", errors: str = "strict", allow_none_charset: bool = False
) -> t.Any:
    """Return text; bytes stay bytes where *charset* is None and that is allowed."""
    if x is None or not isinstance(x, bytes):
        return x if x is None else str(x)
    if charset is None and allow_none_charset:
        return x
    return x.decode(charset or "utf-8", errors)


def to_native(x: t.Any, charset: str = "utf-8", errors: str = "strict") -> str | None:
    """Return text of text or bytes; None is None."""
    return x if x is None or isinstance(x, str) else x.decode(charset, errors)


def wsgi_get_bytes(x: str) -> bytes:
    """Return the bytes of a text of a WSGI environ."""
    return x.encode("latin1")


def wsgi_decoding_dance(s: str, charset: str = "utf-8", errors: str = "replace") -> str:
    """Return a text of a WSGI environ as the client meant it."""
    return s.encode("latin1").decode(charset, errors)


def wsgi_encoding_dance(s: str | bytes, charset: str = "utf-8", errors: str = "replace") -> str:
    """Return a text as a WSGI environ has it."""
    return (s.encode(charset) if isinstance(s, str) else s).decode("latin1", errors)
