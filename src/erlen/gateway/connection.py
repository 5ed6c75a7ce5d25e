"""The messages of one WebSocket, between its handler and an ASGI server.

From the moment it is accepted a task of its own listens, a few messages ahead: so it is known at once
when the client goes away, whatever the handler is doing. A handler that waits for a message hears of it
there. One that iterates over the messages comes back to them by itself, and is given a while for that.
Any other is cancelled.
"""

from __future__ import annotations

import asyncio
import contextlib
import typing as t
from collections import deque

if t.TYPE_CHECKING:
    from ..websockets import Data
    from .asgi import Message, Receive, Scope, Send

# Messages that are received before the handler asks for them.
_AHEAD = 16
# RFC 6455, section 7.4.1.
TOO_LARGE, NO_STATUS, ABNORMAL = 1009, 1005, 1006


class WebSocketClosed(asyncio.CancelledError):
    """Say that the WebSocket has been closed, with which code and for which reason.

    It is a CancelledError, as what ends a handler is in Quart: who does not handle it ends.
    """

    def __init__(self, code: int = NO_STATUS, reason: str = "") -> None:
        super().__init__(f"The WebSocket has been closed: {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


class AsgiConnection:
    """Speak through one ASGI connection. *most* is the largest message that may come, in bytes."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, most: int, grace: float) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._most = most
        self._grace = grace
        self.state: t.Literal["new", "open", "closed"] = "new"
        self.closed = WebSocketClosed()
        # What gives further headers when it is accepted.
        self.at_accept: t.Callable[[], t.Awaitable[list[tuple[str, str]]]] | None = None
        self._task = asyncio.current_task()
        self._listener: asyncio.Task[None] | None = None
        self._messages: deque[Data] = deque()
        self._changed = asyncio.Event()
        # How the handler asks: it waits for a message now; it iterates; it was cancelled by us.
        self._waits = self._iterates = self._interrupted = False

    # what handlers do

    async def accept(self, headers: t.Iterable[tuple[str, str]], subprotocol: str | None) -> None:
        if self.state == "open":
            return
        self._check_open()
        further = [] if self.at_accept is None else await self.at_accept()
        pairs = [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in (*headers, *further)]
        self.state = "open"
        await self._tell({"type": "websocket.accept", "subprotocol": subprotocol, "headers": pairs})
        self._listener = asyncio.get_running_loop().create_task(self._listen())

    async def receive(self) -> Data:
        data = await self._next()
        if data is None:
            raise self.closed
        return data

    async def receive_or_end(self) -> Data | None:
        self._iterates = True
        return await self._next()

    async def send(self, data: Data) -> None:
        await self.accept((), None)
        self._check_open()
        if isinstance(data, str):
            await self._tell({"type": "websocket.send", "text": data})
        elif isinstance(data, (bytes, bytearray, memoryview)):
            await self._tell({"type": "websocket.send", "bytes": bytes(data)})
        else:
            raise TypeError(f"A WebSocket sends text or bytes, not {type(data).__name__}; send_json() sends more.")

    async def close(self, code: int, reason: str | None) -> None:
        if self.state == "closed":
            return
        self.closed = WebSocketClosed(code, reason or "")
        message: Message = {"type": "websocket.close", "code": code}
        if reason:
            message["reason"] = reason
        self.state = "closed"
        self._changed.set()
        with contextlib.suppress(WebSocketClosed):
            await self._tell(message)

    async def deny(self, status: int, headers: t.Iterable[tuple[str, str]], body: bytes) -> None:
        """Refuse the handshake with an HTTP response, where the server can send one; else with 403."""
        if self.state != "new":
            return
        if "websocket.http.response" not in (self._scope.get("extensions") or ()):
            await self.close(1000, None)
            return
        self.state = "closed"
        pairs = [(name.lower().encode("latin1"), value.encode("latin1")) for name, value in headers]
        with contextlib.suppress(WebSocketClosed):
            await self._tell({"type": "websocket.http.response.start", "status": status, "headers": pairs})
            await self._tell({"type": "websocket.http.response.body", "body": body})

    async def end(self) -> None:
        """Stop listening."""
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener

    # between

    def _check_open(self) -> None:
        if self.state == "closed":
            raise self.closed

    async def _next(self) -> Data | None:
        """Return the next message; None at the end."""
        if self.state == "new":
            await self.accept((), None)
        self._waits = True
        try:
            while not self._messages:
                if self.state == "closed":
                    return None
                self._changed.clear()
                await self._changed.wait()
        finally:
            self._waits = False
        self._changed.set()  # there is room for another one
        return self._messages.popleft()

    async def _tell(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:
            self._note_end(ABNORMAL, "")
            raise self.closed from None

    def _note_end(self, code: int, reason: str) -> None:
        if self.state != "closed":
            self.state = "closed"
            self.closed = WebSocketClosed(code, reason)
        self._changed.set()

    # listening

    async def _listen(self) -> None:
        while self.state == "open":
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self._note_end(message.get("code") or NO_STATUS, message.get("reason") or "")
                break
            data: Data | None = message.get("text")
            if data is None:
                data = message["bytes"]
            if self._is_too_large(data):
                await self.close(TOO_LARGE, "The message is too large.")
                break
            await self._hand_over(data)
        await self._interrupt()

    def _is_too_large(self, data: Data) -> bool:
        if len(data) > self._most:
            return True
        return isinstance(data, str) and not data.isascii() and len(data.encode()) > self._most

    async def _hand_over(self, data: Data) -> None:
        while len(self._messages) >= _AHEAD and self.state == "open":
            self._changed.clear()
            await self._changed.wait()
        self._messages.append(data)
        self._changed.set()

    async def _interrupt(self) -> None:
        """Cancel a handler that would not notice the end by itself."""
        if self._waits:
            return
        if self._iterates:
            await asyncio.sleep(self._grace)
        if self._task is not None:
            self._interrupted = True
            self._task.cancel()

    def was_interrupted(self) -> bool:
        """Tell whether a cancellation was ours; from now on it is none."""
        ours, self._interrupted = self._interrupted, False
        uncancel = getattr(self._task, "uncancel", None)  # from Python 3.11 on
        if ours and uncancel is not None:
            uncancel()
        return ours
