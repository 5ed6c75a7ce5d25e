"""Ways to send one request to an application in this process: what servers do, without a server."""

from __future__ import annotations

import asyncio
import io
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, unquote_to_bytes


@dataclass(frozen=True)
class Sent:
    """A request as it is on the wire; text is Latin-1."""

    target: str = "/"
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    host: str | None = "localhost"
    length: str | None = ""
    """What Content-Length says; what is true where it is empty, nothing where it is None."""
    version: str = "1.1"

    @property
    def fields(self) -> list[tuple[str, str]]:
        fields = [] if self.host is None else [("Host", self.host)]
        if self.length is not None and (self.length or self.body):
            fields.append(("Content-Length", self.length or str(len(self.body))))
        return [*fields, *self.headers]


@dataclass
class Answer:
    """What came back."""

    status: int
    headers: list[tuple[str, str]]
    text: str

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


def by_wsgi(app: Any, sent: Sent) -> Answer:
    """Send it as a WSGI server does; an exception is the server's, and so nobody's."""
    started: list[Any] = []
    body = app(environ_of(sent), lambda line, headers, error=None: started.append((line, headers)))
    try:
        text = b"".join(body)
    finally:
        getattr(body, "close", lambda: None)()
    line, headers = started[-1]
    return Answer(int(line[:3]), headers, text.decode("utf-8", "replace"))


def environ_of(sent: Sent) -> dict[str, Any]:
    path, _, query = sent.target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": sent.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path.encode("latin-1")).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": sent.target,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": f"HTTP/{sent.version}",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent.body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in sent.fields:
        if "_" in name:  # every server of the list drops these, or is told to
            continue
        key = name.upper().replace("-", "_")
        key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
        joint = "; " if key == "HTTP_COOKIE" else ","
        environ[key] = f"{environ[key]}{joint}{value}" if key in environ else value
    return environ


async def by_asgi(app: Any, sent: Sent, piece: int = 1 << 16) -> Answer:
    """Send it as an ASGI server does, the body in pieces; an exception is the server's, and so nobody's."""
    body = [sent.body[at : at + piece] for at in range(0, len(sent.body), piece)] or [b""]
    ended = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if body:
            return {"type": "http.request", "body": body.pop(0), "more_body": bool(body)}
        await ended.wait()
        return {"type": "http.disconnect"}

    messages: list[Any] = []

    async def send(message: Any) -> None:
        messages.append(message)

    try:
        await app(scope_of(sent), receive, send)
    finally:
        ended.set()
    start, *rest = messages
    headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
    text = b"".join(message.get("body", b"") for message in rest)
    return Answer(start["status"], headers, text.decode("utf-8", "replace"))


def scope_of(sent: Sent) -> dict[str, Any]:
    path, _, query = sent.target.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": sent.version,
        "method": sent.method,
        "scheme": "http",
        "path": unquote(path),
        "raw_path": path.encode("latin-1"),
        "root_path": "",
        "query_string": query.encode("latin-1"),
        "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in sent.fields],
        "client": ("127.0.0.1", 1),
        "server": ("localhost", 80),
    }
