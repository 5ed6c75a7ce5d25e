"""Files to be sent: what their status says, the headers that tell it, and how they are opened and read."""

from __future__ import annotations

import errno
import io
import os
import stat
import time
import typing as t
from functools import cache, lru_cache
from unicodedata import normalize
from urllib.parse import quote
from zlib import adler32

from werkzeug.exceptions import RequestedRangeNotSatisfiable
from werkzeug.http import (
    dump_options_header,
    http_date,
    is_resource_modified,
    parse_etags,
    parse_range_header,
)
from werkzeug.wrappers import Response
from werkzeug.wsgi import FileWrapper, wrap_file

from ..bounded import BoundedCache
from .headers import refuse_controls

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

Pairs: t.TypeAlias = "list[tuple[str, str]]"

_EFFECTIVE_IDS = os.access in os.supports_effective_ids
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_BLOCK = 65_536


class Facts(t.NamedTuple):
    """The facts about a file that headers tell."""

    size: int
    mtime: float
    modified: str  # Last-Modified
    tag: str  # ETag, without its quotes
    age: int | None


def describe(path: str, found: os.stat_result, age: int | None) -> Facts:
    """Return what the headers of an answer say of a file."""
    size, mtime = found.st_size, found.st_mtime
    return Facts(size, mtime, date_of(mtime), f"{mtime}-{size}-{adler32(path.encode()) & 0xFFFFFFFF}", age)


def regular(path: str) -> os.stat_result | None:
    """Return the status of a regular file; None if it is another kind of file, or missing."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None


def is_readable(path: str) -> bool:
    """Tell whether the file can be opened: one without permission has to be an error."""
    return os.access(path, os.R_OK, effective_ids=_EFFECTIVE_IDS)


_IS_WINDOWS = os.name == "nt"
_DEVICES = {"AUX", "CON", "CONIN$", "CONOUT$", "NUL", "PRN"}
_DEVICES |= {f"{kind}{digit}" for kind in ("COM", "LPT") for digit in "0123456789¹²³"}


def leads_to_device(path: str) -> bool:
    """Tell whether a path names a device here: only on Windows are they in every folder."""
    return _IS_WINDOWS and names_device(path)


def names_device(path: str) -> bool:
    """Tell whether a path names, or leads through, a device of Windows, in any folder.

    SECURITY: reading one may never end. Werkzeug refuses some from 3.1.4 on, and all of them from 3.1.9 on.
    """
    names = (part.partition(":")[0].partition(".")[0] for part in path.replace("\\", "/").split("/"))
    return any(name.strip().upper() in _DEVICES for name in names)


# opened and read

_open = open


def open_is_own() -> bool:
    """Tell whether files are opened by Python's ``open``, which tests replace."""
    return open is _open


def open_file(path: str) -> t.IO[bytes]:
    """Open a file to be sent.

    SECURITY: what took the place of a regular file meanwhile may be a FIFO, and opening that must not wait
    for somebody who writes to it. It is told by :func:`describe_opened`.
    """
    if open is not _open:
        return open(path, "rb")
    return open(path, "rb", opener=open_at_once)


def open_at_once(path: str, flags: int = os.O_RDONLY) -> int:
    """Open a file as ``os.open`` does, without waiting; return its descriptor."""
    return os.open(path, flags | _AT_ONCE)


def describe_opened(file: t.IO[bytes], path: str, facts: Facts) -> Facts:
    """Return the facts of the opened file, for another file may have replaced it since.

    Raises FileNotFoundError where that is no regular one.
    """
    if type(file) is not io.BufferedReader:  # somebody's own open()
        return facts
    found = os.fstat(file.fileno())
    if found.st_size == facts.size and found.st_mtime == facts.mtime and stat.S_ISREG(found.st_mode):
        return facts
    if not stat.S_ISREG(found.st_mode):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), path)
    return describe(path, found, facts.age)


class SizedFile(FileWrapper):
    """The body of an answer with an opened file: as many bytes as its headers say, or an error.

    A file that shrinks while it is sent ends with OSError: a server then closes the connection, so that
    nobody takes the next answer for the rest of this one.
    """

    def __init__(self, file: t.IO[bytes], size: int) -> None:
        super().__init__(file, _BLOCK)
        self.size = size

    def __next__(self) -> bytes:
        left = self.size - self.file.tell()
        data: bytes = self.file.read(min(self.buffer_size, left)) if left > 0 else b""
        if data:
            return data
        if left > 0:
            raise OSError(errno.EIO, "The file has become shorter while it was sent", str(self.file.name))
        raise StopIteration


def body_of(environ: t.Mapping[str, t.Any], file: t.IO[bytes], size: int) -> t.Iterable[bytes]:
    """Return the body of an answer with *file*: the server's way to send one, if it has one, or our own."""
    if "wsgi.file_wrapper" in environ or type(file) is not io.BufferedReader:
        return wrap_file(dict(environ), file)
    return SizedFile(file, size)


class LazyFile:
    """A binary file that is opened when it is first used."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: t.IO[bytes] | None = None
        self._closed = False

    def __getattr__(self, name: str) -> t.Any:
        if self._file is None:
            if self._closed:
                raise ValueError("I/O operation on closed file")
            self._file = open_file(self._path)
        return getattr(self._file, name)

    def close(self) -> None:
        self._closed = True
        if self._file is not None:
            self._file.close()


def unopened(path: str) -> FileWrapper:
    """Return the body of an answer that sends nothing of the file."""
    return FileWrapper(t.cast("t.IO[bytes]", LazyFile(path)))  # of an IO it has what is called


# conditions

# The header fields that are conditions of a file, as WSGI writes them; If-Range counts only beside Range.
CONDITIONS = ("IF_NONE_MATCH", "IF_MODIFIED_SINCE", "RANGE", "IF_MATCH")
KEYS_OF_CONDITIONS = tuple(f"HTTP_{name}" for name in CONDITIONS)

# One tag, as a browser repeats it; what begins otherwise, or has more of them, Werkzeug reads.
_QUOTES = ('"', 'W/"')


def judge_at_once(environ: t.Mapping[str, t.Any], tag: str, modified: str) -> int:
    """Return the status, 200 or 304; 0 where the request has conditions for Werkzeug to read.

    A browser that has the file repeats what it was sent, letter for letter. Its If-Modified-Since does not
    count beside If-None-Match (RFC 9110, section 13.2.2).
    """
    if "HTTP_RANGE" in environ or "HTTP_IF_MATCH" in environ:
        return 0
    known: str | None = environ.get("HTTP_IF_NONE_MATCH")
    if known is not None:
        if known == f'"{tag}"' or known == f'W/"{tag}"':
            return 304
        is_one = known.startswith(_QUOTES) and known.endswith('"') and known.count('"') == 2
        return 200 if is_one and not known.endswith('""') else 0
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    if since is not None:
        return 304 if since == modified else 0
    return 200


def judge(environ: WSGIEnvironment, facts: Facts) -> int:
    """Return the status that the conditions of a request lead to: 200, 206, 304 or 412.

    Raises RequestedRangeNotSatisfiable for a part that the file does not have. The file need not be open.
    """
    status = judge_at_once(environ, facts.tag, facts.modified)
    if status:
        return status
    tag = f'"{facts.tag}"'
    if (
        facts.size
        and "HTTP_RANGE" in environ
        and (
            "HTTP_IF_RANGE" not in environ
            or not is_resource_modified(environ, tag, last_modified=facts.modified, ignore_if_range=False)
        )
    ):
        _check_range(environ["HTTP_RANGE"], facts.size)
        return 206
    if is_resource_modified(environ, tag, last_modified=facts.modified):
        return 200
    return 412 if parse_etags(environ.get("HTTP_IF_MATCH")) else 304


def _check_range(value: str, size: int) -> None:
    """Raise RequestedRangeNotSatisfiable for a range that is malformed, or not in a file of this size."""
    parsed = parse_range_header(value)
    if parsed is None or parsed.range_for_length(size) is None:
        raise RequestedRangeNotSatisfiable(size)


# headers

_dispositions: BoundedCache[tuple[str, str], str] = BoundedCache(1024, longest=1024)


def disposition(kind: str, name: str) -> str:
    """Return the Content-Disposition; a name beyond ASCII is given twice (RFC 6266, section 4.3)."""
    known = _dispositions.get((kind, name))
    if known is not None:
        return known
    if name.isascii():
        names = {"filename": name}
    else:
        plain = normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")
        # The characters that RFC 5987 calls attr-char are not escaped.
        names = {"filename": plain, "filename*": f"UTF-8''{quote(name, safe='!#$&+-.^_`|~')}"}
    value = dump_options_header(kind, names)
    refuse_controls("Content-Disposition", value)
    return _dispositions.keep((kind, name), value)


def pairs_of(facts: Facts) -> Pairs:
    """Return the headers that describe a file."""
    age = facts.age
    pairs = [
        ("Content-Length", str(facts.size)),
        ("Last-Modified", facts.modified),
        ("Cache-Control", cache_control(age)),
    ]
    if age is not None:
        pairs.append(("Expires", date_of(int(time.time() + age))))
    pairs.append(("ETag", f'"{facts.tag}"'))
    return pairs


def cache_control(age: int | None) -> str:
    """Return the Cache-Control of a file that may be kept for so many seconds."""
    if age is None:
        return "no-cache"
    return f"public, max-age={age}" if age > 0 else f"no-cache, max-age={age}"


def pairs_of_now() -> Pairs:
    """Return the headers that each answer with a file ends with."""
    return _pairs_of_second(int(time.time())).copy()


@lru_cache(maxsize=4)
def _pairs_of_second(second: int) -> Pairs:
    pairs = [("Date", http_date(second))]
    if always_accepts_ranges():
        pairs.append(("Accept-Ranges", "bytes"))
    return pairs


# PERF: 0.1 us instead of 2.3 (CPython 3.11): few files are asked for often, a second has many requests.
date_of = lru_cache(maxsize=1024)(http_date)


@cache
def always_accepts_ranges() -> bool:
    """Tell whether this Werkzeug sends Accept-Ranges with every file, or only with a part of one."""
    response = Response().make_conditional({"REQUEST_METHOD": "GET"}, accept_ranges=True, complete_length=1)
    return "Accept-Ranges" in response.headers
