"""Make responses of results, the values that views return."""

from __future__ import annotations

import sys
import typing as t
from collections.abc import AsyncIterable, Iterator

from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect
from werkzeug.wrappers import Response as BaseResponse

from .. import typing as ft
from ..active import get_state, require_request_context
from ..http_errors import page_of
from ..wrappers import Response
from ..wrappers.async_body import AsyncBody
from ..wrappers.headers import guard
from .contract import Application

if t.TYPE_CHECKING:
    from .request_context import RequestContext


class Encoded:
    """A result that a view has encoded itself: the body as it is sent, and its type.

    It needs no response object wherever text needs none. A str becomes UTF-8. *content_type* is the header as
    it is sent; *headers* are pairs. ValueError is raised for control characters in them, when it is sent.
    """

    __slots__ = ("body", "content_type", "headers", "status")

    def __init__(
        self,
        body: bytes | str,
        content_type: str,
        status: int = 200,
        headers: t.Iterable[tuple[str, str]] = (),
    ) -> None:
        self.body: bytes = body.encode() if isinstance(body, str) else body
        self.content_type = content_type
        self.status = status
        self.headers = headers

    def __repr__(self) -> str:
        return f"<Encoded {self.content_type}, {self.status}, {len(self.body)} bytes>"


class Results(Application):
    """The part of an application that makes responses of what views, hooks and error handlers return."""

    def make_response(self, rv: ft.ResponseReturnValue) -> Response:
        """Make a response of *rv*.

        That is a string or bytes, a dict or list (sent as JSON), a plain or asynchronous iterator of
        strings or bytes, a response, a WSGI application, or a tuple of one of these with status, headers
        or both. Raises TypeError for anything else.
        """
        # COMPAT: only exceptions and WSGI applications need a request.
        return make_response(self, get_state()[0], rv)


# What a response takes as its body.
_BODIES: t.Any = (str, bytes, bytearray, Iterator)
_STATUS_LINES: t.Any = (str, bytes, bytearray)


def make_response(app: Application, context: RequestContext | None, result: t.Any) -> Response:
    """Make a response of *result*: the step behind the seam of this name.

    Without a context, what needs an environ raises RuntimeError.
    """
    response_class = app.response_class
    status: t.Any = None
    headers = None
    if isinstance(result, tuple):
        result, status, headers = _unpack(result)
    if isinstance(result, response_class):
        response = result
    elif isinstance(result, Encoded):
        response = response_class(result.body, result.status, content_type=result.content_type)
        response.headers.extend(result.headers)
    elif _is_plain_exception(result):
        response = _make_error_page(app, context, result)
    elif isinstance(result, _BODIES):
        return response_class(result, status=status, headers=headers)
    elif isinstance(result, (dict, list)):
        response = app.json.response(result)
    elif isinstance(result, AsyncIterable):
        return response_class(AsyncBody(result), status=status, headers=headers)
    else:
        response = _convert(app, context, result)
    if isinstance(status, _STATUS_LINES):
        response.status = status
    elif status is not None:
        response.status_code = status
    if headers:
        response.headers.update(headers)
    return response


def _make_error_page(app: Application, context: RequestContext | None, error: HTTPException) -> Response:
    """Make the response of an HTTP exception, without running it as a WSGI application."""
    active: RequestContext = context or require_request_context()
    # COMPAT: an overridden constructor is not called to make error pages.
    page = page_of(error) if app.response_class.__init__ is Response.__init__ else None
    if page is not None:
        code, allow, body = page
        response = app.response_class(body, status=code, mimetype="text/html")
        if allow:
            response.headers._list.insert(1, ("Allow", allow))
        return response
    made: t.Any = error.get_response(active.environ)
    made.__class__ = app.response_class
    guard(made.headers)
    finished: Response = made
    return finished


def _convert(app: Application, context: RequestContext | None, result: t.Any) -> Response:
    """Make a response of another kind of response, or of a WSGI application."""
    if result is None:
        endpoint = (context or require_request_context()).request.endpoint
        raise TypeError(
            f"The view function for {endpoint!r} returned None, or ended without a"
            " 'return'. A view has to return a response."
        )
    given = result
    if not isinstance(result, BaseResponse) and not callable(result):
        raise TypeError(_not_a_response(result))
    environ = (context or require_request_context()).environ
    try:
        return app.response_class.force_type(given, environ)
    except TypeError as error:
        raise TypeError(f"{error}\n{_not_a_response(result)}").with_traceback(sys.exc_info()[2]) from None


def _is_plain_exception(result: t.Any) -> bool:
    """Tell whether *result* is an HTTP exception that becomes a response without being run.

    One with a way of its own to make its response may give any WSGI application, or the same one each time.
    Its constructor may have set nothing.
    """
    # PERF: compared here, for each exception that is an answer asks.
    return (
        isinstance(result, HTTPException)
        and getattr(result, "response", None) is None
        and type(result).__call__ is _CALL
        and getattr(result.get_response, "__func__", None) in _MAKE_NEW_RESPONSES
    )


_CALL = HTTPException.__call__
_MAKE_NEW_RESPONSES = (HTTPException.get_response, RequestRedirect.get_response)


def _unpack(result: tuple[t.Any, ...]) -> tuple[t.Any, t.Any, t.Any]:
    """Return body, status and headers; the last two may be None."""
    if len(result) == 3:
        return result
    if len(result) == 2:
        body, other = result
        if isinstance(other, (Headers, dict, tuple, list)):
            return body, None, other
        return body, other, None
    raise TypeError(
        f"The view function returned a tuple of {len(result)} items. The tuple must have the form"
        " (body, status, headers), with status or headers left out where they are the usual ones."
    )


def _not_a_response(result: object) -> str:
    return (
        "The view function did not return a valid response. It may return a string, bytes, a dict or list, an"
        " iterator, a response, a WSGI application, or a tuple of one of these with status or headers, but"
        f" it was a {type(result).__name__}."
    )
