"""JSON by compiled libraries, for applications that ask for one: orjson, msgspec.

Python's ``json`` writes what the library refuses (an integer too large for it, keys that are not text).
The documentation lists where the two write or read something else than the default provider.
"""

from __future__ import annotations

import importlib
import re
import typing as t
from functools import partial
from json.encoder import encode_basestring_ascii

from ..originals import Originals
from .provider import COMPACT, RESPONSE_METHODS, DefaultJSONProvider

if t.TYPE_CHECKING:
    from .provider import Application

_Default: t.TypeAlias = t.Callable[[t.Any], t.Any]

# The arguments that a library supports; with other arguments of ``json.dumps``, Python writes.
_ARGUMENTS = frozenset(("default", "ensure_ascii", "indent", "separators", "sort_keys"))
_REFUSALS = (TypeError, ValueError, RecursionError)
# DEL included, as Python does it.
_BEYOND_ASCII = re.compile(r"[^\x00-\x7e]")


class _LibraryProvider(DefaultJSONProvider):
    """A provider that writes JSON with a library, and leaves what it refuses to Python."""

    ensure_ascii = False

    # The name of the library's module, and of its extra.
    _name: t.ClassVar[str]

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._library = self._import()

    def _import(self) -> t.Any:
        try:
            return importlib.import_module(self._name)
        except ImportError as error:
            raise ImportError(
                f"{type(self).__name__} needs {self._name}, which is not installed. It is an extra of"
                f" Erlen's: pip install 'erlen[{self._name}]'",
                name=self._name,
            ) from error

    def _write(self, obj: t.Any, default: _Default, sort_keys: bool, indented: bool) -> bytes:
        """Write *obj* as JSON with the library."""
        raise NotImplementedError

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """Return *obj* as JSON text, without white space; keyword arguments are those of ``json.dumps``.

        The library does it for an *indent* of 2 or none. Python does it for any other, and wherever
        separators or arguments are given that the library does not know.
        """
        indent, separators = kwargs.get("indent"), kwargs.get("separators")
        is_compact = indent is None and (separators is None or tuple(separators) == COMPACT)
        is_indented = indent == 2 and separators is None
        if not (is_compact or is_indented) or not kwargs.keys() <= _ARGUMENTS:
            return super().dumps(obj, **kwargs)
        settings = {
            "default": kwargs.get("default", self.default),
            "ensure_ascii": kwargs.get("ensure_ascii", self.ensure_ascii),
            "sort_keys": kwargs.get("sort_keys", self.sort_keys),
        }
        try:
            text = self._write(obj, settings["default"], settings["sort_keys"], is_indented).decode()
        except _REFUSALS:
            layout: dict[str, t.Any] = {"indent": 2} if is_indented else {"separators": COMPACT}
            return super().dumps(obj, **settings, **layout)
        return _escaped(text) if settings["ensure_ascii"] else text

    def _compact_text(self, obj: t.Any) -> str:
        """Return what ``dumps`` returns without arguments.

        PERF: a hundred objects, 7.8 kB, take 18 us by orjson and 27 by msgspec, and 135 by the default
        provider; two keys 0.5, 0.3 and 1.6 us (CPython 3.11).
        """
        if self.ensure_ascii:
            return self.dumps(obj)
        try:
            return self._write(obj, self.default, self.sort_keys, False).decode()
        except _REFUSALS:
            return self.dumps(obj)

    def plain_encoder(self) -> t.Callable[[t.Any], str] | None:
        if not _own_methods.are_in(self):
            return None
        return self._compact_text if self.is_compact() else None


_own_methods = Originals(_LibraryProvider, RESPONSE_METHODS)


def _escaped(text: str) -> str:
    """Escape what is not ASCII: in JSON it can be in strings only."""
    return _BEYOND_ASCII.sub(lambda match: encode_basestring_ascii(match[0])[1:-1], text)


class OrjsonProvider(_LibraryProvider):
    """A provider that uses orjson. Raises ImportError where that is not installed.

    Dates, dataclasses and every other type but UUIDs and enumerations are ``default``'s, as they are
    in the default provider.
    """

    _name = "orjson"

    def _write(self, obj: t.Any, default: _Default, sort_keys: bool, indented: bool) -> bytes:
        library = self._library
        option = library.OPT_PASSTHROUGH_DATETIME | library.OPT_PASSTHROUGH_DATACLASS
        if sort_keys:
            option |= library.OPT_SORT_KEYS
        if indented:
            option |= library.OPT_INDENT_2
        data: bytes = library.dumps(obj, default, option)
        return data

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        """Parse JSON text, or JSON in UTF-8 bytes; keyword arguments are those of ``json.loads``.

        With arguments, Python's ``json`` reads. Raises ValueError for what is not JSON by RFC 8259.
        """
        return super().loads(s, **kwargs) if kwargs else self._library.loads(s)


class MsgspecProvider(_LibraryProvider):
    """A provider that uses msgspec. Raises ImportError where that is not installed.

    Dates are written as in ISO 8601, and more types than elsewhere are known; ``default`` is asked
    for the rest.
    """

    _name = "msgspec"

    # The last encoder, and what it was made for.
    _kept: tuple[_Default | None, bool, t.Any] = (None, False, None)

    def _write(self, obj: t.Any, default: _Default, sort_keys: bool, indented: bool) -> bytes:
        known_default, known_sorting, encoder = self._kept
        if encoder is None or known_default != default or known_sorting != sort_keys:
            encoder = self._encoder(default, sort_keys)
        data: bytes = encoder.encode(obj)
        if indented:
            data = self._library.json.format(data, indent=2)
        return data

    def _encoder(self, default: _Default, sort_keys: bool) -> t.Any:
        order = "sorted" if sort_keys else None
        encoder = self._library.json.Encoder(enc_hook=partial(_simpler, default), order=order)
        # Not by setattr, which would report a change of the provider.
        vars(self)["_kept"] = (default, sort_keys, encoder)
        return encoder

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        """Parse JSON text, or JSON in UTF-8 bytes; keyword arguments are those of ``json.loads``.

        With arguments, Python's ``json`` reads. Raises ValueError for what is not JSON by RFC 8259.
        """
        if kwargs:
            return super().loads(s, **kwargs)
        try:
            return self._library.json.decode(s)
        except RecursionError:
            # SECURITY: an error of the request, as with orjson, and not of the application.
            raise ValueError("JSON is nested too deep") from None


def _simpler(default: _Default, value: t.Any) -> t.Any:
    """Return a replacement for a value that msgspec does not know, such as a subclass of these types."""
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int.__int__(value)
    if isinstance(value, float):
        return float.__float__(value)
    return default(value)
