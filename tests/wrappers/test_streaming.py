"""Bodies that are read while they come: what uWSGI has a call of its own for."""

from __future__ import annotations

import io
import sys
import types
import typing as t

import pytest

from erlen import Erlen, request
from erlen.wrappers.streaming import stream_request
from tests.serve.beside import call, environ


def plain() -> bytes:
    return request.get_data()


async def coroutine() -> bytes:
    return request.get_data()


@stream_request
def plain_pieces() -> bytes:
    return b"".join(request.stream_pieces())


@stream_request
async def pieces() -> bytes:
    return b"".join([piece async for piece in request.stream_pieces()])


VIEWS = [plain, coroutine, plain_pieces, pieces]


class Uwsgi(types.ModuleType):
    """What a chunked body comes from inside of uWSGI."""

    def __init__(self, *chunks: bytes | OSError) -> None:
        super().__init__("uwsgi")
        self.chunks = list(chunks)

    def chunked_read(self) -> bytes:
        chunk = self.chunks.pop(0)
        if isinstance(chunk, OSError):
            raise chunk
        return chunk


def ask(app: Erlen, path: str) -> t.Any:
    given = environ(path, method="POST")
    given.pop("CONTENT_LENGTH", None)
    given.update({"HTTP_TRANSFER_ENCODING": "chunked", "uwsgi.version": b"2"})
    return call(app, given)


@pytest.mark.parametrize("limit", [None, 100])
@pytest.mark.parametrize("view", VIEWS)
def test_a_chunked_body_is_read_by_uwsgis_own_call(
    view: t.Callable[..., t.Any], limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Erlen(__name__)
    app.config["MAX_CONTENT_LENGTH"] = limit
    app.add_url_rule("/", view_func=view, methods=["POST"])
    monkeypatch.setitem(sys.modules, "uwsgi", Uwsgi(b"abc", b"def", b""))
    assert ask(app, "/").body == b"abcdef"


@pytest.mark.parametrize("limit", [None, 100])
@pytest.mark.parametrize("view", VIEWS)
def test_a_malformed_chunked_body_is_a_400_and_is_not_read_on(
    view: t.Callable[..., t.Any], limit: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Erlen(__name__)
    app.config["MAX_CONTENT_LENGTH"] = limit
    app.add_url_rule("/", view_func=view, methods=["POST"])
    module = Uwsgi(b"abc", OSError("unable to receive chunked part"), b"smuggled", b"")
    monkeypatch.setitem(sys.modules, "uwsgi", module)
    assert ask(app, "/").status[:3] == "400"
    assert module.chunks == [b"smuggled", b""]


class Malformed(io.BytesIO):
    """What gunicorn has of a chunked body, once it is found to be malformed: reading on might go well."""

    def __init__(self, error: Exception) -> None:
        super().__init__(b"smuggled")
        self.errors = [error]

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop()

    def read(self, size: int | None = -1) -> bytes:
        self._fail()
        return super().read(size)

    def readline(self, size: int | None = -1) -> bytes:
        self._fail()
        return super().readline(size)


def lines() -> bytes:
    return b"".join(request.stream)


@pytest.mark.parametrize("error", [OSError(), ValueError(), TimeoutError(), Exception("of gunicorn's own")])
@pytest.mark.parametrize("limit", [None, 100])
@pytest.mark.parametrize("view", [*VIEWS, lines])
def test_a_chunked_body_that_the_server_finds_malformed_is_a_400(
    view: t.Callable[..., t.Any], limit: int | None, error: Exception
) -> None:
    app = Erlen(__name__)
    app.config["MAX_CONTENT_LENGTH"] = limit
    app.add_url_rule("/", view_func=view, methods=["POST"])
    given = environ("/", method="POST")
    given.pop("CONTENT_LENGTH", None)
    source = Malformed(error)
    given.update({"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True, "wsgi.input": source})
    assert call(app, given).status[:3] == "400"
    assert source.tell() == 0


def test_a_malformed_chunked_body_is_no_error_unless_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Erlen(__name__)

    @app.post("/")
    async def ignores() -> str:
        return "ignored"

    monkeypatch.setitem(sys.modules, "uwsgi", Uwsgi(OSError("unable to receive chunked part")))
    assert ask(app, "/").body == b"ignored"
