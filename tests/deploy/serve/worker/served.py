"""What the tests of a worker's server serve.

The folder that ``FOLDER`` names has files by which a test says what to do, and the log.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from erlen import Erlen, Response, request, websocket

FOLDER = Path(os.environ["FOLDER"])
app = Erlen(__name__)


def note(what: str) -> None:
    with FOLDER.joinpath("log").open("a") as log:
        log.write(f"{what}\n")


def wait_for(name: str) -> None:
    deadline = time.monotonic() + 60
    while not FOLDER.joinpath(name).exists() and time.monotonic() < deadline:
        time.sleep(0.01)


@app.before_serving
def before() -> None:
    if FOLDER.joinpath("fail").exists():
        raise RuntimeError("The database is not there.")
    note("before serving")


@app.after_serving
async def after() -> None:
    note("after serving")
    if FOLDER.joinpath("hang").exists():
        await asyncio.sleep(1000)


@app.get("/")
def index() -> str:
    return "hello"


@app.get("/slow")
def slow() -> str:
    note("slow has begun")
    wait_for("go")
    return "slow"


@app.get("/stuck/<int:number>")
def stuck(number: int) -> str:
    note(f"stuck {number}")
    threading.Event().wait()
    return ""


@app.get("/waits")
async def waits() -> str:
    note("waits")
    try:
        await asyncio.sleep(1000)
    finally:
        note("cancelled")
    return ""


@app.get("/holds-the-lock")
def holds_the_lock() -> str:
    note("holds the lock")
    # The regular expression engine does not let other threads run.
    return str(re.match("(a+)+$", f"{'a' * 60}b"))


@app.get("/stream")
def stream() -> Response:
    def pieces() -> Iterator[str]:
        yield "first"
        note("the stream has begun")
        wait_for("go")
        yield "second"

    return Response(pieces())


@app.get("/environ")
def environ() -> str:
    return json.dumps({str(key): str(value) for key, value in request.environ.items()})


@app.websocket("/echo")
async def echo() -> None:
    while True:
        await websocket.send(await websocket.receive())


async def no_framework_asgi(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "http":
        await app(scope, receive, send)
        return
    body = callers()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": body})


def no_framework_wsgi(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [callers()]


def callers() -> bytes:
    """Name the functions of Python that have called the application."""
    import sys

    frame = sys._getframe(2)
    names = []
    while frame is not None:
        names.append(f"{Path(frame.f_code.co_filename).name} {frame.f_code.co_name}")
        frame = frame.f_back
    return json.dumps(names).encode()


if os.environ.get("NO_FRAMEWORK") == "wsgi":
    application: Any = no_framework_wsgi
elif os.environ.get("NO_FRAMEWORK") == "asgi":
    application = no_framework_asgi
else:
    application = app
