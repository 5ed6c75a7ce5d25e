"""The middleware around ``wsgi_app``: the id of each request, in the response too, and the access log."""

from __future__ import annotations

import typing as t

from .exchange import KEY, Exchange, current, safe_id
from .peers import came_by_trusted_proxy, client_of_environ

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from .installing import Logs


class WsgiLog:
    """A WSGI application with the logs around it."""

    # The twin around ``asgi_app`` sees what comes by ASGI, which need not pass through this one.
    has_asgi_form = True

    def __init__(self, app: WSGIApplication, logs: Logs) -> None:
        self.app = app
        self.logs = logs

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> t.Iterable[bytes]:
        scope = environ.get("asgi.scope")
        if KEY in environ or (scope is not None and KEY in scope):
            return self.app(environ, start_response)
        given = environ.get(self.logs.header_key)
        if given is not None:
            given = safe_id(given) if came_by_trusted_proxy(environ) else None
        exchange = Exchange(given, environ)
        environ[KEY] = exchange.request_id
        begin = _Begin(exchange, start_response, self.logs.header)
        before = current.get()
        current.set(exchange)
        try:
            body = self.app(environ, begin)
        except Exception:
            self._write(exchange, failed=True)
            raise
        finally:
            current.set(before)
        if type(body) is list or type(body) is tuple:
            exchange.size += sum(map(len, body))
            self._write(exchange)
            return body
        if _is_of_server(environ, body):
            # It goes to the server as it is, which can send a file by itself.
            exchange.size = int(exchange.stated or 0)
            self._write(exchange)
            return body
        return _Body(body, exchange, self._write)

    def _write(self, exchange: Exchange, *, failed: bool = False) -> None:
        if self.logs.access.is_on and exchange.environ is not None:
            self.logs.access.write(exchange, client_of_environ(exchange.environ), failed=failed)


class _Begin:
    """A ``start_response`` that adds the id to the headers."""

    __slots__ = ("_exchange", "_header", "_start_response")

    def __init__(self, exchange: Exchange, start_response: StartResponse, header: str) -> None:
        self._exchange, self._start_response, self._header = exchange, start_response, header

    def __call__(
        self, status: str, headers: list[tuple[str, str]], exc_info: t.Any = None, /
    ) -> t.Callable[[bytes], object]:
        exchange, header = self._exchange, self._header
        exchange.status = int(status[:3]) if status[:3].isdecimal() else 0
        wanted = header.lower()
        has_header = not header
        for name, value in headers:
            lower = name.lower()
            if lower == wanted:
                has_header = True
            elif lower == "content-length":
                exchange.stated = value if value.isascii() and value.isdecimal() else None
        if not has_header:
            headers = [*headers, (header, exchange.request_id)]
        if exc_info is None:
            write = self._start_response(status, headers)
        else:
            write = self._start_response(status, headers, exc_info)

        def counted(data: bytes) -> object:
            exchange.size += len(data)
            return write(data)

        return counted


def _is_of_server(environ: WSGIEnvironment, body: object) -> bool:
    """Tell whether a body is an object that the server made to send a file."""
    wrapper = environ.get("wsgi.file_wrapper")
    if isinstance(wrapper, type):
        return type(body) is wrapper
    # uWSGI (2.0) has a function, which makes objects of a type of its own.
    return wrapper is not None and type(body).__name__ == "uwsgi_Sendfile"


class _Body:
    """A body that is sent in pieces: counted, and with the id in what its source logs."""

    def __init__(
        self, body: t.Iterable[bytes], exchange: Exchange, at_end: t.Callable[[Exchange], None]
    ) -> None:
        self._body, self._exchange, self._at_end = body, exchange, at_end
        self._pieces: t.Iterator[bytes] | None = None
        self._has_ended = False

    def __iter__(self) -> t.Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        before = current.get()
        current.set(self._exchange)
        try:
            if self._pieces is None:
                self._pieces = iter(self._body)
            piece = next(self._pieces)
        finally:
            current.set(before)
        self._exchange.size += len(piece)
        return piece

    def close(self) -> None:
        """Close the body, and write the record of the request."""
        before = current.get()
        current.set(self._exchange)
        try:
            close = getattr(self._body, "close", None)
            if close is not None:
                close()
        finally:
            current.set(before)
            if not self._has_ended:
                self._has_ended = True
                self._at_end(self._exchange)
