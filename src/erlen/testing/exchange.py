"""Requests to an ASGI application from a thread: its coroutines run on the loop of this process."""

from __future__ import annotations

import asyncio
import typing as t
from queue import SimpleQueue
from urllib.parse import quote

from ..active import NOTHING, get_state, reset_state, set_state
from ..concurrency.loops import process_loop

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    Message = t.MutableMapping[str, t.Any]
    Scope = dict[str, t.Any]
    AsgiApplication = t.Callable[..., t.Awaitable[None]]

PRESERVE_CONTEXT = "werkzeug.debug.preserve_context"
# The keys of an environ that a scope has in another form; the rest is sent beside it.
_SAID = frozenset(
    (
        *("REQUEST_METHOD", "SCRIPT_NAME", "PATH_INFO", "QUERY_STRING", "SERVER_NAME", "SERVER_PORT"),
        *("SERVER_PROTOCOL", "REMOTE_ADDR", "REMOTE_PORT", "REQUEST_URI", "RAW_URI", "CONTENT_TYPE"),
        *("CONTENT_LENGTH", "wsgi.input", "wsgi.input_terminated", "wsgi.url_scheme", "wsgi.version"),
        *("wsgi.multithread", "wsgi.multiprocess", "wsgi.run_once"),
    )
)


def scope_of(environ: WSGIEnvironment) -> Scope:
    """Return the scope of the HTTP request that *environ* describes."""
    root, path = _text(environ.get("SCRIPT_NAME", "")).rstrip("/"), _text(environ.get("PATH_INFO", ""))
    raw: str = environ.get("REQUEST_URI") or quote(root + path)
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": environ.get("SERVER_PROTOCOL", "HTTP/1.1").rpartition("/")[2],
        "method": environ.get("REQUEST_METHOD", "GET"),
        "scheme": environ.get("wsgi.url_scheme", "http"),
        "path": root + path,
        "raw_path": raw.partition("?")[0].encode("latin1"),
        "root_path": root,
        "query_string": environ.get("QUERY_STRING", "").encode("latin1"),
        "headers": _headers(environ),
        "client": (environ.get("REMOTE_ADDR", ""), int(environ.get("REMOTE_PORT") or 0)),
        "server": (environ.get("SERVER_NAME", "localhost"), int(environ.get("SERVER_PORT") or 80)),
        "extensions": {"erlen.environ": {key: environ[key] for key in environ if _is_beside(key)}},
    }


def _text(disguised: str) -> str:
    return disguised.encode("latin1").decode("utf-8", "surrogateescape")


def _is_beside(key: str) -> bool:
    return key not in _SAID and not key.startswith("HTTP_")


def _headers(environ: WSGIEnvironment) -> list[tuple[bytes, bytes]]:
    headers = []
    for key, value in environ.items():
        if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            name = key.removeprefix("HTTP_").replace("_", "-").lower()
            if value or key.startswith("HTTP_"):
                headers.append((name.encode("latin1"), str(value).encode("latin1")))
    return headers


def body_of(environ: WSGIEnvironment) -> bytes:
    stream, length = environ.get("wsgi.input"), environ.get("CONTENT_LENGTH")
    if stream is None or not (length or environ.get("wsgi.input_terminated")):
        return b""
    at = stream.tell() if stream.seekable() else None
    data: bytes = stream.read(int(length)) if length else stream.read()
    if at is not None:
        stream.seek(at)  # a redirect may ask for the same once more
    return data


class Failed(t.NamedTuple):
    """The exception that ended an application early."""

    error: BaseException


class Exchange:
    """An exchange between a thread, which sends a request, and an application on the loop of the process."""

    def __init__(self, scope: Scope, body: bytes = b"") -> None:
        self.scope = scope
        self.loop = process_loop().loop
        self.answers: SimpleQueue[Message | Failed | None] = SimpleQueue()
        self._messages: asyncio.Queue[Message] = asyncio.Queue()
        if scope["type"] == "http":
            self._messages.put_nowait({"type": "http.request", "body": body, "more_body": False})
        # Set while the reader waits for the next piece of a stream.
        self._wanted = asyncio.Event()
        # Whether the client has disconnected; whether the application has ended.
        self.closed = self.ended = False
        self._refuse_to_wait()

    def _refuse_to_wait(self) -> None:
        try:
            running = asyncio.get_running_loop()
        except RuntimeError:
            return
        if running is self.loop:
            raise RuntimeError(
                "This test client waits for its answer, and was called on the thread that runs the event"
                " loop, which would wait for itself. Use 'async with app.async_test_client() as client'"
                " there."
            )

    # on the thread

    def begin(self, app: AsgiApplication, *, aside: bool = False) -> None:
        """Start the application; *aside* sends the request through ``wsgi_app``, which keeps contexts."""
        # A pair equal to NOTHING, but another object, which the gateway takes for an active context. A pair
        # that is really active is used as it is.
        token = set_state((None, None)) if aside and get_state() is NOTHING else None
        try:
            self._future = asyncio.run_coroutine_threadsafe(self._run(app), self.loop)
        finally:
            if token is not None:
                reset_state(token)

    def next(self) -> Message | None:
        """Wait for what the application sends next; None at its end. Raises what the application raised."""
        if self.ended:
            return None
        self.loop.call_soon_threadsafe(self._wanted.set)
        answer = self.answers.get()
        self.ended = answer is None or isinstance(answer, Failed)
        if isinstance(answer, Failed):
            raise answer.error
        return answer

    def tell(self, message: Message) -> None:
        """Let the application receive *message*."""
        self.loop.call_soon_threadsafe(self._messages.put_nowait, message)

    def hang_up(self, message: Message) -> None:
        """Disconnect, and wait until the application has ended."""
        if self.leave(message):
            while self.next() is not None:
                pass

    def leave(self, message: Message) -> bool:
        """Disconnect; tell whether the application had not been told before."""
        if self.closed:
            return False
        self.closed = True
        self.tell(message)
        self.loop.call_soon_threadsafe(self._wanted.set)
        return True

    # on the loop

    async def _run(self, app: AsgiApplication) -> None:
        try:
            await app(self.scope, self._messages.get, self._send)
        except BaseException as error:
            self.answers.put(Failed(error))
        else:
            self.answers.put(None)

    async def _send(self, message: Message) -> None:
        if self.closed:
            raise OSError("The client has gone away.")
        self.answers.put(message)
        if message.get("more_body"):
            # At the reader's pace: a piece is made when it is read.
            self._wanted.clear()
            await self._wanted.wait()


class AsgiCaller:
    """A WSGI application that sends its requests to an ASGI application."""

    def __init__(self, app: AsgiApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> t.Iterable[bytes]:
        """Send the request; the application has ended when the body has."""
        exchange = Exchange(scope_of(environ), body_of(environ))
        exchange.begin(self._app, aside=PRESERVE_CONTEXT in environ)
        head = exchange.next()
        assert head is not None, "The application answered nothing."
        headers = [(name.decode("latin1"), value.decode("latin1")) for name, value in head["headers"]]
        start_response(_status_line(head["status"]), headers)
        first = exchange.next()
        if first is None or not first.get("more_body"):
            while exchange.next() is not None:
                pass
            return [data_of(first)]
        return _Pieces(exchange, first)


def _status_line(code: int) -> str:
    from werkzeug.http import HTTP_STATUS_CODES

    return f"{code} {HTTP_STATUS_CODES.get(code, 'UNKNOWN').upper()}"


def data_of(message: Message | None) -> bytes:
    if message is None:
        return b""
    if message["type"] == "http.response.pathsend":
        with open(message["path"], "rb") as file:
            return file.read()
    body: bytes = message.get("body", b"")
    return body


class _Pieces:
    """A body that is still being sent."""

    def __init__(self, exchange: Exchange, first: Message) -> None:
        self._exchange = exchange
        self._ready: Message | None = first

    def __iter__(self) -> t.Iterator[bytes]:
        while self._ready is not None:
            data = data_of(self._ready)
            if data:
                yield data
            self._ready = self._exchange.next()

    def close(self) -> None:
        """Disconnect before the end."""
        if self._ready is not None:
            self._ready = None
            self._exchange.hang_up({"type": "http.disconnect"})

    def __del__(self) -> None:
        # Nobody reads any more: the application must not wait for that.
        if self._ready is not None:
            self._exchange.leave({"type": "http.disconnect"})
