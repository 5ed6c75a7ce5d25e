"""Servers whose lifespan is turned off: the end of the process is the end of serving."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from .requests import get
from .servers import GUNICORN, Server, running

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

UVICORN = "uvicorn --host 127.0.0.1 --port {port} --lifespan off {app}"
GRANIAN = "granian --interface asginl --host 127.0.0.1 --port {port} {app}"
SERVERS = [
    Server("granian", GRANIAN, "asgi"),
    Server("granian-asyncio", f"{GRANIAN} --loop asyncio", "asgi"),
    Server("gunicorn", f"{GUNICORN} --worker-class asgi --asgi-lifespan off {{app}}", "asgi"),
    Server("uvicorn", UVICORN, "asgi", stop=signal.SIGINT),
    Server("uvicorn-asyncio", f"{UVICORN} --loop asyncio", "asgi", stop=signal.SIGINT),
]


def stopped(server: Server, folder: Path) -> list[str]:
    """Ask twice, stop the server, and return what happened around the requests."""
    with running(server, folder) as serving:
        assert [get(serving, "/background").body for _ in range(2)] == [b"tasks"] * 2
        serving.ask_to_stop()
        assert serving.wait_for_its_end() is not None, serving.log
        return [event for event in serving.events if event not in ("request", "teardown")]


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_tasks_are_waited_for_and_then_the_end_comes_once(server: Server, tmp_path: Path) -> None:
    before, *tasks, after = stopped(server, tmp_path)

    assert (before, after) == ("before serving", "after serving")
    assert sorted(tasks) == ["coroutine done"] * 2 + ["plain done"] * 2


def test_uvicorn_kills_itself_by_the_signal_and_nothing_can_come_after_it(tmp_path: Path) -> None:
    """What the documentation warns of; a uvicorn that ends in order would be news."""
    assert stopped(Server("uvicorn", UVICORN, "asgi"), tmp_path) == ["before serving"]
