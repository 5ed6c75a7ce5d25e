"""A URL in five parts, with what Werkzeug's had beside them."""

from __future__ import annotations

import typing as t
from urllib.parse import unquote, urljoin, urlsplit

join: t.Any = urljoin


def split(url: t.Any, scheme: t.Any = "", allow_fragments: bool = True) -> tuple[t.Any, ...]:
    """Return the five parts of a text, or of bytes, which may be any."""
    if isinstance(url, str):
        return urlsplit(url, scheme or "", allow_fragments)
    parts = urlsplit(url.decode("latin-1"), (scheme or b"").decode("latin-1"), allow_fragments)
    return tuple(part.encode("latin-1") for part in parts)


def unsplit(parts: t.Iterable[t.Any]) -> t.Any:
    """Return the URL of five parts; an absolute path with a scheme has two slashes before it."""
    scheme, netloc, path, query, fragment = parts
    slash, slashes, colon, question, hash_ = _signs("" if isinstance(path, str) else b"")
    url = path
    if netloc or (scheme and path.startswith(slash)):
        url = slashes + netloc + (slash + path if path and not path.startswith(slash) else path)
    for sign, part in ((question, query), (hash_, fragment)):
        if part:
            url = url + sign + part
    return scheme + colon + url if scheme else url


def _signs(like: t.Any) -> t.Any:
    signs = ("/", "//", ":", "?", "#")
    return signs if isinstance(like, str) else tuple(sign.encode() for sign in signs)


class _Parts(t.NamedTuple):
    scheme: t.Any
    netloc: t.Any
    path: t.Any
    query: t.Any
    fragment: t.Any


class URL(_Parts):
    """The parts of a URL that is a text."""

    __slots__ = ()

    def __str__(self) -> str:
        return str(self.to_url())

    def replace(self, **parts: t.Any) -> t.Any:
        """Return the URL with other parts."""
        names = ("scheme", "netloc", "path", "query", "fragment")
        return type(self)(**{**dict(zip(names, self, strict=True)), **parts})

    @property
    def host(self) -> t.Any:
        """The host, as it is written; None if there is none."""
        return self._split_host()[0]

    @property
    def ascii_host(self) -> str | None:
        """The host as the name servers know it."""
        host = self._text(self.host)
        if host is None or host.isascii():
            return host
        return host.encode("idna").decode("ascii")

    @property
    def port(self) -> int | None:
        """The port; None if there is none, or none that is possible."""
        port = self._text(self._split_host()[1])
        return int(port) if port and port.isdecimal() and int(port) <= 65535 else None

    @property
    def auth(self) -> t.Any:
        """What is written before the host, for its user."""
        before, at, _ = self._partition_host()
        return before if at else None

    @property
    def raw_username(self) -> t.Any:
        """The user's name, quoted as it is."""
        return self._split_auth()[0]

    @property
    def raw_password(self) -> t.Any:
        """The password, quoted as it is."""
        return self._split_auth()[1]

    @property
    def username(self) -> str | None:
        """The user's name."""
        return self._unquoted(self.raw_username)

    @property
    def password(self) -> str | None:
        """The password."""
        return self._unquoted(self.raw_password)

    def decode_query(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        """Return the query string as :func:`url_decode` does."""
        from .urls import url_decode

        return url_decode(self.query, *args, **kwargs)

    def join(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        """Return the parts of what a link on this page leads to."""
        return type(self)(*split(join(self.to_url(), *args, **kwargs)))

    def to_url(self) -> t.Any:
        """Return the URL in one piece."""
        return unsplit(self)

    def encode_netloc(self) -> str:
        """Return the host with user and port, all in ASCII."""
        host = self.ascii_host or ""
        if ":" in host:
            host = f"[{host}]"
        if self.port is not None:
            host = f"{host}:{self.port}"
        return f"{self._text(self.auth)}@{host}" if self.auth else host

    def _split_host(self) -> tuple[t.Any, t.Any]:
        """Return host and port as they are written; None for what is missing."""
        empty, colon, bracket = self._like(""), self._like(":"), self._like("]")
        rest = self._partition_host()[2]
        if not rest:
            return None, None
        if rest.startswith(self._like("[")) and bracket in rest:
            host, _, after = rest[1:].partition(bracket)
            return host, after[1:] or None
        host, _, port = rest.partition(colon)
        return (host or None), (port if port != empty else None)

    def _partition_host(self) -> t.Any:
        return self.netloc.rpartition(self._like("@"))

    def _split_auth(self) -> tuple[t.Any, t.Any]:
        auth = self.auth
        if not auth:
            return None, None
        name, colon, password = auth.partition(self._like(":"))
        return name, (password if colon else None)

    def _like(self, text: str) -> t.Any:
        return text

    @staticmethod
    def _text(part: t.Any) -> str | None:
        return part.decode("ascii", "ignore") if isinstance(part, bytes) else part

    def _unquoted(self, part: t.Any) -> str | None:
        text = self._text(part)
        return None if text is None else unquote(text)


class BytesURL(URL):
    """The parts of a URL that is bytes."""

    __slots__ = ()

    def __bytes__(self) -> bytes:
        return bytes(self.to_url())

    def __str__(self) -> str:
        return str(self.to_url().decode("utf-8", "replace"))

    def _like(self, text: str) -> t.Any:
        return text.encode()
