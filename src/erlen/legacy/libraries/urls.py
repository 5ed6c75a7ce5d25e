"""``werkzeug.urls`` as it was: quoting with a charset, query strings as MultiDicts, URLs in parts."""

from __future__ import annotations

import typing as t
from urllib.parse import unquote_to_bytes, urljoin

from werkzeug.datastructures import MultiDict, iter_multi_items

from .url_parts import URL, BytesURL, split, unsplit

__all__ = ["URL", "BytesURL"]

# What is never quoted.
_UNRESERVED = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~"
_Text = str | bytes


def url_quote(
    string: t.Any, charset: str = "utf-8", errors: str = "strict", safe: _Text = "/:", unsafe: _Text = ""
) -> str:
    """Quote a text or bytes for a URL; *safe* is not quoted either, *unsafe* is in every case."""
    data = string if isinstance(string, (bytes, bytearray)) else str(string).encode(charset, errors)
    plain = (frozenset(_UNRESERVED) | frozenset(_bytes(safe, charset))) - frozenset(_bytes(unsafe, charset))
    return "".join(chr(byte) if byte in plain else f"%{byte:02X}" for byte in data)


def url_quote_plus(string: t.Any, charset: str = "utf-8", errors: str = "strict", safe: _Text = "") -> str:
    """Quote a text for a query string: a blank is a plus sign."""
    return url_quote(string, charset, errors, _bytes(safe, charset) + b" ", b"+").replace(" ", "+")


def url_unquote(
    s: _Text, charset: str | None = "utf-8", errors: str = "replace", unsafe: _Text = ""
) -> t.Any:
    """Undo the quoting, except for the characters of *unsafe*; bytes where *charset* is None."""
    data = _bytes(s, charset or "utf-8")
    kept = _bytes(unsafe, charset or "utf-8")
    first, *parts = data.split(b"%")
    plain = [first]
    for part in parts:
        quoted = b"%" + part
        byte = unquote_to_bytes(quoted[:3])
        plain.append(quoted if len(byte) != 1 or byte in kept else byte + part[2:])
    joined = b"".join(plain)
    return joined if charset is None else joined.decode(charset, errors)


def url_unquote_plus(s: _Text, charset: str | None = "utf-8", errors: str = "replace") -> t.Any:
    """Undo the quoting of a query string."""
    return url_unquote(_bytes(s, charset or "utf-8").replace(b"+", b" "), charset, errors)


def url_fix(s: t.Any, charset: str = "utf-8") -> str:
    """Quote what a user left unquoted in an address."""
    text = (s.decode(charset, "replace") if isinstance(s, bytes) else str(s)).replace("\\", "/")
    # A drive of Windows is a part of the path.
    if text.startswith("file://") and text[7:8].isalpha() and text[8:10] in (":/", "|/"):
        text = f"file:///{text[7:]}"
    url = url_parse(text)
    path = url_quote(url.path, charset, safe="/%+$!*'(),")
    query = url_quote_plus(url.query, charset, safe=":&%=+$!*'(),")
    fragment = url_quote_plus(url.fragment, charset, safe=":&%=+$!*'(),")
    fixed: str = url_unparse((url.scheme, url.encode_netloc(), path, query, fragment))
    return fixed


def url_encode(
    obj: t.Any,
    charset: str = "utf-8",
    encode_keys: object = None,
    sort: bool = False,
    key: t.Callable[[tuple[t.Any, t.Any]], t.Any] | None = None,
    separator: _Text = "&",
) -> str:
    """Return the query string of a dictionary, a MultiDict or pairs; None as a value leaves a pair out.

    *encode_keys* was for Python 2 and is ignored, as *decode_keys* is below.
    """
    return _text(separator).join(_encode_pairs(obj, charset, sort, key))


def url_encode_stream(
    obj: t.Any,
    stream: t.Any = None,
    charset: str = "utf-8",
    encode_keys: object = None,
    sort: bool = False,
    key: t.Callable[[tuple[t.Any, t.Any]], t.Any] | None = None,
    *,
    separator: _Text = "&",
) -> t.Iterator[str] | None:
    """Write a query string to *stream*, or return an iterator over its pairs."""
    pairs = _encode_pairs(obj, charset, sort, key)
    if stream is None:
        return pairs
    for index, pair in enumerate(pairs):
        stream.write(_text(separator) + pair if index else pair)
    return None


def _encode_pairs(obj: t.Any, charset: str, sort: bool, key: t.Any) -> t.Iterator[str]:
    pairs: t.Iterable[tuple[t.Any, t.Any]] = iter_multi_items(obj)
    for name, value in sorted(pairs, key=key) if sort else pairs:
        if value is not None:
            yield f"{url_quote_plus(name, charset)}={url_quote_plus(value, charset)}"


def url_decode(
    s: _Text,
    charset: str = "utf-8",
    decode_keys: object = None,
    include_empty: bool = True,
    errors: str = "replace",
    separator: _Text = "&",
    *,
    cls: t.Any = None,
) -> t.Any:
    """Return a query string as a MultiDict, or as a *cls* of pairs."""
    pairs = _bytes(s, charset).split(_bytes(separator or "&", charset))
    return (cls or MultiDict)(_decode_pairs(pairs, charset, include_empty, errors))


def url_decode_stream(
    stream: t.Any,
    charset: str = "utf-8",
    decode_keys: object = None,
    include_empty: bool = True,
    errors: str = "replace",
    separator: _Text = "&",
    *,
    cls: t.Any = None,
    limit: int | None = None,
) -> t.Any:
    """Return the query string that a stream has as a MultiDict, or as a *cls* of pairs."""
    data = stream.read(limit) if limit is not None else stream.read()
    return url_decode(data, charset, None, include_empty, errors, separator, cls=cls)


def _decode_pairs(
    pairs: t.Iterable[bytes], charset: str, include_empty: bool, errors: str
) -> t.Iterator[tuple[str, str]]:
    for pair in pairs:
        name, equals, value = pair.partition(b"=")
        if pair and (equals or include_empty):
            yield url_unquote_plus(name, charset, errors), url_unquote_plus(value, charset, errors)


def url_parse(url: _Text, scheme: _Text | None = None, allow_fragments: bool = True) -> URL:
    """Return the five parts of a URL."""
    made, given = (BytesURL, b"") if isinstance(url, bytes) else (URL, "")
    return made(*split(url, given if scheme is None else scheme, allow_fragments))


def url_unparse(components: t.Iterable[t.Any]) -> t.Any:
    """Return the URL that five parts make."""
    return unsplit(components)


def url_join(base: t.Any, url: t.Any, allow_fragments: bool = True) -> t.Any:
    """Return the address that a link on the page *base* leads to."""
    base, url = (str(part.to_url()) if isinstance(part, URL) else part for part in (base, url))
    return urljoin(base, url, allow_fragments)


class Href:
    """A base address that is called with segments of a path, and with arguments for the query string."""

    def __init__(
        self, base: str = "./", charset: str = "utf-8", sort: bool = False, key: t.Any = None
    ) -> None:
        self.base = base or "./"
        self.charset = charset
        self.sort = sort
        self.key = key

    def __getattr__(self, name: str) -> Href:
        if name.startswith("__"):
            raise AttributeError(name)
        return Href(urljoin(self.base.rstrip("/") + "/", name), self.charset, self.sort, self.key)

    def __call__(self, *path: t.Any, **query: t.Any) -> str:
        if path and isinstance(path[-1], dict):
            if query:
                raise TypeError(
                    "Give the arguments of the query string as a dictionary or by name, not both."
                )
            *path, query = path  # type: ignore[assignment]
        else:
            query = {name.removesuffix("_"): value for name, value in query.items()}
        segments = (url_quote(str(part).strip("/"), self.charset) for part in path if part is not None)
        joined = "/".join(segments).strip("/")
        address = self.base
        if joined:
            address = urljoin(address.rstrip("/") + "/", f"./{joined}")
        encoded = url_encode(query, self.charset, sort=self.sort, key=self.key)
        return f"{address}?{encoded}" if encoded else address


def _bytes(text: _Text, charset: str = "utf-8") -> bytes:
    return text.encode(charset) if isinstance(text, str) else bytes(text)


def _text(text: _Text) -> str:
    return text.decode() if isinstance(text, bytes) else text
