"""Read a multipart form part by part, while it arrives: ``request.stream_parts()``.

Nothing is kept: memory holds one piece of the body, however long it is. Werkzeug's decoder finds the
parts, so that they are those of ``request.form`` and ``request.files``, and a malformed form is an error
for all of them.

Iterate with ``for`` or with ``async for``, over the parts and over each of them: which of the two works
depends on where the pieces come from.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import AsyncIterable, AsyncIterator, Iterable, Iterator

from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge, UnsupportedMediaType
from werkzeug.formparser import MultiPartParser
from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import (
    Data,
    Epilogue,
    Event,
    Field,
    File,
    MultipartDecoder,
    NeedData,
    Preamble,
    State,
)

from .multipart import Boundaries, MalformedForm, check_headers

if t.TYPE_CHECKING:
    from werkzeug.datastructures import Headers

Pieces: t.TypeAlias = Iterable[bytes] | AsyncIterable[bytes]

# The limit for the text before the first boundary, and for the headers of a part, which the decoder keeps.
_HEAD_MAX = 1 << 14  # bytes
# SECURITY: RFC 2046, section 5.1.1, allows 70 characters; `boundary*=` could contain line breaks.
_BOUNDARY = re.compile(r"[ -~]{0,69}[!-~]")


class Parts(Iterator["Part"], AsyncIterator["AsyncPart"]):
    """The parts of a multipart form, one after another; they can be iterated over once.

    *pieces* is iterable, asynchronously iterable, or both; it is not opened before the first part is
    asked for. Sizes are in bytes; None is no limit. Raises UnsupportedMediaType (415) where *content_type*
    is no ``multipart/form-data``, and BadRequest (400) where it has no boundary that RFC 2046 allows.

    Asking for a part raises BadRequest for a body that is malformed or ends before its last boundary, and
    RequestEntityTooLarge (413) beyond a limit; so does reading from one. What the view did not read of a
    part is skipped when it asks for the next.
    """

    def __init__(
        self,
        pieces: Pieces,
        content_type: str | None,
        *,
        max_content_length: int | None,
        max_form_memory_size: int | None,
        max_form_parts: int | None,
    ) -> None:
        events = _Events(_boundary_of(content_type), max_content_length, max_form_parts)
        self._body = _Body(pieces, events, max_form_memory_size)

    def __iter__(self) -> Parts:
        return self

    def __next__(self) -> Part:
        self._body.current = None
        while isinstance(event := self._body.advance(), Data):
            pass
        if isinstance(event, (Field, File)):
            return Part(event, self._body)
        raise StopIteration

    def __aiter__(self) -> Parts:
        return self

    async def __anext__(self) -> AsyncPart:
        self._body.current = None
        while isinstance(event := await self._body.advance_async(), Data):
            pass
        if isinstance(event, (Field, File)):
            return AsyncPart(event, self._body)
        raise StopAsyncIteration


class _Part:
    """The headers of a part. Everything is as sent, and may be hostile."""

    name: str
    filename: str | None  # None for a plain field, "" for an empty file input
    headers: Headers

    def __init__(self, event: Field | File, body: _Body) -> None:
        self.name = event.name
        self.filename = event.filename if isinstance(event, File) else None
        self.headers = event.headers
        self._body = body
        self._ended = False
        body.current = self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.name!r}>"

    @property
    def content_type(self) -> str | None:
        """The Content-Type header of the part."""
        return self.headers.get("content-type")

    def _has_more(self) -> bool:
        if self._ended:
            return False
        if self._body.current is not self:
            raise RuntimeError(f"{self!r} has been skipped. Read a part before you ask for the next one.")
        return True

    def _take(self, event: Event) -> bytes:
        data = t.cast(Data, event)  # no other event occurs before the end of a part
        if not data.more_data:
            self._ended = True
        return data.data

    def _keep(self, kept: bytearray, piece: bytes) -> None:
        most = self._body.max_form_memory_size
        if most is not None and len(kept) + len(piece) > most:
            raise RequestEntityTooLarge()
        kept += piece

    def _decoded(self, data: bytes) -> str:
        return data.decode(MultiPartParser().get_part_charset(self.headers), "replace")


class Part(_Part, Iterator[bytes]):
    """A field or a file; iterate over it with ``for`` to get its bytes, in pieces of any size."""

    def __iter__(self) -> Part:
        return self

    def __next__(self) -> bytes:
        while self._has_more():
            if piece := self._take(self._body.advance()):
                return piece
        raise StopIteration

    def read(self) -> bytes:
        """Return what has not been read; raises RequestEntityTooLarge beyond ``MAX_FORM_MEMORY_SIZE``."""
        kept = bytearray()
        for piece in self:
            self._keep(kept, piece)
        return bytes(kept)

    def text(self) -> str:
        """Return what `read` does, decoded as ``request.form`` decodes a field."""
        return self._decoded(self.read())


class AsyncPart(_Part, AsyncIterator[bytes]):
    """A field or a file; iterate over it with ``async for`` to get its bytes, in pieces of any size."""

    def __aiter__(self) -> AsyncPart:
        return self

    async def __anext__(self) -> bytes:
        while self._has_more():
            if piece := self._take(await self._body.advance_async()):
                return piece
        raise StopAsyncIteration

    async def read(self) -> bytes:
        """Return what has not been read; raises RequestEntityTooLarge beyond ``MAX_FORM_MEMORY_SIZE``."""
        kept = bytearray()
        async for piece in self:
            self._keep(kept, piece)
        return bytes(kept)

    async def text(self) -> str:
        """Return what `read` does, decoded as ``request.form`` decodes a field."""
        return self._decoded(await self.read())


class _Body:
    """A body that is being read: it reads a piece when there is no event left."""

    def __init__(self, pieces: Pieces, events: _Events, max_form_memory_size: int | None) -> None:
        self.max_form_memory_size = max_form_memory_size
        self.current: _Part | None = None
        self._pieces = pieces
        self._events = events
        self._iterator: t.Any = None

    def advance(self) -> Event:
        if self._iterator is None:
            if not isinstance(self._pieces, Iterable):
                raise RuntimeError("This body arrives on an event loop: use `async for`, in a coroutine.")
            self._iterator = iter(self._pieces)
        while (event := self._events.next()) is None:
            self._events.receive(next(self._iterator, None))
        return event

    async def advance_async(self) -> Event:
        if self._iterator is None:
            if not isinstance(self._pieces, AsyncIterable):
                raise RuntimeError("Reading this body blocks: use a plain `for`, in a plain function.")
            self._iterator = aiter(self._pieces)
        while (event := self._events.next()) is None:
            self._events.receive(await anext(self._iterator, None))
        return event


class _Events:
    """A parser that turns pieces of a body into events, wherever the pieces come from."""

    def __init__(self, boundary: bytes, max_content_length: int | None, max_form_parts: int | None) -> None:
        # The decoder's own limit for memory would also refuse long pieces of a file.
        self._decoder = MultipartDecoder(boundary, max_parts=max_form_parts)
        self._max_content_length = max_content_length
        self._boundary = boundary
        self._boundaries = Boundaries(boundary)
        self._received = 0  # bytes
        self._end: Event | HTTPException | None = None

    def receive(self, piece: bytes | None) -> None:
        """Take the next piece of the body, or None at its end."""
        if piece is None:
            self._decoder.receive_data(self._boundaries.rest())
            self._decoder.receive_data(None)
            return
        self._received += len(piece)
        if self._max_content_length is not None and self._received > self._max_content_length:
            self._end = RequestEntityTooLarge()
            return
        try:
            self._decoder.receive_data(self._boundaries.cut(piece))
        except MalformedForm as error:
            self._end = error

    def next(self) -> Event | None:
        """Return a Field, File, Data or Epilogue, or None where more of the body is needed.

        The end is final, and so is an error.
        """
        if self._end is None:
            try:
                return self._next()
            except HTTPException as error:
                self._end = error
            except ValueError as error:
                self._end = MalformedForm()
                self._end.__cause__ = error
        if isinstance(self._end, HTTPException):
            raise self._end
        return self._end

    def _next(self) -> Event | None:
        event: Event = Preamble(b"")
        while isinstance(event, Preamble):
            before = len(self._decoder.buffer)
            event = self._decoder.next_event()
            self._check_head(event, before)
        if isinstance(event, NeedData):
            return None
        if isinstance(event, Epilogue):
            self._end = event
        elif isinstance(event, (Field, File)):
            check_headers(event.headers, self._boundary)
            name: str | None = event.name  # Werkzeug declares text, and takes what the part says
            if name is None:
                raise ValueError("A part has no name")  # RFC 7578, section 4.2
        return event

    def _check_head(self, event: Event, before: int) -> None:
        head = 0
        if isinstance(event, (Preamble, Field, File)):
            head = before - len(self._decoder.buffer)
        elif isinstance(event, NeedData) and self._decoder.state in (State.PREAMBLE, State.PART):
            head = before
        if head > _HEAD_MAX:
            raise RequestEntityTooLarge()


def _boundary_of(content_type: str | None) -> bytes:
    mimetype, options = parse_options_header(content_type)
    if mimetype.lower() != "multipart/form-data":
        raise UnsupportedMediaType("Please send multipart/form-data.")
    boundary = options.get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise BadRequest("The Content-Type has no valid boundary.")
    return boundary.encode("ascii")
