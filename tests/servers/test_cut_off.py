"""A server that stops cuts off what does not end by itself: that is torn down, and then serving ends."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

import pytest

from .requests import get
from .servers import Server, running
from .websocket import opened
from .wire import Connection

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

# Each has a teardown that ends when the test lets it, long after the server has cut the request off.
MORE = """

def tear_down(error):
    if request.path != "/":
        note(f"tearing down {request.path}")
        wait_for("gate")
        note(f"torn down {request.path}")


async def tear_down_in_coroutine(error):
    if request.path != "/":
        note(f"tearing down {request.path}")
        await await_for("gate")
        note(f"torn down {request.path}")


app.teardown_request(tear_down_in_coroutine if COROUTINE else tear_down)


@app.get("/endless")
async def endless():
    note("began /endless")
    await asyncio.get_running_loop().create_future()


@app.get("/plain")
def plain():
    note("began /plain")
    time.sleep(3)  # longer than the server waits
    return "too late"


@app.get("/unhurried")
async def unhurried():
    note("began /unhurried")
    try:
        await asyncio.get_running_loop().create_future()
    finally:
        await asyncio.sleep(1)


@app.websocket("/talk")
async def talk():
    await websocket.accept()
    note("began /talk")
    await asyncio.get_running_loop().create_future()


@app.teardown_websocket
def hang_up(error):
    note("tearing down /talk")
    wait_for("gate")
    note("torn down /talk")
"""
PATHS = {"/endless", "/plain", "/unhurried", "/talk"}

UVICORN = "uvicorn --host 127.0.0.1 --port {port} --timeout-graceful-shutdown 1"
SERVERS = [
    Server("uvicorn", f"{UVICORN} {{app}}", "asgi"),
    Server("uvicorn-h11", f"{UVICORN} --loop asyncio --http h11 --ws wsproto {{app}}", "asgi"),
    Server("hypercorn", "hypercorn --bind 127.0.0.1:{port} --graceful-timeout 1 {app}", "asgi"),
]


@pytest.mark.parametrize("coroutine", [False, True], ids=["plain", "coroutine"])
@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_what_was_cut_off_is_torn_down_before_the_end_of_serving(
    tmp_path: Path, server: Server, *, coroutine: bool
) -> None:
    with (
        running(server, tmp_path, MORE.replace("COROUTINE", str(coroutine))) as serving,
        ExitStack() as open_,
    ):
        assert get(serving, "/").body == b"hello"
        for path in PATHS - {"/talk"}:
            open_.enter_context(Connection(serving.port)).say(f"GET {path}")
        open_.enter_context(opened(serving, "/talk"))
        assert all(serving.heard(f"began {path}") for path in PATHS)
        serving.ask_to_stop()
        assert all(serving.heard(f"tearing down {path}") for path in PATHS), serving.log
        serving.open("gate")
        assert serving.wait_for_its_end() is not None, serving.log
        *before, last = [each for each in serving.events if each.startswith(("torn down", "after serving"))]
    assert last == "after serving"
    assert sorted(before) == sorted(f"torn down {path}" for path in PATHS)
