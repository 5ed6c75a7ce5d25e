"""What the runner for WSGI makes of an application, without granian."""

from __future__ import annotations

import io
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from erlen.deploy.serve.worker.requests_under_way import RequestsUnderWay
from erlen.deploy.serve.worker.wsgi_runner import make_runner, read
from tests.calls import count_calls


class Protocol:
    """What granian passes: it takes an answer, and asks for its pieces as granian does."""

    def __init__(self) -> None:
        self.status = 0
        self.headers: list[tuple[str, str]] = []
        self.body: list[bytes] = []

    def response_bytes(self, status: int, headers: list[tuple[str, str]], body: bytes) -> None:
        self.status, self.headers, self.body = status, headers, [body]

    def response_iter(self, status: int, headers: list[tuple[str, str]], body: Any) -> None:
        self.status, self.headers = status, headers
        try:
            while True:
                self.body.append(body.__next__())
        except StopIteration:
            pass
        finally:
            body.close()


def environ(**given: str) -> dict[str, Any]:
    """Return what granian passes of a request."""
    request = {"SERVER_PROTOCOL": "HTTP/1.1", "REQUEST_METHOD": "GET", "PATH_INFO": "/", "QUERY_STRING": ""}
    return {**request, "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), **given}


def asked(application: Any, *, closing: bool = False, **given: str) -> Protocol:
    requests = RequestsUnderWay(read)
    requests.closing = closing
    protocol = Protocol()
    try:
        make_runner(application, requests, is_one_of_many=False)(protocol, environ(**given))
    finally:
        assert requests.under_way() == 0
        assert requests.total == 1
    return protocol


def plain(environ: Any, start_response: Any) -> list[bytes]:
    start_response("201 Created", [("X-A", "b"), ("connection", "keep-alive")])
    return [b"a", b"b"]


class Pieces:
    """A body that notes that it is closed."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = iter(pieces)
        self.closed = 0

    def __iter__(self) -> Iterator[bytes]:
        return self._pieces

    def close(self) -> None:
        self.closed += 1


def test_a_list_is_handed_over_at_once() -> None:
    protocol = asked(plain)
    assert (protocol.status, protocol.body) == (201, [b"ab"])
    assert protocol.headers == [("X-A", "b"), ("connection", "keep-alive")]


def test_the_environ_is_that_of_pep_3333_and_has_nothing_of_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SECRET_KEY", "planted")
    seen: dict[str, Any] = {}

    def application(environ: Any, start_response: Any) -> list[bytes]:
        seen.update(environ)
        return plain(environ, start_response)

    asked(application)
    added = {key: value for key, value in seen.items() if key not in environ()}
    assert added == {
        "SCRIPT_NAME": "",
        "SERVER_SOFTWARE": "Granian",
        "GATEWAY_INTERFACE": "CGI/1.1",
        "wsgi.version": (1, 0),
        "wsgi.errors": sys.stderr,
        "wsgi.input_terminated": True,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def test_a_stream_is_handed_over_piece_by_piece_and_closed() -> None:
    body = Pieces(b"a", b"b")

    def application(environ: Any, start_response: Any) -> Pieces:
        start_response("200 OK", [])
        return body

    assert asked(application).body == [b"a", b"b"]
    assert body.closed == 1


def test_a_generator_function_starts_its_answer_with_its_first_piece() -> None:
    def application(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("202 Accepted", [("X-A", "b")])
        yield b"a"
        yield b"b"

    protocol = asked(application, closing=True)
    assert (protocol.status, protocol.body) == (202, [b"a", b"b"])
    assert protocol.headers == [("X-A", "b"), ("Connection", "close")]


@pytest.mark.parametrize("body", [[b"c"], (b"c",)])
def test_what_is_written_comes_before_the_body(body: Any) -> None:
    def application(environ: Any, start_response: Any) -> Any:
        write = start_response("200 OK", [])
        write(b"a")
        write(b"b")
        return body

    assert asked(application).body == [b"a", b"b", b"c"]


def test_an_application_that_starts_no_answer_is_told_so() -> None:
    body = Pieces(b"a")
    with pytest.raises(RuntimeError, match="has not called 'start_response'"):
        asked(lambda environ, start_response: body)
    assert body.closed == 1


def test_an_error_goes_through() -> None:
    def application(environ: Any, start_response: Any) -> Any:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        asked(application)


def test_an_answer_is_replaced_before_it_is_sent_and_not_after() -> None:
    def application(environ: Any, start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        try:
            raise ValueError("before")
        except ValueError:
            start_response("500 Internal Server Error", [], sys.exc_info())
        yield b"a"
        try:
            raise ValueError("after")
        except ValueError:
            start_response("500 Internal Server Error", [], sys.exc_info())

    with pytest.raises(ValueError, match="after"):
        asked(application)


@pytest.mark.parametrize("protocol", ["HTTP/1", "HTTP/1.1"])
def test_connections_of_http_1_are_asked_to_close(protocol: str) -> None:
    headers = asked(plain, closing=True, SERVER_PROTOCOL=protocol).headers
    assert headers == [("X-A", "b"), ("Connection", "close")]


def test_headers_that_an_application_keeps_are_not_changed() -> None:
    kept = [("X-A", "b")]

    def application(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", kept)
        return []

    assert asked(application, closing=True).headers == [("X-A", "b"), ("Connection", "close")]
    assert kept == [("X-A", "b")]


def test_http_2_has_no_such_header() -> None:
    headers = asked(plain, closing=True, SERVER_PROTOCOL="HTTP/2").headers
    assert headers == [("X-A", "b"), ("connection", "keep-alive")]


def test_a_request_is_under_way_as_long_as_its_application_runs() -> None:
    requests = RequestsUnderWay(read)
    seen = []

    def application(environ: Any, start_response: Any) -> Iterator[bytes]:
        seen.append(requests.all())
        start_response("200 OK", [])
        yield b""
        seen.append(requests.all())

    make_runner(application, requests, is_one_of_many=True)(Protocol(), environ(PATH_INFO="/a b"))
    for found in seen:
        (request,) = found
        assert (request.line, request.thread) == ("GET /a%20b HTTP/1.1", threading.get_ident())
    assert seen[1][0].is_answering


def test_the_runner_adds_few_calls() -> None:
    """This number only falls: calls that a request costs beside those of the application."""
    runner = make_runner(bare, RequestsUnderWay(read), is_one_of_many=True)
    protocol, request = Protocol(), environ()
    runner(protocol, environ())
    own = count_calls(lambda: bare(request, lambda status, headers: None))
    # The number, the thread, the time, `start_response` and its `int`, `response_bytes`, and two of `len`.
    assert count_calls(lambda: runner(protocol, request)) - own <= 9


def bare(environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [])
    return [b"hello"]
