"""Under WSGI, each request has an id, in its records and its response, and one record at its end."""

from __future__ import annotations

import gc
import io
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import EnvironBuilder, run_wsgi_app

from erlen import Erlen, Response, abort, send_file
from erlen.deploy import logs
from erlen.deploy.logs import wsgi

Make = Callable[..., Erlen]


def accesses(caplog: pytest.LogCaptureFixture) -> list[Any]:
    return [vars(record) for record in caplog.records if record.name == "erlen.access"]


@pytest.mark.parametrize("path", ["/", "/missing", "/broken", "/refused"])
def test_every_response_has_the_id_of_its_records(
    make: Make, capsys: pytest.CaptureFixture[str], path: str
) -> None:
    app = make(LOG_ACCESS=True)
    app.add_url_rule("/", view_func=lambda: (app.logger.info("seen"), "x")[1])
    app.add_url_rule("/broken", "broken", view_func=lambda: 1 / 0)
    app.add_url_rule("/refused", "refused", view_func=lambda: abort(403))
    response = app.test_client().get(path)
    own = response.headers.get_all("X-Request-ID")
    lines = [line for line in capsys.readouterr().err.splitlines() if not line.startswith(" ")]
    assert len(own) == 1
    assert len(lines) == {"/": 2, "/broken": 2}.get(path, 1)
    assert all(f" [{own[0]}]: " in line for line in lines)
    assert logs.request_id() is None


def test_a_response_that_has_the_header_keeps_it(make: Make) -> None:
    app = make()
    app.add_url_rule("/", view_func=lambda: ("x", {"x-request-id": "own"}))
    assert app.test_client().get("/").headers.get_all("X-Request-ID") == ["own"]


@pytest.mark.parametrize(("header", "names"), [("X-Trace", ["X-Trace"]), ("", [])])
def test_the_header_may_have_another_name_or_none(make: Make, header: str, names: list[str]) -> None:
    app = make(LOG_REQUEST_ID_HEADER=header)
    response = app.test_client().get("/", headers={"X-Trace": "given"})
    assert [name for name, _ in response.headers.to_wsgi_list() if name.startswith("X-")] == names
    assert "given" not in response.headers.values()


@pytest.mark.parametrize(
    ("given", "taken"), [("trace-1", True), ("a b", False), ("x" * 129, False), ("é", False), ("", False)]
)
def test_a_trusted_proxy_may_name_a_safe_id(make: Make, given: str, taken: bool) -> None:
    client = make(TRUSTED_PROXIES="10.0.0.1").test_client()
    by_proxy, other = (
        client.get("/", headers={"X-Request-ID": given}, environ_base={"REMOTE_ADDR": address}).headers[
            "X-Request-ID"
        ]
        for address in ("10.0.0.1", "10.0.0.2")
    )
    assert (by_proxy == given) is taken
    assert other != given


def test_nobody_is_trusted_unless_told(make: Make) -> None:
    response = make().test_client().get("/", headers={"X-Request-ID": "given"})
    assert response.headers["X-Request-ID"] != "given"


def test_a_stream_is_logged_at_its_end_and_its_source_has_the_id(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    app = make(LOG_ACCESS=True)
    seen: list[str | None] = []

    def pieces() -> Iterator[bytes]:
        seen.append(logs.request_id())
        yield b"ab"
        yield b"cde"
        seen.append(logs.request_id())

    app.add_url_rule("/", view_func=lambda: Response(pieces()))
    body, _, headers = run_wsgi_app(app, EnvironBuilder().get_environ())
    pieces_sent = iter(body)
    assert next(pieces_sent) == b"ab"
    assert accesses(caplog) == []
    assert list(pieces_sent) == [b"cde"]
    assert logs.request_id() is None
    body.close()  # type: ignore[attr-defined]
    (record,) = accesses(caplog)
    assert (record["bytes"], record["status"]) == (5, 200)
    assert seen == [headers["X-Request-ID"]] * 2


def test_a_stream_that_is_given_up_is_logged_once_with_what_was_sent(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    app = make(LOG_ACCESS=True)
    closed: list[str | None] = []
    response = Response(piece for piece in [b"ab", b"c"])
    response.call_on_close(lambda: closed.append(logs.request_id()))
    app.add_url_rule("/", view_func=lambda: response)
    body: Any = app(EnvironBuilder().get_environ(), lambda *_: None)
    assert next(body) == b"ab"
    body.close()
    body.close()
    (record,) = accesses(caplog)
    assert record["bytes"] == 2
    assert len(closed) >= 1
    assert None not in closed


def test_a_stream_that_fails_is_logged(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    app = make(LOG_ACCESS=True)

    def pieces() -> Iterator[bytes]:
        yield b"ab"
        raise OSError("broken")

    app.add_url_rule("/", view_func=lambda: Response(pieces()))
    body: Any = app(EnvironBuilder().get_environ(), lambda *_: None)
    assert next(body) == b"ab"
    with pytest.raises(OSError, match="broken"):
        next(body)
    assert logs.request_id() is None
    body.close()
    assert [record["bytes"] for record in accesses(caplog)] == [2]


def test_an_exception_that_the_server_gets_is_logged_as_its_500(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    app = make(LOG_ACCESS=True, PROPAGATE_EXCEPTIONS=True)
    app.add_url_rule("/", view_func=lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        app.test_client().get("/")
    (record,) = accesses(caplog)
    assert (record["status"], record["failed"]) == (500, True)
    assert logs.request_id() is None


class ServersFile:
    """What a server wraps a file in, to send it by itself."""

    def __init__(self, file: Any, size: int = 0) -> None:
        self.file = file

    def close(self) -> None:
        self.file.close()


class uwsgi_Sendfile(ServersFile):  # uWSGI's name
    pass


@pytest.mark.parametrize(
    "wrapper", [ServersFile, lambda file, size: uwsgi_Sendfile(file)], ids=["class", "function"]
)
def test_a_file_that_the_server_sends_reaches_it_as_it_is(
    make: Make, caplog: pytest.LogCaptureFixture, wrapper: Any
) -> None:
    app = make(LOG_ACCESS=True)
    app.add_url_rule("/", view_func=lambda: send_file(__file__))
    environ = EnvironBuilder().get_environ() | {"wsgi.file_wrapper": wrapper}
    body: Any = app(environ, lambda *_: None)
    assert isinstance(body, ServersFile)
    (record,) = accesses(caplog)
    assert record["bytes"] == len(body.file.read()) > 1000
    body.close()


def test_what_is_written_by_the_old_way_is_counted() -> None:
    def old(environ: Any, start_response: Any) -> list[bytes]:
        write = start_response("200 OK", [("Content-Length", "no number")])
        write(b"abc")
        return [b"de"]

    app = Erlen("old")
    logs.init_app(app)
    kept: list[wsgi.Exchange] = []
    around = wsgi.WsgiLog(old, app.extensions["erlen.deploy.logs"])
    around._write = lambda exchange, failed=False: kept.append(exchange)  # type: ignore[method-assign]
    output = io.BytesIO()
    body = around(EnvironBuilder().get_environ(), lambda status, headers, exc_info=None: output.write)
    assert (list(body), output.getvalue(), kept[0].size) == ([b"de"], b"abc", 5)


def test_a_second_start_with_an_exception_is_passed_on(make: Make) -> None:
    app = make()
    started: list[Any] = []

    def twice(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [])
        start_response("500 BROKEN", [], (None, None, None))
        return []

    around = wsgi.WsgiLog(twice, app.extensions["erlen.deploy.logs"])
    around(EnvironBuilder().get_environ(), lambda *given: started.append(given))
    assert [len(given) for given in started] == [2, 3]


def test_the_client_is_who_a_proxy_fix_says_wherever_it_is(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger("erlen.access")
    inside, outside = Erlen("inside"), make(LOG_ACCESS=True)
    inside.wsgi_app = ProxyFix(inside.wsgi_app)  # type: ignore[method-assign]
    inside.config["LOG_ACCESS"] = True
    logs.init_app(inside)
    outside.wsgi_app = ProxyFix(outside.wsgi_app)  # type: ignore[method-assign]
    for app in (inside, outside):
        app.test_client().get("/", headers={"X-Forwarded-For": "9.9.9.9"})
    assert [record["client"] for record in accesses(caplog)] == ["9.9.9.9", "9.9.9.9"]


def test_an_application_inside_another_writes_no_second_record(
    make: Make, caplog: pytest.LogCaptureFixture
) -> None:
    inner, outer = make(LOG_ACCESS=True), make(LOG_ACCESS=True)
    ids: list[str | None] = []
    inner.add_url_rule("/", view_func=lambda: (ids.append(logs.request_id()), "inner")[1])
    outer.wsgi_app.app = inner.wsgi_app  # type: ignore[attr-defined]
    response = outer.test_client().get("/")
    assert (response.text, ids) == ("inner", [response.headers["X-Request-ID"]])
    assert len(accesses(caplog)) == 1


def exchanges() -> list[Any]:
    return [each for each in gc.get_objects() if type(each) is wsgi.Exchange]


def test_a_request_leaves_nothing_of_the_logs_behind(make: Make) -> None:
    app = make(LOG_ACCESS=True)
    app.add_url_rule("/", view_func=lambda: "x")
    app.add_url_rule("/stream", "stream", view_func=lambda: Response(piece for piece in [b"a"]))
    gc.collect()
    before = exchanges()
    gc.disable()
    try:
        for path in ("/", "/stream"):
            body: Any = app(EnvironBuilder(path).get_environ(), lambda *_: None)
            list(body)
            getattr(body, "close", lambda: None)()
            del body
        assert exchanges() == before
    finally:
        gc.enable()
