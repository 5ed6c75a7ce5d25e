"""Malformed requests, as environs and as bytes for a socket; the same for the same seed."""

from __future__ import annotations

import io
import random
from collections.abc import Iterator
from typing import Any

# fmt: off
PATHS = [
    "/", "/everything", "/json", "/stream", "/session", "/fail", "/link", "/1/a", "/x/y", "/nowhere",
    "/static/x",
]
METHODS = [
    "GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "CONNECT", "", "get", "G\x00T",
    "ÿ", "A" * 9000,
]
BYTES = [
    "\x00", "\r", "\n", "\t", "\x7f", "\x80", "ÿ", "Ã", "â\x98\x83", "%", "%0", "%00", "%ff", "%c3%28",
    "..", "/", "//", ";", "?", "#", "\\", '"', "'", "=", "&", ",", ":", " ", "{", "[", "<", "A" * 5000,
    "%25" * 500, "é", ".",
]
HOSTS = [
    "", " ", "a", "[", "[::1", "[::1]:x", "a:b:c", "a" * 300, "a" * 64 + ".b", "..", ".a", "a.", "a..b",
    "ÿ", "\x00", "a b", "a:99999", "a:-1", ":80", "@", "a@b", "a/b", "a?b", "a#b", "\\", "xn--",
    "xn--a-.test", "%61", "*", "a,b", "a\tb",
]
NAMES = [
    "HTTP_COOKIE", "HTTP_HOST", "HTTP_ACCEPT", "HTTP_RANGE", "HTTP_IF_NONE_MATCH", "HTTP_AUTHORIZATION",
    "HTTP_IF_RANGE", "HTTP_ACCEPT_LANGUAGE", "HTTP_CACHE_CONTROL", "HTTP_IF_MODIFIED_SINCE",
    "HTTP_USER_AGENT", "HTTP_X_FORWARDED_FOR", "HTTP_TRANSFER_ENCODING", "HTTP_UPGRADE", "HTTP_CONNECTION",
    "HTTP_REFERER", "HTTP_ORIGIN", "HTTP_X_WHY", "HTTP_EXPECT",
]
VALUES = [
    "", " ", ",", ";", "=", "a=b", "a=b; a=c;; =; b", '"', 'a="', "bytes=", "bytes=a-b", "bytes=5-1",
    "bytes=0-,1-,2-", "*", "Basic", "Basic !!!", "Basic " + "A" * 4001, "Digest =", "Bearer", "q=x",
    "text/*;q=", "a;q=nan", "W/", 'W/"', "ÿþ", "session=", "session=.", "session=a.b.c", "session=.eJw.x.y",
    "session=" + "A" * 20000, "no date", "Mon, 99 Foo 20 x", "0",
]
TYPES = [
    "", "application/json", "application/x-www-form-urlencoded", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=b",
    "application/json; charset=nonsense", "text/plain; charset=", ";", "a/b/c", "ÿ",
    "multipart/form-data; boundary=" + "b" * 300, 'multipart/form-data; boundary="',
    "multipart/mixed; boundary=b",
]
BODIES = [
    "", "{", "[" * 5000, '{"a":', "\x00" * 10, "\xff" * 10, "a=b&" * 2000, "%", "&&==", "--b\r\n",
    "--b\r\n\r\n--b--", "--b--", '--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
    "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
    '--b\r\nContent-Disposition: form-data; name="a"; filename="\x00"\r\n\r\nx\r\n--b--\r\n',
    "--b\r\n: \r\n\r\n--b--\r\n", "NaN",
]
LENGTHS = [
    None, None, None, "", "0", "1", "-1", "x", "1e5", "99999", "9" * 40, " 3", "3 ", "+3", "0x3",
    "\xd9\xa3",
]
# fmt: on


def environs(seed: int, count: int) -> Iterator[dict[str, Any]]:
    """Give so many WSGI environs with something wrong in them. Strings hold latin-1, as WSGI has it."""
    chance = random.Random(seed)
    for _ in range(count):
        yield environ(chance)


def environ(chance: random.Random) -> dict[str, Any]:
    """Make one environ."""
    body = chance.choice(BODIES).encode("latin-1", "replace")
    made: dict[str, Any] = {
        "REQUEST_METHOD": chance.choice(METHODS if chance.random() < 0.3 else ["GET", "POST"]),
        "SCRIPT_NAME": chance.choice(["", "", "", "/app", "//", "\xff", "no-slash"]),
        "PATH_INFO": _damaged(chance, chance.choice(PATHS)),
        "QUERY_STRING": _damaged(chance, chance.choice(["", "a=b", "rest=x"])),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": chance.choice(["80", "443", "5000", "0", "x", ""]),
        "SERVER_PROTOCOL": chance.choice(["HTTP/1.1", "HTTP/1.0", "HTTP/9", ""]),
        "HTTP_HOST": chance.choice([*HOSTS, *["localhost"] * 30]),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": chance.choice(["http", "http", "https", "ws", "", "x"]),
        "wsgi.input": _input(chance, body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_TYPE": chance.choice(TYPES),
    }
    length = chance.choice(LENGTHS)
    made["CONTENT_LENGTH"] = str(len(body)) if length is None else length
    for _ in range(chance.randrange(4)):
        made[chance.choice(NAMES)] = _damaged(chance, chance.choice(VALUES))
    for key in chance.sample(
        ["REMOTE_ADDR", "HTTP_HOST", "CONTENT_TYPE", "CONTENT_LENGTH", "QUERY_STRING"], 1
    ):
        made.pop(key, None)
    return made


def raw(seed: int, count: int) -> Iterator[bytes]:
    """Give so many byte strings to send to a server."""
    chance = random.Random(seed)
    for _ in range(count):
        yield _raw_one(chance)


def _raw_one(chance: random.Random) -> bytes:
    if chance.random() < 0.1:
        return chance.randbytes(chance.randrange(1, 600))
    made = environ(chance)
    path = made["PATH_INFO"] + ("?" + made.get("QUERY_STRING", "") if chance.random() < 0.5 else "")
    lines = [f"{made['REQUEST_METHOD']} {path} {made['SERVER_PROTOCOL']}"]
    for key, value in made.items():
        if key.startswith("HTTP_") or key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            lines.append(f"{key.removeprefix('HTTP_').replace('_', '-')}: {value}")
    if chance.random() < 0.2:
        lines.append(_damaged(chance, "X-Broken: header"))
    end = chance.choice(["\r\n", "\r\n", "\r\n", "\n", "\r"])
    text = end.join(lines) + end * chance.choice([2, 2, 2, 1, 0])
    data = text.encode("latin-1", "replace") + chance.choice(BODIES).encode("latin-1", "replace")
    return data[: chance.randrange(len(data))] if chance.random() < 0.15 else data


class BrokenInput(io.RawIOBase):
    """A client that goes away while it sends."""

    def read(self, size: int = -1) -> bytes:
        raise ConnectionResetError

    readline = read  # type: ignore[assignment]


def _input(chance: random.Random, body: bytes) -> Any:
    return BrokenInput() if chance.random() < 0.05 else io.BytesIO(body)


def _damaged(chance: random.Random, text: str) -> str:
    for _ in range(chance.choice([0, 0, 1, 1, 2, 5])):
        place = chance.randrange(len(text) + 1)
        text = text[:place] + chance.choice(BYTES) + text[place + chance.randrange(2) :]
    return text
