"""The media types of bodies, and which of them an answer has by `Accept` (RFC 9110, section 12.5.1)."""

from __future__ import annotations

import typing as t

import msgspec
from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header

from .shapes import shape_of, walk, without_extras

JSON = "application/json"
JSON_LINES = "application/jsonl"
MSGPACK = "application/msgpack"
EVENTS = "text/event-stream"

# The registered name, and the one from before there were any, mean the same.
MSGPACK_NAMES = (MSGPACK, "application/vnd.msgpack", "application/x-msgpack")


def carried(annotation: t.Any, media_types: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of *media_types* that values of a type can have: `msgspec.Raw` is JSON only."""
    if any(without_extras(part.annotation)[0] is msgspec.Raw for part in walk(shape_of(annotation))):
        return (JSON,)
    return media_types


def preferred_msgpack(accept: str | None) -> str | None:
    """Return the name of msgpack that a header `Accept` prefers to JSON; None where it does not.

    The header has to name it: `*/*` means JSON, as no header does. Where it names JSON with the same quality,
    it means that.
    """
    if accept is None or accept in _JSON_ALONE:
        return None
    if accept in MSGPACK_NAMES:
        return accept
    parsed = parse_accept_header(accept, MIMEAccept)
    named = {name.lower(): quality for name, quality in reversed(parsed)}
    found = max(MSGPACK_NAMES, key=lambda name: named.get(name, 0))
    quality = named.get(found, 0)
    if not quality or quality < parsed.quality(JSON) or (JSON in named and quality == named[JSON]):
        return None
    return found


# PERF: what most clients send, without a look at its parts.
_JSON_ALONE = frozenset(("*/*", JSON))
