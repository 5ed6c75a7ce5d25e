"""Headings: what is sent before a body that needs no response object, but for its length."""

from __future__ import annotations

from ..bounded import BoundedCache
from ..wrappers import content_type_of
from ..wrappers.headers import refuse_controls
from ..wrappers.response import STATUS_LINES, has_body


class Heading:
    """A status, and the headers that go with it, as WSGI and as ASGI write them."""

    __slots__ = ("asgi", "asgi_type", "code", "content_type", "others", "status", "wsgi")

    def __init__(self, code: int, content_type: tuple[str, str], *others: tuple[str, str]) -> None:
        self.code = code
        self.status = STATUS_LINES[code]
        self.content_type, self.others = content_type, others
        self.wsgi = (content_type, *others)
        self.asgi = tuple((name.lower().encode(), value.encode("latin1")) for name, value in self.wsgi)
        self.asgi_type = self.asgi[0]


class Headings(dict[int, Heading | None]):
    """The headings of one content type, by status code; None for a status that has to be looked at.

    That is one without a body, or one that HTTP does not know. Each is made when it is asked for.
    """

    __slots__ = ("content_type",)

    def __init__(self, content_type: str) -> None:
        super().__init__()
        refuse_controls("Content-Type", content_type)
        # The header.
        self.content_type = ("Content-Type", content_type)

    def __missing__(self, code: int) -> Heading | None:
        if code not in STATUS_LINES or not has_body(code):
            return None
        heading = self[code] = Heading(code, self.content_type)
        return heading

    def ok(self) -> Heading:
        """Return the heading of a 200."""
        heading = self[200]
        assert heading is not None
        return heading


_by_type: BoundedCache[str, Headings] = BoundedCache(64, longest=256)


def headings_of(content_type: str) -> Headings:
    """Return the headings of a content type; kept, as applications have few."""
    headings = _by_type.get(content_type)
    return _by_type.keep(content_type, Headings(content_type)) if headings is None else headings


# Those of the pages that Werkzeug writes for HTTP exceptions.
PAGES = Headings(content_type_of("text/html"))

# Those of a 405, by its Allow header.
_refusals: BoundedCache[str, Heading] = BoundedCache(256, longest=512)


def refusal_heading(allow: str) -> Heading:
    """Return the heading of a 405 that names the methods which the URL takes."""
    heading = _refusals.get(allow)
    if heading is None:
        heading = _refusals.keep(allow, Heading(405, PAGES.content_type, ("Allow", allow)))
    return heading
