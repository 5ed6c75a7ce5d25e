"""What faults are answered with: problems of RFC 9457, or a model of the application's own."""

from __future__ import annotations

import inspect
import typing as t

from werkzeug.exceptions import HTTPException

from erlen import Encoded

from .annotations import Unresolved, signature_of
from .document.schemas import Schemas
from .errors import SetupError, own_headers, problem_status
from .media_types import JSON
from .results import Answer, declared_answers, encoder_of, options_of

Function: t.TypeAlias = "t.Callable[[t.Any], t.Any]"


class ProblemModel:
    """A model of problems: the function that makes it of an HTTP exception, what it declares, the media type.

    Raises `SetupError` for a function whose annotation names no model.
    """

    def __init__(self, function: Function, media_type: str = JSON) -> None:
        self.name = getattr(function, "__qualname__", repr(function))
        self.answers = _models_of(function, self.name)
        self.media_type = media_type
        if "/" not in media_type or not (media_type.isascii() and media_type.isprintable()):
            raise SetupError(f"{media_type!r}, which {self.name} is to answer with, is no media type.")
        self._encode = encoder_of(self.answers, self.name)
        self.handler = self._handler(function)

    def _handler(self, function: Function) -> Function:
        """Return the error handler, in the colour of the function."""
        if inspect.iscoroutinefunction(function):

            async def answer_later(error: HTTPException) -> t.Any:
                status = problem_status(error)
                return error if status is None else self._encoded(error, status, await function(error))

            return answer_later

        def answer(error: HTTPException) -> t.Any:
            status = problem_status(error)
            return error if status is None else self._encoded(error, status, function(error))

        return answer

    def _encoded(self, error: HTTPException, status: int, made: t.Any) -> t.Any:
        """Return the answer: status and headers are those of the exception."""
        result = self._encode(made)
        if result is made:  # a response, in spite of the annotation
            return result
        if type(result) is not Encoded:
            raise TypeError(f"{self.name} returned {type(made).__name__!r}, which it does not declare.")
        return Encoded(result.body, self.media_type, status, own_headers(error))


def _models_of(function: Function, name: str) -> list[Answer]:
    """Return what a function declares to return; raise `SetupError` where that can be no model."""
    try:
        inspect.signature(function, follow_wrapped=False).bind(None)
    except TypeError:
        raise SetupError(f"{name} has to take the HTTP exception, and nothing else.") from None
    returns = signature_of(function).returns
    if isinstance(returns, Unresolved):
        raise SetupError(f"The return annotation of {name} cannot be resolved: {returns!r}.")
    found: list[Answer] = []
    for option in options_of(returns):
        answers = declared_answers(option, name) or []
        if t.get_origin(option) is tuple or [answer.form for answer in answers] != ["value"]:
            raise SetupError(
                f"{name} has to say which model it answers with: annotate it with a record, not {option!r}."
                " Status and headers are those of the exception."
            )
        Schemas().sent(option)
        found += answers
    return found
