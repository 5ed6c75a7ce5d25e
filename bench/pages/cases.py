"""What is asked, and what must come back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..cases import (
    STATIC_FILE,
    Ask,
    Case,
    not_modified,
    ten_kilobytes,
    text,
    with_its_cookie,
    with_its_etag,
)
from ..wsgi import Answer, Request
from .apps import FRAMEWORKS, LINKS
from .rendered import MESSAGES, ROWS

FORM = Request("POST", "/save", body=b"name=Ada", content_type="application/x-www-form-urlencoded")


def status(line: str, contained: bytes = b"", **headers: str) -> Callable[[Answer], bool]:
    """Expect this status, this in the body, and headers that begin so."""

    def is_right(answer: Answer) -> bool:
        return (
            answer.status == line
            and contained in answer.body
            and all(answer.header(name.replace("_", "-")).startswith(headers[name]) for name in headers)
        )

    return is_right


def logged_in(request: Request, ask: Ask) -> Request:
    """Send the cookie that the application gives to somebody who logs in."""
    cookie = with_its_cookie(Request("GET", "/login"), ask).headers["HTTP_COOKIE"]
    return replace(request, headers={**request.headers, "HTTP_COOKIE": cookie})


def rows_of(count: int, tag: bytes, contained: bytes) -> Callable[[Answer], bool]:
    """Expect a page with so many elements of this kind, and this in it."""

    def is_right(answer: Answer) -> bool:
        return (
            answer.status == "200 OK" and answer.body.count(b"<" + tag) == count and contained in answer.body
        )

    return is_right


def get(path: str) -> Request:
    return Request("GET", path)


CASES = (
    Case("paths", f"{LINKS} × url_for, a path", get("/paths"), text("/tags/flask"), FRAMEWORKS),
    Case(
        "queries",
        f"{LINKS} × url_for, with a query",
        get("/queries"),
        text("/users/41?page=2&q=flask"),
        FRAMEWORKS,
    ),
    Case(
        "redirect",
        "redirect(url_for(…))",
        get("/go"),
        status("302 FOUND", b'href="/users/41"', Location="/users/41"),
        FRAMEWORKS,
    ),
    Case(
        "post",
        "POST, flash, redirect",
        FORM,
        status("302 FOUND", b'href="/users/41"', Location="/users/41", Set_Cookie="session=", Vary="Cookie"),
        FRAMEWORKS,
    ),
    Case("session-read", "session read", get("/me"), text("user ada"), FRAMEWORKS, logged_in),
    Case(
        "session-written",
        "session written",
        get("/visits"),
        status("200 OK", b"visit 1", Set_Cookie="session=", Vary="Cookie"),
        FRAMEWORKS,
        logged_in,
    ),
    Case(
        "own-404",
        "own 404",
        get("/nowhere/to/be/found"),
        status("404 NOT FOUND", b"<h1>There is no such page</h1>"),
        FRAMEWORKS,
    ),
    Case(
        "405",
        "405",
        get("/save"),
        status("405 METHOD NOT ALLOWED", b"<h1>Method Not Allowed</h1>"),
        FRAMEWORKS,
    ),
    Case("410", "abort(410)", get("/gone"), status("410 GONE", b"<h1>Gone</h1>"), FRAMEWORKS),
    Case(
        "messages",
        f"page of {MESSAGES} messages",
        get("/messages"),
        rows_of(MESSAGES, b"article", b'<a href="/users/3">User &lt;3&gt;</a>'),
        FRAMEWORKS,
        logged_in,
    ),
    Case(
        "objects",
        f"table of {ROWS} objects",
        get("/objects"),
        rows_of(ROWS, b"tr", b"<td>Name &lt;99&gt;</td>"),
        FRAMEWORKS,
    ),
    Case(
        "dicts",
        f"table of {ROWS} dicts",
        get("/dicts"),
        rows_of(ROWS, b"tr", b"<td>Name &lt;99&gt;</td>"),
        FRAMEWORKS,
    ),
    Case("static", "static file of 10 kB", STATIC_FILE, ten_kilobytes, FRAMEWORKS),
    Case("static-304", "static file, not modified", STATIC_FILE, not_modified, FRAMEWORKS, with_its_etag),
)
