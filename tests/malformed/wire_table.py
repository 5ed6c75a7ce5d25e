"""What a client may send to a server that is no request, or two: as bytes, and the right answers.

What is right is a set: RFC 9112 lets a server refuse by a status or by closing, and take some things that are
odd. No server may answer 500, or answer the request that is hidden in another one (its path is `/smuggled`).
`OTHERWISE` is where a server does what it should not, and no application can help it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

CLOSED, WAITS = "closed", "waits"
REFUSED = frozenset((*("400", "404", "405", "408", "411", "413", "414", "431", "501", "505"), CLOSED))
ANSWERED = frozenset(("200",))
EITHER = REFUSED | ANSWERED
OPEN = frozenset((WAITS,))  # the server may take it for the beginning of something
GONE = frozenset(("gone",))  # nobody is there to hear the answer


@dataclass(frozen=True)
class Row:
    """Bytes for a connection of their own, and what may come back first."""

    data: bytes
    right: frozenset[str]
    text: str | None = None
    """The text of the answer where it is a 200."""
    stays: bool = True
    """Whether the client waits for an answer."""


ROWS: dict[str, Row] = {}
HOST = b"Host: localhost\r\n"
CLOSE = b"Connection: close\r\n"
HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n"
MULTIPART = b"Content-Type: multipart/form-data; boundary=b\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


def row(name: str, right: frozenset[str], data: bytes, text: str | None = None, stays: bool = True) -> None:
    """Add a row."""
    ROWS[name] = Row(data, right, text, stays)


def get(line: bytes = b"GET / HTTP/1.1", *headers: bytes, host: bytes = HOST) -> bytes:
    return line + b"\r\n" + host + b"".join(header + b"\r\n" for header in headers) + CLOSE + b"\r\n"


def post(headers: bytes, body: bytes = b"", path: bytes = b"/data") -> bytes:
    return b"POST " + path + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n" + body


# The request line
for name, right, line in [
    ("no version", EITHER, b"GET /"),
    ("a version of the future", EITHER, b"GET / HTTP/9.9"),
    ("a version that is none", REFUSED, b"GET / HTTX/1.1"),
    ("a version with more digits", EITHER, b"GET / HTTP/1.10"),
    ("two blanks", EITHER, b"GET  / HTTP/1.1"),
    ("a blank in the path", REFUSED, b"GET /a b HTTP/1.1"),
    ("tabs", EITHER, b"GET\t/\tHTTP/1.1"),
    ("a blank before it", EITHER, b" GET / HTTP/1.1"),
    ("a small version", EITHER, b"GET / http/1.1"),
    ("no path", REFUSED, b"GET HTTP/1.1"),
    ("a path without a slash", EITHER | {"308"}, b"GET path HTTP/1.1"),
    ("a long path", EITHER, b"GET /path/" + b"a" * 100_000 + b" HTTP/1.1"),
    ("NUL in the path", EITHER, b"GET /path/a\0b HTTP/1.1"),
    ("CR in the path", REFUSED, b"GET /path/a\rb HTTP/1.1"),
    ("bytes in the path", EITHER, b"GET /path/\xff HTTP/1.1"),
    ("bytes in the query", EITHER, b"GET /arguments?a=\xff HTTP/1.1"),
    ("a fragment", EITHER, b"GET /#x HTTP/1.1"),
    ("dots", EITHER, b"GET /static/../../secret.txt HTTP/1.1"),
    ("escaped dots", REFUSED, b"GET /sent/%2e%2e/secret.txt HTTP/1.1"),
    ("a star", EITHER, b"OPTIONS * HTTP/1.1"),
    ("a star for GET", EITHER, b"GET * HTTP/1.1"),
    ("an authority", EITHER, b"CONNECT localhost:80 HTTP/1.1"),
    ("an absolute target", EITHER, b"GET http://localhost/ HTTP/1.1"),
    ("an absolute target of another host", EITHER, b"GET http://evil.test/ HTTP/1.1"),
    ("an absolute target without a path", EITHER | {"308"}, b"GET http://localhost HTTP/1.1"),
    ("a target of no scheme", EITHER, b"GET ://localhost/ HTTP/1.1"),
    ("a target with brackets", EITHER, b"GET http://[/ HTTP/1.1"),
    ("a long method", REFUSED, b"A" * 5000 + b" / HTTP/1.1"),
    ("a small method", EITHER, b"get / HTTP/1.1"),
    ("an odd method", REFUSED, b"G{T / HTTP/1.1"),
    ("a method with NUL", REFUSED, b"G\0T / HTTP/1.1"),
]:
    row(f"line: {name}", right, get(line))
row("line: HTTP/1.0 without a host", EITHER, b"GET / HTTP/1.0\r\n\r\n", "alive")
row(
    "line: HTTP/1.0 that is kept",
    EITHER,
    b"GET / HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n",
    "alive",
)
row("line: empty lines before it", EITHER, b"\r\n\r\n" + get(), "alive")
row("line: line feeds only", EITHER | OPEN, get().replace(b"\r\n", b"\n"), "alive")
row("line: carriage returns only", REFUSED, get().replace(b"\r\n", b"\r"), stays=False)
row("line: TLS", REFUSED | OPEN, bytes.fromhex("16030100c8010000c40303") + bytes(200))
row(
    "line: a preface of HTTP/2, and no more",
    EITHER | GONE,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"x" * 90,
    stays=False,
)
row("line: noise", REFUSED, bytes(range(128, 256)) * 9 + b"\r\n\r\n")

# Headers
for name, right, header in [
    ("no colon", EITHER, b"X-A"),
    ("a blank before the colon", EITHER, b"X-A : b"),
    ("a folded line", EITHER, b"X-A: a\r\n b"),
    ("NUL in a value", EITHER, b"X-A: a\0b"),
    ("CR in a value", EITHER, b"X-A: a\rb"),
    ("no name", EITHER, b": a"),
    ("bytes in a name", EITHER, b"X-\xff: a"),
    ("bytes in a value", EITHER, b"X-B: \xff"),
    ("blanks", EITHER, b"X-A: " + b" " * 20_000),
    ("hundreds", EITHER, b"\r\n".join(b"X-%d: a" % number for number in range(500))),
    ("large", EITHER, b"X-A: " + b"a" * 200_000),
    ("a second host", EITHER, b"Host: evil.test"),
    ("an unknown expectation", EITHER | {"417"}, b"Expect: nonsense"),
    ("an unknown upgrade", EITHER, b"Upgrade: nonsense\r\nConnection: upgrade"),
    ("a session of blanks", EITHER, b"Cookie: session=" + b" " * 4000 + b"x y"),
    ("ranges", EITHER | {"206", "416"}, b"Range: bytes=" + b"0-1," * 1000),
]:
    row(f"header: {name}", right, get(b"GET / HTTP/1.1", header), "alive")
row("header: no host", EITHER, b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "alive")
row(
    "header: an underscore for a hyphen",
    EITHER,
    get(b"GET /seen HTTP/1.1", b"X_A: evil"),
    "[None, None, None]",
)
row("header: Proxy", EITHER, get(b"GET /proxy HTTP/1.1", b"Proxy: evil"))
for name, host in {
    "user": b"a@b",
    "blank": b"a b",
    "bytes": b"\xff",
    "punycode": b"xn--",
    "port": b"a:99999",
}.items():
    row(f"header: a host with {name}", EITHER, get(b"GET /url HTTP/1.1", host=b"Host: " + host + b"\r\n"))

# Lengths and chunks; `/data` tells the length of the body that the application got
for name, right, headers, body in [
    ("both framings, the length first", EITHER, b"Content-Length: 6\r\n" + CHUNKED, b"0\r\n\r\nG" + HIDDEN),
    (
        "both framings, the chunks first",
        EITHER | OPEN,
        CHUNKED + b"Content-Length: 4\r\n",
        b"5c\r\n" + HIDDEN + b"\r\n0\r\n\r\n",
    ),
    ("chunks twice", EITHER, CHUNKED + CHUNKED, b"0\r\n\r\n"),
    ("chunked that is none", EITHER, b"Transfer-Encoding: xchunked\r\n", b""),
    ("chunked, then identity", EITHER, b"Transfer-Encoding: chunked, identity\r\n", b"0\r\n\r\n"),
    ("chunked behind a tab", EITHER, b"Transfer-Encoding:\tchunked\r\n", b"0\r\n\r\n"),
    ("chunked behind a vertical tab", EITHER, b"Transfer-Encoding: \x0bchunked\r\n", b"0\r\n\r\n"),
    ("chunked in quotes", EITHER, b'Transfer-Encoding: "chunked"\r\n', b"0\r\n\r\n"),
    ("compressed chunks", EITHER, b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n"),
    ("two lengths", REFUSED, b"Content-Length: 3\r\nContent-Length: 4\r\n", b"abcd"),
    ("one length twice", EITHER, b"Content-Length: 3\r\nContent-Length: 3\r\n", b"abc"),
    ("a list of lengths", EITHER, b"Content-Length: 3, 3\r\n", b"abc"),
    ("a negative length", EITHER, b"Content-Length: -1\r\n", b"abc"),
    ("a length with a plus", EITHER, b"Content-Length: +3\r\n", b"abc"),
    ("a length with an underscore", EITHER, b"Content-Length: 0_3\r\n", b"abc"),
    ("a length in hexadecimal", EITHER, b"Content-Length: 0x3\r\n", b"abc"),
    ("a length that is none", EITHER, b"Content-Length: x\r\n", b"abc"),
    ("a huge length", REFUSED, b"Content-Length: " + b"9" * 30 + b"\r\n", b"abc"),
    ("a length beyond the limit", REFUSED, b"Content-Length: 200000\r\n", b"a" * 200_000),
    ("a chunk of no size", REFUSED | OPEN, CHUNKED, b"\r\nabc\r\n0\r\n\r\n"),
    ("a chunk of a size that is none", REFUSED, CHUNKED, b"g\r\nabc\r\n0\r\n\r\n"),
    ("a negative chunk", REFUSED, CHUNKED, b"-3\r\nabc\r\n0\r\n\r\n"),
    ("a chunk with a plus", EITHER, CHUNKED, b"+3\r\nabc\r\n0\r\n\r\n"),
    ("a chunk in hexadecimal", REFUSED, CHUNKED, b"0x3\r\nabc\r\n0\r\n\r\n"),
    ("a chunk with an underscore", EITHER, CHUNKED, b"0_3\r\nabc\r\n0\r\n\r\n"),
    ("a huge chunk", REFUSED | OPEN, CHUNKED, b"F" * 40 + b"\r\nabc\r\n0\r\n\r\n"),
    ("a chunk without an end", REFUSED, CHUNKED, b"3\r\nabcde\r\n0\r\n\r\n"),
    ("chunks of line feeds", EITHER | OPEN, CHUNKED, b"3\nabc\n0\n\n"),
    ("a long extension", EITHER, CHUNKED, b"3;" + b"a" * 50_000 + b"\r\nabc\r\n0\r\n\r\n"),
    ("a trailer for a header", EITHER, CHUNKED, b"3\r\nabc\r\n0\r\nContent-Length: 9\r\n\r\n"),
    (
        "chunks beyond the limit",
        REFUSED,
        CHUNKED,
        (b"2710\r\n" + b"a" * 10_000 + b"\r\n") * 20 + b"0\r\n\r\n",
    ),
    ("a body of GET that hides another", EITHER, b"Content-Length: %d\r\n" % len(HIDDEN), HIDDEN),
]:
    row(f"body: {name}", right, post(headers + CLOSE, body))
row("body: chunks in HTTP/1.0", EITHER, b"POST /data HTTP/1.0\r\n" + CHUNKED + b"\r\n3\r\nabc\r\n0\r\n\r\n")
form = b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n"
row(
    "body: a form without an end",
    REFUSED,
    post(MULTIPART + CLOSE + b"Content-Length: %d\r\n" % len(form), form, b"/form"),
)
row(
    "body: a form in chunks without an end",
    REFUSED,
    post(MULTIPART + CLOSE + CHUNKED, b"%x\r\n%b\r\n0\r\n\r\n" % (len(form), form), b"/form"),
)
row(
    "body: parts in chunks without an end",
    REFUSED,
    post(MULTIPART + CLOSE + CHUNKED, b"%x\r\n%b\r\n0\r\n\r\n" % (len(form), form), b"/parts"),
)

# Clients that go
for name, data in {
    "at once": b"",
    "in the line": b"GET / HT",
    "in a header": b"GET / HTTP/1.1\r\nHost: local",
    "before a body": post(b"Content-Length: 9\r\n"),
    "in a body": post(b"Content-Length: 9\r\n", b"abc"),
    "in a form": post(MULTIPART + b"Content-Length: 900\r\n", form, b"/form"),
    "in parts": post(MULTIPART + b"Content-Length: 900\r\n", form, b"/parts"),
    "in the size of a chunk": post(CHUNKED, b"3"),
    "in a chunk": post(CHUNKED, b"30\r\nabc"),
    "between chunks": post(CHUNKED, b"3\r\nabc\r\n"),
    "before 100": post(b"Content-Length: 9\r\nExpect: 100-continue\r\n"),
    "before the answer": get(),
}.items():
    row(f"gone {name}", GONE, data, stays=False)

# Handshakes of WebSockets
UPGRADE = b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
VERSION = b"Sec-WebSocket-Version: 13\r\n"
DENIED = REFUSED | {"403", "426"}
for name, headers in {
    "no key": UPGRADE + VERSION,
    "no version": UPGRADE + KEY,
    "another version": UPGRADE + KEY + b"Sec-WebSocket-Version: 99\r\n",
    "a foreign origin": UPGRADE + KEY + VERSION + b"Origin: http://evil.test\r\n",
    "no Connection": b"Upgrade: websocket\r\n" + KEY + VERSION,
}.items():
    row(f"handshake: {name}", DENIED, b"GET /ws HTTP/1.1\r\n" + HOST + headers + b"\r\n")
row("handshake: a POST", DENIED, b"POST /ws HTTP/1.1\r\n" + HOST + UPGRADE + KEY + VERSION + b"\r\n")
row(
    "handshake: to a view",
    DENIED | ANSWERED,
    b"GET / HTTP/1.1\r\n" + HOST + UPGRADE + KEY + VERSION + b"\r\n",
)

# What a server answers that it should not, and why no application hears of it.
Deviations: TypeAlias = dict[str, tuple[str, str]]

UNDERSCORES = (
    "200 b\"['evil', None, None]\"",
    "it makes one name of `X_A` and `X-A`: a proxy has to drop the first",
)
ENDS_CHUNKS: Deviations = {
    f"body: {name}": (
        "200",
        "it takes a malformed chunk for the end of the body, and says that it was complete",
    )
    for name in (
        *("a chunk of no size", "a chunk of a size that is none", "a negative chunk"),
        *("a chunk in hexadecimal", "a huge chunk", "a chunk without an end"),
    )
}
LENIENT = "its parser takes it for something else, which it hands on"
OTHERWISE: dict[str, Deviations] = {
    "uwsgi": {
        "line: a version that is none": ("200", LENIENT),
        "line: CR in the path": ("200", LENIENT),
        "header: an underscore for a hyphen": UNDERSCORES,
        "body: two lengths": ("200", "the last one counts"),
        "body: a chunk of a size that is none": ("200", LENIENT),
        "body: a chunk in hexadecimal": ("200", LENIENT),
        "body: a chunk without an end": ("200", LENIENT),
    },
    "granian-wsgi": {"header: an underscore for a hyphen": UNDERSCORES, **ENDS_CHUNKS},
    "granian-asgi": {
        "handshake: a POST": ("101", "it opens a WebSocket for any method"),
    },
}
