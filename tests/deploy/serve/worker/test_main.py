"""What a worker does for its parent, without a server."""

from __future__ import annotations

import json
import socket
import threading
from typing import Any

import pytest

from erlen.deploy.serve.settings import Order, Settings
from erlen.deploy.serve.worker import main, wsgi_runner
from erlen.deploy.serve.worker.control import Control
from erlen.deploy.serve.worker.requests_under_way import RequestsUnderWay


class FakeServer:
    """A server whose requests never end."""

    def __init__(self) -> None:
        self.requests = RequestsUnderWay(wsgi_runner.read)
        self.calls: list[str] = []
        self.listens = True

    def stop_before_listening(self) -> bool:
        return not self.listens

    def tasks(self) -> list[Any]:
        return []

    def stop(self) -> None:
        self.calls.append("stop")

    def cut_off(self, seconds: float) -> list[str]:
        self.calls.append("cut off")
        return ["GET / HTTP/1.1"]


@pytest.fixture
def worker() -> Any:
    """A server whose worker obeys, the socket of its parent, and whether the process would have ended."""
    ours, theirs = socket.socketpair()
    left = threading.Event()
    control = Control(theirs.detach())
    duty = main.Duty(control, Order(Settings(grace=0.05), 1, []), lambda status: left.set())
    server = FakeServer()
    duty.begin(server)  # type: ignore[arg-type]
    thread = threading.Thread(target=duty.obey)
    thread.start()
    yield server, ours, left
    ours.close()
    thread.join(10)
    assert left.wait(10)
    control.close()


def lines(parent: socket.socket, count: int) -> list[dict[str, Any]]:
    with parent.makefile() as file:
        return [json.loads(file.readline()) for _ in range(count)]


def test_it_tells_its_requests_and_its_stacks(worker: Any) -> None:
    _, parent, _ = worker
    parent.sendall(b'{"do": "report", "number": 5}\n{"do": "stacks", "number": 6}\n')
    report, stacks = lines(parent, 2)
    assert report["number"] == 5
    assert (report["requests"], report["under_way"], report["oldest"], report["waiting"]) == (
        0,
        0,
        None,
        None,
    )
    assert stacks["number"] == 6
    assert "MainThread" in stacks["text"]


def test_it_closes_then_stops_and_cuts_off_at_the_end_of_the_grace(worker: Any) -> None:
    server, parent, left = worker
    parent.sendall(b'{"do": "close"}\n{"do": "stop"}\n')
    closed, cut_off, ending = lines(parent, 3)
    assert server.requests.closing
    assert closed == {"event": "closed"}
    assert cut_off == {"event": "cut off", "lines": ["GET / HTTP/1.1"]}
    assert ending == {"event": "ending", "requests": 0}
    assert server.calls == ["stop", "cut off"]
    assert left.wait(10)


def test_without_its_parent_it_stops_by_itself(worker: Any) -> None:
    server, parent, left = worker
    parent.close()
    assert left.wait(10)
    assert server.calls == ["stop", "cut off"]


def test_one_that_takes_no_connections_yet_ends_at_once(worker: Any) -> None:
    server, parent, left = worker
    server.listens = False
    parent.sendall(b'{"do": "stop"}\n')
    assert left.wait(10)
    assert server.calls == []
