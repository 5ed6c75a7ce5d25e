"""The requests that a worker is answering, kept so that any thread can look while all others are stuck."""

from __future__ import annotations

import itertools
import threading
import time
import typing as t
from dataclasses import dataclass
from urllib.parse import quote

Interface = t.Literal["wsgi", "asgi"]

# An entry: when it began by time.monotonic, its environ or scope, and whether its answer has begun.
# PERF: a list, which costs 0.1 us less than an object with these attributes (CPython 3.11).
Entry = list[t.Any]

_LONGEST_LINE = 400


@dataclass(frozen=True)
class Request:
    """One request that is under way: its line without the query, and the seconds since it began."""

    line: str
    seconds: float
    # Whether its answer has begun: a stream, or a WebSocket.
    is_answering: bool
    # The thread that answers it under WSGI; the task under ASGI.
    place: t.Any


class RequestsUnderWay:
    """An account of the requests of this process; reading it takes no lock that a request holds."""

    def __init__(self) -> None:
        # Whether answers over HTTP/1 ask clients to close their connections.
        self.closing = False
        # By the id of the thread under WSGI, by the task under ASGI.
        self.entries: dict[t.Any, Entry] = {}
        # A number for each request. Taking one is a single step, so threads need no lock for it.
        self.numbers = itertools.count()
        # How often `total` has taken one.
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def total(self) -> int:
        """The number of requests that have begun."""
        with self._lock:
            number = next(self.numbers) - self._taken
            self._taken += 1
        return number

    def under_way(self) -> int:
        """Return the number of requests that have begun and not ended."""
        return len(self.entries)

    def all(self) -> list[Request]:
        """Return the requests that are under way, the oldest first."""
        now = time.monotonic()
        # A copy, made in a single step: requests begin and end meanwhile.
        entries = sorted(self.entries.copy().items(), key=lambda item: item[1][0])
        return [
            Request(request_line(about), now - began, is_answering, place)
            for place, (began, about, is_answering) in entries
        ]

    def oldest(self) -> dict[str, t.Any] | None:
        """Return the line and the seconds of the oldest request; None if there is no request."""
        return _as_message(self.all())

    def oldest_waiting(self) -> dict[str, t.Any] | None:
        """Return what `oldest` does, of the requests whose answer has not begun.

        An event stream or a WebSocket may be old and well.
        """
        return _as_message([request for request in self.all() if not request.is_answering])


def _as_message(requests: list[Request]) -> dict[str, t.Any] | None:
    if not requests:
        return None
    return {"line": requests[0].line, "seconds": requests[0].seconds}


def request_line(about: t.Mapping[str, t.Any]) -> str:
    """Return method, path and protocol of an environ or a scope, in one line of printable ASCII.

    SECURITY: no query, which may have secrets; and a path may have line breaks or the codes of a terminal.
    """
    if "REQUEST_METHOD" in about:
        method, version = about["REQUEST_METHOD"], about["SERVER_PROTOCOL"]
        path = f"{about.get('SCRIPT_NAME', '')}{about['PATH_INFO']}".encode("latin-1", "replace")
    else:
        method, version = about.get("method", "WEBSOCKET"), f"HTTP/{about['http_version']}"
        path = about["path"].encode("utf-8", "replace")
    line = f"{quote(method, safe='')} {quote(path)}"
    if len(line) > _LONGEST_LINE:
        line = f"{line[:_LONGEST_LINE]}..."
    return f"{line} {version}"
