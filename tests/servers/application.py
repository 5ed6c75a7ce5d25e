"""The application that every server serves: copied into a folder as `hello.py`, so that `hello:app` is it.

Whatever it has to tell that no answer carries (teardowns, generators that were closed, hooks at the end), it
writes to the file `events` of the folder it runs in. It waits for files that the client makes, so that the
client says when things go on, however many requests the server takes at once.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import sys
import time
import typing as t
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from erlen import Erlen, Response, g, request, send_file, websocket

FOLDER = Path.cwd()
LIMIT = 4 << 20  # bytes of a request's body
LARGE = 16 << 20  # bytes: more than the buffers of two sockets and of a server hold
ENDLESS = 1 << 30  # bytes
PIECE = bytes(range(256)) * 256  # 64 KiB
PATIENCE = 20  # seconds to wait for a client

app = Erlen(__name__)
app.config["MAX_CONTENT_LENGTH"] = LIMIT
(FOLDER / "file.bin").write_bytes(PIECE * 8)


def note(event: str) -> None:
    """Write a line to the file of events, in one piece."""
    with (FOLDER / "events").open("ab", buffering=0) as events:
        events.write(f"{event}\n".encode())


def opened(gate: str) -> bool:
    """Say whether the client has made the file."""
    return (FOLDER / gate).exists()


def wait_for(gate: str) -> None:
    end = time.monotonic() + PATIENCE
    while not opened(gate) and time.monotonic() < end:
        time.sleep(0.005)


async def await_for(gate: str) -> None:
    for _ in range(PATIENCE * 200):
        if opened(gate):
            break
        await asyncio.sleep(0.005)


@app.before_request
def count_requests() -> None:
    note("request")


@app.teardown_request
def count_teardowns(error: BaseException | None) -> None:
    note("teardown")


@app.get("/")
def hello() -> str:
    return "hello"


@app.get("/coroutine")
async def hello_from_coroutine() -> str:
    await asyncio.sleep(0)
    return f"hello, {request.args.get('name', 'nobody')}"


@app.get("/protocol")
def protocol() -> dict[str, object]:
    """Say who called, and how."""
    environ = request.environ
    return {
        "protocol": "asgi" if "asgi.scope" in environ else "wsgi",
        "http": environ.get("SERVER_PROTOCOL"),
        "scheme": request.scheme,
        "pid": os.getpid(),
    }


@app.get("/error")
def error() -> str:
    raise ValueError("this view always fails")


@app.get("/error/coroutine")
async def error_in_coroutine() -> str:
    raise ValueError("this view always fails, too")


def received() -> dict[str, object]:
    """Read the body, and say what came."""
    token = request.args.get("token", "")
    note(f"reading {token}")
    try:
        data = request.get_data()
    except Exception as refused:
        note(f"refused {token} {getattr(refused, 'code', type(refused).__name__)}")
        raise
    note(f"got {token} {len(data)}")
    return {"length": len(data), "digest": hashlib.sha256(data).hexdigest()}


@app.post("/upload")
def upload() -> dict[str, object]:
    return received()


@app.post("/upload/coroutine")
async def upload_to_coroutine() -> dict[str, object]:
    return received()


@app.post("/form")
def form() -> dict[str, object]:
    files = {name: hashlib.sha256(file.read()).hexdigest() for name, file in request.files.items()}
    return {"fields": request.form.to_dict(), "files": files}


@app.post("/ignored")
def ignored() -> str:
    return "did not look"


@app.get("/file")
def file() -> Response:
    return send_file(FOLDER / "file.bin")


@app.get("/large")
def large() -> bytes:
    return PIECE * (LARGE // len(PIECE))


@app.get("/stream")
def stream() -> Iterator[bytes]:
    return (PIECE for _ in range(8))


@app.get("/stream/coroutine")
async def stream_from_coroutine() -> AsyncIterator[bytes]:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(8):
            await asyncio.sleep(0)
            yield PIECE

    return pieces()


@app.get("/download")
def download() -> Iterator[bytes]:
    token = request.args["token"]

    def pieces() -> Iterator[bytes]:
        try:
            for number in range(ENDLESS // len(PIECE)):
                (FOLDER / f"{token}.pieces").write_text(str(number))
                yield PIECE
            note(f"exhausted {token}")
        except GeneratorExit:
            note(f"closed {token}")
            raise

    return pieces()


@app.get("/download/coroutine")
async def download_from_coroutine() -> AsyncIterator[bytes]:
    async def pieces() -> AsyncIterator[bytes]:
        token = request.args["token"]
        try:
            for number in range(ENDLESS // len(PIECE)):
                (FOLDER / f"{token}.pieces").write_text(str(number))
                yield PIECE
            note(f"exhausted {token}")
        except (GeneratorExit, asyncio.CancelledError):
            note(f"closed {token}")
            raise

    return pieces()


@app.get("/events")
def events() -> Response:
    gate, path = request.args["token"], request.path

    def source() -> Iterator[str]:
        yield "data: first\n\n"
        wait_for(gate)
        yield f"data: second of {path}\n\n"

    return Response(source(), mimetype="text/event-stream")


@app.get("/events/coroutine")
async def events_of_coroutine() -> tuple[AsyncIterator[str], dict[str, str]]:
    gate = request.args["token"]

    async def source() -> AsyncIterator[str]:
        yield "data: first\n\n"
        await await_for(gate)
        yield f"data: second of {request.path}\n\n"

    return source(), {"Content-Type": "text/event-stream"}


@app.get("/wait")
def wait() -> str:
    """Answer when the client says so."""
    note(f"waiting {request.args['token']}")
    wait_for(request.args["token"])
    return "waited"


@app.get("/wait/coroutine")
async def wait_in_coroutine() -> str:
    note(f"waiting {request.args['token']}")
    await await_for(request.args["token"])
    return "waited"


@app.get("/background")
async def leave_tasks() -> str:
    """Leave a task of either colour behind."""

    async def coroutine() -> None:
        await asyncio.sleep(0.5)
        note("coroutine done")

    def plain() -> None:
        time.sleep(0.5)
        note("plain done")

    app.add_background_task(coroutine)
    app.add_background_task(plain)
    return "tasks"


@app.before_websocket
def count_websockets() -> None:
    note("request")
    g.counted = True


@app.teardown_websocket
def count_websocket_teardowns(error: BaseException | None) -> None:
    # A handshake that is refused for its origin or its path comes to no before hook.
    if g.pop("counted", False):
        note("teardown")
    if "token" in websocket.args:
        note(f"left {websocket.args['token']}")


@app.before_websocket
async def wait_before() -> None:
    if "wait" in websocket.args:
        await wait_for_the_gate()


@app.websocket("/ws/wait")
async def wait_for_the_gate() -> None:
    note(f"waits {websocket.args['token']}")
    while not opened(websocket.args["token"]):  # noqa: ASYNC110  # another process makes it
        await asyncio.sleep(0.05)


@app.websocket("/ws/careless")
async def accept_carelessly() -> t.Any:
    if "deny" in websocket.args:
        response = Response("no", 401)
        response.headers._list.append(("X-A\0", "b"))
        return response
    refused = 0
    for bad in ("\r\nX-B: c", "\0", "\n"):
        for arguments in (
            {"subprotocol": "evil"},
            {"subprotocol": f"chat.1{bad}"},
            {"headers": [(f"X-A{bad}", "b")]},
            {"headers": [("X-A", f"b{bad}")]},
        ):
            try:
                await websocket.accept(**arguments)
            except ValueError:
                refused += 1
    await websocket.accept(subprotocol="chat.1")
    await websocket.send(f"{refused} refused")
    return None


@app.websocket("/ws/echo")
async def echo() -> None:
    async for message in websocket:
        await websocket.send(message)


@app.websocket("/ws/chat")
async def chat() -> None:
    await websocket.accept(subprotocol="chat.2")
    await websocket.send(",".join(websocket.requested_subprotocols))


@app.websocket("/ws/bye/<int:code>")
async def say_goodbye(code: int) -> None:
    await websocket.accept()
    await websocket.close(code)


@app.websocket("/ws/refuse")
async def refuse() -> None:
    await websocket.close(4001)


@app.before_serving
def at_the_start_plainly() -> None:
    if opened("exits plainly"):
        sys.exit("the database is not there")


@app.before_serving
async def at_the_start() -> None:
    if opened("broken"):
        raise RuntimeError("the database is not there")
    if opened("exits"):
        sys.exit("the database is not there")
    if opened("cancelled"):
        raise asyncio.CancelledError("the database is not there")
    note("before serving")


@app.after_serving
async def at_the_end() -> None:
    await asyncio.sleep(0)
    note("after serving")
