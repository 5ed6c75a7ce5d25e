"""What may not be seen in a log: which names are secret, and how their values are taken out of a text."""

from __future__ import annotations

import base64
import binascii
import contextlib
import json
import re
import typing as t
from itertools import islice
from urllib.parse import quote, quote_plus, unquote_plus

HIDDEN = "[hidden]"

# A field is hidden if its name contains one of these; case, hyphens and underscores do not matter.
_WORDS = (
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "secret",
    "token",
    "csrf",
    "apikey",
    "accesskey",
    "privatekey",
    "credential",
    "authorization",
    "sessionid",
)
# Headers that are always hidden.
_HEADERS = ("authorization", "proxyauthorization", "cookie", "setcookie")

# The shortest values that are looked for in texts: what is shorter is in any text by chance.
_SHORTEST = 4
_SHORTEST_COOKIE = 6
_SHORTEST_SETTING = 8
# As many fields of one header or query are looked at, and as many values of a body.
_MOST = 500
_MOST_VALUES = 2_000


def _folded(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "")


# A field in the query of an address; who is named in an address; a header with its value.
_FIELD = re.compile(r"""(?<=[?&;])([^\s&;=#"'<>]{1,200})=([^\s&;#"'<>]+)""")
_USER = re.compile(r"(?<=://)([^\s/:@]{0,200}):[^\s/@]{1,1000}(?=@)")
_HEADER = re.compile(
    r"""((?:set-cookie|cookie|authorization)(?:["']?:|["'],)(?![ \t]*["']?\[hidden\])[ \t]*["']?)"""
    r"""[^\r\n"']+""",
    re.IGNORECASE,
)
# Variables that a shell sets, and that are folders.
_FOLDERS = ("pwd", "oldpwd")


class Hidden:
    """The names whose values are hidden."""

    def __init__(self, further: t.Iterable[str] = ()) -> None:
        self._words = (*_WORDS, *filter(None, map(_folded, further)))

    def names(self, name: str) -> bool:
        """Tell whether the value of a field of this name is hidden."""
        folded = _folded(name)
        return any(word in folded for word in self._words)

    def names_header(self, name: str) -> bool:
        """Tell whether the value of a header of this name is hidden."""
        return _folded(name) in _HEADERS or self.names(name)

    def names_setting(self, key: str) -> bool:
        """Tell whether the value of a key of the configuration or the environment is hidden."""
        folded = _folded(key)
        is_secret = folded.startswith("secretkey") or folded.endswith(self._words)
        return is_secret and folded not in _FOLDERS

    def query(self, query: str) -> str:
        """Return the query of an address without hidden values."""
        if "=" not in query:
            return query
        return _FIELD.sub(self._without_value, f"?{query}")[1:]

    def text(self, text: str, secrets: t.Iterable[str] = ()) -> str:
        """Return a text without *secrets*, the longest of which come first, and what looks like one."""
        for secret in secrets:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        if "=" in text:
            text = _FIELD.sub(self._without_value, text)
        if "://" in text:
            text = _USER.sub(rf"\1:{HIDDEN}", text)
        return _HEADER.sub(rf"\1{HIDDEN}", text)

    def _without_value(self, found: re.Match[str]) -> str:
        return f"{found[1]}={HIDDEN}" if self.names(unquote_plus(found[1])) else found[0]

    # what a request or the configuration has to hide

    def of_headers(self, headers: t.Iterable[tuple[str, str]]) -> t.Iterator[str]:
        """Yield the secrets of header fields: whole values, and their parts."""
        for name, value in headers:
            if not self.names_header(name):
                continue
            if len(value) >= _SHORTEST:
                yield value
            folded = _folded(name)
            if folded == "cookie":
                yield from _of_cookies(value)
            elif folded.endswith("authorization"):
                yield from _of_authorization(value)

    def of_query(self, query: str) -> t.Iterator[str]:
        """Yield the hidden values of a query, as it is written and decoded."""
        for field in query.split("&")[:_MOST]:
            name, _, value = field.partition("=")
            if self.names(unquote_plus(name)):
                yield from (each for each in (value, unquote_plus(value)) if len(each) >= _SHORTEST)

    def of_value(self, value: t.Any, *, is_hidden: bool = False) -> t.Iterator[str]:
        """Yield the hidden values of a form, or of what JSON was read to."""
        left = [(value, is_hidden)]
        # SECURITY: a large body must not make each record take long.
        for _ in range(_MOST_VALUES):
            if not left:
                return
            value, is_hidden = left.pop()
            if isinstance(value, str):
                if is_hidden and len(value) >= _SHORTEST:
                    yield value
            elif isinstance(value, dict):
                some = islice(value.items(), _MOST_VALUES)
                left += (
                    (inner, is_hidden or (isinstance(name, str) and self.names(name))) for name, inner in some
                )
            elif isinstance(value, (list, tuple)):
                left += ((inner, is_hidden) for inner in value[:_MOST_VALUES])

    def of_settings(self, settings: t.Mapping[str, t.Any]) -> t.Iterator[str]:
        """Yield the secrets of a configuration, or of the environment."""
        for key, value in list(settings.items()):
            if not isinstance(key, str) or not self.names_setting(key):
                continue
            for each in value if isinstance(value, (list, tuple)) else (value,):
                text = each.decode("latin1") if isinstance(each, bytes) else each
                if isinstance(text, str) and len(text) >= _SHORTEST_SETTING:
                    yield text


def _of_cookies(header: str) -> t.Iterator[str]:
    for cookie in header.split(";")[:_MOST]:
        value = cookie.partition("=")[2].strip().strip('"')
        if len(value) >= _SHORTEST_COOKIE:
            yield value


def _of_authorization(header: str) -> t.Iterator[str]:
    scheme, _, value = header.partition(" ")
    value = value.strip()
    if len(value) >= _SHORTEST:
        yield value
    if scheme.lower() != "basic":
        return
    try:
        decoded = base64.b64decode(value, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return
    yield decoded
    password = decoded.partition(":")[2]
    if len(password) >= _SHORTEST:
        yield password


def forms_of(secrets: t.Iterable[str]) -> tuple[str, ...]:
    """Return the ways in which secrets may be written in a text, the longest first."""
    found: set[str] = set()
    for value in secrets:
        found.add(value)
        if value.isascii():
            if value.isalnum():
                continue  # it is written in one way only
        else:
            # Servers decode headers as Latin-1, and what reads them may know better.
            with contextlib.suppress(UnicodeError):
                found.add(value.encode("latin1").decode())
        found.add(repr(value)[1:-1])
        found.add(json.dumps(value)[1:-1])
        quotable = value.encode("utf-8", "surrogatepass")
        found.update((quote(quotable), quote(quotable, safe=""), quote_plus(quotable)))
    return tuple(sorted(found, key=len, reverse=True))
