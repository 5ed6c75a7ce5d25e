"""The visitor of an application, who keeps what a browser keeps; and how answers are compared."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable

from werkzeug.test import EnvironBuilder

if t.TYPE_CHECKING:
    from tests.serve.specialised.descriptions import Visit

Header: t.TypeAlias = tuple[str, str]

# What the bodies of visits are: arguments of Werkzeug's builder of environs.
BODIES: dict[str, dict[str, t.Any]] = {
    "": {},
    "form": {"data": {"x": "1", "y": "é +"}},
    "json": {"json": {"x": [1, None]}},
    "no json": {"data": "{", "content_type": "application/json"},
    "multipart": {"data": {"x": "1"}, "content_type": "multipart/form-data; boundary=b"},
    "text": {"data": "text", "content_type": "text/plain"},
}


class Visitor:
    """Somebody with cookies, and the tag of the last answer."""

    def __init__(self) -> None:
        self.cookies: dict[str, str] = {}
        self.tag: str | None = None

    def environ(self, visit: Visit) -> dict[str, t.Any]:
        """Make the environ of a visit."""
        builder = EnvironBuilder(
            visit.path, method=visit.method, query_string=visit.query, **BODIES[visit.body]
        )
        if visit.cookies and self.cookies:
            builder.headers["Cookie"] = "; ".join(f"{n}={value}" for n, value in self.cookies.items())
        if visit.revisit and self.tag is not None:
            builder.headers["If-None-Match"] = self.tag
        environ = builder.get_environ()
        builder.close()
        return environ

    def keep(self, headers: Iterable[Header]) -> None:
        """Keep cookies, and the tag."""
        for name, value in headers:
            if name == "Set-Cookie":
                key, _, content = value.partition(";")[0].partition("=")
                self.cookies[key] = content
            elif name == "ETag":
                self.tag = value


def comparable(header: Header) -> Header:
    """Leave out of a header what has no order, or the time of day."""
    name, value = header
    if name == "Allow":
        return name, ", ".join(sorted(value.split(", ")))
    if name in ("Date", "Expires"):
        return name, ""
    return name, re.sub(r"Expires=[^;]+", "Expires", value) if name == "Set-Cookie" else value


def body_of(parts: Iterable[bytes], log: list[t.Any]) -> bytes:
    """Read a body, and note in the log when each part comes, except the last ones."""
    body = b""
    for part in parts:
        log.append("part")
        body += part
    # Whether it is sent in one piece or in none is a server's business.
    while log and log[-1] == "part":
        log.pop()
    return body
