"""Drive an application by ASGI, message by message, and stop it, cut it off or cancel it anywhere."""

from __future__ import annotations

import asyncio
import copy
import threading
import typing as t

from erlen.concurrency import pool as pools
from erlen.serve.serving import END

Message: t.TypeAlias = "t.MutableMapping[str, t.Any]"
R = t.TypeVar("R")

# Seconds after which a test has failed; no test waits for it.
GUARD = 30


def run(main: t.Coroutine[t.Any, t.Any, R]) -> R:
    """Run a coroutine, and see that neither a task nor a thread at work is left behind."""

    async def guarded() -> R:
        try:
            return await asyncio.wait_for(main, GUARD)
        finally:
            await _nothing_is_left()

    return asyncio.run(guarded())


async def _nothing_is_left() -> None:
    loop = asyncio.get_running_loop()
    for _ in range(50):
        left = {task for task in asyncio.all_tasks() if task.get_name() != END} - {asyncio.current_task()}
        if not left:
            break
        await asyncio.sleep(0)
    assert not left, left
    for pool in [pool for pools_ in pools._pools.values() for pool in pools_.values()]:
        if pool.loop is loop:
            assert (pool.busy, pool.streaming, len(pool._waiting)) == (0, 0, 0)


def threads_of_pools() -> set[threading.Thread]:
    """Return the threads that work for pools or wait for that."""
    return {thread for thread in threading.enumerate() if thread.name.startswith("erlen-pool")}


def http(path: str = "/", method: str = "GET", *headers: tuple[str, str], **given: t.Any) -> dict[str, t.Any]:
    """Return the scope of a request, as a server of ASGI 2.5 describes it."""
    path, _, query = path.partition("?")
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8", "surrogatepass"),
        "root_path": "",
        "query_string": query.encode("latin1"),
        "headers": [(b"host", b"localhost"), *((n.lower().encode(), v.encode("latin1")) for n, v in headers)],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 80),
        "extensions": {},
    } | given


def websocket(path: str = "/", *headers: tuple[str, str], **given: t.Any) -> dict[str, t.Any]:
    """Return the scope of a WebSocket, with the extension for denials."""
    scope = http(path, "GET", *headers)
    del scope["method"]
    scope |= {"type": "websocket", "scheme": "ws", "subprotocols": []}
    scope["extensions"] = {"websocket.http.response": {}}
    return scope | given


def body(*pieces: bytes, complete: bool = True) -> list[Message]:
    """Return the messages that bring a body."""
    last = len(pieces) - 1
    return [
        {"type": "http.request", "body": piece, "more_body": not complete or at < last}
        for at, piece in enumerate(pieces)
    ]


CONNECT: Message = {"type": "websocket.connect"}


def text(data: str) -> Message:
    return {"type": "websocket.receive", "text": data}


class Server:
    """Be the server of one scope: what it brings, what it was sent.

    When it has brought everything, it waits until :meth:`hang_up`; *leaves_after* counts its events
    (each receive and each send) after which the client has gone, *deaf* lets it swallow what comes then
    (before ASGI 2.4) instead of raising OSError. *event* is called with the number of each event.
    """

    def __init__(
        self,
        scope: dict[str, t.Any],
        *messages: Message,
        leaves_after: int | None = None,
        deaf: bool = False,
        at_event: t.Callable[[int], t.Any] | None = None,
    ) -> None:
        self.scope = scope
        self.sent: list[Message] = []
        self.received: list[Message] = []
        self.events = 0
        self._messages = list(messages)
        self._leaves_after = leaves_after
        self._deaf = deaf
        self._at_event = at_event
        self._changed = asyncio.Event()
        self.gone = False
        # What the test waits for: (number of messages sent, event).
        self._awaited: list[tuple[int, asyncio.Event]] = []
        self.task: asyncio.Task[None] | None = None

    # what the application calls

    async def receive(self) -> Message:
        await self._pause()
        while not self._messages and not self.gone:
            self._changed.clear()
            await self._changed.wait()
        message = self._goodbye() if self.gone else self._messages.pop(0)
        self.received.append(message)
        self._count()
        return message

    async def send(self, message: Message) -> None:
        await self._pause()
        if self.gone:
            if self._deaf:
                return
            raise OSError("The client has gone.")
        self.sent.append(message)
        self._count()
        for number, event in self._awaited:
            if len(self.sent) >= number:
                event.set()

    async def _pause(self) -> None:
        # Servers let others run here, and so are cancelled here.
        await asyncio.sleep(0)

    def _count(self) -> None:
        self.events += 1
        if self._at_event is not None:
            self._at_event(self.events)
        if self.events == self._leaves_after:
            self.hang_up()

    def _goodbye(self) -> Message:
        if self.scope["type"] == "websocket":
            return {"type": "websocket.disconnect", "code": 1001, "reason": "away"}
        return {"type": "http.disconnect"}

    # what tests call

    def bring(self, *messages: Message) -> None:
        """Let the application receive more."""
        self._messages += messages
        self._changed.set()

    def hang_up(self) -> None:
        """Let the client go away."""
        self.gone = True
        self._changed.set()

    def start(self, app: t.Any) -> asyncio.Task[None]:
        """Start the application in a task."""
        self.task = asyncio.get_running_loop().create_task(app(self.scope, self.receive, self.send))
        return self.task

    async def sends(self, number: int) -> None:
        """Wait until the application has sent so many messages."""
        if len(self.sent) < number:
            event = asyncio.Event()
            self._awaited.append((number, event))
            await event.wait()

    async def serve(self, app: t.Any) -> Answer:
        """Run the application to its end."""
        await self.start(app)
        return self.answer

    @property
    def answer(self) -> Answer:
        return Answer(self.sent)


class Answer:
    """Be what was sent: a response of HTTP, checked for the order of its messages."""

    def __init__(self, sent: list[Message]) -> None:
        kinds = [message["type"] for message in sent]
        assert kinds.count("http.response.start") <= 1, kinds
        assert not kinds or kinds[0] == "http.response.start", kinds
        self.sent = sent
        self.status: int | None = sent[0]["status"] if sent else None
        self.headers = {n.decode(): v.decode("latin1") for n, v in sent[0]["headers"]} if sent else {}
        self.body = b"".join(message.get("body", b"") for message in sent[1:])
        self.complete = bool(sent[1:]) and not sent[-1].get("more_body", False)

    @property
    def text(self) -> str:
        return self.body.decode()


def ask(app: t.Any, scope: dict[str, t.Any], *messages: Message) -> Answer:
    """Send a request, with the messages of its body, and send it again; return what was answered then.

    The first request of an application to a host takes another way than the later ones: both are to be
    answered alike.
    """
    first, later = ask_once(app, scope, *messages), ask_once(app, scope, *messages)
    assert (first.status, first.complete) == (later.status, later.complete)
    return later


def ask_once(app: t.Any, scope: dict[str, t.Any], *messages: Message) -> Answer:
    """Send one request, where something is counted or changes with it; return what was answered."""

    async def main() -> Answer:
        return await Server(copy.deepcopy(scope), *copy.deepcopy(messages or body(b""))).serve(app)

    return run(main())
