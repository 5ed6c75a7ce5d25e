"""HTTP exceptions, made, raised and written as pages in few steps.

Each step stands for code of Werkzeug's, and is taken only where nobody has replaced that: a constructor, a
method that writes the page, the aborter.
"""

from __future__ import annotations

import typing as t

from markupsafe import escape
from werkzeug.exceptions import (
    Aborter,
    BadRequestKeyError,
    HTTPException,
    MethodNotAllowed,
    NotFound,
    ServiceUnavailable,
    TooManyRequests,
    Unauthorized,
)

from .bounded import BoundedCache

# Werkzeug's own methods. Somebody may patch them: they are compared where they would be called.
_init = HTTPException.__init__
_init_405 = MethodNotAllowed.__init__
_abort = Aborter.__call__
_call, _get_response = HTTPException.__call__, HTTPException.get_response
_get_body, _get_description = HTTPException.get_body, HTTPException.get_description
_name, _get_headers = HTTPException.name, HTTPException.get_headers
# Without `show_exception` it is that of any bad request.
_key_description: t.Any = vars(BadRequestKeyError)["description"]

_new: t.Any = HTTPException.__new__


# made


def not_found() -> HTTPException:
    """Make a 404."""
    if NotFound.__init__ is not _init:
        return NotFound()
    error: NotFound = _new(NotFound)
    error.response = None
    return error


def method_not_allowed(methods: list[str]) -> HTTPException:
    """Make a 405 that names the methods which the URL takes.

    PERF: 0.2 us instead of 0.5 by the constructor (CPython 3.11).
    """
    if MethodNotAllowed.__init__ is not _init_405 or HTTPException.__init__ is not _init:
        return MethodNotAllowed(valid_methods=methods)
    error: MethodNotAllowed = _new(MethodNotAllowed)
    error.response = None
    error.valid_methods = methods
    return error


def plain_abort(aborter: t.Any, code: object) -> HTTPException | None:
    """Make what Werkzeug's aborter would raise for a code; None where *aborter* has to be called.

    PERF: 0.3 us instead of 0.9 (CPython 3.11).
    """
    if type(aborter) is not Aborter or type(code) is not int or Aborter.__call__ is not _abort:
        return None
    kind = aborter.mapping.get(code)
    # A mapping may have any callable, and a class its own way to make an object.
    if type(kind) is not type or kind.__init__ is not _init or kind.__new__ is not _new:
        return None
    error: HTTPException = _new(kind)
    error.response = None
    return error


# written


# The page of an HTTP exception: its status, the Allow header (empty for none), and the body.
Page: t.TypeAlias = tuple[int, str, bytes]

# The one attribute that the constructor of these kinds sets besides; where it is None, page and headers are
# those of any other kind.
_further: dict[type[HTTPException], str] = {
    Unauthorized: "www_authenticate",
    TooManyRequests: "retry_after",
    ServiceUnavailable: "retry_after",
}
_KINDS: tuple[t.Any, ...] = (MethodNotAllowed, *_further)
_get_headers_of: dict[t.Any, t.Any] = {kind: kind.get_headers for kind in _KINDS}

# The pages of exceptions that were raised without a description, by all that these depend on; and the text
# before and after another description.
_pages: BoundedCache[tuple[type, int | None, str | None], bytes] = BoundedCache(64, longest=10_000)
_around: BoundedCache[tuple[type, int | None], tuple[str, str]] = BoundedCache(64, longest=10_000)


def page_of(error: HTTPException) -> Page | None:
    """Return the page of *error* as Werkzeug writes it; None where that has to write it.

    PERF: 0.5 us for a page that says nothing of its own, 0.9 for another, instead of 21 (CPython 3.11).
    """
    kind = type(error)
    # Compared here, for each error page asks.
    if not (
        kind.get_response is _get_response
        and kind.get_body is _get_body
        and kind.get_description is _get_description
        and kind.get_headers is _get_headers_of.get(kind, _get_headers)
        and kind.name is _name
        and kind.__call__ is _call
    ):
        return None
    own, code, usual = vars(error), kind.code, kind.description
    known, allow = 1, ""
    if kind in _get_headers_of:
        known = 2
        if not _says_no_more(own, kind):
            return None
        if kind is MethodNotAllowed:
            allow = ", ".join(own["valid_methods"])
    # Somebody's own attributes may be methods that write the page.
    if type(code) is not int or own.get("response", code) is not None or not _is_plain(usual):
        return None
    if len(own) == known:
        key = kind, code, usual
        page = _pages.get(key)
        return code, allow, _pages.keep(key, error.get_body().encode()) if page is None else page
    description = own.get("description")
    if len(own) != known + 1 or type(description) is not str or usual is _key_description:
        return None
    before, after = _around.get((kind, code)) or _text_around(kind, code)
    return code, allow, f"{before}{_escaped(description)}{after}".encode()


def _is_plain(description: object) -> bool:
    """Tell whether the description of a kind is always the same; a lazy string or a property is not."""
    return type(description) is str or description is None or description is _key_description


def _says_no_more(own: dict[str, t.Any], kind: type[HTTPException]) -> bool:
    """Tell whether the attribute that these kinds have besides adds nothing but a plain Allow header."""
    if kind is not MethodNotAllowed:
        return own.get(_further[kind], _further) is None
    methods = own.get("valid_methods")
    if type(methods) is not list:
        return False
    try:
        allow = ", ".join(methods)
    except TypeError:
        return False
    return bool(allow) is bool(methods) and allow.isascii() and allow.isprintable()


def _escaped(description: str) -> str:
    text = str(escape(description))
    return text.replace("\n", "<br>") if "\n" in text else text


def _text_around(kind: type[HTTPException], code: int) -> tuple[str, str]:
    """Return the text of a kind's page before and after the description."""
    example: HTTPException = _new(kind)
    example.description = "DESCRIPTION OF ITS OWN"
    before, _, after = example.get_body().partition(example.description)
    return _around.keep((kind, code), (before, after))
