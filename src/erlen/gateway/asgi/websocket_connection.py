"""The messages of one WebSocket, between its handler and an ASGI server.

From the handshake on, a task of its own receives messages, a few ahead of the handler. So a disconnect is
noticed at once, whatever the handler or a hook is doing. A handler that waits for a message gets it
there. One that iterates over the messages returns to the iteration by itself, and has some time for that.
Any other handler is cancelled, and with it the tasks that it waits for: if one of several tasks receives
and only that one ended, the others never would.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import typing as t
from collections import deque

from ...concurrency.tasks import withdraw_cancellation
from .messages import encoded

if t.TYPE_CHECKING:
    from ...wrappers.websocket import Data
    from .types import Message, Receive, Scope, Send

# The number of messages that are received before the handler asks for them.
_AHEAD = 16
# RFC 6455, section 7.4.1.
TOO_LARGE, NO_STATUS, ABNORMAL = 1009, 1005, 1006


class WebSocketClosed(asyncio.CancelledError):
    """An exception that says that the WebSocket has been closed, with a code and a reason.

    It is a CancelledError, as in Quart: a handler that does not catch it ends.
    """

    def __init__(self, code: int = NO_STATUS, reason: str = "") -> None:
        super().__init__(f"The WebSocket has been closed: {code} {reason}".rstrip())
        self.code = code
        self.reason = reason


class AsgiConnection:
    """The messages of one WebSocket, by ASGI.

    *most* is the largest message that may come, in bytes, or None; *grace* how many seconds a handler that
    iterates has to end when the client has gone.
    """

    def __init__(self, scope: Scope, receive: Receive, send: Send, most: int | None, grace: float) -> None:
        self._scope = scope
        self._receive = receive
        self._send = send
        self._most = most
        self._grace = grace
        self.state: t.Literal["new", "open", "closed"] = "new"
        # What is raised from the end on.
        self.closed: WebSocketClosed
        # A function that returns further headers for the accept message.
        self.at_accept: t.Callable[[], t.Awaitable[list[tuple[str, str]]]] | None = None
        self._task = asyncio.current_task()
        self._listener: asyncio.Task[None] | None = None
        self._messages: deque[Data] = deque()
        self._changed = asyncio.Event()
        self._accepting = asyncio.Lock()
        # The tasks that wait for a message now; whether one iterates; whether the handler closed it;
        # whether we cancelled the handler.
        self._waiting: set[asyncio.Task[t.Any] | None] = set()
        self._iterates = self._closed_here = self._interrupted = False
        # The timer that cancels the handler; whether the listener is sending the last message.
        self._timer: asyncio.TimerHandle | None = None
        self._says_why = False

    def listen(self) -> None:
        """Begin to listen."""
        self._listener = asyncio.get_running_loop().create_task(self._listen())

    # what handlers do

    async def accept(self, headers: t.Iterable[tuple[str, str]], subprotocol: str | None) -> None:
        # Two tasks of a handler may both accept.
        async with self._accepting:
            await self._accept(headers, subprotocol)

    async def _accept(self, headers: t.Iterable[tuple[str, str]], subprotocol: str | None) -> None:
        if self.state == "open":
            return
        self._check_open()
        own = _checked(headers)
        self._check_subprotocol(subprotocol)
        further = [] if self.at_accept is None else await self.at_accept()
        message = {"subprotocol": subprotocol, "headers": [*own, *_checked(further)]}
        self._check_open()
        await self._send_message({"type": "websocket.accept", **message})
        self._check_open()
        self.state = "open"

    def _check_subprotocol(self, subprotocol: str | None) -> None:
        """Raise ValueError for what the client has not offered: it would fail (RFC 6455, section 4.1)."""
        offered = self._scope.get("subprotocols") or ()
        if subprotocol is not None and subprotocol not in offered:
            raise ValueError(
                f"The client did not offer the subprotocol {subprotocol!r}, but {list(offered)}."
            )

    async def receive(self) -> Data:
        data = await self._next()
        if data is None:
            raise self.closed
        return data

    async def receive_or_end(self) -> Data | None:
        self._iterates = True
        return await self._next()

    async def send(self, data: Data) -> None:
        if self.state != "open":
            await self.accept((), None)
            self._check_open()
        if isinstance(data, str):
            await self._send_message({"type": "websocket.send", "text": data})
        elif isinstance(data, (bytes, bytearray, memoryview)):
            await self._send_message({"type": "websocket.send", "bytes": bytes(data)})
        else:
            raise TypeError(
                f"A WebSocket sends text or bytes, not {type(data).__name__}; send_json() sends more."
            )

    async def close(self, code: int, reason: str | None) -> None:
        self._closed_here = True
        if self.state == "closed":
            return
        self._note_end(code, reason or "")
        message: Message = {"type": "websocket.close", "code": code}
        if reason:
            message["reason"] = reason
        with contextlib.suppress(WebSocketClosed):
            await self._send_message(message)

    async def deny(self, status: int, headers: t.Iterable[tuple[str, str]], body: bytes) -> None:
        """Refuse the handshake with an HTTP response, where the server can send one; else with 403."""
        if self.state != "new":
            return
        if not 200 <= status < 600:
            raise ValueError(f"A WebSocket cannot be refused with the status {status}.")
        start = {"status": status, "headers": _checked(headers)}
        if "websocket.http.response" not in (self._scope.get("extensions") or ()):
            await self.close(1000, None)
            return
        self._closed_here = True
        self._note_end(NO_STATUS, "")
        with contextlib.suppress(WebSocketClosed):
            await self._send_message({"type": "websocket.http.response.start", **start})
            await self._send_message({"type": "websocket.http.response.body", "body": body})

    async def end(self) -> None:
        """Stop listening."""
        if self._timer is not None:
            self._timer.cancel()
        if self._listener is not None:
            if self._says_why:
                await asyncio.wait({self._listener}, timeout=self._grace)
            self._listener.cancel()
            await asyncio.wait({self._listener})

    # between

    def _check_open(self) -> None:
        if self.state == "closed":
            raise self.closed

    async def _next(self) -> Data | None:
        """Return the next message; None at the end."""
        if self.state == "new":
            await self.accept((), None)
        task = asyncio.current_task()
        self._waiting.add(task)
        try:
            while not self._messages:
                if self.state == "closed":
                    return None
                self._changed.clear()
                await self._changed.wait()
        except asyncio.CancelledError:
            if self._interrupted:
                raise self.closed from None
            raise
        finally:
            self._waiting.discard(task)
        self._changed.set()  # there is room for another one
        return self._messages.popleft()

    async def _send_message(self, message: Message) -> None:
        try:
            await self._send(message)
        except OSError:
            self._note_end(ABNORMAL, "")
            if asyncio.current_task() is not self._task:
                self._interrupt()
            raise self.closed from None

    def _note_end(self, code: int, reason: str) -> None:
        if self.state != "closed":
            self.state = "closed"
            self.closed = WebSocketClosed(code, reason)
        self._changed.set()

    # listening

    async def _listen(self) -> None:
        try:
            while self.state != "closed":
                await self._add_message(await self._receive())
        except Exception:
            # An exception of the server here says that the client has gone.
            self._note_end(ABNORMAL, "")
            self._interrupt()

    async def _add_message(self, message: Message) -> None:
        if message["type"] == "websocket.disconnect":
            self._note_end(message.get("code") or NO_STATUS, message.get("reason") or "")
            self._interrupt()
            return
        text: str | None = message.get("text")
        data: Data = (message.get("bytes") or b"") if text is None else text
        if self._is_too_large(data):
            await self._refuse(TOO_LARGE, "The message is too large.")
            return
        while len(self._messages) >= _AHEAD and self.state != "closed":
            self._changed.clear()
            await self._changed.wait()
        # A frame may have been under way when the handler closed the WebSocket.
        if self.state != "closed":
            self._messages.append(data)
            self._changed.set()

    def _is_too_large(self, data: Data) -> bool:
        most = self._most
        if most is None or len(data) > most:
            return most is not None
        return isinstance(data, str) and not data.isascii() and len(data.encode()) > most

    async def _refuse(self, code: int, reason: str) -> None:
        """Close the WebSocket because of an error of the client."""
        self._note_end(code, reason)
        self._interrupt()
        self._says_why = True
        with contextlib.suppress(WebSocketClosed):
            await self._send_message({"type": "websocket.close", "code": code, "reason": reason})
        self._says_why = False

    def _interrupt(self) -> None:
        """Cancel a handler that would not notice the end by itself."""
        if self._task is None or self._task in self._waiting or self._closed_here:
            return
        if self._iterates:
            self._timer = self._task.get_loop().call_later(self._grace, self._cancel_handler)
        else:
            self._cancel_handler()

    def _cancel_handler(self) -> None:
        if self._task is not None:
            self._interrupted = True
            self._task.cancel()

    def was_interrupted(self) -> bool:
        """Tell whether this connection cancelled the handler, and withdraw that cancellation."""
        ours, self._interrupted = self._interrupted, False
        if ours:
            withdraw_cancellation(self._task)
        return ours


def _checked(headers: t.Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return headers as ASGI writes them. Raises ValueError for those that cannot be sent.

    SECURITY: servers do not look at them: one line break would end the handshake early, and some servers end
    altogether when their HTTP library refuses one (RFC 9110, sections 5.1 and 5.5).
    """
    headers = list(headers)
    if not headers:
        return []
    for name, value in headers:
        if not _NAME.fullmatch(name) or _CONTROLS.search(value):
            raise ValueError(f"The header {name!r} cannot be sent with the value {value!r}.")
    return encoded(headers)


_NAME = re.compile("[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_CONTROLS = re.compile("[\\0-\\x08\\n-\\x1f\\x7f]")
