"""Behind real servers each request has an id and one record, and files and streams arrive whole."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import Any

import pytest

from .servers import SERVERS, Server, running

pytestmark = [pytest.mark.servers, pytest.mark.timeout(120)]

MORE = """

from erlen.deploy import logs

app.config.update(LOG_FORMAT="json", LOG_ACCESS=True, LOG_FILE=os.path.abspath("shop.log"))
logs.init_app(app)


@app.get("/logs/hello")
def logs_hello():
    return "Hello"


@app.get("/logs/file")
def logs_file():
    return erlen.send_file(os.path.abspath("data.bin"))


@app.get("/logs/stream")
def logs_stream():
    def pieces():
        for number in range(5):
            app.logger.info("piece %s", number)
            yield b"x" * 1000

    return erlen.Response(pieces())


@app.post("/logs/broken")
def logs_broken():
    raise ValueError(erlen.request.form["password"])
"""
SIZES = {"/logs/hello": 5, "/logs/file": 70_000, "/logs/stream": 5000}


def ask(port: int, method: str, path: str, body: str | None = None) -> tuple[int, str | None, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = (
        {"Content-Type": "application/x-www-form-urlencoded", "X-Request-ID": "of-nobody"} if body else {}
    )
    connection.request(method, path, body, {**headers, "Authorization": "Bearer planted-1"})
    response = connection.getresponse()
    answer = response.status, response.getheader("X-Request-ID"), response.read()
    connection.close()
    return answer


@pytest.mark.parametrize("server", SERVERS, ids=lambda server: server.name)
def test_each_request_has_an_id_and_one_record(server: Server, tmp_path: Path) -> None:
    ids: dict[str, str | None] = {}
    (tmp_path / "data.bin").write_bytes(b"x" * SIZES["/logs/file"])
    with running(server, tmp_path, f"\nimport os\nimport erlen\n{MORE}") as serving:
        for path, size in SIZES.items():
            status, ids[path], body = ask(serving.port, "GET", path)
            assert (status, len(body)) == (200, size)
        assert ask(serving.port, "GET", "/logs/a%0Ab%22?token=planted-2")[0] == 404
        status, ids["/logs/broken"], _ = ask(serving.port, "POST", "/logs/broken", "password=planted-3")
        assert status == 500
        assert serving.until(lambda: '"/logs/broken"' in (tmp_path / "shop.log").read_text())
    text = (tmp_path / "shop.log").read_text()
    assert "planted" not in text
    # uWSGI and uvicorn write lines of their own for each request, with its query.
    assert "planted" not in serving.log.replace("?token=planted-2", "")
    assert "of-nobody" not in ids.values()
    records: list[dict[str, Any]] = [json.loads(line) for line in text.splitlines()]
    accesses = [item for item in records if item["logger"] == "erlen.access" and "/logs/" in item["path"]]
    assert sorted(item["path"] for item in accesses) == sorted([*ids, "/logs/a%0Ab%22?token=[hidden]"])
    for item in accesses:
        path = item["path"]
        if path in SIZES:
            assert (item["status"], item["bytes"]) == (200, SIZES[path])
        if path in ids:
            assert item["request_id"] == ids[path]
    errors = [item["request_id"] for item in records if item["level"] == "ERROR"]
    assert errors == [ids["/logs/broken"]]
    pieces = [item["request_id"] for item in records if item["message"].startswith("piece ")]
    assert pieces == [ids["/logs/stream"]] * 5
