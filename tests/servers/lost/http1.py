"""HTTP/1.1 as the load speaks it: an answer that arrives in pieces, connections, and a pool of kept ones."""

from __future__ import annotations

import asyncio
import select
import socket
import ssl
import time
from collections import deque
from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from .tally import Fate

Address = tuple[str, int] | Path
Steps = Generator[None, None, bytes]
FULL = 0.005  # seconds between attempts to connect to a Unix socket that has a full queue


@dataclass
class Answered:
    status: int
    body: bytes
    sent_again: int = 0


class Lost(Exception):
    """A request that gets no whole answer."""

    def __init__(self, fate: Fate, why: object = "", pid: int = 0) -> None:
        super().__init__(f"{fate.value}: {why}")
        self.fate = fate
        self.why = str(why) if not isinstance(why, BaseException) else repr(why)
        self.pid = pid


async def opened(address: Address) -> socket.socket:
    """Connect; raises Lost where nobody listens."""
    loop = asyncio.get_running_loop()
    if isinstance(address, Path):
        return await _opened_unix(address)
    client = socket.socket()
    client.setblocking(False)
    try:
        await loop.sock_connect(client, address)
    except OSError as error:
        client.close()
        raise Lost(Fate.REFUSED, error) from None
    except BaseException:
        client.close()
        raise
    return client


async def _opened_unix(path: Path) -> socket.socket:
    # A full queue is EAGAIN here, and nothing says when there is room; a blocking client would simply wait.
    # (asyncio takes it for a connection under way, and then for one that is made.)
    while True:
        client = socket.socket(socket.AF_UNIX)
        client.setblocking(False)
        try:
            client.connect(str(path))
        except BlockingIOError:
            client.close()
            await asyncio.sleep(FULL)
        except OSError as error:
            client.close()
            raise Lost(Fate.REFUSED, error) from None
        else:
            return client


async def connected(
    address: Address, protocol: Callable[[], asyncio.Protocol], tls: ssl.SSLContext | None
) -> asyncio.Protocol:
    """Connect, and shake hands over TLS if there is a context; raises Lost."""
    client = await opened(address)
    name = "localhost" if tls else None
    loop = asyncio.get_running_loop()
    try:
        _, made = await loop.create_connection(protocol, sock=client, ssl=tls, server_hostname=name)
    except OSError as error:  # an error of TLS, too
        client.close()
        raise Lost(Fate.RESET, error) from None
    return made


class Answer:
    """An answer, read as it arrives (RFC 9112, section 6)."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: dict[str, str] = {}
        self.body = b""
        self.begun = False
        self.whole = False
        self._left = bytearray()
        self._ended = False
        self._steps = self._parse()
        self._go_on()

    @property
    def keeps_alive(self) -> bool:
        """Whether another request may follow on the connection."""
        said = [word.strip().lower() for word in self.headers.get("connection", "").split(",")]
        framed = "content-length" in self.headers or "chunked" in self.headers.get("transfer-encoding", "")
        return framed and "close" not in said and not self._left and self.headers["version"] == "HTTP/1.1"

    def feed(self, data: bytes) -> None:
        self.begun = True
        self._left += data
        self._go_on()

    def end(self) -> None:
        """Take the end of the connection, which is the end of an answer without a length."""
        self._ended = True
        self._go_on()

    def _go_on(self) -> None:
        if self.whole:
            return
        try:
            next(self._steps)
        except StopIteration as stop:
            self.body = stop.value
            self.whole = True

    def _parse(self) -> Steps:
        while self.status < 200:  # 103 and its like come before the answer
            self._read_head((yield from self._until(b"\r\n\r\n")).decode("latin-1"))
        if self.status in (204, 304):
            return b""
        if "chunked" in self.headers.get("transfer-encoding", ""):
            return (yield from self._chunks())
        if "content-length" in self.headers:
            return (yield from self._exactly(int(self.headers["content-length"])))
        while not self._ended:
            yield
        return bytes(self._left)

    def _read_head(self, head: str) -> None:
        first, *lines = head.split("\r\n")
        version, status, *_ = first.split(" ", 2)
        self.status = int(status)
        pairs = (line.partition(":") for line in lines)
        self.headers = {name.lower(): value.strip() for name, _, value in pairs} | {"version": version}

    def _chunks(self) -> Steps:
        body = b""
        while size := int((yield from self._until(b"\r\n")).partition(b";")[0], 16):
            body += yield from self._exactly(size)
            if (yield from self._until(b"\r\n")):
                raise ValueError("A chunk is longer than it says.")
        while (yield from self._until(b"\r\n")):
            pass  # trailers
        return body

    def _until(self, mark: bytes) -> Steps:
        while (end := self._left.find(mark)) < 0:
            yield
        found = bytes(self._left[:end])
        del self._left[: end + len(mark)]
        return found

    def _exactly(self, size: int) -> Steps:
        while len(self._left) < size:
            yield
        found = bytes(self._left[:size])
        del self._left[:size]
        return found


class Connection(asyncio.Protocol):
    """A connection with one request at a time."""

    transport: asyncio.Transport

    def __init__(self, closed_while_idle: Callable[[Connection], None]) -> None:
        self.pid = 0  # who answered last
        self._closed_while_idle = closed_while_idle
        self._answer: Answer | None = None
        self._done: asyncio.Future[Answer] | None = None
        self.gone = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    async def ask(self, path: str, *, keep: bool) -> Answer:
        """Send a request and wait for its answer; raises Lost."""
        if self.gone:
            raise Lost(Fate.RESET, "closed as soon as it was made")
        self._answer = answer = Answer()
        self._done = asyncio.get_running_loop().create_future()
        ending = "" if keep else "Connection: close\r\n"
        self.transport.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{ending}\r\n".encode())
        try:
            await self._done
        finally:
            self._answer = self._done = None
        return answer

    def alive(self) -> bool:
        """Tell whether the server has left the idle connection open, and look at the socket itself for that.

        The loop may not have seen yet what is there to be seen.
        """
        if self.gone or self.transport.is_closing():
            return False
        if self.transport.get_extra_info("ssl_object"):
            return True  # what can be read may be a ticket for another session
        poll = select.poll()
        poll.register(self.transport.get_extra_info("socket").fileno(), select.POLLIN)
        if poll.poll(0):
            self._idle_end()
        return not self.gone

    def close(self) -> None:
        """Close it from this side."""
        self.gone = True
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._answer is None or self._done is None:
            self._idle_end()
            return
        try:
            self._answer.feed(data)
        except (ValueError, IndexError) as error:
            self._fail(Fate.CUT, error)
            self.close()
            return
        self._look()

    def eof_received(self) -> None:
        if self._answer is not None:
            self._answer.end()
            self._look()

    def connection_lost(self, error: Exception | None) -> None:
        if self._done is None:
            self._idle_end()
        else:
            begun = self._answer is not None and self._answer.begun
            self._fail(Fate.CUT if begun else Fate.RESET, error or "closed")
        self.gone = True

    def _look(self) -> None:
        if self._answer and self._answer.whole and self._done and not self._done.done():
            self._done.set_result(self._answer)

    def _fail(self, fate: Fate, why: object) -> None:
        if self._done and not self._done.done():
            self._done.set_exception(Lost(fate, why, self.pid))

    def _idle_end(self) -> None:
        if not self.gone:
            self.close()
            self._closed_while_idle(self)


class Http1:
    """Requests on new connections, and on kept ones of which a few are always there."""

    def __init__(
        self,
        address: Address,
        closed_while_idle: Callable[[int, float], None],
        kept: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.address = address
        self._tls = tls
        self._kept = kept
        self._idle: deque[Connection] = deque()
        self._all: set[Connection] = set()
        self._is_old_turn = False
        self._report = closed_while_idle

    async def ask(self, path: str, *, kept: bool) -> Answered:
        connection = await (self._take() if kept else self._new())
        answer = None
        try:
            answer = await connection.ask(path, keep=kept)
        finally:
            self._put_back(connection, answer if kept else None)
        return Answered(answer.status, answer.body)

    def close(self) -> None:
        while self._idle:
            self._idle.popleft().close()

    async def _take(self) -> Connection:
        """Take the connection that was idle longest; a new one where there is none.

        While there are too few, every second one is new. Not each: those that are there would never be used,
        and never hear that the server wants to close them.
        """
        self._is_old_turn = not self._is_old_turn
        while self._idle and (len(self._all) >= self._kept or self._is_old_turn):
            connection = self._idle.popleft()
            if connection.alive():
                return connection
        connection = await self._new()
        self._all.add(connection)
        return connection

    def _put_back(self, connection: Connection, answer: Answer | None) -> None:
        connection.pid = pid_in(answer.body) if answer else connection.pid
        keeps = answer is not None and answer.keeps_alive
        if keeps and connection.gone:
            self._closed(connection)  # as it told that it would not
        elif keeps and len(self._all) <= 2 * self._kept:
            self._idle.append(connection)
        else:
            self._all.discard(connection)
            connection.close()

    async def _new(self) -> Connection:
        made = await connected(self.address, lambda: Connection(self._closed), self._tls)
        assert isinstance(made, Connection)
        return made

    def _closed(self, connection: Connection) -> None:
        if connection in self._all:
            self._all.discard(connection)
            self._report(connection.pid, time.monotonic())


def pid_in(body: bytes) -> int:
    """Return the process that an answer names, as `application.py` does; 0 where there is none."""
    words = body.split()
    return int(words[1]) if len(words) == 2 and words[1].isdigit() else 0
