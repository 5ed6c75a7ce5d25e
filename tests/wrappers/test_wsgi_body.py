"""A body under WSGI is read by the thread of its request, and by no coroutine's."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import threading
import typing as t
from functools import partial

import pytest
from werkzeug.exceptions import RequestEntityTooLarge

from erlen import Erlen, Response, request, signals
from erlen.wrappers.streaming import stream_request
from tests.serve.beside import GENERAL, STRAIGHT, Answer, Framework, beside_flask, call, environ

FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=b"
PARTS = (
    b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--b\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\nfile\r\n--b--\r\n'
)
PATIENCE = 10  # seconds until something that must happen is given up


class Input(io.RawIOBase):
    """What a server has of a body: it notes who reads, and waits for its client."""

    def __init__(self, body: bytes, *, waits: bool = False, error: Exception | None = None) -> None:
        self._body = io.BytesIO(body)
        self._error = error
        self.readers: set[int] = set()
        self.read_bytes = 0
        self.wanted = threading.Event()
        self.client_sends = threading.Event()
        if not waits:
            self.client_sends.set()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: t.Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def read(self, size: int | None = -1) -> bytes:
        self.readers.add(threading.get_ident())
        self.wanted.set()
        assert self.client_sends.wait(PATIENCE)
        data = self._body.read(size)
        self.read_bytes += len(data)
        if self._error is not None and not data:
            raise self._error
        return data


def post(path: str, source: Input, length: int | None, content_type: str = "text/plain") -> dict[str, t.Any]:
    """Return the environ of a POST; without a length its body is chunked."""
    given = environ(path, method="POST")
    given["CONTENT_TYPE"] = content_type
    given["wsgi.input"] = source
    given.pop("CONTENT_LENGTH", None)
    if length is None:
        given["HTTP_TRANSFER_ENCODING"] = "chunked"
        given["wsgi.input_terminated"] = True
    else:
        given["CONTENT_LENGTH"] = str(length)
    return given


def send(
    app: t.Any, body: bytes, path: str = "/", *, chunked: bool = False, content_type: str = "text/plain"
) -> tuple[Answer, Input]:
    source = Input(body)
    return call(app, post(path, source, None if chunked else len(body), content_type)), source


# ways to read, and where


WAYS: dict[str, tuple[t.Callable[[], t.Any], bytes, str, t.Any]] = {
    "get_data": (lambda: request.get_data().decode(), b"abc", "text/plain", "abc"),
    "data": (lambda: request.data.decode(), b"abc", "text/plain", "abc"),
    "json": (lambda: request.json["a"], b'{"a": 1}', "application/json", 1),
    "form": (lambda: request.form["a"], b"a=1", FORM, "1"),
    "values": (lambda: request.values["a"], b"a=1", FORM, "1"),
    "multipart form": (lambda: request.form["a"], PARTS, MULTIPART, "1"),
    "files": (lambda: request.files["f"].read().decode(), PARTS, MULTIPART, "file"),
    "stream": (lambda: request.stream.read().decode(), b"abc", "text/plain", "abc"),
    "lines": (lambda: [line.decode() for line in request.stream], b"a\nb", "text/plain", ["a\n", "b"]),
    "wsgi.input": (lambda: request.environ["wsgi.input"].read(3).decode(), b"abc", "text/plain", "abc"),
}


def in_view(app: t.Any, read: t.Callable[[], t.Any]) -> None:
    async def view() -> str:
        read()
        return ""

    app.add_url_rule("/", view_func=view, methods=["POST"])


def in_before_hook(app: t.Any, read: t.Callable[[], t.Any]) -> None:
    @app.before_request
    async def before() -> None:
        read()

    app.add_url_rule("/", view_func=lambda: "", methods=["POST"])


def in_preprocessor(app: t.Any, read: t.Callable[[], t.Any]) -> None:
    @app.url_value_preprocessor
    async def preprocess(endpoint: str | None, values: object) -> None:
        read()

    app.add_url_rule("/", view_func=lambda: "", methods=["POST"])


def in_after_hook(app: t.Any, read: t.Callable[[], t.Any]) -> None:
    @app.after_request
    async def after(response: t.Any) -> t.Any:
        read()
        return response

    app.add_url_rule("/", view_func=lambda: "", methods=["POST"])


def in_error_handler(app: t.Any, read: t.Callable[[], t.Any]) -> None:
    @app.errorhandler(ZeroDivisionError)
    async def handle(error: Exception) -> str:
        read()
        return ""

    app.add_url_rule("/", view_func=lambda: str(1 // 0), methods=["POST"])


def in_not_found(app: t.Any, read: t.Callable[[], t.Any]) -> None:
    @app.errorhandler(404)
    async def handle(error: Exception) -> str:
        read()
        return ""


def in_teardown(app: t.Any, read: t.Callable[[], t.Any]) -> None:
    @app.teardown_request
    async def teardown(error: object) -> None:
        read()

    app.add_url_rule("/", view_func=lambda: "", methods=["POST"])


PLACES = [
    in_view,
    in_before_hook,
    in_preprocessor,
    in_after_hook,
    in_error_handler,
    in_not_found,
    in_teardown,
]
FORMS: list[t.Any] = [pytest.param(STRAIGHT, id="straight"), pytest.param(GENERAL, id="seams")]


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("framework", FORMS)
def test_the_thread_of_the_request_reads_what_a_coroutine_asks_for(
    framework: Framework, place: t.Callable[..., None], way: str, chunked: bool
) -> None:
    app = framework.Flask(__name__)
    read, body, content_type, expected = WAYS[way]
    got: list[t.Any] = []
    place(app, lambda: got.append(read()))
    for _ in range(2):
        _, source = send(app, body, chunked=chunked, content_type=content_type)
        assert got.pop() == expected
        assert source.readers == {threading.get_ident()}


def test_a_receiver_that_is_a_coroutine_reads_the_body() -> None:
    app = Erlen(__name__)
    app.add_url_rule("/", view_func=lambda: request.get_data(), methods=["POST"])
    got: list[bytes] = []

    async def receive(sender: object) -> None:
        got.append(request.get_data())

    with signals.request_started.connected_to(receive, app):
        answer, source = send(app, b"abc")
    assert (answer.body, got) == (b"abc", [b"abc"])
    assert source.readers == {threading.get_ident()}


def test_a_plain_view_may_have_begun_to_read() -> None:
    app = Erlen(__name__)

    async def rest() -> bytes:
        return request.stream.read()

    @app.post("/")
    def view() -> bytes:
        return request.stream.read(2) + b"|" + app.ensure_sync(rest)()

    for chunked in (False, True):
        for limit in (None, 100):
            app.config["MAX_CONTENT_LENGTH"] = limit
            answer, source = send(app, b"abcdef", chunked=chunked)
            assert answer.body == b"ab|cdef"
            assert source.readers == {threading.get_ident()}


def test_a_plain_view_behind_a_coroutine_hook_reads_the_same() -> None:
    app = Erlen(__name__)

    @app.before_request
    async def before() -> None: ...

    @app.post("/")
    def view() -> bytes:
        return b"".join(iter(lambda: request.stream.read(2), b""))

    for chunked in (False, True):
        assert send(app, b"abcdefg", chunked=chunked)[0].body == b"abcdefg"


# one who sends slowly


@contextlib.contextmanager
def slow_client(app: Erlen, path: str, body: bytes) -> t.Iterator[tuple[Input, list[bytes]]]:
    """Ask on another thread, and send nothing before the block has ended."""
    source, answers = Input(body, waits=True), list[bytes]()
    given = post(path, source, len(body))
    thread = threading.Thread(target=lambda: answers.append(call(app, given).body))
    thread.start()
    try:
        assert source.wanted.wait(PATIENCE)
        yield source, answers
    finally:
        source.client_sends.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def answer_in_time(app: Erlen, path: str) -> bytes | None:
    """Ask on another thread; None where nothing comes."""
    answers: list[bytes] = []
    thread = threading.Thread(target=lambda: answers.append(call(app, path).body), daemon=True)
    thread.start()
    thread.join(2)
    return answers[0] if answers else None


def application() -> Erlen:
    app = Erlen(__name__)

    @app.post("/whole")
    async def whole() -> bytes:
        return request.get_data()

    @app.post("/pieces")
    @stream_request
    async def pieces() -> bytes:
        return b"".join([piece async for piece in request.stream_pieces()])

    @app.post("/unmarked")
    async def unmarked() -> bytes:
        return b"".join([piece async for piece in request.stream_pieces()])

    @app.get("/other")
    async def other() -> str:
        return await asyncio.to_thread(lambda: "other")

    return app


@pytest.mark.parametrize("path", ["/whole", "/pieces", "/unmarked"])
def test_others_are_answered_while_one_sends_slowly(path: str) -> None:
    app = application()
    with slow_client(app, path, b"abc") as (_, answers):
        assert answer_in_time(app, "/other") == b"other"
        assert answers == []
    assert answers == [b"abc"]


@pytest.mark.parametrize("path", ["/whole", "/pieces"])
def test_many_slow_senders_use_up_no_threads_but_their_own(path: str) -> None:
    """The loop's own executor has at most 32."""
    app = application()
    with contextlib.ExitStack() as stack:
        before = threading.active_count()
        waiting = [stack.enter_context(slow_client(app, path, b"abc")) for _ in range(40)]
        assert answer_in_time(app, "/other") == b"other"
        assert threading.active_count() <= before + 40 + 2  # the loop's, and one for /other
    assert [answers for _, answers in waiting] == [[b"abc"]] * 40


# piece by piece


def streaming(source_of: t.Callable[[], t.AsyncIterator[str]], **config: t.Any) -> Erlen:
    app = Erlen(__name__)
    app.config.update(config)

    @app.before_request
    async def before() -> None: ...

    @app.post("/")
    @stream_request
    async def view() -> t.Any:
        return ",".join([piece async for piece in source_of()])

    return app


async def parts() -> t.AsyncIterator[str]:
    async for part in request.stream_parts():
        yield f"{part.name}={(await part.read()).decode()}"


async def pieces() -> t.AsyncIterator[str]:
    async for piece in request.stream_pieces():
        yield piece.decode()


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
def test_parts_and_pieces_are_read_by_the_thread_of_the_request(chunked: bool) -> None:
    for source_of, expected in ((parts, b"a=1,f=file"), (pieces, PARTS)):
        answer, source = send(streaming(source_of), PARTS, chunked=chunked, content_type=MULTIPART)
        assert answer.body == expected
        assert source.readers == {threading.get_ident()}


def test_the_first_piece_is_there_before_the_last_was_sent() -> None:
    app = Erlen(__name__)
    first = threading.Event()

    class TwoPieces(Input):
        def read(self, size: int | None = -1) -> bytes:
            self.readers.add(threading.get_ident())
            left = 6 - self.read_bytes
            if left == 3:
                assert first.wait(PATIENCE)
            self.read_bytes += min(left, 3)
            return b"abc"[:left]

    @app.post("/")
    @stream_request
    async def view() -> str:
        sizes = []
        async for piece in request.stream_pieces():
            sizes.append(str(len(piece)))
            first.set()
        return ",".join(sizes)

    source = TwoPieces(b"")
    assert call(app, post("/", source, 6)).body == b"3,3"
    assert source.readers == {threading.get_ident()}


@pytest.mark.parametrize("is_view", [True, False], ids=["coroutine view", "plain view"])
def test_a_body_that_is_sent_while_the_request_is_read_is_read_by_its_thread(is_view: bool) -> None:
    app = Erlen(__name__)

    async def echo() -> t.AsyncIterator[bytes]:
        async for piece in request.stream_pieces():
            yield piece.upper()

    @stream_request
    async def view() -> t.Any:
        return echo()

    app.add_url_rule("/", view_func=view if is_view else stream_request(lambda: echo()), methods=["POST"])
    answer, source = send(app, b"abc" * 50_000)
    assert answer.body == b"ABC" * 50_000
    assert source.readers == {threading.get_ident()}


def test_a_stream_that_is_made_by_a_coroutine_may_ask_for_the_body() -> None:
    app = Erlen(__name__)

    async def echo() -> t.AsyncIterator[bytes]:
        yield request.get_data()

    app.add_url_rule("/", view_func=lambda: echo(), methods=["POST"])
    answer, source = send(app, b"abc")
    assert answer.body == b"abc"
    assert source.readers == {threading.get_ident()}


def test_a_plain_call_in_a_coroutine_that_streams_says_how_to_read() -> None:
    app = Erlen(__name__)
    app.config["PROPAGATE_EXCEPTIONS"] = True

    @app.post("/")
    @stream_request
    async def view() -> bytes:
        return request.get_data()

    with pytest.raises(RuntimeError, match=r"async for piece in request\.stream_pieces"):
        send(app, b"abc")


@pytest.mark.parametrize("framework", FORMS)
def test_a_task_that_outlives_its_request_is_told_so(framework: Framework) -> None:
    app = framework.Flask(__name__)
    tasks: list[asyncio.Task[t.Any]] = []
    go_on = asyncio.Event()

    @app.post("/")
    @stream_request
    async def view() -> str:
        async def late() -> t.Any:
            await go_on.wait()
            return [piece async for piece in request.stream_pieces()]

        tasks.append(asyncio.create_task(late()))
        return "early"

    @app.get("/end")
    async def end() -> str:
        go_on.set()
        (error,) = await asyncio.gather(*tasks, return_exceptions=True)
        return f"{type(error).__name__}: {error}"

    answer, source = send(app, b"abc")
    assert answer.body == b"early"
    assert call(app, "/end").body.startswith(b"RuntimeError: The request is over")
    assert source.readers == set()


def test_a_task_may_ask_for_a_piece_while_the_thread_is_with_the_client() -> None:
    """Between two pieces of a stream it is, and comes back."""
    app = Erlen(__name__)
    asked = threading.Event()
    go_on: list[t.Callable[[], object]] = []

    @app.post("/")
    @stream_request
    async def view() -> t.Any:
        sent = asyncio.Event()
        go_on.append(partial(asyncio.get_running_loop().call_soon_threadsafe, sent.set))

        async def read() -> bytes:
            await sent.wait()
            asyncio.get_running_loop().call_soon(asked.set)  # when this waits, so when it has asked
            return b"".join([piece async for piece in request.stream_pieces()])

        task = asyncio.create_task(read())

        async def pieces() -> t.AsyncIterator[bytes]:
            yield b"first"
            yield await task

        return pieces()

    source = Input(b"abc")
    body: t.Any = iter(app(post("/", source, 3), lambda *_: None))
    assert next(body) == b"first"
    go_on.pop()()
    assert asked.wait(PATIENCE)
    assert next(body) == b"abc"
    body.close()
    assert source.readers == {threading.get_ident()}


@pytest.mark.parametrize("framework", FORMS)
def test_a_task_that_waits_for_a_piece_hears_of_the_end_of_its_request(framework: Framework) -> None:
    app = framework.Flask(__name__)
    tasks: list[asyncio.Task[t.Any]] = []
    asked = threading.Event()
    go_on: list[t.Callable[[], object]] = []

    @app.before_request
    async def begin() -> None:
        async def read() -> t.Any:
            await is_gone.wait()
            asyncio.get_running_loop().call_soon(asked.set)  # when this waits, so when it has asked
            return [piece async for piece in request.stream_pieces()]

        if request.method == "POST":
            is_gone = asyncio.Event()
            tasks.append(asyncio.create_task(read()))
            go_on.append(partial(asyncio.get_running_loop().call_soon_threadsafe, is_gone.set))

    @app.post("/")
    @stream_request
    def view() -> str:
        go_on.pop()()
        assert asked.wait(PATIENCE)
        return "done"

    @app.get("/end")
    async def end() -> str:
        (error,) = await asyncio.gather(*tasks, return_exceptions=True)
        return str(error)

    answer, source = send(app, b"abc")
    assert answer.body == b"done"
    assert call(app, "/end").body.startswith(b"The request is over")
    assert source.readers == set()


# what is read, and what is not


def test_a_request_without_a_body_is_not_touched() -> None:
    app = Erlen(__name__)
    seen: list[t.Any] = []

    @app.route("/", methods=["GET", "POST"])
    async def view() -> str:
        seen.append(request.environ["wsgi.input"])
        return ""

    source = Input(b"")
    for method in ("GET", "POST"):
        for more in ({}, {"CONTENT_LENGTH": ""}, {"CONTENT_LENGTH": "0"}):
            given = environ("/", method=method)
            given.update(more, **{"wsgi.input": source})
            call(app, given)
            assert seen.pop() is source
    given = environ("/")
    given.update({"wsgi.input": source, "wsgi.input_terminated": True})  # gunicorn says so of each
    call(app, given)
    assert source.readers == set()


def test_a_route_that_streams_reads_nothing_before_it_asks() -> None:
    app = Erlen(__name__)

    @app.before_request
    async def refuse() -> tuple[str, int]:
        return "no", 401

    @app.post("/")
    @stream_request
    def view() -> t.NoReturn:
        raise AssertionError

    answer, source = send(app, b"abc")
    assert (answer.status[:3], source.readers) == ("401", set())


@pytest.mark.parametrize("chunked", [False, True], ids=["length", "chunked"])
@beside_flask
def test_a_body_beyond_the_limit_is_refused_when_it_is_asked_for(
    framework: Framework, chunked: bool
) -> object:
    app = framework.Flask("app")
    app.config["MAX_CONTENT_LENGTH"] = 5
    said: list[object] = []

    @app.before_request
    async def before() -> None:
        said.append("before")

    @app.post("/ignores")
    async def ignores() -> str:
        return "ignored"

    @app.post("/reads")
    async def reads() -> str:
        try:
            # Flask cuts a chunked body off without a word: compatibility.md.
            said.append(len(framework.request.get_data()) if not chunked else "413")
        except RequestEntityTooLarge:
            said.append("413")
            raise
        return ""

    for path in ("/ignores", "/reads"):
        answer, source = send(app, b"123456", path, chunked=chunked)
        said.append(answer.status[:3])
        said.append(source.read_bytes <= (6 if chunked else 0))
        if not chunked:
            source = Input(b"123456")
            answer = call(app, {**post(path, source, 6), "wsgi.input_terminated": True})  # as gunicorn says
            said.append((answer.status[:3], source.read_bytes))
    return said


def test_a_chunked_body_beyond_the_limit_is_413_in_a_coroutine() -> None:
    app = Erlen(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 5

    @app.post("/")
    async def view() -> bytes:
        return request.get_data()

    for body, status in ((b"12345", "200"), (b"123456", "413"), (b"1" * 1_000_000, "413")):
        answer, source = send(app, body, chunked=True)
        assert answer.status[:3] == status
        assert source.read_bytes <= 6


def test_a_hook_may_raise_the_limit_for_the_view_behind_it() -> None:
    app = Erlen(__name__)
    app.config["MAX_CONTENT_LENGTH"] = 5

    @app.before_request
    async def before() -> None:
        request.max_content_length = 50

    @app.post("/")
    async def view() -> str:
        return str(len(request.get_data()))

    for chunked in (False, True):
        assert send(app, b"1" * 40, chunked=chunked)[0].body == b"40"
        assert send(app, b"1" * 51, chunked=chunked)[0].status[:3] == "413"


@pytest.mark.parametrize("colour", ["plain", "coroutine"])
@pytest.mark.parametrize("error", [OSError("gone"), ValueError("gone"), None])
@beside_flask
def test_a_body_that_breaks_off_is_a_400_where_it_is_asked_for(
    framework: Framework, error: Exception | None, colour: str
) -> object:
    app = framework.Flask("app")
    said: list[object] = []

    @app.before_request
    async def before() -> None:
        said.append("before")

    def read() -> str:
        return str(len(framework.request.get_data()))

    async def coroutine() -> str:
        return read()

    app.add_url_rule("/", view_func=read if colour == "plain" else coroutine, methods=["POST"])
    app.add_url_rule("/ignores", "ignores", lambda: "ignored", methods=["POST"])
    for path in ("/", "/ignores"):
        answer = call(app, post(path, Input(b"abc", error=error), 10))
        said.append(answer.status[:3])
    return said


def test_a_large_body_goes_to_disk_and_leaves_nothing_there() -> None:
    app = Erlen(__name__)
    app.config["ASGI_BODY_MEMORY"] = 1000
    kept: list[t.Any] = []

    @app.post("/")
    async def view() -> str:
        body = request.environ["wsgi.input"]
        kept.append(body._kept._rolled)
        return str(len(request.get_data()))

    for size in (900, 300_000):
        for chunked in (False, True):
            assert send(app, b"x" * size, chunked=chunked)[0].body == str(size).encode()
    assert kept == [False, False, True, True]


def test_a_server_that_does_not_decode_chunks_is_told_when_the_body_is_asked_for() -> None:
    app = Erlen(__name__)

    @app.post("/<asks>")
    async def view(asks: str) -> str:
        return str(len(request.get_data())) if asks == "yes" else "ignored"

    for asks, status in (("yes", "411"), ("no", "200")):
        source = Input(b"abc")
        given = post(f"/{asks}", source, None)
        del given["wsgi.input_terminated"]
        assert call(app, given).status[:3] == status
        assert source.readers == set()


def test_an_interruption_of_the_reading_thread_is_not_kept_back() -> None:
    """As a worker's time-out or Ctrl-C does it; the coroutine is not started, or is cancelled."""
    app = Erlen(__name__)
    ended = threading.Event()

    class Interrupted(Input):
        def read(self, size: int | None = -1) -> bytes:
            raise SystemExit

    @app.post("/whole")
    async def whole() -> t.NoReturn:
        raise AssertionError

    @app.post("/pieces")
    @stream_request
    async def pieces() -> None:
        try:
            async for _ in request.stream_pieces():
                raise AssertionError
        finally:
            ended.set()

    for path in ("/whole", "/pieces"):
        with pytest.raises(SystemExit):
            call(app, post(path, Interrupted(b""), 3))
    assert ended.wait(PATIENCE)


def test_a_loop_of_ones_own_reads_on_its_own_thread() -> None:
    app = Erlen(__name__)

    @app.post("/")
    def view() -> bytes:
        async def read() -> bytes:
            return b"".join([piece async for piece in request.stream_pieces()])

        return asyncio.run(read())

    answer, source = send(app, b"abc")
    assert answer.body == b"abc"
    assert source.readers == {threading.get_ident()}


def test_a_response_is_unchanged_by_a_body_that_was_received() -> None:
    app = Erlen(__name__)

    @app.post("/")
    async def view() -> Response:
        return Response(json.dumps([request.content_length, request.get_data(as_text=True)]))

    assert send(app, b"abc")[0].body == b'[3, "abc"]'
