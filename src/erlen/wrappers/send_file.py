"""Answer with a file on disk: what Werkzeug's ``send_file`` gives, in fewer steps for a plain one.

Both functions take Werkzeug's keyword arguments. A plain file is a path to a regular file, with a
response class that still has Werkzeug's headers and conditions. It is described here: one look at the
file, one list of headers. Everything else is left to Werkzeug, and so is every header of a request
that does not simply repeat what the browser was sent before: ranges, lists of tags, dates.

A file that is not sent is not opened: the body of such an answer opens it when it is read.
"""

from __future__ import annotations

import io
import mimetypes
import os
import stat
import time
import typing as t
from functools import cache, lru_cache
from operator import attrgetter
from unicodedata import normalize
from urllib.parse import quote
from zlib import adler32

import werkzeug.utils
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound
from werkzeug.http import dump_options_header, http_date
from werkzeug.security import safe_join
from werkzeug.wrappers import Response
from werkzeug.wsgi import FileWrapper, wrap_file

from ..bounded import BoundedCache
from .headers import refuse_controls

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    Options = dict[str, t.Any]
    Pairs = list[tuple[str, str]]

# If one of these functions has been replaced, the replacement is called.
_send_file = werkzeug.utils.send_file
_send_from_directory = werkzeug.utils.send_from_directory

# The methods of a response class that the list of headers below replaces.
_relied_on = attrgetter(
    "make_conditional",
    "set_etag",
    "content_length",
    "last_modified",
    "cache_control",
    "expires",
    "accept_ranges",
    "status_code",
    "status",
)
_werkzeugs = _relied_on(Response)

_OPTIONS = frozenset(
    (
        "path_or_file",
        "environ",
        "mimetype",
        "as_attachment",
        "download_name",
        "conditional",
        "etag",
        "last_modified",
        "max_age",
        "use_x_sendfile",
        "response_class",
        "_root_path",
    )
)
_EFFECTIVE_IDS = os.access in os.supports_effective_ids


def send_file(**options: t.Any) -> Response:
    """Answer as ``werkzeug.utils.send_file`` does.

    PERF: 24 us instead of 77 for a small file, 22 instead of 84 for one that the browser has (CPython 3.11).
    """
    given = options.get("path_or_file")
    if isinstance(given, (str, os.PathLike)):
        if _is_plain(options):
            path = os.path.join(options["_root_path"], given)
            found = os.stat(path)
            if stat.S_ISREG(found.st_mode):
                return _answer(path, found, options)
        elif os.path.exists(os.path.join(options.get("_root_path") or "", given)):
            _refuse_controls(options)
    return werkzeug.utils.send_file(**options)


def _refuse_controls(options: Options) -> None:
    """Raise ValueError for text that no header may have, before Werkzeug opens a file and leaves it open."""
    for name in ("mimetype", "download_name", "etag"):
        if isinstance(options.get(name), str):
            refuse_controls(name, options[name])


def send_from_directory(
    directory: os.PathLike[str] | str, path: os.PathLike[str] | str, **options: t.Any
) -> Response:
    """Answer as ``werkzeug.utils.send_from_directory`` does; raises NotFound for all but files inside."""
    if _IS_WINDOWS and names_device(os.fspath(path)):
        raise NotFound()
    overridden = werkzeug.utils.send_from_directory is not _send_from_directory
    if overridden or "path_or_file" in options or not _is_plain(options):
        return werkzeug.utils.send_from_directory(directory, path, **options)
    # SECURITY: Werkzeug checks for paths that lead outside, on every system.
    inside = safe_join(os.fspath(directory), os.fspath(path))
    if inside is None:
        raise NotFound()
    full = os.path.join(options["_root_path"], inside)
    if not os.path.isabs(full):
        # COMPAT: Werkzeug joins the root twice, which counts where that is relative.
        return werkzeug.utils.send_from_directory(directory, path, **options)
    found = _regular(full)
    if found is None:
        raise NotFound()
    return _answer(full, found, options)


_IS_WINDOWS = os.name == "nt"
_DEVICES = {"AUX", "CON", "CONIN$", "CONOUT$", "NUL", "PRN"}
_DEVICES |= {f"{kind}{digit}" for kind in ("COM", "LPT") for digit in "0123456789¹²³"}


def names_device(path: str) -> bool:
    """Tell whether a path names, or leads through, a device of Windows, in any folder.

    SECURITY: reading one may never end. Werkzeug refuses some from 3.1.4 on, and all of them from 3.1.9 on.
    """
    names = (part.partition(":")[0].partition(".")[0] for part in path.replace("\\", "/").split("/"))
    return any(name.strip().upper() in _DEVICES for name in names)


def _is_plain(options: Options) -> bool:
    """Tell whether the headers that describe the file depend on the file alone."""
    return (
        options.get("etag", True) is True
        and options.get("conditional", True) is True
        and options.get("last_modified") is None
        and not options.get("use_x_sendfile")
        and isinstance(options.get("_root_path"), str)
        and options.keys() <= _OPTIONS
        and werkzeug.utils.send_file is _send_file
        and options["environ"]["REQUEST_METHOD"] in ("GET", "HEAD")
        and _has_werkzeugs(options.get("response_class"))
    )


def _has_werkzeugs(response_class: t.Any) -> bool:
    try:
        # PERF: 0.4 us (CPython 3.11). Asked each time: methods may be replaced on any class, Werkzeug's too.
        return _relied_on(response_class) == _werkzeugs
    except AttributeError:  # a function instead of a class
        return False


def _regular(path: str) -> os.stat_result | None:
    """Return the status of a regular file; None if it is another kind of file, or missing."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found if stat.S_ISREG(found.st_mode) else None


class _Facts(t.NamedTuple):
    """The facts about a file that headers tell."""

    size: int
    mtime: float
    modified: str  # Last-Modified
    tag: str  # ETag, without its quotes
    age: int | None


def _answer(path: str, found: os.stat_result, options: Options) -> Response:
    age = options.get("max_age")
    if callable(age):
        age = age(path)
    if age is not None and type(age) is not int:
        return werkzeug.utils.send_file(**{"path_or_file": path, **options, "max_age": age})
    environ: WSGIEnvironment = options["environ"]
    facts = _describe(path, found, age)
    status = _judge(environ, facts)
    if (status == 304 or (status == 200 and environ["REQUEST_METHOD"] == "HEAD")) and _is_readable(path):
        file = t.cast("t.IO[bytes]", _LazyFile(path))  # of an IO it has what is called
        return _respond(path, FileWrapper(file), facts, status, options)
    file = open(path, "rb")  # noqa: SIM115  # the response closes it
    try:
        facts = _describe_opened(file, path, facts)
        return _respond(path, wrap_file(environ, file), facts, status, options)
    except BaseException:
        file.close()
        raise


def _describe(path: str, found: os.stat_result, age: int | None) -> _Facts:
    size, mtime = found.st_size, found.st_mtime
    tag = f"{mtime}-{size}-{adler32(path.encode()) & 0xFFFFFFFF}"
    return _Facts(size, mtime, _date_of(mtime), tag, age)


def _describe_opened(file: t.IO[bytes], path: str, facts: _Facts) -> _Facts:
    """Return the facts of the opened file: another file may have replaced it since."""
    if type(file) is not io.BufferedReader:  # somebody's own open()
        return facts
    found = os.fstat(file.fileno())
    if found.st_size == facts.size and found.st_mtime == facts.mtime:
        return facts
    return _describe(path, found, facts.age)


def _is_readable(path: str) -> bool:
    """Tell whether the file can be opened: one without permission has to be an error."""
    return os.access(path, os.R_OK, effective_ids=_EFFECTIVE_IDS)


def _judge(environ: WSGIEnvironment, facts: _Facts) -> int:
    """Return the status, 200 or 304; 0 where the request has conditions for Werkzeug to read.

    A browser that has the file repeats what it was sent, letter for letter. Its If-Modified-Since does not
    count beside If-None-Match (RFC 9110, section 13.2.2).
    """
    if "HTTP_RANGE" in environ or "HTTP_IF_MATCH" in environ:
        return 0
    tag = environ.get("HTTP_IF_NONE_MATCH")
    if tag is not None:
        return 304 if tag == f'"{facts.tag}"' or tag == f'W/"{facts.tag}"' else 0
    since = environ.get("HTTP_IF_MODIFIED_SINCE")
    if since is not None:
        return 304 if since == facts.modified else 0
    return 200


def _respond(path: str, body: t.Iterable[bytes], facts: _Facts, status: int, options: Options) -> Response:
    environ: WSGIEnvironment = options["environ"]
    mimetype, headers = _type_and_headers(path, options)
    pairs = headers._list
    before = pairs.copy()
    response: Response = options["response_class"](
        body, mimetype=mimetype, headers=headers, direct_passthrough=True
    )
    if response.headers is not headers or pairs[:-1] != before or pairs[-1][0] != "Content-Type":
        # The constructor is overridden.
        _set_headers(response, facts)
        status = 0
    else:
        pairs.extend(_pairs(facts))
    if not status:
        return response.make_conditional(environ, accept_ranges=True, complete_length=facts.size)
    pairs.append(("Date", _date_of(int(time.time()))))
    if _always_accepts_ranges():
        pairs.append(("Accept-Ranges", "bytes"))
    if status == 304:
        response.status_code = 304
    return response


def _type_and_headers(path: str, options: Options) -> tuple[str, Headers]:
    """Return the type of the file, and the headers that follow from its name."""
    name, mimetype = options.get("download_name"), options.get("mimetype")
    if name is None:
        name = os.path.basename(path)
    headers = Headers()
    if mimetype is None:
        # COMPAT: looked up each time, since types may be added at any time.
        mimetype, coding = mimetypes.guess_type(name)
        mimetype = mimetype or "application/octet-stream"
        if coding is not None and not options.get("as_attachment"):
            headers.set("Content-Encoding", coding)
    kind = "attachment" if options.get("as_attachment") else "inline"
    headers._list.append(("Content-Disposition", _disposition(kind, name)))
    return mimetype, headers


_dispositions: BoundedCache[tuple[str, str], str] = BoundedCache(1024, longest=1024)


def _disposition(kind: str, name: str) -> str:
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
    disposition = dump_options_header(kind, names)
    refuse_controls("Content-Disposition", disposition)
    return _dispositions.keep((kind, name), disposition)


def _pairs(facts: _Facts) -> Pairs:
    """Return the headers that describe a file."""
    age = facts.age
    pairs = [
        ("Content-Length", str(facts.size)),
        ("Last-Modified", facts.modified),
        ("Cache-Control", _cache_control(age)),
    ]
    if age is not None:
        pairs.append(("Expires", _date_of(int(time.time() + age))))
    pairs.append(("ETag", f'"{facts.tag}"'))
    return pairs


def _cache_control(age: int | None) -> str:
    if age is None:
        return "no-cache"
    return f"public, max-age={age}" if age > 0 else f"no-cache, max-age={age}"


def _set_headers(response: t.Any, facts: _Facts) -> None:
    """Set the same headers through the response, which has headers already.

    Times are given as numbers, which its setters take and do not declare.
    """
    response.content_length = facts.size
    response.last_modified = facts.mtime
    cache, age = response.cache_control, facts.age
    cache.no_cache = True
    if age is not None:
        if age > 0:
            cache.no_cache = None
            cache.public = True
        cache.max_age = age
        response.expires = int(time.time() + age)
    response.set_etag(facts.tag)


# PERF: 0.1 us instead of 2.3 (CPython 3.11): few files are asked for often, a second has many requests.
_date_of = lru_cache(maxsize=1024)(http_date)


@cache
def _always_accepts_ranges() -> bool:
    """Tell whether this Werkzeug sends Accept-Ranges with every file, or only with a part of one."""
    response = Response().make_conditional({"REQUEST_METHOD": "GET"}, accept_ranges=True, complete_length=1)
    return "Accept-Ranges" in response.headers


class _LazyFile:
    """A binary file that is opened when it is first used."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: t.IO[bytes] | None = None
        self._closed = False

    def __getattr__(self, name: str) -> t.Any:
        if self._file is None:
            if self._closed:
                raise ValueError("I/O operation on closed file")
            self._file = open(self._path, "rb")  # noqa: SIM115
        return getattr(self._file, name)

    def close(self) -> None:
        self._closed = True
        if self._file is not None:
            self._file.close()
