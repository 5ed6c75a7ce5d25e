"""What Erlen has beyond Flask: WebSockets, start and stop, streams, channels, clients for coroutines."""

from __future__ import annotations

import typing as t
from collections.abc import AsyncGenerator, AsyncIterator

from typing_extensions import assert_type

from erlen import (
    Blueprint,
    Channel,
    Erlen,
    EventStream,
    Flask,
    Response,
    ServerSentEvent,
    WebSocketClosed,
    render_template_async,
    request,
    stream_request,
    websocket,
)

app = Erlen(__name__)
bp = Blueprint("bp", __name__)
channel = Channel("news", queue_size=10)
Channel(1)  # error: arg-type reportArgumentType


def create_app() -> Erlen:
    return app


class Own(Erlen):
    pass


same: Flask = Own(__name__)


@app.websocket("/ws")
@bp.websocket("/ws", endpoint="other")
async def chat() -> None:
    await websocket.accept()
    try:
        async for message in websocket:
            await websocket.send(message)
    except WebSocketClosed:
        return


@app.websocket("/plain")  # error: type-var reportArgumentType
def plain_chat() -> None: ...


@app.before_websocket
@bp.before_app_websocket
async def check() -> tuple[str, int] | None:
    return None if websocket.args else ("Who are you?", 401)


@app.after_websocket
@bp.after_websocket
def after(response: Response | None) -> Response | None:
    return response


@app.teardown_websocket
@bp.teardown_websocket
def gone(error: BaseException | None) -> None: ...


@app.before_websocket  # error: type-var reportArgumentType
def number() -> int:
    return 1


@app.teardown_websocket  # error: type-var reportArgumentType
def gone_without_looking() -> None: ...


@app.before_serving
@app.after_serving
async def connect() -> None: ...


@app.before_serving
def warm_up() -> None: ...


@app.before_serving  # error: type-var reportArgumentType
def warm_up_number(number: int) -> None: ...


@app.while_serving
async def lifespan() -> AsyncIterator[None]:
    yield


@app.while_serving
async def lifespan_too() -> AsyncGenerator[None, None]:
    yield


@app.while_serving  # error: type-var reportArgumentType
async def no_generator() -> None: ...


@app.get("/events")
def events() -> EventStream:
    async def source() -> AsyncIterator[ServerSentEvent]:
        yield ServerSentEvent("data", event="own", id="1", retry=1_000)

    return EventStream(source())


@app.get("/page")
async def page() -> str:
    return await render_template_async("page.html", a=1)


@app.post("/upload")
@stream_request
async def upload() -> dict[str, int]:
    size = 0
    async for piece in request.stream_pieces():
        assert_type(piece, bytes)
        size += len(piece)
    return {"size": size}


@app.post("/parts")
@stream_request
def parts() -> list[str | None]:
    return [part.name for part in request.stream_parts()]


async def test_it() -> None:
    async with app.async_test_client() as client:
        response = await client.get("/")
        assert_type(response.status_code, int)
    with app.test_client(protocol="asgi") as plain, plain.websocket("/ws") as session:
        session.send("x")
        session.receive()


async def answer(scope: t.Any, receive: t.Any, send: t.Any) -> None:
    await app(scope, receive, send)
    await app.asgi_app(scope, receive, send)
