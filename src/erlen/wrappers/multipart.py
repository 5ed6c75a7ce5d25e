"""Find the boundaries of a multipart body, however it is cut into pieces, and parse well-formed forms.

Werkzeug's decoder takes a boundary for data where blanks follow it and it arrives in two pieces. It finds
one in mid-line or not, depending on the cut. To its parser, a malformed form is an empty one. So the pieces
are cut anew before the decoder sees them, and what cannot be read is a BadRequest (400).
"""

from __future__ import annotations

import re
import typing as t
from functools import lru_cache

from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser, MultiPartParser

if t.TYPE_CHECKING:
    from werkzeug.datastructures import FileStorage, Headers, MultiDict
    from werkzeug.sansio.multipart import File

    Fields: t.TypeAlias = MultiDict[str, str]
    Files: t.TypeAlias = MultiDict[str, FileStorage]

# The limit for blanks after a boundary: RFC 2046, section 5.1.1, has none, and no client sends any.
_PADDING_MAX = 1 << 10  # bytes
_PADDING = rb"[ \t\f\v]*"
# The end of the form, or of the line; a line feed may follow a final carriage return.
_ENDING = rb"(--)|(\r\n|\n|\r(?!\Z))"
_UNDECIDED = rb"-?\Z|\r\Z"
# SECURITY: `boundary*=` could contain line breaks.
_BOUNDARY = r"[ -~]+"


@lru_cache(maxsize=1)
def _finders() -> tuple[t.Callable[[bytes, int], re.Match[bytes] | None], ...]:
    """Return what finds these at a position; compiled for the first form."""
    return re.compile(_PADDING).match, re.compile(_ENDING).match, re.compile(_UNDECIDED).match


class RefusedForm(HTTPException):
    """An error in a multipart form, as opposed to one in reading its body."""


class MalformedForm(RefusedForm, BadRequest):
    """An error about a multipart form that parsers could read differently: 400."""

    code = 400
    description = "The multipart form is malformed, or incomplete."


class TooLargeForm(RefusedForm, RequestEntityTooLarge):
    """An error about a multipart form with too many parts or too large a field: 413."""

    code = 413
    description = RequestEntityTooLarge.description


class Boundaries:
    """A cutter of multipart bodies that leaves each boundary in one piece.

    Blanks after a boundary and everything after the last one are removed. No more is kept than a boundary and
    its blanks, and no other byte is read twice.
    """

    def __init__(self, boundary: bytes) -> None:
        self._line = b"--" + boundary
        self._held = b""
        self._in_preamble = True
        # Whether the next byte begins a line: at the start of the body, or after a boundary.
        self._begins_line = True
        self.ended = False  # by the last boundary
        self._candidate: re.Pattern[bytes] | None = None

    @property
    def held(self) -> int:
        """The number of bytes that wait for the next piece."""
        return len(self._held)

    def cut(self, piece: bytes) -> bytes:
        """Return the bytes that are certain with the next piece; raises MalformedForm.

        A boundary begins a line (RFC 2046, section 5.1.1). Before the first one, what looks like a boundary
        and is none is an error: some parsers would find a part after it, and others would not.
        """
        if self.ended:
            return b""
        data = self._held + piece
        given: list[bytes] = []
        at = start = 0
        while not self.ended and (at := data.find(self._line, at)) >= 0:
            line_start = self._line_start(data, start, at)
            after = at + len(self._line)
            in_data = line_start is None and not self._in_preamble
            ending = False if in_data else self._ending(data, after)
            if ending is None:
                return self._give(data, start, at if line_start is None else line_start, given)
            if (line_start is None) is bool(ending) and self._in_preamble:
                raise MalformedForm
            if ending:
                given += (data[start:after], ending[0])
                self._in_preamble, self._begins_line = False, True
                self.ended = ending[0] == b"--"
                start = ending.end()
                at = start
            else:
                at = at + 1 if self._in_preamble else self._next_candidate(data, at + 1)
        return self._give(data, start, len(data) if self.ended else self._undecided(data, start), given)

    def _next_candidate(self, data: bytes, at: int) -> int:
        """Return the position from which the next boundary is searched.

        PERF: data that is full of almost boundaries is cut at 70 MB/s instead of 7 (CPython 3.11). Most forms
        have none, and do without another expression.
        """
        if self._candidate is None:
            line = rb"[\r\n]%b" % re.escape(self._line)
            self._candidate = re.compile(
                line + rb"(?:--|-?\Z|[ \t\f\v]*(?:[\r\n]|\Z)|[ \t\f\v]{%d})" % _PADDING_MAX
            )
        found = self._candidate.search(data, at - 1)
        return len(data) if found is None else found.start() + 1

    def rest(self) -> bytes:
        """Return the waiting bytes, at the end of the body: they are no boundary."""
        held, self._held = self._held, b""
        return held

    def _line_start(self, data: bytes, start: int, at: int) -> int | None:
        """Return where the line break before *at* begins; None in mid-line."""
        if at == start:
            return at if self._begins_line else None
        if data[at - 1] not in b"\r\n":
            return None
        return at - 2 if at - 2 >= start and data[at - 2 : at] == b"\r\n" else at - 1

    def _ending(self, data: bytes, after: int) -> re.Match[bytes] | t.Literal[False] | None:
        """Return the match for the rest of a line that begins like a boundary.

        That is False if it is no boundary, and None if it depends on the next piece.
        """
        find_padding, find_ending, find_undecided = _finders()
        padding = find_padding(data, after)
        assert padding is not None  # it may be empty, but not missing
        end = padding.end()
        if end - after > _PADDING_MAX:
            raise MalformedForm
        ending = find_ending(data, end)
        if ending is not None and not (ending[1] and end > after):
            return ending
        return None if find_undecided(data, end) else False

    def _undecided(self, data: bytes, start: int) -> int:
        """Return the position, near the end of *data*, where a boundary may begin."""
        window = max(len(data) - len(self._line) - 1, start)
        if self._in_preamble:
            return window
        at = max(data.rfind(b"\n", window), data.rfind(b"\r", window))
        if at >= 0 and self._line.startswith(data[at + 1 :]):
            return at - 1 if at > start and data[at - 1 : at + 1] == b"\r\n" else at
        begins = self._begins_line and self._line.startswith(data[start:])
        return start if begins else len(data)

    def _give(self, data: bytes, start: int, end: int, given: list[bytes]) -> bytes:
        """Return the result so far, with *data* up to *end*; keep the rest."""
        if end > start:
            self._begins_line = False
            given.append(data[start:end])
        self._held = data[end:]
        return b"".join(given)


class _CutStream:
    """A body that is read in pieces, with each boundary in one piece."""

    def __init__(self, stream: t.IO[bytes], boundary: bytes) -> None:
        self._stream = stream
        self._boundaries = Boundaries(boundary)
        self.was_empty = True
        self.failed = False

    def read(self, size: int) -> bytes:
        """Return at most *size* bytes, as long as a boundary is shorter; none at the end."""
        while data := self._read(max(size - self._boundaries.held, 1)):
            self.was_empty = False
            if piece := self._boundaries.cut(data):
                return piece
        return self._boundaries.rest()

    def _read(self, size: int) -> bytes:
        self.failed = True
        data = self._stream.read(size)
        self.failed = False
        return data


def check_headers(headers: Headers, boundary: bytes) -> None:
    """Raise MalformedForm where a boundary is among the headers of a part: it begins another part."""
    line = "--" + boundary.decode("ascii")
    if any(name.startswith(line) for name, _ in headers):
        raise MalformedForm


class _PartParser(MultiPartParser):
    """Werkzeug's parser of multipart forms; it raises MalformedForm, and leaves no file open then."""

    _boundary: bytes
    _opened: list[t.IO[bytes]]

    def parse(self, stream: t.IO[bytes], boundary: bytes, content_length: int | None) -> tuple[Fields, Files]:
        self._boundary, self._opened = boundary, []
        pieces = _CutStream(stream, boundary)
        try:
            # Of an IO it has what Werkzeug calls.
            form, files = super().parse(t.cast(t.IO[bytes], pieces), boundary, content_length)
            if None in form or None in files:  # RFC 7578, section 4.2: each part has a name
                raise MalformedForm
        except BaseException as error:
            for container in self._opened:
                container.close()
            if pieces.failed or not isinstance(error, (ValueError, RequestEntityTooLarge)):
                raise
            if isinstance(error, RequestEntityTooLarge):
                raise TooLargeForm from error
            if not pieces.was_empty:
                raise MalformedForm from error
            return self.cls(), self.cls()
        return form, files

    def start_file_streaming(self, event: File, total_content_length: int | None) -> t.IO[bytes]:
        check_headers(event.headers, self._boundary)
        container = super().start_file_streaming(event, total_content_length)
        self._opened.append(container)
        return container

    def get_part_charset(self, headers: Headers) -> str:
        check_headers(headers, self._boundary)  # only fields come here, not files
        return super().get_part_charset(headers)


class FormParser(FormDataParser):
    """Werkzeug's parser of forms; a multipart form that is malformed is a BadRequest and not an empty one.

    An empty body is still an empty form: some clients announce a form and send none.
    """

    def parse(
        self,
        stream: t.IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: dict[str, str] | None = None,
    ) -> tuple[t.IO[bytes], Fields, Files]:
        if mimetype != "multipart/form-data":
            return super().parse(stream, mimetype, content_length, options)
        boundary = (options or {}).get("boundary", "")
        if re.fullmatch(_BOUNDARY, boundary) is None:
            if stream.read(1):
                raise MalformedForm
            return stream, self.cls(), self.cls()
        parser = _PartParser(
            stream_factory=self.stream_factory,
            max_form_memory_size=self.max_form_memory_size,
            max_form_parts=self.max_form_parts,
            cls=self.cls,
        )
        return stream, *parser.parse(stream, boundary.encode("ascii"), content_length)
