"""The server's side: makes environs as a server does, and takes answers as a server does."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    query: str = ""
    body: bytes = b""
    content_type: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)  # by their WSGI names


@dataclass(frozen=True)
class Answer:
    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return the value of a header, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")


# What every browser's request carries, as gunicorn hands it over.
COMMON = {
    "SERVER_PROTOCOL": "HTTP/1.1",
    "SERVER_SOFTWARE": "gunicorn/27.0",
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "8000",
    "REMOTE_ADDR": "127.0.0.1",
    "REMOTE_PORT": "51000",
    "SCRIPT_NAME": "",
    "HTTP_HOST": "127.0.0.1:8000",
    "HTTP_CONNECTION": "keep-alive",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.5",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
    "wsgi.version": (1, 0),
    "wsgi.url_scheme": "http",
    "wsgi.errors": sys.stderr,
    "wsgi.multithread": True,
    "wsgi.multiprocess": True,
    "wsgi.run_once": False,
}
# A server decodes these anew for each request, so nothing may recognise them by identity.
DECODED = {
    "PATH_INFO",
    "QUERY_STRING",
    "HTTP_HOST",
    "HTTP_COOKIE",
    "HTTP_IF_NONE_MATCH",
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
}


def environ_of(request: Request) -> WSGIEnvironment:
    """Return the environ of a request, but for its body."""
    target = f"{request.path}?{request.query}" if request.query else request.path
    environ = {
        **COMMON,
        "REQUEST_METHOD": request.method,
        "PATH_INFO": request.path,
        "QUERY_STRING": request.query,
        "RAW_URI": target,
        **request.headers,
    }
    if request.method == "POST":
        environ |= {"CONTENT_TYPE": request.content_type, "CONTENT_LENGTH": str(len(request.body))}
    return environ


# What a client sends by itself.
OWN_HEADERS = {"HTTP_HOST", "HTTP_CONNECTION"}


def headers_of(request: Request) -> dict[str, str]:
    """Return the headers of a request as a client sends them, but for those that it sends by itself."""
    environ = environ_of(request)
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").title(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") and name not in OWN_HEADERS
    }
    return headers | ({"Content-Type": request.content_type} if request.method == "POST" else {})


def ask(app: WSGIApplication, request: Request) -> Answer:
    """Return the whole answer of an application."""
    started: list[Any] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None, /) -> Any:
        started[:] = status, headers
        return None

    chunks = app({**environ_of(request), "wsgi.input": BytesIO(request.body)}, start_response)
    try:
        body = b"".join(chunks)
    finally:
        if hasattr(chunks, "close"):
            chunks.close()
    return Answer(started[0], list(started[1]), body)


handed_over: list[object] = [None, None]


def start_response(
    status: str,
    headers: list[tuple[str, str]],
    exc_info: tuple[type[BaseException], BaseException, TracebackType]
    | tuple[None, None, None]
    | None = None,
) -> Any:
    """Keep what an application says, as a server does."""
    handed_over[0] = status
    handed_over[1] = headers
    return None


def drive(app: WSGIApplication, request: Request, count: int) -> None:
    """Ask an application a number of times, each time with an environ of its own, and drop its answers."""
    copy = environ_of(request).copy
    decoded = [(key, value.encode("latin-1")) for key, value in environ_of(request).items() if key in DECODED]
    body = request.body
    respond: StartResponse = start_response
    for _ in range(count):
        environ = copy()
        for key, value in decoded:
            environ[key] = value.decode("latin-1")
        environ["wsgi.input"] = BytesIO(body)
        chunks = app(environ, respond)
        for _chunk in chunks:
            pass
        if hasattr(chunks, "close"):
            chunks.close()


SILENT_HEADERS = [("Content-Type", "text/plain"), ("Content-Length", "0")]
SILENT_BODY = [b""]


def silent(environ: WSGIEnvironment, start_response: StartResponse) -> list[bytes]:
    """Answer without doing anything: what a call of this costs is the driver's share of every other."""
    start_response("200 OK", SILENT_HEADERS)
    return SILENT_BODY
