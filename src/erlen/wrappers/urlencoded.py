"""Read ``application/x-www-form-urlencoded``: queries and simple forms (WHATWG URL, section 5.1).

The same as Werkzeug does with ``urllib.parse.parse_qsl``, without what its use here never needs. A property
test compares both.
"""

from __future__ import annotations

import typing as t
from urllib.parse import unquote

from werkzeug import datastructures
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import BadRequestKeyError


class ImmutableMultiDict(datastructures.ImmutableMultiDict[str, str]):
    """Werkzeug's class of the same name, which finds the first value of a field in one look.

    PERF: ``args.get("q")`` takes 0.2 us instead of 0.5 (CPython 3.11).
    """

    def __getitem__(self, key: t.Any) -> t.Any:
        values: t.Any = dict.get(self, key)
        if values:
            return values[0]
        raise BadRequestKeyError(key)

    def get(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, key: t.Any, default: t.Any = None, type: t.Callable[[str], t.Any] | None = None
    ) -> t.Any:
        if type is not None:
            return super().get(key, default, type)
        values: t.Any = dict.get(self, key)
        return values[0] if values else default


def read_fields(text: str, storage_class: type[MultiDict[str, str]]) -> MultiDict[str, str]:
    """Return the fields of *text*; those without a value have an empty one.

    PERF: two fields take 0.7 us instead of 2.8 (CPython 3.11).
    """
    fields: dict[str, list[str]] = {}
    escaped = "%" in text or "+" in text
    for field in text.split("&"):
        if field:
            name, _, value = field.partition("=")
            if escaped:
                name, value = _decode(name), _decode(value)
            if name in fields:
                fields[name].append(value)
            else:
                fields[name] = [value]
    if storage_class is not _Werkzeugs:
        return storage_class(fields)
    storage = _new(ImmutableMultiDict)
    # Its own constructor makes a dict of lists, too.
    dict.update(storage, fields)
    return storage


_Werkzeugs = datastructures.ImmutableMultiDict
_new = ImmutableMultiDict.__new__


def _decode(text: str) -> str:
    # Bytes that are no UTF-8 stay escaped: that is Werkzeug's error handler.
    return unquote(text.replace("+", " "), errors="werkzeug.url_quote")
