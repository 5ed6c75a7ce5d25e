"""Requests over ASGI, cut off and cancelled wherever they wait; what servers see, and what teardown hears."""

from __future__ import annotations

import asyncio
import threading
import typing as t

import pytest

from erlen import Erlen, Response, g, request, session, stream_request, stream_with_context
from erlen.active import NOTHING, state_variable
from tests.gateway.asgi.driver import Message, Server, body, http, run

# requests of every kind, on applications that keep count


class Count:
    """Count what begins and ends in an application, and keep what teardown functions hear."""

    def __init__(self) -> None:
        self.views = self.before = self.bodies = self.closed = 0
        self.heard: list[str] = []
        self.heard_by_context: list[str] = []
        # What ran after the contexts had gone, or without the right one.
        self.wrong: list[str] = []


Kind: t.TypeAlias = "t.Literal['coroutine', 'plain']"


def make(view: Kind, hooks: t.Sequence[Kind]) -> tuple[Erlen, Count]:
    """Make an application whose views are of one colour, with hooks of each of *hooks*."""
    app, count = Erlen("app"), Count()
    app.logger.disabled = True
    for kind in hooks:
        _add_hooks(app, count, kind)
    _add_views(app, count, view)
    return app, count


def _colour(kind: Kind, function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    if kind == "plain":
        return function

    async def coroutine(*args: t.Any, **kwargs: t.Any) -> t.Any:
        await asyncio.sleep(0)
        result = function(*args, **kwargs)
        await asyncio.sleep(0)
        return result

    return coroutine


def _add_hooks(app: Erlen, count: Count, kind: Kind) -> None:
    def before() -> None:
        count.before += 1
        g.path = request.path

    def teardown(error: BaseException | None) -> None:
        # A hook that was cancelled at once has set nothing.
        if count.before and g.get("path") != request.path:
            count.wrong.append("teardown without its g")
        count.heard.append(type(error).__name__)

    def teardown_context(error: BaseException | None) -> None:
        count.heard_by_context.append(type(error).__name__)

    app.before_request(_colour(kind, before))
    app.after_request(_colour(kind, lambda response: response))
    app.teardown_request(_colour(kind, teardown))
    app.teardown_appcontext(_colour(kind, teardown_context))


def _add_views(app: Erlen, count: Count, kind: Kind) -> None:
    def note() -> None:
        count.views += 1

    def pieces(see: t.Callable[[], t.Any]) -> t.Iterator[str]:
        count.bodies += 1
        try:
            for number in range(3):
                see()
                yield str(number)
        finally:
            count.closed += 1

    async def apieces() -> t.AsyncIterator[str]:
        count.bodies += 1
        try:
            for number in range(3):
                await asyncio.sleep(0)
                assert request.path == "/apieces"
                yield str(number)
        finally:
            count.closed += 1

    views: dict[str, t.Callable[[], t.Any]] = {
        "text": lambda: "text",
        "response": lambda: Response("text", headers={"X-A": "1"}),
        "fails": lambda: 1 // 0,
        "pieces": lambda: pieces(lambda: None),
        "kept": lambda: stream_with_context(pieces(lambda: request.path)),
        "apieces": lambda: apieces(),
        "upload": lambda: str(len(request.get_data())),
        "refused": lambda: ("no", 403),
    }

    def with_note(view: t.Callable[[], t.Any]) -> t.Callable[[], t.Any]:
        def noting() -> t.Any:
            note()
            return view()

        return noting

    for name, view in views.items():
        app.add_url_rule(f"/{name}", name, _colour(kind, with_note(view)), methods=["GET", "POST"])


WAYS: dict[str, tuple[Kind, tuple[Kind, ...]]] = {
    "plain": ("plain", ("plain",)),
    "coroutine": ("coroutine", ("coroutine",)),
    "coroutine among plain hooks": ("coroutine", ("plain",)),
    "plain among coroutine hooks": ("plain", ("coroutine",)),
    "mixed": ("coroutine", ("plain", "coroutine", "plain")),
    "bare": ("coroutine", ()),
}


REQUESTS = ["text", "response", "fails", "pieces", "kept", "apieces", "upload", "refused", "nowhere"]


def brought(name: str) -> tuple[dict[str, t.Any], list[Message]]:
    """Return the scope of a request and the messages of its body."""
    if name == "upload":
        pieces = [b"a" * 10, b"b" * 10, b"c" * 10]
        return http("/upload", "POST", ("Content-Length", "30")), body(*pieces)
    return http(f"/{name}"), body(b"")


def served(app: Erlen, name: str, **given: t.Any) -> Server:
    """Serve one request to its end; return its server."""
    scope, messages = brought(name)

    async def main() -> Server:
        server = Server(scope, *messages, **given)
        await server.start(app)
        return server

    return run(main())


def events_of(way: str, name: str) -> int:
    """Return how many receives and sends a request takes that nobody disturbs."""
    return served(make(*WAYS[way])[0], name).events


def check_ends(count: Count, hooks: t.Sequence[Kind], began: bool) -> None:
    """See that what began has ended, once."""
    times = len(hooks) if began else 0
    assert count.wrong == []
    assert (len(count.heard), len(count.heard_by_context)) == (times, times), vars(count)
    assert count.bodies == count.closed
    assert state_variable.get() is NOTHING


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("way", WAYS)
def test_an_undisturbed_request_ends_once(way: str, name: str) -> None:
    app, count = make(*WAYS[way])

    answer = served(app, name).answer

    expected = {"fails": 500, "refused": 403, "nowhere": 404}.get(name, 200)
    assert (answer.status, answer.complete) == (expected, True)
    if name in ("pieces", "kept", "apieces"):
        assert answer.text == "012"
    check_ends(count, WAYS[way][1], True)
    assert set(count.heard) <= ({"ZeroDivisionError"} if name == "fails" else {"NoneType"})


@pytest.mark.parametrize("deaf", [False, True], ids=["OSError", "deaf"])
@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("way", WAYS)
def test_a_client_may_go_away_after_each_receive_and_each_send(way: str, name: str, deaf: bool) -> None:
    """Teardown runs once, bodies are closed, and nothing is raised at the server."""
    for event in range(1, events_of(way, name) + 1):
        app, count = make(*WAYS[way])

        server = served(app, name, leaves_after=event, deaf=deaf)

        # A body that did not come in full runs no view and no hook.
        began = not (name == "upload" and event < 3)
        assert count.views == (0 if name == "nowhere" or not began else 1)
        check_ends(count, WAYS[way][1], began)
        assert began or server.sent == []
        # What the view did is not undone because nobody reads of it.
        assert "CancelledError" not in count.heard


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("way", WAYS)
def test_a_client_may_be_gone_before_anything_was_received(way: str, name: str) -> None:
    app, count = make(*WAYS[way])
    scope, messages = brought(name)

    async def main() -> None:
        server = Server(scope, *messages)
        server.hang_up()
        await server.start(app)

    run(main())

    check_ends(count, WAYS[way][1], name != "upload")


@pytest.mark.parametrize("name", REQUESTS)
@pytest.mark.parametrize("way", WAYS)
def test_a_server_that_stops_may_cancel_a_request_after_each_event(way: str, name: str) -> None:
    """Teardown functions hear of it, run to their end, and the server is told that it is cancelled."""
    for event in range(1, events_of(way, name)):
        app, count = make(*WAYS[way])
        _check_cancelled(app, count, name, event, WAYS[way][1])


def _check_cancelled(app: Erlen, count: Count, name: str, event: int, hooks: t.Sequence[Kind]) -> None:
    scope, messages = brought(name)

    async def main() -> str:
        server = Server(scope, *messages, at_event=lambda at: at == event and server.task.cancel())  # type: ignore[union-attr]
        server.start(app)
        assert server.task is not None
        await asyncio.wait({server.task})
        return "cancelled" if server.task.cancelled() else str(server.task.exception())

    ended = run(main())

    assert ended in ("cancelled", "None"), ended
    check_ends(count, hooks, bool(count.before or count.views or count.heard))


STEPS = {
    "receive": "the body of the request",
    "before": "a coroutine before hook",
    "view": "a coroutine view",
    "after": "a coroutine after hook",
    "send": "the head",
    "body": "a piece of an asynchronous body",
}


@pytest.mark.parametrize("step", STEPS)
def test_teardown_hears_that_the_request_was_cancelled_wherever_it_was(step: str) -> None:
    """A request that had begun is torn down by CancelledError: it did not do all it was to do."""
    app, heard = Erlen("app"), []
    waits: dict[str, t.Any] = {}

    async def wait_at(here: str) -> None:
        if here == step:
            waits["event"].set()
            await asyncio.get_running_loop().create_future()

    @app.before_request
    async def before() -> None:
        await wait_at("before")

    @app.after_request
    async def after(response: t.Any) -> t.Any:
        await wait_at("after")
        return response

    @app.teardown_request
    async def teardown(error: BaseException | None) -> None:
        await asyncio.sleep(0)
        heard.append(type(error).__name__)

    @app.route("/", methods=["POST"])
    async def view() -> t.Any:
        await wait_at("view")

        async def pieces() -> t.AsyncIterator[str]:
            yield "a"
            await wait_at("body")
            yield "b"

        return pieces()

    async def main() -> None:
        waits["event"] = asyncio.Event()
        server = Server(http("/", "POST"), *([] if step == "receive" else body(b"")))
        plain_send = server.send

        async def send(message: Message) -> None:
            await wait_at("send")
            await plain_send(message)

        task = asyncio.ensure_future(app(server.scope, server.receive, send))
        if step == "receive":
            await asyncio.sleep(0)
        else:
            await waits["event"].wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())

    assert heard == ([] if step == "receive" else ["CancelledError"])


def test_a_teardown_that_is_under_way_is_not_cancelled_with_the_request() -> None:
    app, log = Erlen("app"), []
    under_way: dict[str, asyncio.Event] = {}

    @app.teardown_request
    async def teardown(error: BaseException | None) -> None:
        under_way["event"].set()
        for _ in range(5):
            await asyncio.sleep(0)
        log.append("request")

    @app.teardown_appcontext
    async def teardown_context(error: BaseException | None) -> None:
        log.append("context")

    @app.get("/")
    async def view() -> str:
        return "text"

    async def main() -> None:
        under_way["event"] = asyncio.Event()
        server = Server(http())
        task = server.start(app)
        await under_way["event"].wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())

    assert log == ["request", "context"]


def test_a_teardown_that_does_not_end_is_given_up_after_the_deadline() -> None:
    app, log = Erlen("app"), []
    app.config["ASGI_TEARDOWN_TIMEOUT"] = 0

    @app.teardown_request
    async def teardown(error: BaseException | None) -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            log.append("given up")
            raise

    @app.get("/")
    async def view() -> str:
        return "text"

    async def main() -> None:
        server = Server(http())
        await asyncio.wait({server.start(app)})

    run(main())

    assert log == ["given up"]


def test_a_second_cancellation_does_not_take_the_teardown_either() -> None:
    app, log = Erlen("app"), []
    under_way: dict[str, asyncio.Event] = {}

    @app.teardown_request
    async def teardown(error: BaseException | None) -> None:
        under_way["teardown"].set()
        for _ in range(5):
            await asyncio.sleep(0)
        log.append(type(error).__name__)

    @app.get("/")
    async def view() -> str:
        under_way["view"].set()
        await asyncio.get_running_loop().create_future()
        return "never"

    async def main() -> None:
        under_way.update(view=asyncio.Event(), teardown=asyncio.Event())
        task = Server(http()).start(app)
        await under_way["view"].wait()
        task.cancel()
        await under_way["teardown"].wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())

    assert log == ["CancelledError"]


def test_a_plain_stream_without_end_stops_when_the_server_cancels_it() -> None:
    """A thread cannot be interrupted, but its next piece finds that nobody wants it."""
    app, closed = Erlen("app"), threading.Event()

    @app.get("/")
    def view() -> t.Any:
        def pieces() -> t.Iterator[str]:
            try:
                while True:
                    yield "a"
            finally:
                closed.set()

        return pieces()

    async def main() -> None:
        server = Server(http())
        task = server.start(app)
        await server.sends(3)
        task.cancel()
        done, _ = await asyncio.wait({task}, timeout=60)
        if not done:
            server.hang_up()
            await asyncio.wait({task})
        assert done

    run(main())

    assert closed.is_set()


# requests that stream in both directions


def test_an_upload_is_answered_while_it_comes() -> None:
    """Who watches for the client's going away must not take the pieces of its body."""
    app = Erlen("app")

    @app.post("/")
    @stream_request
    async def view() -> t.Any:
        async def echo() -> t.AsyncIterator[bytes]:
            async for piece in request.stream_pieces():
                yield piece

        return echo()

    async def main() -> bytes:
        pieces = [b"%d" % number for number in range(8)]
        server = Server(
            http("/", "POST", ("Transfer-Encoding", "chunked")), *body(*pieces[:4], complete=False)
        )
        task = server.start(app)
        await server.sends(3)
        server.bring(*body(*pieces[4:]))
        await task
        return server.answer.body

    assert run(main()) == b"01234567"


def test_a_client_that_goes_away_while_it_uploads_and_downloads_ends_both() -> None:
    app, ended = Erlen("app"), []

    @app.post("/")
    @stream_request
    async def view() -> t.Any:
        async def echo() -> t.AsyncIterator[bytes]:
            try:
                async for piece in request.stream_pieces():
                    yield piece
            finally:
                ended.append(1)

        return echo()

    async def main() -> None:
        server = Server(http("/", "POST", ("Transfer-Encoding", "chunked")), *body(b"a", complete=False))
        task = server.start(app)
        await server.sends(2)
        server.hang_up()
        await asyncio.wait({task})

    run(main())

    assert ended == [1]


# after the request


def test_a_task_that_outlives_its_request_still_reads_it() -> None:
    app, seen = Erlen("app"), []
    app.secret_key = "key"
    tasks: list[asyncio.Task[None]] = []
    over: list[asyncio.Event] = []

    async def later() -> None:
        await over[0].wait()
        seen.append((request.path, request.args["q"], request.form["a"], request.headers["X-A"]))
        seen.append(session["n"])

    @app.post("/<int:number>")
    async def view(number: int) -> str:
        session["n"] = number
        tasks.append(asyncio.get_running_loop().create_task(later()))
        return "text"

    async def main() -> None:
        over.append(asyncio.Event())
        scope = http(
            "/7?q=1",
            "POST",
            ("X-A", "2"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Content-Length", "3"),
        )
        await Server(scope, *body(b"a=3")).serve(app)
        over[0].set()
        await tasks[0]

    run(main())

    assert seen == [("/7", "1", "3", "2"), 7]


@pytest.mark.parametrize("error", [OSError, BrokenPipeError, ConnectionResetError])
@pytest.mark.parametrize("way", ["bare", "coroutine", "plain"])
@pytest.mark.parametrize("name", ["text", "pieces", "apieces", "nowhere"])
def test_an_error_that_the_server_raised_because_the_client_has_gone_is_not_raised_back_to_it(
    name: str, way: str, error: type[OSError]
) -> None:
    app, count = make(*WAYS[way])

    async def main() -> None:
        server = Server(brought(name)[0])

        async def send(message: Message) -> None:
            raise error

        await app(server.scope, server.receive, send)

    run(main())

    check_ends(count, WAYS[way][1], True)


@pytest.mark.parametrize("path", ["/malformed", "/full"])
def test_a_refusal_of_the_gateway_may_fail_because_the_client_has_gone(path: str) -> None:
    app = Erlen("app")
    app.config.update(ASGI_THREADS=0, ASGI_QUEUE=0)
    app.add_url_rule("/full", "full", lambda: "")
    malformed = {"headers": [(b"content-length", b"x")]} if path == "/malformed" else {}

    async def main() -> None:
        server = Server(http(path, **malformed))
        server.hang_up()
        await server.start(app)

    run(main())
