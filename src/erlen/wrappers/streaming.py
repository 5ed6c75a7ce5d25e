"""Read the body of a request while it arrives: for views that declare it with ``stream_request``."""

from __future__ import annotations

import io
import typing as t
from collections.abc import AsyncIterator, Iterator

from werkzeug.exceptions import BadRequest, ClientDisconnected, HTTPException, LengthRequired

from ..servers import UwsgiBody, hands_over_chunks

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

F = t.TypeVar("F", bound=t.Callable[..., t.Any])

READS_STREAM = "_reads_stream"
# The number of bytes that are read at once.
_PIECE = 1 << 16


def stream_request(view: F) -> F:
    """Declare that *view* reads the body itself: it is called before the body has been received.

    Place it directly above the function, below the route. The view reads with
    ``request.stream_parts()``, ``request.stream_pieces()`` or, where it is plain, ``request.stream``.
    """
    setattr(view, READS_STREAM, True)
    return view


def is_streamed(context: t.Any) -> bool:
    """Tell whether the view of a request reads the body itself, while it arrives."""
    route, request = context.route, context.made_request
    rule = request.url_rule if request is not None else None if route is None else route.rule
    view = None if rule is None else context.app.view_functions.get(rule.endpoint)
    return hasattr(view, READS_STREAM)


class Pieces:
    """A body as it arrives, in pieces of bytes: for ``for`` and for ``async for``, once."""

    def __init__(self, source: t.Any, stream: t.Callable[[], t.IO[bytes]]) -> None:
        # The stream that the gateway reads from, and the one with Werkzeug's limit.
        self._source = source
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        pieces = getattr(self._source, "plain_pieces", None)
        if pieces is not None:
            found: Iterator[bytes] = pieces()
            return found
        stream = self._stream()
        return iter(lambda: stream.read(_PIECE), b"")

    def __aiter__(self) -> AsyncIterator[bytes]:
        pieces = getattr(self._source, "pieces", None)
        return self._read() if pieces is None else pieces()

    async def _read(self) -> AsyncIterator[bytes]:
        stream = self._stream()
        # Under WSGI reading blocks, and all requests share the loop: the thread of the request reads.
        call = getattr(self._source, "call", None)
        while piece := stream.read(_PIECE) if call is None else await call(stream.read, _PIECE):
            yield piece


def check_chunked(environ: WSGIEnvironment) -> None:
    """Make sure that a chunked body is not taken for an empty one (RFC 9112, section 6.3).

    uWSGI has its own function to read one. Elsewhere the server has decoded it and says so; where it does
    not, LengthRequired (411) is raised.
    """
    if "chunked" not in environ["HTTP_TRANSFER_ENCODING"].lower() or "asgi.scope" in environ:
        return
    source = environ.get("wsgi.input")
    if environ.get("wsgi.input_terminated"):
        if not (source is None or isinstance(source, ErlenBody) or type(source) is io.BytesIO):
            environ["wsgi.input"] = _ChunkedBody(source)
    elif not environ.get("CONTENT_LENGTH"):
        if not hands_over_chunks(environ):
            raise LengthRequired("This server hands a chunked body on undecoded: send a Content-Length.")
        environ["wsgi.input"] = _ChunkedBody(io.BufferedReader(UwsgiBody()))
        environ["wsgi.input_terminated"] = True


class ErlenBody(io.RawIOBase):
    """A body of Erlen's that wraps the one of the server."""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)


class _ChunkedBody(ErlenBody):
    """A chunked body that a server decodes while it is read.

    Reading raises BadRequest (400) where it is malformed or breaks off, and from then on: what follows in the
    connection is not the rest of this body. Each server has another exception for that.
    """

    _refusal: type[BadRequest] | None = None

    def __init__(self, source: t.Any) -> None:
        self._source = source

    def read(self, size: int | None = -1) -> bytes:
        return self._call(self._source.read, size)

    def readline(self, size: int | None = -1) -> bytes:
        return self._call(self._source.readline, size)

    def _call(self, method: t.Callable[..., bytes], size: int | None) -> bytes:
        if self._refusal is None:
            try:
                return method() if size is None or size < 0 else method(size)
            except HTTPException:
                raise
            except (OSError, ValueError):  # as Werkzeug handles them
                self._refusal = ClientDisconnected
            except Exception:
                self._refusal = BadRequest
        raise self._refusal("The chunked body of this request is malformed, or was broken off.")
