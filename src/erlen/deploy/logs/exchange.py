"""What the logs know of a request or a WebSocket while it is handled, and the id that its records have."""

from __future__ import annotations

import logging
import re
import secrets
import typing as t
from contextvars import ContextVar
from time import perf_counter

from ... import has_request_context, has_websocket_context, request, websocket

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# The key of the id in the environ of WSGI, and in the scope of ASGI.
KEY = "erlen.request_id"

# An id that somebody else may give: it ends up in logs, mails and a header.
_SAFE_ID = re.compile(r"[A-Za-z0-9._:=+/@~-]{1,128}", re.ASCII)


class Exchange:
    """One request with its response, or one WebSocket."""

    __slots__ = ("begun", "environ", "request_id", "scope", "size", "stated", "status")

    def __init__(
        self,
        given_id: str | None,
        environ: WSGIEnvironment | None = None,
        scope: t.Mapping[str, t.Any] | None = None,
    ) -> None:
        self.request_id = given_id or secrets.token_hex(12)
        self.begun = perf_counter()
        self.environ, self.scope = environ, scope
        # The status of the response, 0 before there is one; the bytes of the body that have been sent.
        self.status = self.size = 0
        # The Content-Length of the response.
        self.stated: str | None = None

    def headers(self) -> t.Iterator[tuple[str, str]]:
        """Yield the header fields of the request."""
        if self.scope is not None:
            for name, value in self.scope.get("headers") or ():
                if isinstance(name, bytes) and isinstance(value, bytes):
                    yield name.decode("latin1"), value.decode("latin1")
        if self.environ is not None:
            yield from headers_of(self.environ)

    def query(self) -> str:
        """Return the query of the address, as it was sent."""
        if self.scope is not None:
            query = self.scope.get("query_string")
            return query.decode("latin1") if isinstance(query, bytes) else ""
        return self.environ.get("QUERY_STRING") or "" if self.environ is not None else ""


def headers_of(environ: WSGIEnvironment) -> t.Iterator[tuple[str, str]]:
    """Yield the header fields in an environ."""
    for key, value in list(environ.items()):
        if key.startswith("HTTP_") and isinstance(value, str):
            yield key[5:], value


# What is handled on this thread or task, and on those that copy its context variables.
current: ContextVar[Exchange | None] = ContextVar("erlen.deploy.logs", default=None)


def request_id() -> str | None:
    """Return the id of the request or WebSocket that is being handled; None elsewhere."""
    exchange = current.get()
    if exchange is not None:
        return exchange.request_id
    environ = active_environ()
    if environ is None:
        return None
    found = environ.get(KEY) or (environ.get("asgi.scope") or {}).get(KEY)
    return found if isinstance(found, str) else None


def active_environ() -> WSGIEnvironment | None:
    """Return the environ of the active request or WebSocket.

    A thread that only copied the contexts of Erlen has that, and no context variables.
    """
    if has_request_context():
        environ: WSGIEnvironment = request.environ
        return environ
    if has_websocket_context():
        environ = websocket.environ
        return environ
    return None


def safe_id(text: str | None) -> str | None:
    """Return an id that somebody else gave, or None where it may not be used."""
    # SECURITY: no blank, quote, line break or control character, and no id of any length.
    return text if text and _SAFE_ID.fullmatch(text) else None


class RequestIdFilter(logging.Filter):
    """A filter that lets every record through, with its request's id as ``request_id``; else a hyphen."""

    def filter(self, record: logging.LogRecord) -> bool:
        if not hasattr(record, "request_id"):
            record.request_id = request_id() or "-"
        return True
