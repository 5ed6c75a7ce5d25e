"""Hand a response to an ASGI server: head, then body, in as few messages as it takes."""

from __future__ import annotations

import os
import typing as t

from werkzeug.wsgi import FileWrapper

if t.TYPE_CHECKING:
    from .asgi import Message, Scope, Send

Headers: t.TypeAlias = "t.Iterable[tuple[str, str]]"


class Head(t.NamedTuple):
    """Be status and headers, as a WSGI application says them."""

    status: str
    headers: Headers

    def message(self) -> Message:
        """Return the message that begins the response."""
        return {
            "type": "http.response.start",
            "status": int(self.status[:3]),
            "headers": encoded(self.headers),
        }


def encoded(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI writes them: bytes, names in lower case."""
    return [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers]


class File(t.NamedTuple):
    """Be a whole file that the server sends by itself."""

    path: str


async def send_whole(send: Send, head: Head, body: bytes | File) -> None:
    """Send a response that is all there, unless the client has gone (OSError: ASGI 2.4)."""
    try:
        await send(head.message())
        await send(body_message(body))
    except OSError:
        return


def body_message(body: bytes | File) -> Message:
    """Return the one message that has all of a body."""
    if isinstance(body, File):
        return {"type": "http.response.pathsend", "path": body.path}
    return {"type": "http.response.body", "body": body}


async def refuse(send: Send, status: str, text: str, *headers: tuple[str, str]) -> None:
    """Answer in the name of the gateway, which it does for a malformed scope and for a full pool alone."""
    body = f"{text}\n".encode()
    own = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    await send_whole(send, Head(status, [*own, *headers]), body)


def whole_file(scope: Scope, head: Head, body: t.Any) -> File | None:
    """Return the file that *body* is, where the server can send it by itself, or None.

    Only for a GET that is answered with all of it; the file has to be the one that was opened, since its
    length and tag have been said already.
    """
    if "http.response.pathsend" not in (scope.get("extensions") or ()) or scope["method"] != "GET":
        return None
    file = getattr(body, "file", None)
    path = getattr(file, "name", None)
    if type(body) is not FileWrapper or not isinstance(path, str) or head.status[:3] != "200":
        return None
    try:
        opened, there = os.fstat(file.fileno()), os.stat(path)  # type: ignore[union-attr]
        unread = file.tell() == 0  # type: ignore[union-attr]
    except (OSError, ValueError, AttributeError):
        return None
    stated = next((value for name, value in head.headers if name == "Content-Length"), None)
    same = (opened.st_ino, opened.st_dev, opened.st_size) == (there.st_ino, there.st_dev, there.st_size)
    return File(os.path.abspath(path)) if same and unread and stated == str(opened.st_size) else None
