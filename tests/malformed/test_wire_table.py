"""Each server gives a right answer to bytes that are no request, and keeps nothing of them."""

from __future__ import annotations

import contextlib
import json
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract import servers as processes
from tests.contract.environment import Environment
from tests.ports import free_port
from tests.servers.servers import SERVERS, Running, Server
from tests.servers.wire import Connection

from .wire_table import CLOSED, OTHERWISE, ROWS, WAITS, Row

pytestmark = [pytest.mark.servers, pytest.mark.timeout(180)]

PROGRAM = """
import gc, os, threading
from erlen import request
from tests.malformed.hostile import create

app = create({colour!r})
smuggled = []
app.add_url_rule("/smuggled", "smuggled", lambda: smuggled.append(1) or "smuggled")
app.add_url_rule("/proxy", "proxy", lambda: str(request.environ.get("HTTP_PROXY")))

@app.get("/held")
def held():
    gc.collect()
    return dict(
        threads=threading.active_count(),
        files=len(os.listdir("/proc/self/fd")),
        objects=len(gc.get_objects()),
        smuggled=len(smuggled),
    )
"""
PATIENCE = 20  # seconds until an answer that does not come is given up


@contextlib.contextmanager
def serving(server: Server, colour: str, folder: Path) -> Iterator[processes.Server]:
    (folder / "hello.py").write_text(PROGRAM.format(colour=colour))
    port = free_port()
    home = {"HOME": str(folder), "PYTHONPATH": str(Path(__file__).parents[2])}
    environment = Environment(Path(sys.prefix))
    with processes.serving(environment, server.command(port), port, folder, home) as process:
        yield process


def outcome(port: int, row: Row) -> str:
    """Send a row; return the status of the first answer, or "closed" or "waits"; a wrong text, too."""
    with Connection(port) as connection:
        connection.socket.settimeout(0.5 if WAITS in row.right else PATIENCE)
        connection.upload(row.data)
        if not row.stays:
            return "gone"
        try:
            answer = connection.answer()
            while answer.status == 100:
                answer = connection.answer()
        except TimeoutError:
            return WAITS
        except (ConnectionError, ValueError):
            return CLOSED
    if row.text is not None and answer.status == 200 and answer.body.decode() != row.text:
        return f"200 {answer.body[:80]!r}"
    return str(answer.status)


def wrong(server: Server, port: int) -> dict[str, str]:
    """Return the rows whose outcome is not right, and not the known one of this server."""
    known = OTHERWISE.get(server.name, {})
    found = {name: outcome(port, row) for name, row in ROWS.items()}
    return {
        name: came
        for name, came in found.items()
        if came not in ROWS[name].right and ROWS[name].stays and came != known.get(name, ("",))[0]
    }


def held(process: processes.Server) -> dict[str, Any]:
    with urllib.request.urlopen(f"http://127.0.0.1:{process.port}/held", timeout=20) as answer:
        return json.loads(answer.read())


@pytest.mark.parametrize("colour", ["plain", "coroutine"])
@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_a_server_answers_bytes_that_are_no_request_and_keeps_nothing(
    server: Server, colour: str, tmp_path: Path
) -> None:
    with serving(server, colour, tmp_path) as process:
        assert wrong(server, process.port) == {}
        before = held(process)
        wrong(server, process.port)
        assert Running.until(lambda: grown(before, held(process)) == {}) is True, grown(before, held(process))
        assert process.process.poll() is None
        assert held(process)["smuggled"] == 0


def grown(before: dict[str, int], after: dict[str, int]) -> dict[str, int]:
    """Return what there is more of; threads of a pool come as they are needed, up to its bound."""
    allowed = {"threads": 8, "files": 4, "objects": 3 * len(ROWS)}
    more = {name: after[name] - before[name] for name in allowed}
    return {name: count for name, count in more.items() if count > allowed[name]}


def test_deviations_are_of_servers_and_rows_and_have_a_reason() -> None:
    names = {server.name for server in SERVERS}
    for name, rows in OTHERWISE.items():
        assert name in names
        for row, (came, reason) in rows.items():
            assert came not in ROWS[row].right
            assert reason
