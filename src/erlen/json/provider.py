"""The provider by which an application reads and writes JSON; replace ``app.json`` to do it differently."""

from __future__ import annotations

import dataclasses
import json
import json.encoder
import sys
import typing as t
import uuid
import weakref
from datetime import date

from werkzeug.http import http_date

from ..observe import Watched
from ..originals import Originals

if t.TYPE_CHECKING:
    from ..wrappers import Response

    class Application(t.Protocol):
        """An application, as far as its JSON is concerned."""

        response_class: type[Response]

        @property
        def debug(self) -> bool: ...


_python_dumps = json.dumps
_python_loads = json.loads
# The function that ``json.loads`` calls after white space at the start: it returns a value and its end.
_decoder: t.Any = json.JSONDecoder()
_scan: t.Callable[[str, int], tuple[t.Any, int]] = _decoder.scan_once


def is_pythons() -> bool:
    """Tell whether ``json.dumps`` is Python's: a replacement has to be called."""
    return json.dumps is _python_dumps


class JSONProvider:
    """An object that reads and writes JSON for one application.

    A subclass supplies ``dumps`` and ``loads``; everything else is built on these two. Put an
    instance at ``app.json``, or the class at ``json_provider_class`` of the application class.
    """

    def __init__(self, app: Application) -> None:
        # A weak proxy: the application has its provider, and would keep itself alive.
        proxy: t.Any = weakref.proxy(app)
        self._app: Application = proxy

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """Return *obj* as JSON text."""
        raise NotImplementedError

    def dump(self, obj: t.Any, fp: t.IO[str], **kwargs: t.Any) -> None:
        """Write *obj* as JSON to a text file."""
        fp.write(self.dumps(obj, **kwargs))

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        """Parse JSON text, or JSON in UTF-8 bytes."""
        raise NotImplementedError

    def load(self, fp: t.IO[t.AnyStr], **kwargs: t.Any) -> t.Any:
        """Parse the JSON in a file, opened as text or in binary mode."""
        return self.loads(fp.read(), **kwargs)

    def _prepare_response_obj(self, args: tuple[t.Any, ...], kwargs: dict[str, t.Any]) -> t.Any:
        """Return the one value that the arguments of ``response`` mean."""
        if not args:
            return kwargs or None
        if kwargs:
            raise TypeError(
                "app.json.response() and jsonify() take values or keywords (args or kwargs), not both"
            )
        return args[0] if len(args) == 1 else args

    def response(self, *args: t.Any, **kwargs: t.Any) -> Response:
        """Make a response of one value, of several (a list), or of keyword arguments (an object)."""
        text = self.dumps(self._prepare_response_obj(args, kwargs))
        return self._app.response_class(text, mimetype="application/json")


def _default(o: t.Any) -> t.Any:
    """Return a replacement for a value that JSON does not know; raises TypeError where there is none."""
    # Dates are checked first and by the module's name, because time-freezing tools replace it.
    if isinstance(o, date):
        return http_date(o)
    # PERF: importing decimal takes 1 ms. Without it, there are no such numbers.
    decimal = sys.modules.get("decimal")
    if isinstance(o, uuid.UUID) or (decimal is not None and isinstance(o, decimal.Decimal)):
        return str(o)
    if dataclasses.is_dataclass(o):
        return dataclasses.asdict(o)  # type: ignore[arg-type]  # for a class, its TypeError is the answer
    if hasattr(o, "__html__"):
        return str(o.__html__())
    raise TypeError(
        f"Object of type {type(o).__name__} is not JSON serializable:"
        " convert it first, or teach app.json.default to"
    )


# The separators for which an encoder is kept: Python's own, those of responses and sessions.
COMPACT = (",", ":")
_SEPARATORS = (None, COMPACT)

_Settings: t.TypeAlias = tuple[t.Callable[[t.Any], t.Any], bool, bool]
_Encode: t.TypeAlias = t.Callable[[t.Any, int], t.Iterable[str]]


class _Encoder:
    """An encoder of Python's C accelerator for one group of settings.

    ``json.dumps`` makes a JSONEncoder and a C encoder for each call. A C encoder can be used again,
    but not by two at a time: it marks the containers it is in, to notice circular references. So
    each call takes one that is free, or makes one. One that failed has marks left and is dropped.

    Raises TypeError if this Python's accelerator is missing or is not the one that is known.
    """

    __slots__ = ("_free", "_separators", "settings")

    def __init__(self, settings: _Settings, separators: tuple[str, str]) -> None:
        self.settings = settings
        self._separators = separators
        self._free = [self._make()]

    def encode(self, obj: t.Any) -> str:
        free = self._free
        try:
            encode = free.pop()
        except IndexError:
            encode = self._make()
        text = "".join(encode(obj, 0))
        free.append(encode)
        return text

    def _make(self) -> _Encode:
        default, ensure_ascii, sort_keys = self.settings
        between_items, after_key = self._separators
        quote = json.encoder.encode_basestring_ascii if ensure_ascii else json.encoder.encode_basestring
        accelerator: t.Any = getattr(json.encoder, "c_make_encoder", None)
        marks: dict[int, t.Any] = {}
        encode: _Encode = accelerator(
            marks, default, quote, None, after_key, between_items, bool(sort_keys), False, True
        )
        return encode


class Codec(t.NamedTuple):
    """How a provider writes and reads JSON."""

    write: t.Callable[[t.Any], str]
    read: t.Callable[[str], t.Any]


class DefaultJSONProvider(JSONProvider, metaclass=Watched):
    """A provider that uses Python's ``json``, and supports a few more types.

    Dates become HTTP dates, decimals and UUIDs text, dataclasses objects, and an object with
    ``__html__`` becomes its HTML. The attributes may be set on an instance, at any time.
    """

    # Called with each value that JSON does not know; returns one it does, or raises TypeError.
    default: t.Callable[[t.Any], t.Any] = staticmethod(_default)
    # Write other characters than ASCII as \u escapes.
    ensure_ascii = True
    # Sort the keys of objects; then they must be of one type.
    sort_keys = True
    # Write responses without white space: True, False, or None for "except in debug mode".
    compact: bool | None = None
    # The type of the responses.
    mimetype = "application/json"

    # Encoders by separators. The first call gives each instance a dict of its own.
    _encoders: t.Mapping[t.Any, _Encoder] = {}

    def dumps(self, obj: t.Any, **kwargs: t.Any) -> str:
        """Return *obj* as JSON text; keyword arguments are those of ``json.dumps``."""
        # PERF: a dict of two keys takes 1.3 µs with a kept encoder, 2.9 µs with json.dumps.
        separators = kwargs.get("separators")
        if len(kwargs) == (separators is not None):
            encoder = self._kept_encoder(separators)
            if encoder is not None:
                return encoder.encode(obj)
        kwargs = {"ensure_ascii": self.ensure_ascii, "sort_keys": self.sort_keys, **kwargs}
        return json.dumps(obj, **{"default": self.default, **kwargs})

    def _kept_encoder(self, separators: tuple[str, str] | None) -> _Encoder | None:
        """Return an encoder for the attributes as they are now; None where ``json.dumps`` has to do it."""
        if not is_pythons() or separators not in _SEPARATORS:
            return None
        encoder = self._encoders.get(separators)
        settings = (self.default, self.ensure_ascii, self.sort_keys)
        if encoder is None or encoder.settings != settings:
            return self._make_encoder(separators, settings)
        return encoder

    def _make_encoder(self, separators: tuple[str, str] | None, settings: _Settings) -> _Encoder | None:
        if settings[0] is None:
            return None
        try:
            encoder = _Encoder(settings, separators or (", ", ": "))
        except TypeError:
            return None
        # Not by setattr, which would report a change of the provider.
        vars(self)["_encoders"] = {**self._encoders, separators: encoder}
        return encoder

    def loads(self, s: str | bytes, **kwargs: t.Any) -> t.Any:
        """Parse JSON text or bytes; keyword arguments are those of ``json.loads``."""
        if kwargs or type(s) is not bytes or json.loads is not _python_loads:
            return json.loads(s, **kwargs)
        # PERF: a body of 60 bytes takes 1.7 us instead of 3.1 (CPython 3.11). An object or a list whose
        # second byte is not 0 is in UTF-8, or is nothing that json.loads reads.
        if s[:1] in (b"{", b"[") and s[1:2] != b"\0":
            try:
                text = s.decode()
                value, end = _scan(text, 0)
                if end == len(text):
                    return value
            except Exception:  # json.loads says what is wrong
                pass
        return json.loads(s)

    def response(self, *args: t.Any, **kwargs: t.Any) -> Response:
        """Make a response of one value, of several (a list), or of keyword arguments (an object).

        In debug mode it is indented; ``compact`` decides otherwise.
        """
        text = self._response_text(self._prepare_response_obj(args, kwargs))
        return self._app.response_class(text, mimetype=self.mimetype)

    def _response_text(self, obj: t.Any) -> str:
        """Return the body of a response: compact, or indented for people."""
        text = self.dumps(obj, separators=COMPACT) if self.is_compact() else self.dumps(obj, indent=2)
        return text + "\n"

    def is_compact(self) -> bool:
        return (not self._app.debug) if self.compact is None else (self.compact is not False)

    def plain_encoder(self) -> t.Callable[[t.Any], str] | None:
        """Return a function that writes the body of a response, without the line end.

        None where a part of it is not Erlen's own. The function is valid until an attribute is set, on the
        provider or its class, or debug mode changes; a caller that keeps it has to watch for that.
        """
        if type(self) is not DefaultJSONProvider or not _own_methods.are_in(self):
            return None
        encoder = self._kept_encoder(COMPACT) if self.is_compact() else None
        return None if encoder is None else encoder.encode

    def compact_codec(self) -> Codec:
        """Return how JSON without white space is written and read; valid as long as :meth:`plain_encoder`."""
        if _own_codec.are_in(self):
            encoder = self._kept_encoder(COMPACT)
            if encoder is not None:
                return Codec(encoder.encode, _read)
        return Codec(lambda value: self.dumps(value, separators=COMPACT), lambda text: self.loads(text))

    def __setattr__(self, name: str, value: t.Any) -> None:
        is_in_use = "_app" in vars(self)
        super().__setattr__(name, value)
        if is_in_use:  # a provider that is being made changes nothing for applications that are served
            Watched.report()

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        Watched.report()


RESPONSE_METHODS = frozenset(("response", "dumps", "_response_text", "_prepare_response_obj"))
_own_methods = Originals(DefaultJSONProvider, RESPONSE_METHODS)
_own_codec = Originals(DefaultJSONProvider, ("dumps", "loads", "_kept_encoder", "_make_encoder"))


def _read(text: str) -> t.Any:
    """Do what ``json.loads`` does, which is looked up where it is to say what is wrong.

    PERF: a session of two items takes 0.34 us instead of 0.94 (CPython 3.11).
    """
    try:
        value, end = _scan(text, 0)
    except Exception:
        return json.loads(text)
    return value if end == len(text) and json.loads is _python_loads else json.loads(text)
