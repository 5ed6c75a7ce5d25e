"""Whole files that the server sends by itself (ASGI: Path Send): which they are, and which not."""

from __future__ import annotations

import io
import os
import typing as t
from pathlib import Path

import pytest

from erlen import Erlen, Response, send_file
from tests.gateway.driver import Answer, ask, body, http

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


def got(app: Erlen, method: str = "GET", *headers: tuple[str, str], offers: bool = True) -> Answer:
    extensions = {"http.response.pathsend": {}} if offers else {}
    return ask(app, http("/", method, *headers, extensions=extensions), *body(b""))


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

    answer = got(app)

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

    assert is_sent_by_path(got(app))
    assert files[0].closed
    assert log == [False]
