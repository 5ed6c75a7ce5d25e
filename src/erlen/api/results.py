"""What a view returns, by its annotation: statuses, and encoders that let out what is declared."""

from __future__ import annotations

import collections.abc as cabc
import inspect
import types
import typing as t
from http import HTTPStatus

from werkzeug.wrappers import Response as BaseResponse

from erlen import Encoded, EventStream, Response, request, stream_with_context

from .annotations import Unresolved
from .errors import SetupError
from .media_types import EVENTS, JSON, JSON_LINES, MSGPACK, carried, preferred_msgpack
from .outgoing import AsJson, Encoder, Flat, Write, write_json, write_msgpack
from .shapes import NONE, record_kind, without_extras

Encode: t.TypeAlias = "t.Callable[[t.Any], t.Any]"


class Answer(t.NamedTuple):
    """One answer that an annotation declares."""

    annotation: t.Any
    status: int
    # Whether pairs or a dict of headers come with it.
    has_headers: bool = False
    # "value", "none", "lines" or "events".
    form: str = "value"
    # Whether views return the status, too.
    has_status: bool = False
    # Those that it may have.
    media_types: tuple[str, ...] = (JSON,)


def declared_answers(
    returns: t.Any, view: str, media_types: tuple[str, ...] = (JSON,)
) -> list[Answer] | None:
    """Return the answers that a return annotation declares; None where nothing is to be encoded.

    *media_types* are those that values may have. Raises `SetupError` for an annotation that cannot be meant.
    """
    if isinstance(returns, Unresolved):
        return None  # a result that needs it is refused as in Flask
    answers = [answer for option in options_of(returns) if (answer := _answer(option, view)) is not None]
    return [_with_media_types(answer, media_types) for answer in answers] or None


def _with_media_types(answer: Answer, media_types: tuple[str, ...]) -> Answer:
    kinds: tuple[str, ...] = _OF_FORMS.get(answer.form, ())
    if answer.form == "value":
        kinds = carried(answer.annotation, media_types)
    return Answer(*answer[:-1], kinds)


_OF_FORMS = {"lines": (JSON_LINES,), "events": (EVENTS,)}


def options_of(annotation: t.Any) -> tuple[t.Any, ...]:
    """Return the types of a union, or the type itself."""
    inner, _ = without_extras(annotation)
    if t.get_origin(inner) in (t.Union, types.UnionType):
        return tuple(option for each in t.get_args(inner) for option in options_of(each))
    return (annotation,)


def _answer(annotation: t.Any, view: str) -> Answer | None:
    inner, _ = without_extras(annotation)
    origin, arguments = t.get_origin(inner), t.get_args(inner)
    if inner is NONE or inner is None:
        return Answer(NONE, 204, form="none")
    if origin is tuple and len(arguments) in (2, 3) and Ellipsis not in arguments:
        return _with_status(arguments, view)
    if origin in _ITERATORS and arguments and not _is_left_alone(arguments[0]):
        return Answer(arguments[0], 200, form="lines")
    if isinstance(inner, type) and issubclass(inner, EventStream):
        return Answer(inner, 200, form="events")
    return None if _is_left_alone(inner) else Answer(annotation, 200)


_ITERATORS = (
    cabc.Iterator,
    cabc.AsyncIterator,
    cabc.Generator,
    cabc.AsyncGenerator,
    cabc.Iterable,
    cabc.AsyncIterable,
)
_LEFT_ALONE = (str, bytes, bytearray, BaseResponse, Response, EventStream, Encoded)


def _is_left_alone(annotation: t.Any) -> bool:
    """Tell whether values of a type are results as in Flask: text, responses, what nobody has declared."""
    if annotation is t.Any or isinstance(annotation, t.TypeVar) or annotation is inspect.Signature.empty:
        return True
    origin = t.get_origin(annotation) or annotation
    if origin in (t.Union, types.UnionType):
        return all(_is_left_alone(option) for option in t.get_args(annotation) if option is not NONE)
    if origin in _ITERATORS or origin is cabc.Callable:
        return True
    if not isinstance(origin, type):
        return record_kind(origin) is None and origin is not t.Literal
    return issubclass(origin, _LEFT_ALONE) or (origin in (dict, list) and not t.get_args(annotation))


def _with_status(arguments: tuple[t.Any, ...], view: str) -> Answer | None:
    value, status, *headers = arguments
    if not headers and t.get_origin(status) is not t.Literal and status is not int:
        if _is_left_alone(value):
            return None
        return Answer(value, 200, has_headers=True)
    if t.get_origin(status) is t.Literal:
        codes = t.get_args(status)
        if len(codes) != 1 or type(codes[0]) is not int or not 100 <= codes[0] <= 599:
            raise SetupError(f"{view} declares the status {codes}: write one number, as in Literal[201].")
        if value is NONE or value is None:
            return Answer(NONE, codes[0], bool(headers), "none", has_status=True)
        return None if _is_left_alone(value) else Answer(value, codes[0], bool(headers), has_status=True)
    return None if _is_left_alone(value) else Answer(value, 200, bool(headers), has_status=True)


# what encodes


def encoder_of(answers: list[Answer], view: str) -> Encode:
    """Return the function that makes a result of what a view returned."""
    by_json = _encoder_of(answers, view, JSON)
    if not any(MSGPACK in answer.media_types for answer in answers):
        return by_json
    return _chosen(by_json, _encoder_of(answers, view, MSGPACK))


def _chosen(by_json: Encode, by_msgpack: Encode) -> Encode:
    """Return what makes a result in the format that the request prefers."""

    def encode(value: t.Any) -> t.Any:
        kind = preferred_msgpack(request.headers.get("Accept"))
        result = by_json(value) if kind is None else by_msgpack(value)
        if type(result) is Encoded and result is not value and result.body:
            result.headers = (*result.headers, ("Vary", "Accept"))
            if type(result.body) is AsJson:
                result.body = bytes(result.body)
            elif kind is not None:
                result.content_type = kind
        return result

    return encode


def _encoder_of(answers: list[Answer], view: str, kind: str) -> Encode:
    """Return the function that makes a result of one format, where an answer may have that."""
    if (
        len(answers) == 1
        and answers[0].form == "value"
        and not answers[0].has_status
        and not answers[0].has_headers
    ):
        return _usual(Encoder(answers[0].annotation, _write(answers[0], kind)))
    return _Encoders(answers, view, kind)


def _write(answer: Answer, kind: str) -> Write:
    if kind == MSGPACK and answer.form == "value":
        return write_msgpack if MSGPACK in answer.media_types else _write_as_json
    return write_json


def _write_as_json(value: t.Any) -> bytes:
    return AsJson(write_json(value))


_AS_THEY_ARE = (BaseResponse, Encoded)


def _usual(encoder: Encoder) -> t.Callable[[t.Any], t.Any]:
    """Return what makes a result with the status 200."""
    encode, write, is_exact = encoder.encode, encoder.write, encoder.is_exact
    if isinstance(is_exact, Flat):
        cls = is_exact.cls

        # PERF: without the call of a test, 600 instructions less (CPython 3.11).
        def encode_record(value: t.Any) -> t.Any:
            if type(value) is cls:
                return Encoded(write(value), JSON)
            return value if isinstance(value, _AS_THEY_ARE) else Encoded(encode(value), JSON)

        return encode_record

    def encode_usual(value: t.Any) -> t.Any:
        # PERF: asked first: 2,000 instructions less for what is of the declared class (CPython 3.11).
        if is_exact is not None and is_exact(value):
            return Encoded(write(value), JSON)
        return value if isinstance(value, _AS_THEY_ARE) else Encoded(encode(value), JSON)

    return encode_usual


class _Encoders:
    """The encoders of all answers of a view, by status."""

    def __init__(self, answers: list[Answer], view: str, kind: str) -> None:
        self._view = view
        self._by_status: dict[int, list[tuple[Answer, Encoder]]] = {}
        for answer in answers:
            encoder = Encoder(answer.annotation, _write(answer, kind))
            self._by_status.setdefault(answer.status, []).append((answer, encoder))
        self._plain = self._by_status.get(200, []) or self._by_status.get(204, [])

    def __call__(self, value: t.Any) -> t.Any:
        if isinstance(value, _AS_THEY_ARE):
            return value
        status: int | None = None
        headers: t.Any = ()
        if type(value) is tuple and len(value) in (2, 3):
            value, *more = value
            for each in more:
                if isinstance(each, int):
                    status = int(each)
                else:
                    headers = each
        pairs = tuple(headers.items() if hasattr(headers, "items") else headers)
        known = self._plain if status is None else self._by_status.get(status, self._plain)
        if value is None and not any(each.form == "value" and encoder.takes(None) for each, encoder in known):
            if status in (None, 204):
                return "", 204, list(pairs)
            return Encoded(b"", JSON, status, pairs)
        for answer, encoder in known:
            if answer.form == "lines":
                return _lines(value, encoder, status or 200, pairs)
            if len(known) == 1 or encoder.takes(value):
                return Encoded(encoder.encode(value), JSON, status or answer.status, pairs)
        raise TypeError(
            f"{self._view} returned {type(value).__name__!r} with the status {status or 200}: its return"
            " annotation does not declare that."
        )


def _lines(values: t.Any, encoder: Encoder, status: int, pairs: t.Any) -> t.Any:
    """Return a result that sends each value as a line of JSON."""
    headers = [("Content-Type", JSON_LINES), *pairs]
    if hasattr(values, "__aiter__"):

        async def lines_later() -> t.AsyncIterator[bytes]:
            async for value in values:
                yield encoder.encode(value) + b"\n"

        return lines_later(), status, headers
    # The providers of the view, such as a session of a database, are there until the last line.
    lines = stream_with_context(encoder.encode(value) + b"\n" for value in values)
    return lines, status, headers


def title_of(status: int) -> str:
    """Return the usual words of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Answer"
