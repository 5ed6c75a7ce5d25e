"""The requests that a worker is answering, kept so that any thread can look while all others are stuck."""

from __future__ import annotations

import itertools
import threading
import time
import typing as t
from dataclasses import dataclass
from urllib.parse import quote

Interface = t.Literal["wsgi", "asgi"]

_LONGEST_LINE = 400


@dataclass(frozen=True)
class Request:
    """One request that is under way: its line without the query, and when it began by time.monotonic."""

    line: str
    began: float
    # Whether its answer has begun: a stream, or a WebSocket.
    is_answering: bool
    # The id of the thread that answers it under WSGI; None under ASGI.
    thread: int | None = None

    @property
    def seconds(self) -> float:
        """The seconds since it began."""
        return time.monotonic() - self.began


class RequestsUnderWay:
    """An account of the requests of this process; whoever reads it waits for no request.

    A runner makes an entry for each request, in whatever form costs it least, and gives the function that
    reads an entry.
    """

    def __init__(self, read: t.Callable[[t.Any, t.Any], Request]) -> None:
        self.entries: dict[t.Any, t.Any] = {}
        # A number for each request. Taking one is a single step, so threads need no lock for it.
        self.numbers = itertools.count()
        # PERF: what requests look at; a property would cost each of them 0.04 us (CPython 3.11).
        self.is_closing = False
        # Called when answers begin to ask for the end of their connections.
        self.when_closing: t.Callable[[], object] | None = None
        self._read = read
        # How often `total` has taken a number.
        self._taken = 0
        self._lock = threading.Lock()

    @property
    def closing(self) -> bool:
        """Whether answers over HTTP/1 ask clients to close their connections."""
        return self.is_closing

    @closing.setter
    def closing(self, closing: bool) -> None:
        self.is_closing = closing
        if closing and self.when_closing is not None:
            self.when_closing()

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
        # A copy, made in a single step: requests begin and end meanwhile.
        requests = [self._read(place, entry) for place, entry in self.entries.copy().items()]
        return sorted(requests, key=lambda request: request.began)

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


def request_line(method: str, path: bytes, protocol: str) -> str:
    """Return a request line of printable ASCII, and not too long.

    SECURITY: it gets no query, which may have secrets; and a path may have line breaks, or codes that a
    terminal obeys.
    """
    line = f"{quote(method, safe='')} {quote(path)}"
    if len(line) > _LONGEST_LINE:
        line = f"{line[:_LONGEST_LINE]}..."
    return f"{line} {protocol}"
