"""A stream with the contexts of its request is read, closed and collected on whatever thread."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import threading
import typing as t

import pytest
from werkzeug.test import EnvironBuilder

import erlen
from erlen import Erlen, g, has_app_context, has_request_context, request, stream_with_context
from erlen.active import NOTHING, state_variable

R = t.TypeVar("R")


class Streamed:
    """An application whose body is a stream with context, and a thread that reads it."""

    def __init__(self, path: str = "straight", hooks: str = "def", direct: bool = False) -> None:
        self.log: list[t.Any] = []
        self.app = Erlen("app")
        self.wait = threading.Event()
        self.reached = threading.Event()

        def note(name: str) -> t.Callable[[t.Any], t.Any]:
            def plain(error: t.Any) -> None:
                if "inner" not in g:
                    path = request.path if has_request_context() else None
                    self.log.append((name, type(error), g.get("user"), path))

            async def coroutine(error: t.Any) -> None:
                plain(error)

            return plain if hooks == "def" else coroutine

        self.app.teardown_request(note("request"))
        self.app.teardown_appcontext(note("app"))
        self.app.add_url_rule("/other", "other", lambda: str(g.get("user")))
        if path == "seams":
            self.app.full_dispatch_request = self.app.full_dispatch_request  # type: ignore[method-assign]

        @self.app.get("/")
        def index() -> t.Any:
            g.user = "ada"
            # Werkzeug's own iterator refuses to be closed while it is read.
            return erlen.Response(stream_with_context(self.pieces()), direct_passthrough=direct)

    def pieces(self) -> t.Iterator[str]:
        try:
            with self.app.app_context():  # its own, from one piece to the next
                g.inner = request.path
                yield "a"
                self.reached.set()
                yield g.inner
                self.reached.wait(0)
                yield "b"
        finally:
            self.log.append(("closed", g.user, request.path))

    def open(self) -> t.Any:
        return self.app(EnvironBuilder("/").get_environ(), lambda status, headers: None)

    def ended(self, error: type = GeneratorExit) -> list[t.Any]:
        return [("closed", "ada", "/"), ("request", error, "ada", "/"), ("app", error, "ada", None)]


def on_thread(function: t.Callable[[], R]) -> R:
    """Call a function on a thread of its own; return what it returns."""
    results: list[t.Any] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join(10)
    assert results, "the thread has raised"
    return t.cast(R, results[0])


def in_copy(function: t.Callable[[], R]) -> R:
    return contextvars.copy_context().run(function)


def here(function: t.Callable[[], R]) -> R:
    return function()


PLACES = {"here": here, "on a thread": on_thread, "in a copy": in_copy}


@pytest.fixture(params=["straight", "seams"])
def path(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["def", "async def"])
def hooks(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.mark.parametrize("reading", PLACES)
@pytest.mark.parametrize("closing", PLACES)
def test_it_is_torn_down_once_wherever_it_is_read_and_closed(
    path: str, hooks: str, reading: str, closing: str
) -> None:
    streamed = Streamed(path, hooks)
    body = streamed.open()

    def read() -> t.Any:
        return next(iter(body)), next(iter(body)), has_request_context(), state_variable.get() is NOTHING

    assert PLACES[reading](read) == (b"a", b"/", False, True)
    assert streamed.log == []
    assert streamed.app.test_client().get("/other").text == "None"  # the thread takes other work
    streamed.log.clear()

    for _ in range(2):
        PLACES[closing](lambda: body.close() or True)
        assert streamed.log == streamed.ended()
    assert state_variable.get() is NOTHING
    assert next(iter(body), None) is None


def test_it_is_torn_down_once_when_it_is_read_to_its_end(path: str, hooks: str) -> None:
    streamed = Streamed(path, hooks)
    body = streamed.open()

    assert on_thread(lambda: next(iter(body))) == b"a"
    assert on_thread(lambda: list(body)) == [b"/", b"b"]
    assert streamed.log == streamed.ended(type(None))
    on_thread(lambda: body.close() or True)
    assert streamed.log == streamed.ended(type(None))


@pytest.mark.parametrize("is_read", [True, False])
def test_it_is_torn_down_once_where_the_collector_finds_it(path: str, hooks: str, is_read: bool) -> None:
    streamed = Streamed(path, hooks)
    # The collector closes what it finds in no particular order, so this source needs no contexts.
    streamed.pieces = lambda: iter("ab")  # type: ignore[method-assign, return-value]

    def leave() -> None:
        body = streamed.open()
        if is_read:
            on_thread(lambda: next(iter(body)))
        circle = [body]
        circle.append(circle)

    leave()
    assert on_thread(gc.collect)
    assert streamed.log == streamed.ended(GeneratorExit if is_read else type(None))[1:]


def test_it_is_torn_down_once_where_the_last_reference_goes(path: str, hooks: str) -> None:
    streamed = Streamed(path, hooks)
    bodies = [streamed.open()]
    on_thread(lambda: next(iter(bodies[0])))

    assert on_thread(lambda: bodies.clear() or True)
    assert streamed.log == streamed.ended()


def test_it_is_torn_down_off_a_loop_whose_thread_collects_it(hooks: str) -> None:
    streamed = Streamed(hooks=hooks)
    body: list[t.Any] = [streamed.open()]
    next(iter(body[0]))
    done = threading.Event()
    # Not that of the application context that the pieces push.
    streamed.app.teardown_appcontext_funcs.insert(0, lambda _: "inner" in g or done.set())

    async def collect() -> None:
        body.clear()
        gc.collect()
        await asyncio.get_running_loop().run_in_executor(None, done.wait, 10)

    asyncio.run(collect())
    assert [name for name, *_ in streamed.log][:3] == ["closed", "request", "app"]


def test_one_that_is_being_read_is_closed_behind_the_piece() -> None:
    streamed = Streamed(direct=True)
    under_way, go_on = threading.Event(), threading.Event()

    def slow() -> t.Iterator[str]:
        try:
            under_way.set()
            go_on.wait(10)
            yield "a"
        finally:
            streamed.log.append(("closed", g.user, request.path))

    streamed.pieces = slow  # type: ignore[method-assign]
    body = streamed.open()
    reader = threading.Thread(target=lambda: streamed.log.append(list(body)))
    reader.start()
    assert under_way.wait(10)
    body.close()
    assert streamed.log == []
    go_on.set()
    reader.join(10)
    assert streamed.log == [*streamed.ended(), []]


def test_one_that_closes_or_reads_itself_is_told_or_waits() -> None:
    app, log = Erlen("app"), []
    app.teardown_request(lambda error: log.append(type(error)))
    made: list[t.Any] = []

    def pieces() -> t.Iterator[str]:
        with pytest.raises(ValueError, match="being read"):
            next(made[0])
        made[0].close()
        yield "a"

    @app.get("/")
    def index() -> t.Any:
        made.append(stream_with_context(pieces()))
        return made[0]

    assert app.test_client().get("/").text == ""
    assert log == [GeneratorExit]


def test_an_error_of_the_iterator_on_closing_reaches_teardown_and_the_caller_of_close() -> None:
    app, log = Erlen("app"), []
    app.teardown_request(lambda error: log.append(repr(error)))

    class Items:
        def __iter__(self) -> Items:
            return self

        def __next__(self) -> str:
            return "a"

        def close(self) -> None:
            raise OSError(request.path)

    app.add_url_rule("/", "index", lambda: stream_with_context(Items()))
    body: t.Any = app(EnvironBuilder("/").get_environ(), lambda status, headers: None)
    next(iter(body))

    with pytest.raises(OSError, match="/"):
        on_thread_raising(body.close)
    assert log == ["OSError('/')"]


def on_thread_raising(function: t.Callable[[], t.Any]) -> None:
    """Call a function on a thread of its own; raise what it raises."""
    errors: list[BaseException] = []

    def call() -> None:
        try:
            function()
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    thread.join(10)
    if errors:
        raise errors[0]


def test_two_streams_of_one_body_closed_on_two_threads_tear_down_once() -> None:
    app, log = Erlen("app"), []
    app.teardown_request(lambda error: log.append("request"))
    app.teardown_appcontext(lambda error: log.append("app"))

    class Both:
        def __init__(self) -> None:
            self.streams: list[t.Any] = [stream_with_context(iter("ab")) for _ in range(2)]

        def __iter__(self) -> t.Iterator[str]:
            return iter(self.streams[0])

    both: list[Both] = []

    @app.get("/")
    def index() -> t.Any:
        both.append(Both())
        return erlen.Response(both[0])

    for _ in range(20):
        body = app(EnvironBuilder("/").get_environ(), lambda status, headers: None)
        threads = [threading.Thread(target=each.close) for each in both[0].streams]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert log == ["request", "app"]
        del body
        log.clear()
        both.clear()


def test_a_request_whose_stream_was_closed_is_let_go() -> None:
    streamed = Streamed()
    body = streamed.open()
    next(iter(body))
    body.close()
    del body
    gc.collect()

    kept = [each for each in gc.get_objects() if issubclass(type(each), erlen.ctx.RequestContext)]
    assert [each for each in kept if each.app is streamed.app] == []


def test_streams_that_are_read_in_turns_have_each_its_own_request() -> None:
    app = Erlen("app")

    def pieces() -> t.Iterator[str]:
        for _ in range(2):
            yield f"{request.path} {g.name} "

    @app.get("/<name>")
    def index(name: str) -> t.Any:
        g.name = name
        return stream_with_context(pieces())

    bodies: list[t.Any] = [
        app(EnvironBuilder(f"/{name}").get_environ(), lambda status, headers: None) for name in "ab"
    ]
    assert [next(iter(bodies[n])) for n in (0, 1, 1, 0)] == [b"/a a ", b"/b b ", b"/b b ", b"/a a "]
    assert not has_request_context()
    assert not has_app_context()
    for body in bodies:
        body.close()


@pytest.mark.parametrize("kind", ["plain", "asynchronous"])
@pytest.mark.parametrize("protocol", ["wsgi", "asgi"])
def test_a_teardown_function_that_is_registered_while_a_stream_is_sent_runs_at_its_end(
    kind: str, protocol: t.Literal["wsgi", "asgi"]
) -> None:
    app, ended = Erlen("app"), []

    def register() -> None:
        # A table without a list for the application: what the plan knew of the route has none.
        app.teardown_request_funcs[None] = [lambda error: ended.append(request.path)]
        app.request_planner.current(app)  # as another request does meanwhile

    @app.get("/plain")
    def plain() -> t.Any:
        def pieces() -> t.Iterator[str]:
            yield "a"
            register()
            yield "b"

        return stream_with_context(pieces())

    @app.get("/asynchronous")
    async def asynchronous() -> t.AsyncIterator[str]:
        async def pieces() -> t.AsyncIterator[str]:
            yield "a"
            register()
            yield "b"

        return pieces()

    for _ in range(2):
        app.teardown_request_funcs.clear()
        assert app.test_client(protocol=protocol).get(f"/{kind}").text == "ab"
    assert ended == [f"/{kind}"] * 2


@pytest.mark.parametrize("changes", [False, True])
def test_the_environ_keeps_no_request_when_its_stream_has_ended(changes: bool) -> None:
    app = Erlen("app")

    @app.get("/")
    def view() -> t.Any:
        def pieces() -> t.Iterator[str]:
            yield request.path
            if changes:
                app.teardown_request_funcs[None] = []
                app.request_planner.current(app)  # as another request does meanwhile

        return stream_with_context(pieces())

    environ = EnvironBuilder("/").get_environ()
    body: t.Any = app(environ, lambda *_: None)
    assert b"".join(body) == b"/"
    body.close()
    assert environ["werkzeug.request"] is None
