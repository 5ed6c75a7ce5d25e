"""Bodies of requests as they come: limits, lengths that are not true, ends, and what is kept where."""

from __future__ import annotations

import asyncio
import tempfile
import threading
import typing as t

import pytest

from erlen import Erlen, request, stream_request
from erlen.gateway.asgi.spool import Spool
from tests.gateway.asgi.driver import Answer, Message, Server, ask, ask_once, body, http, run

COLOURS = ("plain", "coroutine", "hooked", "wrapped")


class Files:
    """Count the temporary files that are made, and know which are still open."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.made: list[t.Any] = []
        for name in ("TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp"):
            monkeypatch.setattr(tempfile, name, self._counting(getattr(tempfile, name)))

    def _counting(self, make: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        def made(*args: t.Any, **kwargs: t.Any) -> t.Any:
            file = make(*args, **kwargs)
            self.made.append(file)
            return file

        return made

    @property
    def open(self) -> list[t.Any]:
        return [file for file in self.made if not file.closed]


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> Files:
    return Files(monkeypatch)


def reading(colour: str, view: t.Callable[[], t.Any] | None = None, **config: t.Any) -> Erlen:
    """Make an application whose view tells the length of the body: on the way of a colour."""
    app = Erlen("app")
    app.logger.disabled = True
    app.config.update(config)
    plain = view or (lambda: str(len(request.get_data())))

    async def coroutine() -> t.Any:
        return plain()

    app.add_url_rule("/", "view", plain if colour == "plain" else coroutine, methods=["POST", "GET"])
    if colour == "hooked":
        app.before_request(lambda: None)
        app.teardown_request(lambda error: None)
    if colour == "wrapped":
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start: inner(environ, start)  # type: ignore[method-assign]
    return app


def post(
    app: Erlen, *pieces: bytes, length: int | None = None, path: str = "/", once: bool = False
) -> Answer:
    headers = ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))
    return (ask_once if once else ask)(app, http(path, "POST", headers), *body(*pieces))


# lengths that are not true


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("pieces", [(b"abcd",), (b"ab", b"cd"), (b"abc", b""), (b"", b"", b"abcd")])
def test_a_body_that_is_longer_than_it_says_is_refused(colour: str, pieces: tuple[bytes, ...]) -> None:
    longer = sum(map(len, pieces)) > 3

    answer = post(reading(colour), *pieces, length=3)

    # Behind middleware a thread reads, and no more than was declared.
    assert (answer.status, answer.complete) == ((400 if longer else 200), True) or (
        colour == "wrapped" and answer.text == "3"
    )


@pytest.mark.parametrize("colour", COLOURS)
def test_a_stream_that_is_longer_than_it_says_is_a_bad_request(colour: str) -> None:
    app = Erlen("app")
    app.logger.disabled = True

    @stream_request
    def plain() -> str:
        return str(sum(len(piece) for piece in request.stream_pieces()))

    @stream_request
    async def coroutine() -> str:
        return str(sum([len(piece) async for piece in request.stream_pieces()]))

    app.add_url_rule("/", "view", plain if colour == "plain" else coroutine, methods=["POST"])
    if colour == "hooked":
        app.before_request(lambda: None)
    if colour == "wrapped":
        inner = app.wsgi_app
        app.wsgi_app = lambda environ, start: inner(environ, start)  # type: ignore[method-assign]

    assert post(app, b"ab", b"cd", length=3).status == 400
    assert post(app, b"ab", b"c", length=3).text == "3"


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("pieces", [(b"abc",), (b"ab", b"c"), (b"",)])
def test_a_body_that_is_shorter_than_it_says_is_a_bad_request(colour: str, pieces: tuple[bytes, ...]) -> None:
    app = reading(colour, lambda: request.get_data(as_text=True))

    for _ in range(2):
        assert post(app, *pieces, length=10).status == 400


@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("pieces", [(b"",), (b"", b"a"), (b"a", b""), (b"", b"", b"a", b"", b"b", b"")])
def test_empty_pieces_are_no_end(colour: str, pieces: tuple[bytes, ...]) -> None:
    assert post(reading(colour), *pieces).text == str(len(b"".join(pieces)))


@pytest.mark.parametrize("colour", COLOURS)
def test_a_message_may_leave_out_what_asgi_lets_it_leave_out(colour: str) -> None:
    chunked = http("/", "POST", ("Transfer-Encoding", "chunked"))

    assert ask(reading(colour), chunked, {"type": "http.request"}).text == "0"
    assert ask(reading(colour), chunked, {"type": "http.request", "body": b"a"}).text == "1"


@pytest.mark.parametrize("version", ["2", "3"])
@pytest.mark.parametrize("colour", COLOURS)
def test_from_http_2_on_a_body_needs_no_field(colour: str, version: str) -> None:
    assert ask(reading(colour), http("/", "GET", http_version=version), *body(b"ab", b"c")).text == "3"


# limits


def limited(limit: str) -> dict[str, int]:
    return {limit: 3}


@pytest.mark.parametrize("limit", ["MAX_CONTENT_LENGTH", "ASGI_BODY_MAX"])
@pytest.mark.parametrize("length", [10, None])
@pytest.mark.parametrize("pieces", [(b"abcdefghij",), (b"ab", b"cd", b"efghij"), (b"abc", b"defghij")])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_body_beyond_the_limit_is_a_413_when_it_is_touched(
    colour: str, pieces: tuple[bytes, ...], length: int | None, limit: str
) -> None:
    app = reading(colour, **limited(limit))
    app.register_error_handler(413, lambda error: ("handled", 413))

    answer = post(app, *pieces, length=length)

    assert (answer.status, answer.text) == (413, "handled")


@pytest.mark.parametrize("limit", ["MAX_CONTENT_LENGTH", "ASGI_BODY_MAX"])
@pytest.mark.parametrize("touch", ["form", "json", "stream", "files"])
@pytest.mark.parametrize("colour", COLOURS)
def test_whatever_touches_it_is_told(colour: str, touch: str, limit: str) -> None:
    def view() -> t.Any:
        if touch == "stream":
            return request.stream.read()
        return str(getattr(request, touch))

    app = reading(colour, view, **limited(limit))
    headers = {
        "form": "application/x-www-form-urlencoded",
        "files": "multipart/form-data; boundary=x",
        "json": "application/json",
        "stream": "text/plain",
    }
    scope = http("/", "POST", ("Content-Type", headers[touch]), ("Transfer-Encoding", "chunked"))

    assert ask(app, scope, *body(b"a=bc", b"defghij")).status == 413


@pytest.mark.parametrize("limit", ["MAX_CONTENT_LENGTH", "ASGI_BODY_MAX"])
@pytest.mark.parametrize("length", [10, None])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_view_that_ignores_the_body_is_not_told(colour: str, length: int | None, limit: str) -> None:
    app = reading(colour, lambda: "fine", **limited(limit))

    assert post(app, b"abcde", b"fghij", length=length).text == "fine"


@pytest.mark.parametrize("colour", COLOURS)
def test_up_to_the_limit_it_is_read(colour: str) -> None:
    assert post(reading(colour, MAX_CONTENT_LENGTH=3), b"ab", b"c", length=3).text == "3"
    assert post(reading(colour, MAX_CONTENT_LENGTH=3), b"ab", b"c").text == "3"


@pytest.mark.parametrize("length", [10, None])
@pytest.mark.parametrize("hook", ["plain", "coroutine"])
@pytest.mark.parametrize("colour", ["plain", "coroutine"])
def test_a_hook_may_raise_the_limit_and_then_the_rest_is_read(
    colour: str, hook: str, length: int | None
) -> None:
    app = reading(colour, MAX_CONTENT_LENGTH=3)

    def raise_limit() -> None:
        request.max_content_length = 100

    async def raise_limit_by_coroutine() -> None:
        raise_limit()

    app.before_request(raise_limit if hook == "plain" else raise_limit_by_coroutine)

    assert post(app, b"abcde", b"fg", b"hij", length=length).text == "10"


@pytest.mark.parametrize("colour", ["plain", "coroutine"])
def test_a_hook_may_lower_the_limit(colour: str) -> None:
    app = reading(colour)

    @app.before_request
    def lower() -> None:
        request.max_content_length = 3

    assert post(app, b"abcde", b"fghij").status == 413
    assert post(app, b"abcde", b"fghij", length=10).status == 413


def test_a_client_that_goes_away_while_the_rest_is_read_runs_no_further() -> None:
    app = reading("coroutine", MAX_CONTENT_LENGTH=3)

    @app.before_request
    async def raise_limit() -> None:
        request.max_content_length = 100

    async def main() -> Answer:
        server = Server(http("/", "POST", ("Content-Length", "10")), *body(b"abcde", complete=False))
        task = server.start(app)
        for _ in range(20):
            await asyncio.sleep(0)
        server.hang_up()
        await asyncio.wait({task})
        assert task.exception() is None
        return server.answer

    assert run(main()).sent == []


# nothing is written to disk that nobody asked for


@pytest.mark.parametrize("length", [10_000, None])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_body_beyond_every_limit_on_a_url_that_does_not_exist_leaves_nothing(
    files: Files, colour: str, length: int | None
) -> None:
    app = reading(colour, MAX_CONTENT_LENGTH=100, ASGI_BODY_MEMORY=10)
    headers = ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))

    async def main() -> tuple[Answer, list[Message]]:
        server = Server(http("/nowhere", "POST", headers), *body(*[b"a" * 1_000] * 10))
        return await server.serve(app), server.received

    answer, received = run(main())

    assert answer.status == 404
    assert received == []
    assert files.made == []


@pytest.mark.parametrize("colour", COLOURS)
def test_a_body_that_says_that_it_is_too_long_is_not_received(files: Files, colour: str) -> None:
    app = reading(colour, MAX_CONTENT_LENGTH=100, ASGI_BODY_MEMORY=10)

    async def main() -> tuple[Answer, list[Message]]:
        server = Server(http("/", "POST", ("Content-Length", "10000")), *body(*[b"a" * 1_000] * 10))
        return await server.serve(app), server.received

    answer, received = run(main())

    assert answer.status == 413
    assert received == []
    assert files.made == []


@pytest.mark.parametrize("colour", COLOURS)
def test_what_is_beyond_the_limit_stays_where_it_is(colour: str) -> None:
    app = reading(colour, MAX_CONTENT_LENGTH=1_500)

    async def main() -> int:
        server = Server(http("/", "POST", ("Transfer-Encoding", "chunked")), *body(*[b"a" * 1_000] * 10))
        assert (await server.serve(app)).status == 413
        return len(server.received)

    assert run(main()) <= 3


@pytest.mark.parametrize("colour", COLOURS)
def test_a_large_body_is_kept_on_disk_and_the_file_goes_with_the_request(files: Files, colour: str) -> None:
    app = reading(colour, ASGI_BODY_MEMORY=1_000)

    assert post(app, *[b"a" * 400] * 10, once=True).text == "4000"
    assert files.open == []
    assert len(files.made) == 1


@pytest.mark.parametrize("colour", COLOURS)
def test_a_small_one_is_kept_in_memory(files: Files, colour: str) -> None:
    assert post(reading(colour, ASGI_BODY_MEMORY=1_000), *[b"a" * 100] * 10).text == "1000"
    assert files.made == []


@pytest.mark.parametrize("end", ["fails", "gone", "longer", "cancelled"])
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("is_first", [True, False], ids=["first", "later"])
def test_the_file_goes_however_the_request_ends(
    files: Files, colour: str, end: str, *, is_first: bool
) -> None:
    def view() -> str:
        request.get_data()
        raise LookupError

    app = reading(colour, view, ASGI_BODY_MEMORY=10)
    if not is_first:  # a host that is known already takes the short way
        post(app, b"")

    async def main() -> None:
        pieces = [b"a" * 100] * 4
        length = ("Content-Length", "350" if end == "longer" else "400")
        server = Server(
            http("/", "POST", length),
            *body(*pieces),
            leaves_after=3 if end == "gone" else None,
            at_event=lambda at: end == "cancelled" and at == 3 and server.task.cancel(),  # type: ignore[union-attr]
        )
        task = server.start(app)
        await asyncio.wait({task})
        if not task.cancelled():
            assert task.exception() is None

    run(main())

    assert files.open == []


def test_a_stream_keeps_nothing_on_disk_however_long_it_is(files: Files) -> None:
    app = Erlen("app")
    app.config["ASGI_BODY_MEMORY"] = 10

    @app.post("/coroutine")
    @stream_request
    async def coroutine() -> str:
        return str(sum([len(piece) async for piece in request.stream_pieces()]))

    @app.post("/plain")
    @stream_request
    def plain() -> str:
        return str(sum(len(piece) for piece in request.stream_pieces()))

    for path in ("/coroutine", "/plain"):
        assert post(app, *[b"a" * 1_000] * 50, path=path).text == "50000"
    assert files.made == []


# ends


@pytest.mark.parametrize("colour", ["plain", "coroutine"])
def test_a_stream_that_breaks_off_is_told_to_the_view(colour: str) -> None:
    app, told = Erlen("app"), []
    app.logger.disabled = True

    def note(error: Exception) -> None:
        told.append(type(error).__name__)

    @stream_request
    def plain() -> str:
        try:
            return str(len(list(request.stream_pieces())))
        except Exception as error:
            note(error)
            raise

    @stream_request
    async def coroutine() -> str:
        try:
            return str(len([piece async for piece in request.stream_pieces()]))
        except Exception as error:
            note(error)
            raise

    app.add_url_rule("/", "view", plain if colour == "plain" else coroutine, methods=["POST"])

    async def main() -> None:
        chunked = http("/", "POST", ("Transfer-Encoding", "chunked"))
        server = Server(chunked, *body(b"a", b"b", complete=False), leaves_after=2)
        await server.start(app)

    run(main())

    assert told == ["ClientDisconnected"]


def test_a_plain_call_for_the_rest_on_the_loop_is_an_error_that_says_what_to_do() -> None:
    app, told = Erlen("app"), []

    @app.post("/")
    @stream_request
    async def view() -> str:
        with pytest.raises(RuntimeError) as raised:
            request.get_data()
        told.append(str(raised.value))
        return ""

    post(app, b"a", b"b")

    assert "stream_parts" in told[0]


def test_a_coroutine_behind_middleware_reads_what_a_thread_has_fetched() -> None:
    app = reading("wrapped")

    assert post(app, b"ab", b"c").text == "3"


@pytest.mark.parametrize("colour", COLOURS)
def test_what_goes_to_disk_is_written_off_the_loop(colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    put = Spool.put

    def noting(spool: Spool, data: bytes) -> None:
        if spool.is_on_disk_with(len(data)):
            threads.append(threading.current_thread())
        put(spool, data)

    monkeypatch.setattr(Spool, "put", noting)
    app = reading(colour, ASGI_BODY_MEMORY=1_000)
    if colour == "hooked":
        app.before_request(coroutine_hook)

    assert post(app, *[b"a" * 400] * 10, once=True).text == "4000"
    assert threading.main_thread() not in threads
    # A plain view behind middleware reads what comes as it comes.
    assert threads or colour == "wrapped"


async def coroutine_hook() -> None:
    """Let the body be received before the view."""
