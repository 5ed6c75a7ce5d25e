"""Attributes and methods that requests and responses had."""

from __future__ import annotations

import typing as t

from ..app import SEAMS
from ..wrappers import Request, Response
from .attributes import constant
from .notices import notice

if t.TYPE_CHECKING:
    from .changes import Changes

_own_get_json = Request.get_json
_own_set_cookie = Response.set_cookie
_own_get_json_of_response = Response.get_json


def _get_json(self: Request, force: bool = False, silent: bool = False, cache: bool = True) -> t.Any:
    """Return the body as JSON; None where its content type is another one, unless *force* is set."""
    return _own_get_json(self, force, silent, cache) if force or self.is_json else None


def _get_json_of_response(
    self: Response, force: bool = False, silent: bool = False, cache: bool | None = None
) -> t.Any:
    """Return the body as JSON. The last argument is ignored."""
    if cache is not None:
        notice("flask.Response.get_json(cache)")
    return _own_get_json_of_response(self, force, silent)


def _set_cookie(self: Response, key: t.Any, value: t.Any = "", *args: t.Any, **kwargs: t.Any) -> None:
    """Set a cookie; name and value may be bytes in UTF-8."""
    key, value = (part.decode() if isinstance(part, bytes) else part for part in (key, value))
    _own_set_cookie(self, key, value, *args, **kwargs)


def add(changes: Changes, level: str) -> None:
    """Bring the attributes and methods back."""
    for cls, name, value in (
        (Request, "charset", "utf-8"),
        (Request, "encoding_errors", "replace"),
        (Request, "url_charset", "utf-8"),
        (Response, "charset", "utf-8"),
    ):
        changes.set(cls, name, constant(f"flask.{cls.__name__}.{name}", value))
    changes.set_as_own(SEAMS.response, "set_cookie", _set_cookie)
    if level == "1.1":
        changes.set(Request, "get_json", _get_json)
        changes.set_as_own(SEAMS.response, "get_json", _get_json_of_response)
        # Redirects had scheme and host in their address.
        changes.set_as_own(SEAMS.response, "autocorrect_location_header", True)
