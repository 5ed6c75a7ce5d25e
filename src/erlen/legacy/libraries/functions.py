"""Functions of Werkzeug, and one of Click, that nobody has any more."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import io
import os
import re
import string
import sys
import typing as t
from collections.abc import Iterator
from datetime import datetime, timezone
from time import struct_time
from urllib.parse import quote

from werkzeug.datastructures import Authorization, WWWAuthenticate
from werkzeug.http import http_date

_Environ = dict[str, t.Any]
_DEFAULT_ITERATIONS = 260000
_REQUIRED_IN_DIGEST = ("username", "realm", "nonce", "uri", "response")
_FIRST_SEGMENT = re.compile(r"(/*)([^/]*)(.*)", re.DOTALL)
_VARIABLE = re.compile(
    r"""
    (?P<static>[^<]*)
    <
    (?:(?P<converter>[a-zA-Z_]\w*)(?:\((?P<arguments>.*?)\))?:)?
    (?P<variable>[a-zA-Z_]\w*)
    >
    """,
    re.VERBOSE,
)

can_rename_open_file = os.name != "nt"


# werkzeug.security


def safe_str_cmp(a: str | bytes, b: str | bytes) -> bool:
    """Compare two texts in a time that does not tell where they differ."""
    return hmac.compare_digest(_bytes(a), _bytes(b))


def pbkdf2_bin(
    data: str | bytes,
    salt: str | bytes,
    iterations: int = _DEFAULT_ITERATIONS,
    keylen: int | None = None,
    hashfunc: t.Any = None,
) -> bytes:
    """Derive a key from a password; *hashfunc* is a name or a function of hashlib, SHA-256 by default."""
    name = hashfunc or "sha256"
    name = name if isinstance(name, str) else name().name
    return hashlib.pbkdf2_hmac(name, _bytes(data), _bytes(salt), iterations, keylen)


def pbkdf2_hex(*args: t.Any, **kwargs: t.Any) -> str:
    """Derive a key as :func:`pbkdf2_bin` does, as a text of hexadecimal digits."""
    return pbkdf2_bin(*args, **kwargs).hex()


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text


# werkzeug.http


def cookie_date(expires: datetime | float | struct_time | None = None) -> str:
    """Return a date as cookies had it: with hyphens; now by default."""
    moment = datetime.now(timezone.utc) if expires is None else expires
    weekday, day, month, year, rest = http_date(moment).split(" ", 4)
    return f"{weekday} {day}-{month}-{year} {rest}"


def parse_authorization_header(value: str | bytes | None) -> Authorization | None:
    """Read an ``Authorization`` header for basic or digest authentication; None for any other.

    None as well where something is missing that the scheme requires.
    """
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    found = Authorization.from_header(text)
    if found is None or text is None:
        return None
    if found.type == "basic":
        return found if b":" in base64.b64decode(text.partition(" ")[2]) else None
    required = _REQUIRED_IN_DIGEST + (("nc", "cnonce") if "qop" in found.parameters else ())
    is_whole = found.type == "digest" and all(found.parameters.get(name) for name in required)
    return found if is_whole else None


def parse_www_authenticate_header(value: str | None, on_update: object = None) -> WWWAuthenticate:
    """Read a ``WWW-Authenticate`` header; an empty one asks for basic authentication.

    Nobody calls *on_update*: assign what was changed to the response again.
    """
    return WWWAuthenticate.from_header(value) or WWWAuthenticate("basic")


# werkzeug.routing


def parse_rule(rule: str) -> Iterator[tuple[str | None, str | None, str]]:
    """Yield the parts of a rule as (converter, its arguments, variable), for fixed text (None, None, text).

    Raises ValueError where a variable is twice in the rule, or an angle bracket without the other one.
    """
    position = 0
    seen: set[str] = set()
    while (found := _VARIABLE.match(rule, position)) is not None:
        if found["static"]:
            yield None, None, found["static"]
        if found["variable"] in seen:
            raise ValueError(f"The variable {found['variable']!r} is twice in the rule {rule!r}.")
        seen.add(found["variable"])
        yield found["converter"] or "default", found["arguments"] or None, found["variable"]
        position = found.end()
    rest = rule[position:]
    if "<" in rest or ">" in rest:
        raise ValueError(f"The rule {rule!r} has a '<' or '>' without the other one.")
    if rest:
        yield None, None, rest


# werkzeug.wsgi


def pop_path_info(environ: _Environ, charset: str = "utf-8", errors: str = "replace") -> str | None:
    """Move the first segment of PATH_INFO to SCRIPT_NAME and return it; None if there is none."""
    path = environ.get("PATH_INFO")
    if not path:
        return None
    slashes, segment, rest = _parts(path)
    environ["PATH_INFO"] = rest
    environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + slashes + segment
    return _decoded(segment, charset, errors)


def peek_path_info(environ: _Environ, charset: str = "utf-8", errors: str = "replace") -> str:
    """Return the first segment of PATH_INFO; an empty text if there is none."""
    return _decoded(environ.get("PATH_INFO", "").lstrip("/").partition("/")[0], charset, errors)


def get_script_name(environ: _Environ, charset: str = "utf-8", errors: str = "replace") -> str:
    """Return SCRIPT_NAME as text."""
    return _decoded(environ.get("SCRIPT_NAME", ""), charset, errors)


def get_query_string(environ: _Environ) -> str:
    """Return QUERY_STRING, with what is not ASCII quoted."""
    return quote(environ.get("QUERY_STRING", "").encode("latin-1"), safe=":&%=+$!*'(),;/?@~")


def make_line_iter(
    stream: t.Any, limit: int | None = None, buffer_size: int = 10240, cap_at_buffer: bool = False
) -> Iterator[t.Any]:
    """Yield the lines of a stream, or of pieces of text or bytes, not more than *limit* of it.

    With *cap_at_buffer* no line is longer than *buffer_size*.
    """
    longest = buffer_size if cap_at_buffer else -1
    if not hasattr(stream, "readline"):
        pieces = list(stream)
        stream = (
            io.StringIO("".join(pieces))
            if pieces and isinstance(pieces[0], str)
            else io.BytesIO(b"".join(pieces))
        )
    rest = -1 if limit is None else limit
    while rest and (
        line := stream.readline(min(longest, rest) if min(longest, rest) > 0 else max(longest, rest))
    ):
        yield line
        rest -= len(line) if rest > 0 else 0


def _parts(path: str) -> tuple[str, str, str]:
    found = _FIRST_SEGMENT.match(path)
    return (found[1], found[2], found[3]) if found else ("", "", "")


def _decoded(value: str, charset: str, errors: str) -> str:
    return value.encode("latin-1").decode(charset, errors)


# werkzeug.utils


def format_string(string_: str, context: t.Mapping[str, object]) -> str:
    """Put the values of *context* for ``$name`` and ``${name}`` in a text."""
    return string.Template(string_).substitute({name: str(value) for name, value in context.items()})


def escape(s: t.Any) -> str:
    """Escape ``&``, ``<``, ``>`` and ``"``; None is an empty text, and markup stays as it is."""
    if s is None:
        return ""
    if hasattr(s, "__html__"):
        return str(s.__html__())
    return html.escape(str(s), quote=False).replace('"', "&quot;")


# click


def get_os_args() -> list[str]:
    """Return the arguments of this process, without the name of its program."""
    return sys.argv[1:]
