"""One application text, three ways: on real Flask, on Erlen as WSGI, on Erlen as ASGI.

A scenario asks its `web` for everything: the framework's names, a client, raw requests. What it then
expects is written out, and real Flask answers first, so that no expectation is only Erlen's.
"""

from __future__ import annotations

import asyncio
import importlib
import inspect
import io
import threading
import types
import typing as t
from functools import wraps
from urllib.parse import unquote_to_bytes

import flask

import erlen

Headers: t.TypeAlias = list[tuple[str, str]]

WAYS = ("flask", "wsgi", "asgi")
ERLEN = ("wsgi", "asgi")


class Answer(t.NamedTuple):
    """What a server hands on to its client."""

    status: int
    headers: Headers
    body: bytes

    def values(self, name: str) -> list[str]:
        """List the values of a header, in their order."""
        return [value for given, value in self.headers if given.lower() == name.lower()]


class Web:
    """Be a framework's namespace, and know how to reach an application by one protocol."""

    def __init__(self, way: str) -> None:
        self.way = way
        self.protocol = "asgi" if way == "asgi" else "wsgi"
        self.framework: types.ModuleType = flask if way == "flask" else erlen

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self.framework, name)

    def module(self, name: str) -> t.Any:
        """Import a submodule of the framework."""
        return importlib.import_module(f"{self.framework.__name__}.{name}")

    def client(self, app: t.Any, **kwargs: t.Any) -> t.Any:
        """Make a test client that speaks this protocol."""
        if self.protocol == "asgi":
            kwargs["protocol"] = "asgi"
        return app.test_client(**kwargs)

    def wire(
        self,
        app: t.Any,
        target: str,
        method: str = "GET",
        headers: Headers | None = None,
        body: bytes = b"",
        root_path: str = "",
        chunked: bool = False,
    ) -> Answer:
        """Send what is on the wire, as a server of this protocol passes it on.

        *target* is percent-encoded and holds *root_path*, as it does on the wire. A *chunked* body
        does not say its length.
        """
        fields = [("Host", "localhost"), *(headers or [])]
        if chunked:
            fields.append(("Transfer-Encoding", "chunked"))
        elif body:
            fields.append(("Content-Length", str(len(body))))
        send = _by_asgi if self.protocol == "asgi" else _by_wsgi
        return send(app, method, target, fields, body, root_path)


# WSGI


def _by_wsgi(app: t.Any, method: str, target: str, headers: Headers, body: bytes, root_path: str) -> Answer:
    told: list[t.Any] = []

    def start_response(status: str, headers: Headers, exc_info: t.Any = None) -> None:
        told[:] = [int(status.split()[0]), headers]

    chunks = app(_environ(method, target, headers, body, root_path), start_response)
    try:
        content = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return Answer(told[0], told[1], content)


def _environ(method: str, target: str, headers: Headers, body: bytes, root_path: str) -> dict[str, t.Any]:
    """Make what servers make of a request: PEP 3333, RFC 3875 section 4.1.18."""
    path, _, query = target.partition("?")
    environ: dict[str, t.Any] = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": root_path,
        "PATH_INFO": unquote_to_bytes(path.removeprefix(root_path)).decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "192.0.2.7",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in headers:
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        between = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{between}{value}" if key in environ else value
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ["wsgi.input_terminated"] = True
    return environ


# ASGI


def _by_asgi(app: t.Any, method: str, target: str, headers: Headers, body: bytes, root_path: str) -> Answer:
    half = len(body) // 2
    parts = [part for part in (body[:half], body[half:]) if part] or [b""]
    incoming = [
        {"type": "http.request", "body": part, "more_body": n < len(parts)} for n, part in enumerate(parts, 1)
    ]
    sent: list[dict[str, t.Any]] = []

    async def receive() -> dict[str, t.Any]:
        if incoming:
            return incoming.pop(0)
        return await asyncio.get_running_loop().create_future()  # the client stays and says no more

    async def send(message: dict[str, t.Any]) -> None:
        sent.append(message)

    asyncio.run(app(_scope(method, target, headers, root_path), receive, send))
    start, *rest = sent
    assert start["type"] == "http.response.start"
    assert [message["type"] for message in rest] == ["http.response.body"] * len(rest)
    assert [message.get("more_body", False) for message in rest] == [True] * (len(rest) - 1) + [False]
    told = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    return Answer(start["status"], told, b"".join(message.get("body", b"") for message in rest))


def _scope(method: str, target: str, headers: Headers, root_path: str) -> dict[str, t.Any]:
    """Make what servers make of a request: ASGI 3, HTTP connection scope."""
    path, _, query = target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": unquote_to_bytes(path).decode("utf-8", "replace"),
        "raw_path": path.encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "root_path": root_path,
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers],
        "client": ("192.0.2.7", 50_000),
        "server": ("localhost", 80),
        "state": {},
    }


# colours


class Colour(t.NamedTuple):
    """Give functions one colour: plain as they are written, or as coroutine functions."""

    name: str

    def __call__(self, function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        if self.name == "def":
            return function

        @wraps(function)
        async def coroutine(*args: t.Any, **kwargs: t.Any) -> t.Any:
            await asyncio.sleep(0)
            result = function(*args, **kwargs)
            await asyncio.sleep(0)
            return result

        # A receiver's or a hook's signature is the coroutine's own, as it would be if written so.
        coroutine.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
        return coroutine


PLAIN, COROUTINE = Colour("def"), Colour("async def")


def in_a_thread(function: t.Callable[[], t.Any]) -> t.Any:
    """Call a function in a new thread, and give what it returns or raise what it raises."""
    told: list[t.Any] = []

    def run() -> None:
        try:
            told.append((function(), None))
        except BaseException as error:
            told.append((None, error))

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    result, error = told[0]
    if error is not None:
        raise error
    return result
