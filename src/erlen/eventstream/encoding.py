"""Events as text: the event stream format of the HTML standard, section 9.2."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .. import json

# What a source may give.
Item: t.TypeAlias = "str | ServerSentEvent | dict[str, t.Any] | list[t.Any] | None"

# A comment: readers ignore it, and proxies see that the stream is alive.
HEARTBEAT = b": heartbeat\n\n"

# The line ends of the format; str.splitlines() knows more, which are text here.
_LINE_END = re.compile("\r\n|\r|\n")
_FORBIDDEN = re.compile("[\r\n\0]")


@dataclass(frozen=True, slots=True)
class ServerSentEvent:
    """One event of an :class:`~erlen.EventStream`.

    *data* is text, or a dict or list, which is sent as JSON; without data no event reaches the reader.
    *event* is its type, "message" by default. *id* comes back as ``Last-Event-ID`` when the reader
    connects again. *retry* says after how many milliseconds it should. A *comment* reaches nobody.

    Raises ValueError for a line break or NUL in *event* or *id*, and for a negative *retry*;
    TypeError for a *retry* that is no int, or data of another type.
    """

    data: str | dict[str, t.Any] | list[t.Any] | None
    event: str | None = None
    id: str | int | None = None
    retry: int | None = None
    comment: str | None = None

    def __post_init__(self) -> None:
        if self.data is not None and not isinstance(self.data, (str, dict, list)):
            raise TypeError(f"An event's data is a str, dict or list, not {type(self.data).__name__}.")
        # SECURITY: with a line break in them these would write fields, and events, of their own.
        for name in ("event", "id"):
            if _FORBIDDEN.search(str(getattr(self, name))):
                raise ValueError(f"{name!r} has a line break or a NUL: {getattr(self, name)!r}")
        if self.retry is None:
            return
        if not isinstance(self.retry, int) or isinstance(self.retry, bool):
            raise TypeError(f"'retry' is a whole number of milliseconds, not {self.retry!r}.")
        if self.retry < 0:
            raise ValueError(f"'retry' cannot be negative: {self.retry}")


def encode(item: Item, dumps: Callable[[t.Any], str] = json.dumps) -> bytes:
    """Encode *item*; *dumps* makes JSON of dicts and lists. None is a heartbeat.

    Raises TypeError for a value that is not an item.
    """
    if item is None:
        return HEARTBEAT
    if type(item) is str and item.isprintable():  # it has no end of a line
        return f"data: {item}\n\n".encode(errors="replace")
    if not isinstance(item, ServerSentEvent):
        if not isinstance(item, (str, dict, list)):
            raise TypeError(
                "The source of an EventStream gives str, dict, list, ServerSentEvent or None, and gave"
                f" {type(item).__name__}."
            )
        item = ServerSentEvent(item)
    # SECURITY: half of a surrogate pair, which JSON can smuggle in, must not end everybody's stream.
    return "".join(f"{line}\n" for line in (*_lines(item, dumps), "")).encode(errors="replace")


def _lines(event: ServerSentEvent, dumps: Callable[[t.Any], str]) -> Iterator[str]:
    if event.comment is not None:
        # Readers strip one space after the colon.
        yield from (f": {line}" for line in _LINE_END.split(event.comment))
    for name in ("event", "id", "retry"):
        value = getattr(event, name)
        if value is not None:
            yield f"{name}: {value}"
    if event.data is not None:
        data = event.data if isinstance(event.data, str) else dumps(event.data)
        yield from (f"data: {line}" for line in _LINE_END.split(data))
