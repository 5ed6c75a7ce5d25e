"""The server that tells the status: small, in the parent process, and held up by no client."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import typing as t
from contextlib import suppress
from http import HTTPStatus

from ..errors import ServeError
from .addresses import Address, TcpAddress, UnixAddress, address_of, internal_address, listen, parse_address
from .fields import Status
from .http import LONGEST_HEAD, Refused, is_local_name, make_answer, parse_request, without_body
from .peers import peer_of
from .text import as_json, as_metrics

Ask = t.Callable[[], t.Awaitable[Status]]

SECONDS = 5.0
"""How long a client may take for its request and its answer, and how long the status may take."""
SECONDS_AFTER = 1.0
"""How long what a client still sends is read and thrown away, so that it can read the answer."""
CONNECTIONS = 32
"""How many clients are listened to at the same time, at each address."""

_logger = logging.getLogger("erlen.serve")
_METRICS = "text/plain; version=0.0.4; charset=utf-8"


class StatusServer:
    """A server for the status at each of some addresses, and on Linux at an internal one.

    *ask* returns the status. It is called once at a time; clients that come meanwhile share the next call.
    """

    def __init__(self, addresses: t.Iterable[str], ask: Ask, *, internal: bool = True) -> None:
        self._wanted = [parse_address(each) for each in addresses]
        self._internal = internal_address(os.getpid()) if internal else None
        self._answers = _Answers(ask)
        self._places: list[_Place] = []

    @property
    def addresses(self) -> list[str]:
        """Where the status is told, the internal address left out."""
        return [str(place.address) for place in self._places if not place.is_internal]

    @property
    def clients(self) -> int:
        """How many are connected."""
        return sum(place.clients for place in self._places)

    def open(self) -> None:
        """Open the sockets: whether the addresses are to be had is known before a worker is started."""
        try:
            for address in self._wanted:
                self._places.append(_Place(listen(address), self._answers))
        except ServeError:
            self._close_places()
            raise
        if self._internal is not None:
            try:
                self._places.append(_Place(listen(self._internal), self._answers, is_internal=True))
            except ServeError as error:
                # Another user may have taken the name on purpose; that must not keep a server from starting.
                _logger.warning("%s `erlen serve --reload` will not find this server.", error)

    async def start(self) -> None:
        """Answer clients from now on."""
        if not self._places:
            self.open()
        for place in self._places:
            await place.start()

    async def stop(self) -> None:
        """Close the sockets and all connections."""
        places = self._places[:]
        self._close_places()
        for place in places:
            await place.end()
        await self._answers.end()

    def _close_places(self) -> None:
        while self._places:
            self._places.pop().close()


class _Answers:
    """What is answered; clients that wait at the same time share a question that is asked after they came."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask
        self._asking: asyncio.Task[Status | None] | None = None

    async def to(self, method: str, path: str) -> bytes:
        """Return the answer to a request."""
        if path not in ("/", "/status", "/metrics"):
            raise Refused(
                HTTPStatus.NOT_FOUND, "There are / and /status for JSON, and /metrics for Prometheus."
            )
        if method not in ("GET", "HEAD"):
            raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "A status is only read.", Allow="GET, HEAD")
        status = await self._status()
        if path == "/metrics":
            return make_answer(HTTPStatus.OK, as_metrics(status), _METRICS)
        return make_answer(HTTPStatus.OK, as_json(status), "application/json")

    async def _status(self) -> Status:
        running = self._asking
        if running is not None and not running.done():
            # Its answer may be older than this client, who may want to know what has happened since.
            await asyncio.wait([running])
        if self._asking is None or self._asking is running or self._asking.done():
            self._asking = asyncio.ensure_future(self._ask_once())
        # Shielded: a client that goes away takes the answer from nobody else.
        status = await asyncio.shield(self._asking)
        if status is None:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "The status is not known; the log may say why.")
        return status

    async def _ask_once(self) -> Status | None:
        try:
            return await asyncio.wait_for(self._ask(), SECONDS / 3)
        except asyncio.TimeoutError:
            _logger.warning("The status took too long.")
        except Exception:
            _logger.exception("The status is not known.")
        return None

    async def end(self) -> None:
        """Stop asking."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)


class _Place:
    """One address with its clients; many of one address leave those of the others alone."""

    def __init__(self, listening: socket.socket, answers: _Answers, *, is_internal: bool = False) -> None:
        self.address: Address = address_of(listening)
        self.is_internal = is_internal
        self._listening = listening
        self._answers = answers
        self._server: asyncio.Server | None = None
        self._inode = _inode(self.address)
        # The clients, the one that came first in front; the value tells whether its request has been read.
        self._clients: dict[asyncio.Task[None], bool] = {}

    @property
    def clients(self) -> int:
        """How many are connected."""
        return len(self._clients)

    async def start(self) -> None:
        """Take connections."""
        if isinstance(self.address, UnixAddress):
            self._server = await asyncio.start_unix_server(
                self._meet, sock=self._listening, limit=LONGEST_HEAD
            )
        else:
            self._server = await asyncio.start_server(self._meet, sock=self._listening, limit=LONGEST_HEAD)

    def close(self) -> None:
        """Take no more connections, and remove the socket's file, if it is still this server's."""
        if self._server is not None:
            self._server.close()
        self._listening.close()
        is_mine = self._inode is not None and _inode(self.address) == self._inode
        if isinstance(self.address, UnixAddress) and is_mine:
            with suppress(OSError):
                os.unlink(self.address.path)

    async def end(self) -> None:
        """Close what is still connected."""
        clients = list(self._clients)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # Each connection has a task of its own.
        task = asyncio.current_task()
        if task is None:
            return
        self._make_room()
        self._clients[task] = False
        try:
            await asyncio.wait_for(self._speak(task, reader, writer), SECONDS)
        except (asyncio.TimeoutError, OSError, asyncio.CancelledError):
            pass
        except Exception:
            _logger.exception("The status could not be told.")
        finally:
            self._clients.pop(task, None)
            # Not close(), which would wait until a client has read the rest.
            writer.transport.abort()

    def _make_room(self) -> None:
        """Let go of the client that has been silent for longest, when there are too many."""
        if len(self._clients) >= CONNECTIONS:
            silent = next((task for task, has_asked in self._clients.items() if not has_asked), None)
            chosen = silent or next(iter(self._clients))
            self._clients.pop(chosen)
            chosen.cancel()

    async def _speak(
        self, task: asyncio.Task[None], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        method = "GET"
        try:
            self._check_peer(writer)
            request = parse_request(await _read_head(reader))
            self._clients[task] = True
            method = request.method
            self._check_host(request.host)
            answer = await self._answers.to(request.method, request.path)
        except Refused as refused:
            answer = refused.answer
        except asyncio.IncompleteReadError:
            return
        writer.write(without_body(answer) if method == "HEAD" else answer)
        await writer.drain()
        writer.write_eof()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(_throw_away(reader), SECONDS_AFTER)

    def _check_peer(self, writer: asyncio.StreamWriter) -> None:
        if not self.is_internal:
            return
        peer = peer_of(writer.get_extra_info("socket"))
        # SECURITY: an abstract socket has no permissions that would keep other users away.
        if peer is None or not peer.is_trusted():
            raise Refused(HTTPStatus.FORBIDDEN, "This address answers its own user and root.")

    def _check_host(self, host: str | None) -> None:
        if isinstance(self.address, TcpAddress) and self.address.is_loopback and not is_local_name(host):
            raise Refused(HTTPStatus.FORBIDDEN, "Ask by address, or as localhost.")


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        raise Refused(
            HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, f"A request has at most {LONGEST_HEAD} bytes."
        ) from None


async def _throw_away(reader: asyncio.StreamReader) -> None:
    # Closed with something unread, a connection is reset, and the client may lose the answer.
    while await reader.read(65536):
        pass


def _inode(address: Address) -> tuple[int, int] | None:
    if isinstance(address, TcpAddress) or address.is_abstract:
        return None
    try:
        found = os.lstat(address.path)
    except OSError:
        return None
    return found.st_dev, found.st_ino
