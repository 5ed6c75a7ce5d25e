"""The server's side: an event loop in a thread of its own, scopes as a server makes them, whole answers.

The loop runs in one task from first to last, as under a server. What a framework ties to that task lives
through all rounds: AnyIO ends its threads with it.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator
from http import HTTPStatus
from typing import Any, TypeVar

from ..measure import CannotMeasure
from ..wsgi import Answer, Request, environ_of

T = TypeVar("T")
Message = dict[str, Any]
ASGI_VERSION = {"version": "3.0", "spec_version": "2.3"}


def headers_of(request: Request) -> list[tuple[str, str]]:
    """Return the headers that the environ of a request has, by their names in ASGI."""
    named = ((key.removeprefix("HTTP_"), key, value) for key, value in environ_of(request).items())
    return [
        (name.replace("_", "-").lower(), value)
        for name, key, value in named
        if name != key or key in ("CONTENT_TYPE", "CONTENT_LENGTH")
    ]


def scopes_of(request: Request) -> Callable[[], Message]:
    """Return a maker of scopes for a request.

    A server cuts headers, path and query out of what it has read, so each scope has new objects: nothing may
    recognise them by identity.
    """
    method, path, query = (bytearray(text.encode()) for text in (request.method, request.path, request.query))
    headers = [(bytearray(name.encode()), bytearray(value.encode())) for name, value in headers_of(request)]

    def scope() -> Message:
        return {
            "type": "http",
            "asgi": ASGI_VERSION,
            "http_version": "1.1",
            "server": ("127.0.0.1", 8000),
            "client": ("127.0.0.1", 51000),
            "scheme": "http",
            "root_path": "",
            "headers": [(bytes(name), bytes(value)) for name, value in headers],
            "state": {},
            "method": method.decode("ascii"),
            "path": path.decode("ascii"),
            "raw_path": bytes(path),
            "query_string": bytes(query),
        }

    return scope


class Exchange:
    """One request: gives its body once, then waits until the answer is over; keeps what is sent."""

    __slots__ = ("body", "over", "sent", "waited_for")

    def __init__(self, body: bytes) -> None:
        self.body: bytes | None = body
        self.sent: list[Message] = []
        self.over = False
        self.waited_for: asyncio.Event | None = None

    async def receive(self) -> Message:
        if self.body is not None:
            body, self.body = self.body, None
            return {"type": "http.request", "body": body, "more_body": False}
        if not self.over:
            self.waited_for = self.waited_for or asyncio.Event()
            await self.waited_for.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        self.sent.append(message)
        if message["type"] == "http.response.body" and not message.get("more_body"):
            self.over = True
            if self.waited_for is not None:
                self.waited_for.set()

    def answer(self) -> Answer:
        """Return what was sent, in the form that the cases judge.

        Raise CannotMeasure when it is no whole answer.
        """
        if not self.over or self.sent[0]["type"] != "http.response.start":
            raise CannotMeasure(f"an application sent no whole answer: {self.sent}")
        start, *parts = self.sent
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in start["headers"]]
        status = f"{start['status']} {HTTPStatus(start['status']).phrase}"
        return Answer(status, headers, b"".join(part.get("body", b"") for part in parts))


SILENT_START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"text/plain"), (b"content-length", b"0")],
}
SILENT_BODY = {"type": "http.response.body", "body": b""}


async def silent(scope: Message, receive: Any, send: Any) -> None:
    """Answer without doing anything: what a call of this costs is the driver's share of every other."""
    await send(SILENT_START)
    await send(SILENT_BODY)


class Server:
    """Starts applications, asks them and ends them. `with` starts and ends its loop."""

    silent = staticmethod(silent)

    def __init__(self) -> None:
        self.thread = threading.Thread(target=lambda: asyncio.run(self.main()), name="bench-asgi")
        self.running = threading.Event()
        self.lifespans: list[Lifespan] = []

    def __enter__(self) -> Server:
        self.thread.start()
        self.running.wait()
        return self

    def __exit__(self, *exc_info: object) -> None:
        try:
            for lifespan in reversed(self.lifespans):
                self.run(lifespan.shutdown())
        finally:
            self.loop.call_soon_threadsafe(self.ending.set)
            self.thread.join()

    async def main(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.ending = asyncio.Event()
        self.running.set()
        await self.ending.wait()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop, and wait for its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()

    def start(self, app: Any) -> Any:
        """Start an application by the lifespan protocol. Return it.

        Raise CannotMeasure when it does not start.
        """
        lifespan = Lifespan(app)
        self.run(lifespan.startup())
        self.lifespans.append(lifespan)
        return app

    def ask(self, app: Any, request: Request) -> Answer:
        """Return the whole answer of an application."""
        return self.run(ask(app, request))

    def drive(self, app: Any, request: Request, count: int) -> None:
        """Ask an application a number of times, one after the other, in one task."""
        self.run(ask_on(app, request, iter(range(count))))


class Clients:
    """A number of clients of a server, each in a task of its own, who ask without a pause.

    Every answer must have the status 200 and the body that is given.
    """

    silent = staticmethod(silent)

    def __init__(self, server: Server, number: int, body: bytes) -> None:
        self.server = server
        self.number = number
        self.body = body

    def ask(self, app: Any, request: Request) -> Answer:
        return self.server.ask(app, request)

    def drive(self, app: Any, request: Request, count: int) -> None:
        """Ask an application a number of times, all clients together.

        Raise CannotMeasure when an answer is wrong.
        """
        self.server.run(self.ask_together(app, request, count))

    async def ask_together(self, app: Any, request: Request, count: int) -> None:
        turns = iter(range(count))  # who is free takes the next one
        check = None if app is silent else self.check
        await asyncio.gather(*(ask_on(app, request, turns, check) for _ in range(self.number)))

    def check(self, sent: list[Message]) -> None:
        start, *parts = sent
        if start["status"] != 200 or b"".join(part.get("body", b"") for part in parts) != self.body:
            raise CannotMeasure(f"with {self.number} clients an answer went wrong: {sent}")


async def ask(app: Any, request: Request) -> Answer:
    exchange = Exchange(request.body)
    await app(scopes_of(request)(), exchange.receive, exchange.send)
    return exchange.answer()


async def ask_on(
    app: Any, request: Request, turns: Iterator[int], check: Callable[[list[Message]], None] | None = None
) -> None:
    """Ask once for each turn, each time with a scope of its own, and drop the answers."""
    scope = scopes_of(request)
    body = bytearray(request.body)
    for _ in turns:
        exchange = Exchange(bytes(body))
        await app(scope(), exchange.receive, exchange.send)
        if check is not None:
            check(exchange.sent)


class Lifespan:
    """The life of one application: it is started and ended in one task, which waits in between."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def startup(self) -> None:
        self.to_app: asyncio.Queue[Message] = asyncio.Queue()
        self.from_app: asyncio.Queue[Message] = asyncio.Queue()
        scope = {"type": "lifespan", "asgi": ASGI_VERSION, "state": {}}
        self.task = asyncio.create_task(self.app(scope, self.to_app.get, self.from_app.put))
        await self.phase("startup")

    async def shutdown(self) -> None:
        await self.phase("shutdown")
        await self.task

    async def phase(self, name: str) -> None:
        self.to_app.put_nowait({"type": f"lifespan.{name}"})
        told = asyncio.create_task(self.from_app.get())
        await asyncio.wait([told, self.task], return_when=asyncio.FIRST_COMPLETED)
        if not told.done():
            told.cancel()
            raise CannotMeasure(f"{self.app} ended before its {name} was complete") from self.task.exception()
        if told.result()["type"] != f"lifespan.{name}.complete":
            raise CannotMeasure(f"{self.app} fails at {name}: {told.result()}")
