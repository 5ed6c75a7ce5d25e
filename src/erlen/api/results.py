"""What a view returns, by its annotation: statuses, and encoders that let out what is declared."""

from __future__ import annotations

import collections.abc as cabc
import inspect
import types
import typing as t
from http import HTTPStatus

from werkzeug.wrappers import Response as BaseResponse

from erlen import Encoded, EventStream, Response

from .annotations import Unresolved
from .errors import SetupError
from .outgoing import Encoder
from .shapes import NONE, record_kind, without_extras

JSON = "application/json"
JSON_LINES = "application/jsonl"


class Answer(t.NamedTuple):
    """One answer that an annotation declares."""

    annotation: t.Any
    status: int
    # Whether pairs or a dict of headers come with it.
    has_headers: bool = False
    # "value", "none" or "lines".
    form: str = "value"
    # Whether a status comes with it, as in Flask.
    has_status: bool = False


def declared_answers(returns: t.Any, view: str) -> list[Answer] | None:
    """Return the answers that a return annotation declares; None where nothing is to be encoded.

    Raises `SetupError` for an annotation that cannot be meant.
    """
    if isinstance(returns, Unresolved):
        return None  # a result that needs it is refused as in Flask
    answers = [answer for option in _options(returns) if (answer := _answer(option, view)) is not None]
    return answers or None


def _options(annotation: t.Any) -> tuple[t.Any, ...]:
    inner, _ = without_extras(annotation)
    if t.get_origin(inner) in (t.Union, types.UnionType):
        return tuple(option for each in t.get_args(inner) for option in _options(each))
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
            return Answer(NONE, codes[0], bool(headers), "none")
        return None if _is_left_alone(value) else Answer(value, codes[0], bool(headers), has_status=True)
    return None if _is_left_alone(value) else Answer(value, 200, bool(headers), has_status=True)


# what encodes


def encoder_of(answers: list[Answer], view: str) -> t.Callable[[t.Any], t.Any]:
    """Return the function that makes a result of what a view returned."""
    if (
        len(answers) == 1
        and answers[0].form == "value"
        and answers[0].status == 200
        and not (answers[0].has_headers or answers[0].has_status)
    ):
        encode = Encoder(answers[0].annotation).encode
        return lambda value: value if isinstance(value, _AS_THEY_ARE) else Encoded(encode(value), JSON)
    return _Encoders(answers, view)


_AS_THEY_ARE = (BaseResponse, Encoded)


class _Encoders:
    """The encoders of all answers of a view, by status."""

    def __init__(self, answers: list[Answer], view: str) -> None:
        self._view = view
        self._by_status: dict[int, list[tuple[Answer, Encoder]]] = {}
        for answer in answers:
            self._by_status.setdefault(answer.status, []).append((answer, Encoder(answer.annotation)))
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
    return (encoder.encode(value) + b"\n" for value in values), status, headers


def title_of(status: int) -> str:
    """Return the usual words of a status."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Answer"
