"""The little of HTTP/1.1 that a status needs: one request for each connection, and no body."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus
from ipaddress import ip_address

LONGEST_HEAD = 8192
"""How many bytes the request line and headers may have."""

_REQUEST_LINE = re.compile(rb"([A-Z]{1,20}) (/[!-~]*) HTTP/1\.([01])")
_HEADER = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\x00-\x08\x0a-\x1f\x7f]*)")
_NAME_AND_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]]+)(?::[0-9]{0,5})?")


@dataclass(frozen=True)
class Request:
    """What is asked."""

    method: str
    path: str
    host: str | None


class Refused(Exception):
    """An answer that is no status."""

    def __init__(self, status: HTTPStatus, text: str, **headers: str) -> None:
        super().__init__(text)
        self.answer = make_answer(status, f"{text}\n".encode(), "text/plain; charset=utf-8", **headers)


def parse_request(head: bytes) -> Request:
    """Return what the bytes up to the empty line ask."""
    first, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
    request_line = _REQUEST_LINE.fullmatch(first)
    if request_line is None:
        raise Refused(HTTPStatus.BAD_REQUEST, "This is no request of HTTP/1.1.")
    hosts = [value for name, value in map(_header, lines) if name == b"host"]
    # HTTP/1.0 has no Host header; browsers always send one.
    if len(hosts) > 1 or (not hosts and request_line[3] == b"1"):
        raise Refused(HTTPStatus.BAD_REQUEST, "A request has one Host header.")
    host = hosts[0].decode("latin-1") if hosts else None
    return Request(request_line[1].decode(), request_line[2].decode().partition("?")[0], host)


def _header(line: bytes) -> tuple[bytes, bytes]:
    found = _HEADER.fullmatch(line)
    if found is None:
        raise Refused(HTTPStatus.BAD_REQUEST, "A header is malformed.")
    return found[1].lower(), found[2].rstrip(b" \t")


def is_local_name(host: str | None) -> bool:
    """Tell whether a Host header names an address or `localhost`.

    SECURITY: a page of the web lets its own name lead to 127.0.0.1 and reads what is answered there (DNS
    rebinding). Such a request has the page's name in it, never an address.
    """
    if host is None:
        return True
    found = _NAME_AND_PORT.fullmatch(host)
    if found is None:
        return False
    name = found[1].strip("[]")
    if name.lower().removesuffix(".") == "localhost":
        return True
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def make_answer(status: HTTPStatus, body: bytes, content_type: str, **headers: str) -> bytes:
    """Return an answer as it is sent."""
    told = {
        "Content-Type": content_type,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **headers,
        "Connection": "close",
    }
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        *(f"{name}: {value}" for name, value in told.items()),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body


def without_body(answer: bytes) -> bytes:
    """Return an answer as HEAD gets it."""
    return answer[: answer.index(b"\r\n\r\n") + 4]
