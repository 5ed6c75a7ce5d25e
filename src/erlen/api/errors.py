"""What goes wrong: while an application is set up, and in a request."""

from __future__ import annotations

import typing as t

from msgspec.json import encode
from werkzeug.exceptions import BadRequest, HTTPException, UnprocessableEntity, UnsupportedMediaType
from werkzeug.http import HTTP_STATUS_CODES

from erlen import Encoded
from erlen.concurrency import never_blocks

if t.TYPE_CHECKING:
    from werkzeug.wrappers import Response

MOST_FAULTS = 50
"""How many faults an answer names at most."""

PROBLEM = "application/problem+json"


class SetupError(TypeError):
    """A view that cannot be served as it is annotated; the message names it and says what to write."""

    def __init__(self, message: str) -> None:
        # Many begin with what they are about: "the view 'order' (/orders)".
        super().__init__(message[:1].upper() + message[1:])


class Fault(t.NamedTuple):
    """One thing that is wrong in a request. No value of the request is in it."""

    # "path", "query", "header", "cookie", "form" or "body".
    where: str
    # The name of a parameter; in a body, the JSON pointer (RFC 6901).
    at: str
    detail: str

    def as_dict(self) -> dict[str, str]:
        """Return the fault as an item of `errors`."""
        key = "at" if self.where == "body" else "name"
        return {"in": self.where, key: self.at, "detail": self.detail}


class InvalidRequest(UnprocessableEntity):
    """Parameters or a body that do not fit the view: a 422 that names every fault, up to 50."""

    description = "The request does not fit what this address takes."

    def __init__(self, faults: t.Sequence[Fault] = (), description: str | None = None) -> None:
        super().__init__(description)
        self.faults = list(faults[:MOST_FAULTS])

    def get_response(self, environ: t.Any = None, scope: t.Any = None) -> Response:
        """Make the response: a problem of RFC 9457."""
        return as_response(self)


class MalformedBody(BadRequest):
    """A body that is not what its type says: a 400."""

    def get_response(self, environ: t.Any = None, scope: t.Any = None) -> Response:
        """Make the response: a problem of RFC 9457."""
        return as_response(self)


class WrongType(UnsupportedMediaType):
    """A body of another type than the view takes: a 415."""

    def get_response(self, environ: t.Any = None, scope: t.Any = None) -> Response:
        """Make the response: a problem of RFC 9457."""
        return as_response(self)


def problem_of(error: HTTPException) -> dict[str, t.Any]:
    """Return an HTTP exception as a problem (RFC 9457)."""
    problem: dict[str, t.Any] = {
        "type": "about:blank",
        "title": _title_of(error),
        "status": error.code,
        "detail": error.description,
    }
    faults = getattr(error, "faults", None)
    if faults is not None:
        problem["errors"] = [fault.as_dict() for fault in faults]
    return {key: value for key, value in problem.items() if value is not None}


def _title_of(error: HTTPException) -> str:
    # PERF: Werkzeug's property imports the names each time: 9,000 instructions (CPython 3.11).
    if type(error).name is HTTPException.name:
        return HTTP_STATUS_CODES.get(error.code or 0, "Unknown Error")
    return error.name


@never_blocks
def encoded_problem(error: HTTPException) -> t.Any:
    """Return what answers an HTTP exception: itself, where it has a response of its own, or a problem."""
    status = problem_status(error)
    if status is None:
        return error
    return Encoded(encode(problem_of(error)), PROBLEM, status, own_headers(error))


def problem_status(error: HTTPException) -> int | None:
    """Return the status of the problem; None of an exception with an answer of its own, and of a redirect."""
    code = error.code
    return None if code is None or error.response is not None or 300 <= code < 400 else code


def own_headers(error: HTTPException) -> tuple[tuple[str, str], ...]:
    """Return the headers that an exception adds, whatever the body is: `Allow`, `WWW-Authenticate`."""
    return tuple(pair for pair in error.get_headers(None) if pair[0].lower() not in _OF_BODY)


_OF_BODY = ("content-type", "content-length")


def as_response(error: HTTPException) -> Response:
    """Return the response of a problem, for who asks the exception itself."""
    from werkzeug.wrappers import Response

    body = encode(problem_of(error))
    return Response(body, status=error.code, content_type=PROBLEM)
