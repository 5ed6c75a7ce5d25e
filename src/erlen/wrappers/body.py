"""Read the body of a request: at once where its length is known, and never again after a read that failed."""

from __future__ import annotations

import io
import typing as t

from werkzeug.exceptions import ClientDisconnected, HTTPException, RequestEntityTooLarge
from werkzeug.wsgi import LimitedStream, get_input_stream

from ..active import OWN, get_state
from ..servers import is_own_error

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .lazy import LazyRequest

# Larger bodies are read as Werkzeug reads them, piece by piece.
_AT_ONCE = 1 << 20  # bytes
_READS = frozenset(("read", "readline", "readlines", "readinto", "read1"))


def length_of(environ: WSGIEnvironment, most: int | None) -> int | None:
    """Return the length of a body that may be read at once, or None.

    *most* is the limit in bytes, or None. A longer body is left to the code that refuses it, and so is every
    length that is not a plain number, and every transfer coding.
    """
    stated: str = environ.get("CONTENT_LENGTH") or ""
    length = _short_lengths.get(stated)
    if length is None:
        if not stated.isdecimal() or not stated.isascii() or len(stated) > 9:
            return None
        length = int(stated)
        if len(stated) <= 3:
            _short_lengths[stated] = length
    if "HTTP_TRANSFER_ENCODING" in environ or "wsgi.input_terminated" in environ:
        return None
    if most is not None and length > most:
        return None
    return length if length <= _AT_ONCE else None


# PERF: lengths of at most three digits are read once: 0.1 us less (CPython 3.11).
_short_lengths: dict[str, int] = {}


def read_exactly(stream: t.IO[bytes], length: int) -> bytes:
    """Return *length* bytes; raises ClientDisconnected (400) where the stream ends before.

    PERF: 0.1 us instead of 2.1 for a short body (CPython 3.11).
    """
    try:
        data = stream.read(length)
    except Exception as error:
        if _is_failure(error):
            raise ClientDisconnected from error
        raise
    if len(data) == length:
        return data
    # Short reads are allowed; Werkzeug's stream continues to read, and notices a disconnect.
    return data + _limited(GuardedStream(stream), length - len(data)).read()


def rest_of(request: LazyRequest) -> bytes:
    """Return what is left of the body of a request."""
    attributes: dict[str, t.Any] = request.__dict__  # pyright: ignore[reportAssignmentType]
    if "stream" in attributes or request.read_length is not None or request.shallow:
        return request.stream.read()
    if "environ" not in attributes:
        body: t.Any = request._body
        # The application's limit was checked when the body was received; the request's own was not.
        if type(body) is bytes and request.limits_plainly and "_max_content_length" not in attributes:
            attributes["read_length"] = len(body)
            return body
    environ = request.environ
    context, app_context = get_state()
    if app_context is OWN and request.limits_plainly and "_max_content_length" not in attributes:
        most: int | None = context.app.config["MAX_CONTENT_LENGTH"]
    else:
        most = request.max_content_length
    length = length_of(environ, most)
    if length is None:
        return request.stream.read()
    try:
        data = read_exactly(environ["wsgi.input"], length)
    except BaseException:
        attributes["stream"] = broken_stream(length)
        raise
    attributes["read_length"] = length
    return data


def _is_failure(error: BaseException) -> bool:
    """Tell whether reading failed because of the client, and not by a mistake in the program.

    Werkzeug knows OSError and ValueError.
    """
    if isinstance(error, (OSError, ValueError)):
        return True
    return is_own_error(error) and not isinstance(error, HTTPException)


def spent_stream(stream: t.IO[bytes], length: int) -> t.IO[bytes]:
    """Return the stream of a body that has been read: it is at its end."""
    spent = LimitedStream(stream, length)
    spent._pos = length
    return t.cast(t.IO[bytes], spent)  # what io calls RawIOBase, types call IO


def broken_stream(length: int) -> t.IO[bytes]:
    """Return the stream of a body after a read that failed: each read is a ClientDisconnected."""
    return _limited(BrokenStream(), max(length, 1))


def body_stream(environ: WSGIEnvironment, most: int | None) -> t.IO[bytes]:
    """Return the stream of a body that has not been read.

    *most* is the limit in bytes, or None. Raises RequestEntityTooLarge (413) where the length exceeds it.
    """
    stream: t.Any = get_input_stream(environ, max_content_length=most)
    source = environ["wsgi.input"]
    if type(stream) is LimitedStream:
        make = CappedStream if stream._limit_is_max else _limited
        stream = make(GuardedStream(source), stream.limit)
    elif stream is source:
        stream = GuardedStream(source)
    guarded: t.IO[bytes] = stream
    return guarded


def _limited(stream: t.Any, limit: int) -> t.IO[bytes]:
    return t.cast(t.IO[bytes], LimitedStream(stream, limit))  # as above


class BrokenStream(io.RawIOBase):
    """The rest of a body after a read that failed: no read of it succeeds.

    SECURITY: the bytes after a failed read may be the rest of the body, or another request.
    """

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        raise ConnectionError("The body of this request broke off.")


class CappedStream(LimitedStream):
    """A body of unknown length; raises RequestEntityTooLarge (413) where it is longer than *limit*.

    Werkzeug's own raises it where a read reaches the limit, even where the body ends there, and a read of
    everything stops there without an error.
    """

    def __init__(self, stream: t.Any, limit: int) -> None:
        super().__init__(stream, limit, is_max=True)
        self._is_longer = False

    def on_exhausted(self) -> None:
        self._is_longer = self._is_longer or bool(self._stream.read(1))
        if self._is_longer:
            raise RequestEntityTooLarge

    def readall(self) -> bytes:
        data = super().readall()
        if data and self.is_exhausted:
            self.on_exhausted()
        return data


class GuardedStream:
    """The server's stream of a body; a failed read is a ClientDisconnected (400), and so is each after it."""

    def __init__(self, stream: t.Any) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> t.Any:
        value = getattr(self._stream, name)
        return self._guarded(name) if name in _READS else value

    def __iter__(self) -> t.Iterator[bytes]:
        return iter(self._guarded("readline"), b"")

    def _guarded(self, name: str) -> t.Callable[..., t.Any]:
        def read(*args: t.Any) -> t.Any:
            try:
                return getattr(self._stream, name)(*args)
            except HTTPException:
                raise  # for example a limit, which is raised again at each read
            except BaseException as error:
                self._stream = BrokenStream()
                if _is_failure(error):
                    raise ClientDisconnected from error
                raise

        return read
