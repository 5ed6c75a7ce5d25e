"""Serving an application under a path: `--root-path /shop`, the same by WSGI and by ASGI.

The front passes the whole path. What is below the root path reaches the application with the root path as its
mount point (SCRIPT_NAME, `root_path`); everything else is answered with 404.
"""

from __future__ import annotations

import typing as t

from .errors import USAGE, ServeError

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    Scope = t.MutableMapping[str, t.Any]
    Receive = t.Callable[[], t.Awaitable[t.MutableMapping[str, t.Any]]]
    Send = t.Callable[[t.MutableMapping[str, t.Any]], t.Awaitable[None]]

_BODY = b"Not Found\n"
_HEADERS = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(_BODY))))
_RAW_HEADERS = tuple((name.lower().encode(), value.encode()) for name, value in _HEADERS)


def normalized(path: str) -> str:
    """Return a root path as it is used: without a slash at its end, empty for none.

    It is written as people read it, not with `%2F` and the like. Raises ServeError for what no path of a URL
    begins with.
    """
    root = path.rstrip("/")
    if not root:
        return ""
    parts = root.split("/")[1:]
    is_odd = any(part in ("", ".", "..") for part in parts)
    if not root.startswith("/") or is_odd or not root.isprintable() or set(root) & set("%?#\\ "):
        raise ServeError(
            f"The root path {path[:80]!r} is none that a URL begins with: write it as /shop or /shop/eu.",
            USAGE,
        )
    return root


class Under:
    """An application of both protocols that answers below a root path only."""

    def __init__(self, root: str, application: t.Any) -> None:
        self.application = application
        self._root = root
        # As WSGI writes bytes.
        self._script_name = root.encode().decode("latin-1")

    def __call__(self, *arguments: t.Any) -> t.Any:
        """Answer by WSGI, which has two arguments, or by ASGI, which has three."""
        return self.by_wsgi(*arguments) if len(arguments) == 2 else self.by_asgi(*arguments)

    def by_wsgi(self, environ: WSGIEnvironment, start_response: StartResponse) -> t.Iterable[bytes]:
        """Answer a request by WSGI."""
        path: str = environ.get("PATH_INFO", "")
        if not is_below(path, self._script_name):
            start_response("404 Not Found", list(_HEADERS))
            return [] if environ["REQUEST_METHOD"] == "HEAD" else [_BODY]
        environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "").rstrip("/") + self._script_name
        environ["PATH_INFO"] = path[len(self._script_name) :]
        answer: t.Iterable[bytes] = self.application(environ, start_response)
        return answer

    async def by_asgi(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, a WebSocket or the lifespan by ASGI.

        `path` has the root path in it, as ASGI has it since 2.4; who reads it takes it off.
        """
        if scope["type"] in ("http", "websocket"):
            if not is_below(scope["path"], self._root):
                await _refuse(scope, receive, send)
                return
            scope = {**scope, "root_path": self._root}
        await self.application(scope, receive, send)


def is_below(path: str, root: str) -> bool:
    """Tell whether a path is the root path or below it: `/shopping` is not below `/shop`."""
    return path.startswith(root) and path[len(root) : len(root) + 1] in ("", "/")


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    kind = "http.response"
    if scope["type"] == "websocket":
        await receive()  # what the client begins with
        if "websocket.http.response" not in (scope.get("extensions") or {}):
            # Before it is accepted: servers answer 403.
            await send({"type": "websocket.close"})
            return
        kind = "websocket.http.response"
    await send({"type": f"{kind}.start", "status": 404, "headers": list(_RAW_HEADERS)})
    await send({"type": f"{kind}.body", "body": b"" if scope.get("method") == "HEAD" else _BODY})
