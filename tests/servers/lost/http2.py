"""HTTP/2 as the load speaks it: a few connections, each with many requests at once."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from h2 import events
from h2.config import H2Configuration
from h2.connection import ConnectionState, H2Connection
from h2.exceptions import ProtocolError

from .http1 import Address, Answered, Lost, connected, pid_in
from .tally import Fate

REFUSED_STREAM = 7  # RFC 9113, section 7


class GivenBack(Exception):
    """A request that the server says it has not looked at: it may be sent again."""


@dataclass
class Stream:
    done: asyncio.Future[None]
    status: int = 0
    pieces: list[bytes] = field(default_factory=list)


class Connection(asyncio.Protocol):
    """A connection with many requests at once, which takes no new ones once the server has said so."""

    transport: asyncio.Transport

    def __init__(self, closed_while_idle: Callable[[Connection], None]) -> None:
        self.pid = 0
        self.told_to_go = False
        self._gone = False
        self._closed_while_idle = closed_while_idle
        self._streams: dict[int, Stream] = {}
        self._left = bytearray()
        self._http = H2Connection(H2Configuration(client_side=True, header_encoding="utf-8"))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._http.initiate_connection()
        self._send()

    @property
    def usable(self) -> bool:
        return not self._gone and not self.told_to_go

    async def ask(self, path: str) -> Answered:
        """Send a request and wait for its answer; raises Lost, or GivenBack."""
        if not self.usable:
            raise GivenBack
        number = self._http.get_next_available_stream_id()
        stream = self._streams[number] = Stream(asyncio.get_running_loop().create_future())
        names = (":method", ":scheme", ":authority", ":path")
        headers = list(zip(names, ("GET", "http", "localhost", path), strict=True))
        self._http.send_headers(number, headers, end_stream=True)
        self._send()
        try:
            await stream.done
        finally:
            del self._streams[number]
            if self.told_to_go and not self._streams:
                self.close()
        body = b"".join(stream.pieces)
        self.pid = pid_in(body) or self.pid
        return Answered(stream.status, body)

    def close(self) -> None:
        """Close it from this side."""
        self._gone = True
        self.transport.abort()

    def data_received(self, data: bytes) -> None:
        self._left += data
        try:
            # One frame at a time: h2 refuses whatever comes after a GOAWAY, and answers do.
            while frame := self._frame():
                for event in self._http.receive_data(frame):
                    self._take(event)
        except ProtocolError as error:
            self._end(error)
            self.transport.abort()
            return
        self._send()
        if self.told_to_go and not self._streams:
            self.close()

    def _frame(self) -> bytes:
        """Take a frame that has arrived as a whole; nothing where there is none."""
        size = 9 + int.from_bytes(self._left[:3], "big")
        if len(self._left) < size:
            return b""
        frame = bytes(self._left[:size])
        del self._left[:size]
        return frame

    def connection_lost(self, error: Exception | None) -> None:
        self._end(error or "closed")

    def _take(self, event: Any) -> None:
        if isinstance(event, events.ConnectionTerminated):
            self._go_away(event.last_stream_id)
            return
        stream = self._streams.get(getattr(event, "stream_id", 0) or 0)
        if isinstance(event, events.DataReceived):
            self._http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        if stream is None or stream.done.done():
            return
        if isinstance(event, events.ResponseReceived):
            stream.status = int(dict(event.headers)[":status"])
        elif isinstance(event, events.DataReceived):
            stream.pieces.append(event.data)
        elif isinstance(event, events.StreamEnded):
            stream.done.set_result(None)
        elif isinstance(event, events.StreamReset):
            given_back = event.error_code == REFUSED_STREAM
            self._fail(stream, GivenBack() if given_back else None, f"RST_STREAM {event.error_code}")

    def _go_away(self, last: int | None) -> None:
        self.told_to_go = True
        # What is under way goes on, though h2 takes the connection for closed.
        self._http.state_machine.state = ConnectionState.CLIENT_OPEN
        for number, stream in self._streams.items():
            if last is not None and number > last:
                self._fail(stream, GivenBack())

    def _fail(self, stream: Stream, error: Exception | None = None, why: object = "") -> None:
        if not stream.done.done():
            fate = Fate.CUT if stream.status else Fate.RESET
            stream.done.set_exception(error or Lost(fate, why, self.pid))

    def _end(self, why: object) -> None:
        idle = not self._streams
        for stream in self._streams.values():
            self._fail(stream, None, why)
        if idle and self.usable:
            self._gone = True
            self._closed_while_idle(self)
        self._gone = True

    def _send(self) -> None:
        if data := self._http.data_to_send():
            self.transport.write(data)


class Http2:
    """Requests on a few connections in turn; one that is given back is sent again, and counted."""

    def __init__(
        self,
        address: Address,
        closed_while_idle: Callable[[int, float], None],
        kept: int,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.address = address
        self._tls = tls
        self._report = closed_while_idle
        self._connections: list[Connection | None] = [None] * kept
        self._turn = 0
        self._opening = asyncio.Lock()

    async def ask(self, path: str, *, kept: bool) -> Answered:
        for attempt in range(10):
            connection = await (self._take() if kept else self._new())
            try:
                answer = await connection.ask(path)
            except GivenBack:
                continue
            finally:
                if not kept:
                    connection.close()
            answer.sent_again = attempt
            return answer
        raise Lost(Fate.RESET, "given back ten times")

    def close(self) -> None:
        for connection in self._connections:
            if connection is not None:
                connection.close()

    async def _take(self) -> Connection:
        self._turn = turn = (self._turn + 1) % len(self._connections)
        async with self._opening:
            connection = self._connections[turn]
            if connection is None or not connection.usable:
                connection = self._connections[turn] = await self._new()
            return connection

    async def _new(self) -> Connection:
        made = await connected(self.address, lambda: Connection(self._closed), self._tls)
        assert isinstance(made, Connection)
        return made

    def _closed(self, connection: Connection) -> None:
        if connection in self._connections:
            self._report(connection.pid, time.monotonic())
