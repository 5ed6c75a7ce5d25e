"""A client that says exactly what it is told, when it is told, and shows what came back and how."""

from __future__ import annotations

import contextlib
import http.client
import select
import socket
import time
from dataclasses import dataclass
from email.message import Message
from types import TracebackType

PATIENCE = 20  # seconds


@dataclass
class Head:
    """A status line and what follows it."""

    status: int
    headers: Message
    left: int = -1
    """Bytes of the body that are still to come, where that is known."""

    def __post_init__(self) -> None:
        if self.framing == "length":
            self.left = int(self.headers["Content-Length"])

    @property
    def framing(self) -> str:
        """How the end of the body is known: "length", "chunked" or "close"."""
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            return "chunked"
        return "length" if "Content-Length" in self.headers else "close"

    @property
    def keeps_alive(self) -> bool:
        return "close" not in self.headers.get("Connection", "").lower() and self.framing != "close"


@dataclass
class Answer(Head):
    body: bytes = b""


class Connection:
    """A connection to a server on this machine."""

    def __init__(self, port: int, window: int = 0) -> None:
        """Connect; *window* limits the bytes that wait to be read here."""
        self.socket = socket.socket()
        if window:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(("127.0.0.1", port))
        self.reader = self.socket.makefile("rb")

    def __enter__(self) -> Connection:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Go away: what the server still sends reaches nobody."""
        self.reader.close()
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send; a server that has heard enough may have stopped reading."""
        with contextlib.suppress(ConnectionError):
            self.socket.sendall(data)

    def say(self, line: str, *headers: str, body: bytes = b"") -> None:
        """Send a request; its version is 1.1 unless *line* has one."""
        line = line if "HTTP/" in line else f"{line} HTTP/1.1"
        self.send("\r\n".join((line, "Host: 127.0.0.1", *headers, "", "")).encode())
        self.upload(body)

    def upload(self, body: bytes) -> None:
        """Send a body until it is sent or an answer comes, as clients should (RFC 9112, section 9.5)."""
        left, end = memoryview(body), time.monotonic() + PATIENCE
        while left and not self.hears(0) and time.monotonic() < end:
            _, writable, _ = select.select([], [self.socket], [], 0.1)
            if writable:
                try:
                    left = left[self.socket.send(left[:65536], socket.MSG_DONTWAIT) :]
                except BlockingIOError:
                    continue
                except ConnectionError:
                    break

    def hears(self, seconds: float) -> bool:
        """Wait until there is something to read, or the other side has closed."""
        return bool(select.select([self.socket], [], [], seconds)[0])

    def head(self) -> Head:
        """Read up to the empty line; raises ConnectionError where nothing comes."""
        line = self.reader.readline().split(None, 2)
        if len(line) < 2:
            raise ConnectionError("The server has closed the connection and said nothing.")
        return Head(int(line[1]), http.client.parse_headers(self.reader))

    def answer(self, *, to_head: bool = False) -> Answer:
        """Read an answer with its body."""
        head = self.head()
        if to_head or head.status in (204, 304) or head.status < 200:
            return Answer(head.status, head.headers)
        body = b"".join(iter(lambda: self.part(head), b""))
        return Answer(head.status, head.headers, body=body)

    def part(self, head: Head) -> bytes:
        """Read the next part of a body; nothing at its end."""
        if head.framing == "chunked":
            return self._chunk()
        if head.framing == "close":
            return self.reader.read1(65536)
        data = self.reader.read1(min(head.left, 65536)) if head.left else b""
        if head.left and not data:
            raise ConnectionError(f"The body lacks {head.left} bytes.")
        head.left -= len(data)
        return data

    def _chunk(self) -> bytes:
        size = int(self.reader.readline().partition(b";")[0], 16)
        data = self.reader.read(size)
        ending = self.reader.readline()
        if len(data) < size or ending != b"\r\n":
            raise ConnectionError("A chunk is not whole.")
        return data


def chunked(data: bytes, size: int = 50_000) -> bytes:
    """Return a body in chunks (RFC 9112, section 7.1)."""
    pieces = [data[start : start + size] for start in range(0, len(data), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
