"""Whole files that the server sends by itself (ASGI: Path Send): which they are, and which not."""

from __future__ import annotations

import io
import os
import typing as t
from pathlib import Path

import pytest

from erlen import Erlen, Response, send_file
from tests.gateway.asgi.driver import Answer, ask, ask_once, body, http

CONTENTS = bytes(range(256)) * 1_000


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "file.bin"
    path.write_bytes(CONTENTS)
    return path


def serving(view: t.Callable[[], t.Any], colour: str) -> Erlen:
    app = Erlen("app")

    async def coroutine() -> t.Any:
        return view()

    app.add_url_rule("/", "view", view if colour == "plain" else coroutine)
    return app


def got(
    app: Erlen, method: str = "GET", *headers: tuple[str, str], offers: bool = True, once: bool = False
) -> Answer:
    extensions = {"http.response.pathsend": {}} if offers else {}
    return (ask_once if once else ask)(app, http("/", method, *headers, extensions=extensions), *body(b""))


def is_sent_by_path(answer: Answer) -> bool:
    kinds = [message["type"] for message in answer.sent]
    assert kinds.count("http.response.pathsend") <= 1
    return "http.response.pathsend" in kinds


COLOURS = pytest.mark.parametrize("colour", ["plain", "coroutine"])


@COLOURS
def test_a_whole_file_is_sent_by_its_path(path: Path, colour: str) -> None:
    answer = got(serving(lambda: send_file(path), colour))

    assert answer.sent[1:] == [{"type": "http.response.pathsend", "path": str(path)}]
    assert answer.headers["content-length"] == str(len(CONTENTS))
    assert "etag" in answer.headers


@COLOURS
def test_a_relative_path_is_made_absolute(path: Path, colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(path.parent)

    def view() -> Response:
        return send_file(io.FileIO("file.bin"), mimetype="text/plain")

    answer = got(serving(view, colour))

    assert not is_sent_by_path(answer) or answer.sent[1]["path"] == str(path)


@COLOURS
def test_a_server_that_does_not_offer_it_gets_the_bytes(path: Path, colour: str) -> None:
    answer = got(serving(lambda: send_file(path), colour), offers=False)

    assert not is_sent_by_path(answer)
    assert answer.body == CONTENTS


@COLOURS
@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [("HEAD", (), 200), ("GET", (("Range", "bytes=0-9"),), 206), ("GET", (("If-None-Match", "*"),), 304)],
)
def test_neither_parts_nor_nothing_are(
    path: Path, colour: str, method: str, headers: tuple[tuple[str, str], ...], status: int
) -> None:
    answer = got(serving(lambda: send_file(path, conditional=True), colour), method, *headers)

    assert answer.status == status
    assert not is_sent_by_path(answer)
    assert answer.body == (CONTENTS[:10] if status == 206 else b"")


@COLOURS
def test_a_file_that_a_hook_wrapped_is_not(path: Path, colour: str) -> None:
    app = serving(lambda: send_file(path), colour)

    @app.after_request
    def wrap(response: Response) -> Response:
        file: t.Any = response.response
        response.call_on_close(file.close)
        response.direct_passthrough = False
        response.response = (piece.upper() for piece in file)
        return response

    answer = got(app)

    assert not is_sent_by_path(answer)
    assert answer.body == CONTENTS.upper()


@COLOURS
def test_a_hook_that_says_another_length_gets_bytes(path: Path, colour: str) -> None:
    app = serving(lambda: send_file(path), colour)

    @app.after_request
    def shorten(response: Response) -> Response:
        response.headers["Content-Length"] = "10"
        return response

    assert not is_sent_by_path(got(app))


@COLOURS
def test_a_file_of_which_some_was_read_is_not(path: Path, colour: str) -> None:
    def view() -> Response:
        file = path.open("rb")
        file.seek(10)
        response = send_file(file, mimetype="text/plain")
        response.headers["Content-Length"] = str(len(CONTENTS) - 10)
        return response

    answer = got(serving(view, colour))

    assert not is_sent_by_path(answer)
    assert answer.body == CONTENTS[10:]


@COLOURS
@pytest.mark.parametrize("then", ["replaced", "gone", "shorter"])
def test_a_path_that_is_another_file_by_now_is_not(path: Path, colour: str, then: str) -> None:
    """Length and tag are those of the file that was opened: so are the bytes."""
    app = serving(lambda: send_file(path), colour)

    @app.after_request
    def change(response: Response) -> Response:
        if then == "gone":
            path.unlink()
        else:
            other = path.with_name("other")
            other.write_bytes(CONTENTS[::-1] if then == "replaced" else b"short")
            os.replace(other, path)
        return response

    answer = got(app, once=True)

    assert not is_sent_by_path(answer)
    assert answer.body == CONTENTS


@COLOURS
def test_what_has_no_path_is_not(colour: str) -> None:
    answer = got(serving(lambda: send_file(io.BytesIO(CONTENTS), mimetype="text/plain"), colour))

    assert not is_sent_by_path(answer)
    assert answer.body == CONTENTS


@COLOURS
def test_its_file_is_closed_and_teardown_has_been(path: Path, colour: str) -> None:
    log: list[bool] = []
    files: list[t.Any] = []

    def view() -> Response:
        response = send_file(path)
        files.append(response.response.file)  # type: ignore[union-attr]
        return response

    app = serving(view, colour)
    app.teardown_request(lambda error: log.append(files[0].closed))

    assert is_sent_by_path(got(app, once=True))
    assert files[0].closed
    assert log == [False]


# heads that cannot be sent


def _with_header(name: str, value: str) -> Response:
    response = Response("x")
    response.headers[name] = value
    return response


def _with_cookie(**options: t.Any) -> Response:
    response = Response("x")
    response.headers.add("Set-Cookie", "a=☃")
    return response


UNSENDABLE: dict[str, t.Callable[[], t.Any]] = {
    "value beyond Latin-1": lambda: _with_header("X-One", "☃"),
    "name beyond Latin-1": lambda: _with_header("X-☃", "1"),
    "cookie beyond Latin-1": _with_cookie,
    "surrogate": lambda: _with_header("X-One", "\ud800"),
    "stream": lambda: Response(iter("x"), headers={"X-One": "☃"}),
    "tuple": lambda: ("x", {"X-One": "☃"}),
    "status 0": lambda: ("x", 0),
    "status -1": lambda: ("x", -1),
    "status 99": lambda: Response("x", 99),
    "status 100": lambda: Response("x", 100),
    "status 600": lambda: ("x", 600),
    "status 999": lambda: Response("x", "999 Denied"),
    "status 1000": lambda: Response("x", 1000),
    "status 20000": lambda: Response(iter("x"), 20000),
    "status of text alone": lambda: Response("x", "odd"),
}


@COLOURS
@pytest.mark.parametrize("kind", UNSENDABLE)
def test_a_head_that_cannot_be_sent_is_a_logged_500(
    kind: str, colour: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A WSGI server fails to encode such a head, logs that and answers by itself."""
    app = serving(UNSENDABLE[kind], colour)
    app.logger.disabled = False
    ended: list[t.Any] = []
    app.teardown_request(ended.append)
    app.add_url_rule("/other", "other", lambda: "fine")
    for _ in range(2):
        answer = got(app, once=True)
        assert answer.status == 500
        assert b"Internal Server Error" in answer.body
        assert answer.headers["content-length"] == str(len(answer.body))
    assert len(ended) == 2
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]
    assert caplog.records[0].exc_info is not None
    assert ask_once(app, http("/other")).body == b"fine"


def test_a_body_is_closed_where_its_head_cannot_be_sent(caplog: pytest.LogCaptureFixture) -> None:
    closed: list[str] = []

    class Body:
        def __iter__(self) -> t.Iterator[bytes]:
            yield b"x"

        def close(self) -> None:
            closed.append("closed")

    assert (
        got(serving(lambda: Response(Body(), headers={"X-One": "☃"}), "coroutine"), once=True).status == 500
    )
    assert closed == ["closed"]


@COLOURS
def test_a_head_that_every_response_has_is_answered_all_the_same(
    colour: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = serving(lambda: "x", colour)
    app.after_request(lambda response: (response.headers.set("X-One", "☃"), response)[1])
    assert got(app, once=True).status == 500


def test_a_head_of_middleware_that_cannot_be_sent_is_a_logged_500(caplog: pytest.LogCaptureFixture) -> None:
    app = serving(lambda: "x", "plain")

    def middleware(environ: t.Any, start_response: t.Any) -> list[bytes]:
        start_response(environ["PATH_INFO"][1:], [("X-One", "1")])
        return [b"x"]

    app.wsgi_app = middleware  # type: ignore[method-assign]
    assert [ask(app, http(f"/{status}")).status for status in ("200 OK", "OK", "", "20 OK", "299")] == [
        *(200, 500, 500, 500, 299)
    ]


@COLOURS
@pytest.mark.parametrize("status", [200, 299, 404, 599])
def test_every_other_status_is_sent(status: int, colour: str) -> None:
    assert got(serving(lambda: ("x", status), colour)).status == status
