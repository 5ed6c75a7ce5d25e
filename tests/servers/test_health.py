"""Health checks behind real servers: by address, whatever hosts are trusted, and with the connection kept."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .servers import SERVERS, Server, running
from .wire import Connection

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

MORE = """

from erlen.deploy import health

app.config["TRUSTED_HOSTS"] = ["shop.example"]
checks = health.init_app(app, timeout=PATIENCE)


@checks.check("plain")
def plain():
    note("plain")


@checks.check("coroutine")
async def coroutine():
    await asyncio.sleep(0)
    note("coroutine")
"""
OK = {"status": "ok"}


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_probes_are_answered_by_address(tmp_path: Path, server: Server) -> None:
    with running(server, tmp_path, MORE) as serving:
        answers = []
        for line, *headers in (
            ["GET /livez"],
            ["HEAD /livez"],
            ["GET /readyz"],
            ["POST /livez", "Content-Length: 4"],
            ["GET /"],
        ):
            with Connection(serving.port) as connection:
                connection.say(line, *headers, body=b"body" if headers else b"")
                answers.append(connection.head() if line.startswith("HEAD") else connection.answer())
        ready = json.loads(answers[2].body)
        requests = serving.events.count("request")
    assert [answer.status for answer in answers] == [200, 200, 200, 405, 400]
    assert answers[0].body == b"ok\n"
    assert answers[1].headers["Content-Length"] == "3"
    assert {name: {"status": check["status"]} for name, check in ready["checks"].items()} | {
        "serving": OK
    } == {
        "plain": OK,
        "coroutine": OK,
        "serving": OK,  # where the server has no lifespan
    }
    assert requests == 1  # the hook of the application ran for the last one alone
