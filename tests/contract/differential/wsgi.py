"""A server in a few lines: makes an environ, runs the application, tells what it did."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from .application.events import note

SERVER = {
    "SERVER_NAME": "127.0.0.1",
    "SERVER_PORT": "5000",
    "SERVER_PROTOCOL": "HTTP/1.1",
    "REMOTE_ADDR": "127.0.0.1",
    "wsgi.version": (1, 0),
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


def make_environ(
    method: str = "GET",
    path: str = "/",
    query: str = "",
    headers: Iterable[tuple[str, str]] = (),
    body: str = "",
    scheme: str = "http",
    mount: str = "",
    extra: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Make a WSGI environ. `path` is as in the request line, percent signs and all; `body` holds latin-1."""
    environ: dict[str, Any] = {
        **SERVER,
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": mount,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": f"{path}?{query}" if query else path,
        "wsgi.url_scheme": scheme,
        "wsgi.input": io.BytesIO(body.encode("latin-1")),
        "wsgi.errors": io.StringIO(),
    }
    for name, value in headers:
        _add_header(environ, name, value)
    if body:
        environ.setdefault("CONTENT_LENGTH", str(len(body)))
    return {**environ, **(extra or {})}


def _add_header(environ: dict[str, Any], name: str, value: str) -> None:
    key = name.upper().replace("-", "_")
    key = key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"
    environ[key] = f"{environ[key]},{value}" if key in environ else value


class Exchange:
    """One request on its way through an application."""

    def __init__(self, app: Any, environ: dict[str, Any]) -> None:
        self.told: dict[str, Any] = {"status": None, "headers": [], "body": None, "escaped": None}
        self._app = app
        self._environ = environ

    def run(self) -> dict[str, Any]:
        """Do what a server does: call, send, close."""
        body = self._noting("call", lambda: self._app(self._environ, self._start_response))
        if body is not None:
            note("body handed over")
            parts: list[bytes] = []
            self._noting("body", lambda: parts.extend(body))
            self.told["body"] = b"".join(parts).decode("latin-1")
            note("body sent")
            self._noting("close", getattr(body, "close", lambda: None))
        return self.told

    def _start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        from flask import has_app_context, has_request_context

        note("start_response", "with request" * has_request_context(), "with app" * has_app_context())
        self.told.update(status=status, headers=[list(header) for header in headers])
        return None

    def _noting(self, where: str, function: Any) -> Any:
        try:
            return function()
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            self.told["escaped"] = f"{type(error).__name__} from {where}"
            return None
