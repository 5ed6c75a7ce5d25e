"""One record a request, whatever its path, its query and its headers are."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from erlen import Erlen
from erlen.deploy.logs.access import AccessLog
from erlen.deploy.logs.exchange import Exchange
from erlen.deploy.logs.formats import JsonFormatter, TextFormatter
from erlen.deploy.logs.hidden import Hidden
from erlen.deploy.logs.redaction import Redaction
from erlen.deploy.logs.settings import Settings
from tests.gateway.asgi.driver import http

Make = Callable[..., Erlen]
HIDDEN = Hidden()


class Kept(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def written(exchange: Exchange, **given: Any) -> list[logging.LogRecord]:
    kept, logger = Kept(), logging.getLogger("erlen.access")
    logger.addHandler(kept)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        AccessLog(Settings(access=True, **given), HIDDEN).write(exchange, "127.0.0.1")
    finally:
        logger.removeHandler(kept)
        logger.propagate = True
        logger.setLevel(logging.NOTSET)
    return kept.records


def line(exchange: Exchange, **given: Any) -> str:
    (record,) = written(exchange, **given)
    return record.getMessage()


def by_wsgi(**environ: Any) -> Exchange:
    return Exchange("id", {"REQUEST_METHOD": "GET", "PATH_INFO": "/", **environ})


def test_a_record_has_client_method_path_status_bytes_and_time() -> None:
    exchange = by_wsgi(SCRIPT_NAME="/shop", PATH_INFO="/a", QUERY_STRING="b=1")
    exchange.status, exchange.size = 201, 5
    (record,) = written(exchange)
    assert record.getMessage().startswith('127.0.0.1 "GET /shop/a?b=1" 201 5 ')
    attributes = vars(record)
    assert [attributes[name] for name in ("client", "method", "path", "status", "bytes")] == [
        "127.0.0.1",
        "GET",
        "/shop/a?b=1",
        201,
        5,
    ]
    assert attributes["milliseconds"] >= 0


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/a\nb", "/a%0Ab"),
        ('/"x"', "/%22x%22"),
        ("/\x1b[2J\x7f", "/%1B[2J%7F"),
        ("/%0A", "/%250A"),
        ("/ü".encode().decode("latin1"), "/%C3%BC"),
        ("/\\ ", "/%5C%20"),
        ("", "/"),
    ],
)
def test_a_path_is_written_as_in_an_address_on_both_protocols(path: str, shown: str) -> None:
    assert f'"GET {shown}" ' in line(by_wsgi(PATH_INFO=path))
    decoded = path.encode("latin1").decode()
    assert f'"GET {shown}" ' in line(Exchange("id", scope=http(raw_path=None) | {"path": decoded}))


def test_a_raw_path_is_written_as_it_is_but_for_what_no_address_has() -> None:
    scope = http("/", raw_path=b'/a%0Ab"\n\xff?x')
    assert '"GET /a%0Ab%22%0A%FF" ' in line(Exchange("id", scope=scope))


def test_a_method_is_a_word() -> None:
    assert '"G%22%0A%20ET /"' in line(by_wsgi(REQUEST_METHOD='G"\n ET'))
    assert f'"{"X" * 20} /"' in line(by_wsgi(REQUEST_METHOD="X" * 99))


def test_a_long_path_is_cut() -> None:
    assert "... (10001 characters)" in line(by_wsgi(PATH_INFO="/" + "x" * 10_000))


def test_hidden_fields_of_the_query_are_not_in_it() -> None:
    shown = line(by_wsgi(QUERY_STRING="password=hunter2&x=\n%22"))
    assert '/?password=[hidden]&x=%0A%22" ' in shown


def test_probes_are_left_out() -> None:
    assert written(by_wsgi(PATH_INFO="/livez")) == []
    assert written(by_wsgi(PATH_INFO="/livez"), access_except=("/x",)) != []


@given(st.text(), st.text(), st.text(max_size=40))
def test_any_request_is_one_record_in_both_formats(path: str, query: str, method: str) -> None:
    environ = {
        "PATH_INFO": path.encode("utf-8", "replace").decode("latin1"),
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
    }
    scope = http() | {"path": path, "raw_path": None, "method": method}
    for exchange in (by_wsgi(**environ), Exchange("id", scope=scope)):
        (record,) = written(exchange, access_except=())
        text = TextFormatter(Redaction(HIDDEN, {})).format(record)
        assert text.isascii()
        assert text.isprintable()
        assert text.count('"') == 2
        item = json.loads(JsonFormatter(Redaction(HIDDEN, {})).format(record))
        assert item["path"] == vars(record)["path"]


@pytest.fixture
def app(make: Make) -> Erlen:
    app = make(LOG_ACCESS=True)
    app.add_url_rule("/<path:path>", view_func=lambda path: path)
    return app


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.text(), value=st.text(alphabet=st.characters(max_codepoint=255)))
def test_any_request_to_an_application_is_one_line(
    app: Erlen, capsys: pytest.CaptureFixture[str], path: str, value: str
) -> None:
    capsys.readouterr()
    environ = EnvironBuilder("/").get_environ()
    environ.update(
        PATH_INFO=f"/{path}".encode("utf-8", "replace").decode("latin1"),
        HTTP_REFERER=value,
        HTTP_COOKIE=value,
    )
    run_wsgi_app(app, environ, buffered=True)
    assert len([each for each in capsys.readouterr().err.split("\n") if " erlen.access " in each]) == 1

    async def by_asgi() -> None:
        async def receive() -> Any:
            return {"type": "http.request", "body": b""}

        async def send(message: Any) -> None: ...

        scope = http() | {"path": f"/{path}", "raw_path": None}
        scope["headers"].append((b"cookie", value.encode("latin1")))
        await app.asgi_app(scope, receive, send)

    asyncio.run(by_asgi())
    assert len([each for each in capsys.readouterr().err.split("\n") if " erlen.access " in each]) == 1
