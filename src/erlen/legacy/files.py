"""``send_file`` and ``send_from_directory`` with the names and the order of their arguments in Flask 1.1."""

from __future__ import annotations

import typing as t

import erlen

from .. import helpers
from .notices import notice

if t.TYPE_CHECKING:
    from ..wrappers import Response
    from .changes import Changes

_own_send_file = helpers.send_file
_own_send_from_directory = helpers.send_from_directory

# The arguments of Flask 1.1 in their order, each with its present name.
_ARGUMENTS = {
    "filename_or_fp": "path_or_file",
    "mimetype": "mimetype",
    "as_attachment": "as_attachment",
    "attachment_filename": "download_name",
    "add_etags": "etag",
    "cache_timeout": "max_age",
    "conditional": "conditional",
    "last_modified": "last_modified",
}


def send_file(*args: t.Any, **kwargs: t.Any) -> Response:
    """Send a file, with the arguments of Flask 1.1 or the present ones."""
    given = dict(zip(_ARGUMENTS.values(), args, strict=False))
    if len(args) > len(_ARGUMENTS):
        raise TypeError(f"send_file() takes at most {len(_ARGUMENTS)} positional arguments, not {len(args)}.")
    given.update(_renamed(kwargs))
    given.setdefault("conditional", False)
    # None stood for the default.
    if given.get("etag", True) is None:
        given["etag"] = True
    response = _own_send_file(**given)
    if not given.get("as_attachment"):
        response.headers.pop("Content-Disposition", None)
    return response


def send_from_directory(directory: t.Any, path: t.Any = None, **kwargs: t.Any) -> Response:
    """Send a file of a folder, with the arguments of Flask 1.1 or the present ones."""
    if path is None and "filename" in kwargs:
        notice("flask.send_from_directory(filename)")
        path = kwargs.pop("filename")
    response = _own_send_from_directory(directory, path, **_renamed(kwargs))
    if not kwargs.get("as_attachment"):
        response.headers.pop("Content-Disposition", None)
    return response


def _renamed(kwargs: dict[str, t.Any]) -> dict[str, t.Any]:
    renamed = {}
    for name, value in kwargs.items():
        today = _ARGUMENTS.get(name, name)
        if today != name:
            notice(f"flask.send_file({name})")
        renamed[today] = value
    return renamed


def add(changes: Changes, level: str) -> None:
    """Let both functions take the old arguments."""
    if level == "1.1":
        for module in (helpers, erlen):
            changes.set(module, "send_file", send_file)
            changes.set(module, "send_from_directory", send_from_directory)
