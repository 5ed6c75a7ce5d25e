"""The response that a view returns to send events."""

from __future__ import annotations

import typing as t
from collections.abc import AsyncIterable, Callable, Iterable, Mapping
from inspect import iscoroutine

from ..context_proxies import request
from ..wrappers import Response
from ..wrappers.async_body import AsyncBody
from .asynchronous import AsyncEvents
from .encoding import Item, ServerSentEvent, encode
from .plain import Events, OnServerThread, OnThread

Source: t.TypeAlias = (
    "Iterable[Item] | AsyncIterable[Item] | Callable[[], Iterable[Item] | AsyncIterable[Item]]"
)


# The second turns off the buffering of nginx, which would keep events back.
_HEADERS = (("Cache-Control", "no-cache"), ("X-Accel-Buffering", "no"))


class EventStream(Response):
    """A response that sends what *source* gives as server-sent events, for as long as the client stays.

    *source* is an iterable or asynchronous iterable of items, or a function without parameters that
    returns one. An item is a str, a dict or list (sent as JSON), a :class:`ServerSentEvent`, or None,
    a heartbeat at once. The source is closed at its end, and when the client goes away; ``request``,
    ``g`` and ``session`` answer in it until then.

    Where the source gives nothing for *heartbeat* seconds, a comment is sent. It shows proxies
    that the stream is alive, and lets the server notice that the client has gone. For that, a plain
    source runs on a thread of its own. None sends no heartbeats, and starts no thread.

    *retry* says after how many milliseconds the client should connect again. *headers* are added to
    the response, and replace its ``Cache-Control`` and ``X-Accel-Buffering``.

    Raises TypeError for another kind of source, ValueError for a *heartbeat* that is not above 0.
    """

    default_mimetype = "text/event-stream"

    def __init__(
        self,
        source: Source,
        *,
        heartbeat: float | None = 15.0,
        retry: int | None = None,
        headers: Mapping[str, str | Iterable[str]] | Iterable[tuple[str, str]] | None = None,
    ) -> None:
        if heartbeat is not None and not heartbeat > 0:
            raise ValueError(f"'heartbeat' is a number of seconds above 0, or None, not {heartbeat!r}.")
        body = _body(source, heartbeat, retry)
        super().__init__(body, headers=headers, mimetype="text/event-stream")
        for name, value in _HEADERS:
            if name not in self.headers:
                self.headers[name] = value
        # A hook that asks for the whole body would wait for ever: this makes it an error.
        self.implicit_sequence_conversion = False

    @staticmethod
    def last_event_id() -> str | None:
        """Return the id of the last event that the client of this request saw; None at its first visit."""
        return last_event_id()


def last_event_id() -> str | None:
    """Return the id of the last event that the client of this request saw; None at its first visit.

    It is what the client says, so trust it as little as any other header.
    """
    value = request.headers.get("Last-Event-ID", "")
    # Browsers send UTF-8, which WSGI passes on as Latin-1 (PEP 3333).
    return value.encode("latin-1", "replace").decode("utf-8", "replace") or None


def _body(source: Source, heartbeat: float | None, retry: int | None) -> t.Any:
    """Return the body for a source, plain or asynchronous as the source is."""
    opening = None if retry is None else encode(ServerSentEvent(None, retry=retry))
    items = _open(source)
    if isinstance(items, AsyncIterable):
        return AsyncBody(AsyncEvents(items, opening, heartbeat))
    events = Events(items, opening)
    return OnServerThread(events) if heartbeat is None else OnThread(events, heartbeat)


def _open(source: Source) -> Iterable[Item] | AsyncIterable[Item]:
    name = getattr(source, "__qualname__", None)
    if callable(source) and not isinstance(source, (Iterable, AsyncIterable)):
        source = source()
    if isinstance(source, (Iterable, AsyncIterable)) and not isinstance(source, (str, bytes, Mapping)):
        return source
    hint = ""
    if iscoroutine(source):
        source.close()  # or Python would warn that nobody awaited it
        hint = f" {name!r} is an 'async def' without 'yield'." if name else " It has to be awaited first."
    raise TypeError(
        "The source of an EventStream is an iterable, an asynchronous one, or a function that returns"
        f" one, such as a generator function, not {type(source).__name__}.{hint}"
    )
