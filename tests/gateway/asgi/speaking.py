"""Speak with the WebSockets of an application, and note how they end."""

from __future__ import annotations

import asyncio
import typing as t

from erlen import Erlen
from erlen.active import NOTHING, state_variable
from tests.gateway.asgi.driver import CONNECT, Message, Server, run
from tests.gateway.asgi.driver import websocket as scope_of

ACCEPT = {"type": "websocket.accept", "subprotocol": None, "headers": []}


def close(code: int, reason: str = "") -> Message:
    message: Message = {"type": "websocket.close", "code": code}
    return message | {"reason": reason} if reason else message


class Noted:
    """Be an application that notes what ends, and with what."""

    def __init__(self, **config: t.Any) -> None:
        self.app = app = Erlen("app")
        app.secret_key = "key"
        app.logger.disabled = True
        app.config.update(config)
        self.log: list[t.Any] = []
        self.heard: list[str] = []

        @app.teardown_websocket
        async def teardown(error: BaseException | None) -> None:
            await asyncio.sleep(0)
            self.heard.append(type(error).__name__)

        @app.teardown_appcontext
        def teardown_context(error: BaseException | None) -> None:
            self.heard.append(f"context {type(error).__name__}")

    def handled_by(self, handler: t.Callable[..., t.Awaitable[t.Any]]) -> Noted:
        self.app.websocket("/")(handler)
        return self

    def spoken(self, *messages: Message, **given: t.Any) -> list[Message]:
        """Bring messages to the handler, and then go away; return what was sent."""
        return spoken(self.app, *messages, **given)


def spoken(app: Erlen, *messages: Message, scope: t.Any = None, leaves: bool = True, **given: t.Any) -> t.Any:
    async def main() -> list[Message]:
        server = Server(scope or scope_of("/"), CONNECT, *messages, **given)
        task = server.start(app)
        if leaves:
            await settled(server)
            server.hang_up()
        await task
        return server.sent

    sent = run(main())
    assert state_variable.get() is NOTHING
    return sent


async def settled(server: Server) -> None:
    """Wait until the application has taken what there is, and waits for more."""
    for _ in range(100):
        await asyncio.sleep(0)
    assert server.task is not None
    assert server.task.done() or not server._messages


def refusal(sent: list[Message]) -> tuple[int, bytes]:
    assert [message["type"] for message in sent] == [
        "websocket.http.response.start",
        "websocket.http.response.body",
    ]
    return sent[0]["status"], sent[1]["body"]


async def for_ever() -> None:
    await asyncio.get_running_loop().create_future()


DONE = ["NoneType", "context NoneType"]
