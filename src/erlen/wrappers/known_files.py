"""Files that were sent before: what is known of them is kept, and used while their status is the same.

Each request looks at the status of its file. Without conditions, the file is opened, and the status is that
of what was opened: headers and body are of one file. A condition is judged by the status alone.
"""

from __future__ import annotations

import mimetypes
import os
import re
import stat
import time
import typing as t
from datetime import timedelta
from operator import attrgetter, itemgetter

import werkzeug.utils
from werkzeug.http import is_entity_header
from werkzeug.security import safe_join
from werkzeug.wrappers import Response as ResponseBase

from ..bounded import BoundedCache
from .files import (
    KEYS_OF_CONDITIONS,
    body_of,
    cache_control,
    date_of,
    describe,
    disposition,
    is_readable,
    judge_at_once,
    leads_to_device,
    open_at_once,
    open_file,
    open_is_own,
    pairs_of_now,
    regular,
    unopened,
)
from .response import content_type_of, file_response

if t.TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

    from .files import Pairs
    from .response import Response

    # A folder, a name in it, and how many seconds a browser may keep the file.
    Key: t.TypeAlias = tuple[str, str, int | None]

# A file of so many bytes is read at once.
# PERF: 10 kB take 5 us instead of 14 as an object that is read in blocks (CPython 3.11).
LARGEST_READ = 65_536

# If one of these functions has been replaced, the replacement is called.
_functions = attrgetter("send_file", "send_from_directory")
_werkzeugs_functions = _functions(werkzeug.utils)
_guess_type = mimetypes.guess_type

# The methods of a response class that the list of headers replaces.
_RELIED_ON = (
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
_relied_on = attrgetter(*_RELIED_ON)
_werkzeugs = _relied_on(ResponseBase)


def has_werkzeugs(response_class: t.Any) -> bool:
    """Tell whether the methods of a response class are Werkzeug's, as far as a file needs them."""
    try:
        # PERF: 0.4 us (CPython 3.11). Asked each time: methods may be replaced on any class, Werkzeug's too.
        return _relied_on(response_class) == _werkzeugs
    except AttributeError:  # a function instead of a class
        return False


def nothing_is_replaced() -> bool:
    """Tell whether files are sent as Werkzeug and Python do it, and not by a function of somebody else's.

    PERF: what lies in Werkzeug's classes is compared in 0.4 us, what is found on them in 0.9 (CPython 3.11).
    """
    if (
        _functions(werkzeug.utils) != _werkzeugs_functions
        or mimetypes.guess_type is not _guess_type
        or not open_is_own()
    ):
        return False
    for space, look, found, absent in _spaces:
        if look(space) != found or not space.keys().isdisjoint(absent):
            return False
    return True


def _space_of(cls: type) -> tuple[t.Any, itemgetter[t.Any], t.Any, list[str]]:
    """Return the attributes of a class, which of them count, what these are, and which must not be added."""
    space = vars(cls)
    look = itemgetter("__init__", *(name for name in _RELIED_ON if name in space))
    return space, look, look(space), [name for name in _RELIED_ON if name not in space]


_spaces = [_space_of(cls) for cls in ResponseBase.__mro__ if "__init__" in vars(cls) and cls is not object]


# What :func:`age_of` returns where the application has to be asked.
UNKNOWN_AGE = -1


def age_of(app: t.Any) -> int | None:
    """Return how many seconds browsers may keep the files of an application; None for no time.

    UNKNOWN_AGE says that something on the way of a file is not the original one, or has another age.
    """
    plan = app.request_planner.plan
    if plan is None or plan.text_headings is None or not plan.own.files or not nothing_is_replaced():
        return UNKNOWN_AGE
    config = app.config
    age = config["SEND_FILE_MAX_AGE_DEFAULT"]
    if type(age) is timedelta:
        age = int(age.total_seconds())
    if config["USE_X_SENDFILE"] or (age is not None and (type(age) is not int or age < 0)):
        return UNKNOWN_AGE
    known_age: int | None = age
    return known_age


class KnownFile:
    """A regular file as it was when it was looked at, and the headers that follow from that."""

    __slots__ = (
        "age",
        "extension",
        "guessed",
        "head",
        "is_readable",
        "modified",
        "path",
        "size",
        "stamp",
        "tag",
        "tag_pair",
        "unsent",
    )

    def __init__(self, path: str, found: os.stat_result, age: int | None) -> None:
        facts = describe(path, found, age)
        self.path, self.age, self.stamp = path, age, stamp_of(found)
        self.size, self.modified, self.tag = facts.size, facts.modified, facts.tag
        # Whether it could be opened when its status was this.
        self.is_readable = False
        name = os.path.basename(path)
        self.extension = os.path.splitext(name)[1]
        mimetype, _ = mimetypes.guess_type(name)
        self.guessed = mimetypes.types_map.get(self.extension)
        self.head: Pairs = [
            ("Content-Disposition", disposition("inline", name)),
            ("Content-Type", content_type_of(mimetype or "application/octet-stream")),
            ("Content-Length", str(self.size)),
            ("Last-Modified", self.modified),
            ("Cache-Control", cache_control(age)),
        ]
        # RFC 9110, section 15.4.5: a 304 does not describe the body that it does not have.
        self.unsent = [pair for pair in self.head if not is_entity_header(pair[0])]
        self.tag_pair = ("ETag", f'"{facts.tag}"')

    def has_its_type(self) -> bool:
        """Tell whether the same type would be guessed again: types may be added at any time."""
        extension = self.extension
        return (
            mimetypes.types_map.get(extension) == self.guessed
            and extension not in mimetypes.encodings_map
            and extension not in mimetypes.suffix_map
        )

    def pairs(self, status: int) -> Pairs:
        """Return the headers of an answer with this file, in Werkzeug's order."""
        pairs = (self.unsent if status == 304 else self.head).copy()
        if self.age is not None:
            pairs.append(("Expires", date_of(int(time.time() + self.age))))
        pairs.append(self.tag_pair)
        pairs += pairs_of_now()
        return pairs


def stamp_of(found: os.stat_result) -> tuple[int, ...]:
    """Return what tells one status of a regular file from every other."""
    return found.st_mtime_ns, found.st_size, found.st_ino, found.st_ctime_ns, found.st_dev


# By folder, name and age.
# SECURITY: names come from outside. What is kept of one file takes some 2 kB.
_known: BoundedCache[Key, KnownFile] = BoundedCache(1024, longest=1024)

# A name whose type depends on its last suffix alone: Python reads a colon as the end of a scheme.
_PLAIN_SUFFIX = r"[\w. @+=,~()-]+(?<![.])"


def known_file(folder: str, name: str, age: int | None) -> KnownFile | None:
    """Return the file of this name in a folder; None where it has to be sent in the general way.

    *name* may come from a request. Nothing is kept of files that are missing.
    """
    file = _known.get((folder, name, age))
    if file is None:
        path = None if leads_to_device(name) else safe_join(folder, name)
        found = regular(path) if path is not None and os.path.isabs(folder) else None
        return None if found is None or path is None else _learn((folder, name, age), path, found)
    return file if file.has_its_type() else None


def _learn(key: Key, path: str, found: os.stat_result) -> KnownFile | None:
    if re.fullmatch(_PLAIN_SUFFIX, os.path.basename(path), re.ASCII) is None:
        return None
    try:
        file = KnownFile(path, found, key[2])
    except (ValueError, OverflowError, OSError):  # a name or a time that no header can have
        return None
    extension = file.extension
    if extension != extension.lower() or not file.has_its_type():
        return None
    return _known.keep(key, file)


class FileAnswer:
    """The answer with a file, as a WSGI application: status, headers and body.

    The body is a list of bytes, or what a server sends a file by and closes.
    """

    __slots__ = ("body", "code", "pairs", "status")

    def __init__(self, code: int, pairs: Pairs, body: t.Any) -> None:
        self.code = code
        self.status = _STATUS[code]
        self.pairs = pairs
        self.body = body

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> t.Iterable[bytes]:
        """Answer a request: the one that this was made for."""
        start_response(self.status, self.pairs)
        body: t.Iterable[bytes] = self.body
        return body

    def as_response(self, cls: type[Response]) -> Response:
        """Make the response of it, for a class that overrides nothing."""
        return file_response(cls, self.code, self.pairs, self.body)


_STATUS = {200: "200 OK", 304: "304 NOT MODIFIED"}


def answer_with(
    folder: str, name: str, age: int | None, environ: t.Mapping[str, t.Any], unseen: bool
) -> FileAnswer | None:
    """Return the answer with a file of a folder; None where it has to be sent in the general way.

    That is so for a file that is missing, may not be read or has just been replaced, and for conditions that
    a browser does not send with a file that it knows. *unseen* says that only a server gets
    the answer, one that has no way of its own to send files.
    """
    key = folder, name, age
    file = known_file(*key)
    method = environ["REQUEST_METHOD"]
    if file is None or (method != "GET" and method != "HEAD"):
        return None
    if method == "HEAD" or not environ.keys().isdisjoint(KEYS_OF_CONDITIONS):
        file = _looked_at(key, file)
        status = 0 if file is None else judge_at_once(environ, file.tag, file.modified)
        if file is None or not status:
            return None
        if status == 304 or method == "HEAD":
            return _without_body(file, status, unseen)
    if unseen and "wsgi.file_wrapper" not in environ and file.size <= LARGEST_READ:
        return _read(key, file)
    return _opened(key, file, environ)


def _looked_at(key: Key, file: KnownFile) -> KnownFile | None:
    """Return the file as its path says now; None where that is no regular file."""
    found = regular(file.path)
    return None if found is None else _as_found(key, file, found)


def _as_found(key: Key, file: KnownFile, found: os.stat_result) -> KnownFile | None:
    if stamp_of(found) == file.stamp:
        return file
    return _learn(key, file.path, found) if stat.S_ISREG(found.st_mode) else None


def _without_body(file: KnownFile, status: int, unseen: bool) -> FileAnswer | None:
    if not file.is_readable:
        if not is_readable(file.path):
            return None
        file.is_readable = True
    if unseen:
        return FileAnswer(status, file.pairs(status), [])
    # Headers that are not sent with a 304 are there as long as it is a response.
    return FileAnswer(status, file.pairs(200), unopened(file.path))


def _read(key: Key, file: KnownFile) -> FileAnswer | None:
    """Answer with the bytes of the file, which is described as it was when they were read."""
    try:
        descriptor = open_at_once(file.path)
    except (OSError, ValueError):
        return None
    try:
        now = _as_found(key, file, os.fstat(descriptor))
        data = b"" if now is None else os.read(descriptor, min(now.size, LARGEST_READ) + 1)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    if now is None or len(data) != now.size:
        return None
    now.is_readable = True
    return FileAnswer(200, now.pairs(200), [data])


def _opened(key: Key, file: KnownFile, environ: t.Mapping[str, t.Any]) -> FileAnswer | None:
    """Answer with the open file, in blocks or by the server."""
    try:
        opened = open_file(file.path)
    except (OSError, ValueError):
        return None
    answer = None
    try:
        now = _as_found(key, file, os.fstat(opened.fileno()))
        if now is not None:
            now.is_readable = True
            answer = FileAnswer(200, now.pairs(200), body_of(environ, opened, now.size))
        return answer
    finally:
        if answer is None:
            opened.close()
