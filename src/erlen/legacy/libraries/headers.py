"""``werkzeug.http`` as it was: dates of cookies, credentials read from a header."""

from __future__ import annotations

import typing as t
from datetime import datetime, timezone
from time import struct_time

from werkzeug.datastructures import Authorization, WWWAuthenticate
from werkzeug.http import http_date


def cookie_date(expires: datetime | float | struct_time | None = None) -> str:
    """Return a date as cookies had it: with hyphens; now by default."""
    weekday, day, month, year, rest = http_date(expires or datetime.now(timezone.utc)).split(" ", 4)
    return f"{weekday} {day}-{month}-{year} {rest}"


def parse_authorization_header(value: str | bytes | None) -> Authorization | None:
    """Read an ``Authorization`` header for basic or digest authentication; None for any other."""
    found = Authorization.from_header(_text(value))
    return found if found is not None and found.type in ("basic", "digest") else None


def parse_www_authenticate_header(
    value: str | None, on_update: t.Callable[[WWWAuthenticate], None] | None = None
) -> WWWAuthenticate:
    """Read a ``WWW-Authenticate`` header; an empty one asks for basic authentication."""
    found = WWWAuthenticate.from_header(value) or WWWAuthenticate("basic")
    if on_update is not None:
        found._on_update = on_update
    return found


def _text(value: str | bytes | None) -> str | None:
    return value.decode("latin-1") if isinstance(value, bytes) else value
