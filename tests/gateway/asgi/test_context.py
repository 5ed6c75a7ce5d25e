"""A request by ASGI: its body comes when it is asked for, and it is matched once, with contexts active."""

from __future__ import annotations

import asyncio
import threading
import typing as t

import pytest
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.routing import BaseConverter, Rule, ValidationError

from erlen import Erlen, abort, current_app, g, request, session
from erlen.concurrency.pool import pool_of
from erlen.sessions import SecureCookieSession, SecureCookieSessionInterface
from tests.gateway.asgi.coloured import FORM, Coloured, post
from tests.gateway.asgi.driver import Answer, Message, Server, ask_once, body, http, run

COLOURS = ("plain", "coroutine", "mixed", "wrapped")


# rules that Werkzeug's matcher answers


READS: dict[str, t.Callable[[], t.Any]] = {
    "form": lambda: request.form["a"],
    "data": lambda: request.get_data(as_text=True)[2:],
    "stream": lambda: request.stream.read()[2:].decode(),
    "values": lambda: request.values["a"],
}


@pytest.mark.parametrize("read", READS)
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("path", ["/b/any", "/plain"])
def test_the_body_is_there_where_werkzeug_matches_every_time(colour: str, read: str, path: str) -> None:
    made = Coloured(colour)
    view = made.view(lambda c=None: READS[read]())
    made.app.add_url_rule("/b", "b", view, methods=["POST"], defaults={"c": "t"})
    made.app.add_url_rule("/b/<c>", "b", view, methods=["POST"])
    made.app.url_map.add(Rule("/plain", endpoint="b", methods=["POST"]))

    answers = [post(made.app, path, b"a=", b"12") for _ in range(3)]

    assert [(answer.status, answer.text) for answer in answers] == [(200, "12")] * 3


# who else reads the body


KINDS = ("before", "after", "teardown", "handler", "after_this_request")


PATHS = {"/nowhere": 404, "/get": 405, "/slash": 308, "/view": 200, "/refused": 403}


def reading(kind: str, colour: str, read: t.Callable[[], t.Any]) -> tuple[Erlen, list[t.Any]]:
    """Make an application in which a function of *kind* reads the body, and nobody else does."""
    made, seen = Coloured(colour), []
    app = made.app

    def note(result: t.Any = None) -> t.Any:
        seen.append(read())
        return result

    if kind == "before":
        app.before_request(made.hook(note))
    elif kind == "after":
        app.after_request(made.hook(note))
    elif kind == "teardown":
        app.teardown_request(made.hook(lambda error: note()))
    elif kind == "handler":
        for code in (403, 404, 405):
            app.register_error_handler(code, made.hook(note))

    app.add_url_rule("/view", "view", made.view(lambda: "fine"), methods=["POST"])
    app.add_url_rule("/refused", "refused", made.view(lambda: abort(403)), methods=["POST"])
    app.add_url_rule("/get", "get", made.view(lambda: "fine"), methods=["GET"])
    app.add_url_rule("/slash/", "slash", made.view(lambda: "fine"), methods=["POST"])
    return app, seen


@pytest.mark.parametrize("read", ["form", "data", "json"])
@pytest.mark.parametrize("colour", COLOURS)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", ["before", "after", "teardown", "handler"])
def test_every_function_can_read_the_body_however_the_request_ends(
    kind: str, path: str, colour: str, read: str
) -> None:
    reads: dict[str, t.Callable[[], t.Any]] = {
        "form": lambda: request.form.to_dict(),
        "data": lambda: request.get_data(),
        "json": lambda: request.get_json(silent=True),
    }
    app, seen = reading(kind, colour, reads[read])
    headers = [("Content-Type", "application/json")] if read == "json" else [FORM]
    pieces = (b'{"a":', b" 1}") if read == "json" else (b"a=", b"1")

    answers = [post(app, path, *pieces, headers=headers) for _ in range(2)]

    assert [answer.status for answer in answers] == [PATHS[path]] * 2
    expected = {"form": {"a": "1"}, "data": b"a=1", "json": {"a": 1}}[read]
    told = [] if kind == "handler" and path in ("/view", "/slash") else [expected] * 2
    assert seen == told


@pytest.mark.parametrize("pieces", [(b"a" * 100_000,) * 3, (b"a",) * 3])
@pytest.mark.parametrize("colour", COLOURS)
def test_a_body_of_no_announced_length_is_read_by_hooks_and_by_views(
    colour: str, pieces: tuple[bytes, ...]
) -> None:
    made, seen = Coloured(colour), []
    made.app.before_request(made.hook(lambda: seen.append(len(request.get_data()))))
    made.app.add_url_rule("/", "view", made.view(lambda: str(len(request.get_data()))), methods=["POST"])

    for _ in range(2):
        answer = ask_once(made.app, http("/", "POST", ("Transfer-Encoding", "chunked")), *body(*pieces))
        assert answer.text == str(sum(map(len, pieces)))
    assert seen == [sum(map(len, pieces))] * 2


# a refusal costs nothing


@pytest.mark.parametrize("length", [300_000_000, None])
@pytest.mark.parametrize("colour", ["plain", "coroutine view", "wrapped"])
def test_a_plain_hook_that_refuses_is_asked_before_the_body_is_received(
    colour: str, length: int | None
) -> None:
    made = Coloured("plain" if colour == "plain" else "wrapped")
    made.app.before_request(lambda: ("no", 401))
    if colour == "coroutine view":
        made = Coloured("coroutine")
        made.app.before_request(lambda: ("no", 401))
    made.app.add_url_rule("/", "view", made.view(lambda: str(len(request.get_data()))), methods=["POST"])
    announced = ("Transfer-Encoding", "chunked") if length is None else ("Content-Length", str(length))

    async def main() -> tuple[Answer, list[Message]]:
        server = Server(http("/", "POST", announced), *body(*[b"a" * 1_000] * 4, complete=False))
        return await server.serve(made.app), server.received

    for _ in range(2):
        answer, received = run(main())
        assert (answer.status, answer.text, received) == (401, "no", [])


@pytest.mark.parametrize("colour", COLOURS)
def test_a_client_that_waits_to_be_asked_for_its_body_is_not_asked_where_it_is_refused(colour: str) -> None:
    made = Coloured(colour)
    made.app.before_request(lambda: ("no", 401))
    made.app.add_url_rule("/", "view", made.view(lambda: "fine"), methods=["POST"])
    scope = http("/", "POST", ("Content-Length", "3"), ("Expect", "100-continue"))

    async def main() -> tuple[Answer, list[Message]]:
        server = Server(scope)
        return await server.serve(made.app), server.received

    answer, received = run(main())
    assert (answer.status, received) == (401, [])


@pytest.mark.parametrize("colour", ["coroutine", "mixed"])
def test_a_large_body_is_not_received_for_an_address_that_does_not_exist(colour: str) -> None:
    app, seen = reading("before", colour, lambda: None)
    app.config["ASGI_BODY_MEMORY"] = 5_000

    async def main() -> int:
        server = Server(
            http("/nowhere", "POST", ("Transfer-Encoding", "chunked")), *body(*[b"a" * 1_000] * 100)
        )
        answer = await server.serve(app)
        assert answer.status == 404
        return len(server.received)

    assert run(main()) <= 6
    assert seen == [None]


# slow senders


def test_slow_senders_do_not_use_the_threads_up() -> None:
    """More of them than there are threads wait in a plain hook, and others are answered."""
    made = Coloured("plain", ASGI_THREADS=2, ASGI_QUEUE_TIMEOUT=5)

    @made.app.before_request
    def read() -> None:
        request.get_data()

    made.app.add_url_rule("/", "view", lambda: str(len(request.get_data())), methods=["POST", "GET"])
    scope = http("/", "POST", ("Content-Length", "300000"))

    async def main() -> None:
        slow = [Server(dict(scope), *body(b"a", complete=False)) for _ in range(5)]
        for server in slow:
            server.start(made.app)
        quick = await Server(http("/"), *body(b"")).serve(made.app)
        assert quick.text == "0"
        for server in slow:
            assert server.sent == []
            server.bring({"type": "http.request", "body": b"a" * 299_999, "more_body": False})
        for server in slow:
            assert server.task is not None
            await server.task
            assert server.answer.text == "300000"

    run(main())


def test_there_is_a_bound_for_slow_senders_too() -> None:
    made = Coloured("plain", ASGI_THREADS=2, ASGI_STREAMS=1)

    @made.app.before_request
    def read() -> None:
        request.get_data()

    made.app.add_url_rule("/", "view", lambda: "fine", methods=["POST"])
    scope = http("/", "POST", ("Content-Length", "300000"))

    async def main() -> None:
        first, second = (Server(dict(scope), *body(b"a", complete=False)) for _ in range(2))
        first.start(made.app)
        # Until the first has left its place.
        while not pool_of(made.app).streaming:  # noqa: ASYNC110
            await asyncio.sleep(0)
        answer = await second.serve(made.app)
        assert (answer.status, answer.headers["retry-after"]) == (503, "1")
        first.hang_up()
        assert first.task is not None
        await first.task

    run(main())


@pytest.mark.parametrize("wrapped", [False, True])
def test_a_cancelled_request_does_not_wait_for_its_sender(*, wrapped: bool) -> None:
    """Servers cancel what has not ended in time when they stop."""
    made, heard = Coloured("wrapped" if wrapped else "plain"), []

    @made.app.before_request
    def read() -> None:
        request.get_data()

    made.app.teardown_request(lambda error: heard.append(type(error).__name__))
    made.app.add_url_rule("/", "view", lambda: "fine", methods=["POST"])

    async def main() -> None:
        server = Server(http("/", "POST", ("Content-Length", "300000")), *body(b"a", complete=False))
        task = server.start(made.app)
        for _ in range(500):
            await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run(main())
    assert heard == ["CancelledError"]


@pytest.mark.parametrize("colour", COLOURS)
def test_thousands_of_empty_pieces_are_no_trouble(colour: str) -> None:
    made = Coloured(colour)
    made.app.add_url_rule("/", "view", made.view(lambda: str(len(request.get_data()))), methods=["POST"])

    for _ in range(2):
        scope = http("/", "POST", ("Transfer-Encoding", "chunked"))
        assert ask_once(made.app, scope, *body(*[b""] * 5_000, b"abc", *[b""] * 5_000)).text == "3"


# matching


class Noting(BaseConverter):
    """A converter that notes where it runs, and raises what its value says."""

    seen: t.ClassVar[list[t.Any]] = []

    def to_python(self, value: str) -> str:
        session["seen"] = value
        name = current_app.name, request.path, g.get("opened")
        self.seen.append((name, threading.current_thread() is threading.main_thread()))
        if value == "key":
            raise KeyError(value)
        if value == "no":
            raise ValidationError
        return value.upper()


class Opening(SecureCookieSessionInterface):
    def open_session(self, app: t.Any, request: t.Any) -> t.Any:
        g.opened = request.url_rule
        g.opened = "opened"
        return SecureCookieSession()


CASES = {"/c/x": (200, "X"), "/c/key": (500, "handled KeyError"), "/c/no": (404, "")}


@pytest.mark.parametrize("own_session", [False, True])
@pytest.mark.parametrize("path", CASES)
@pytest.mark.parametrize("colour", COLOURS)
def test_a_converter_runs_once_with_its_contexts_and_off_the_loop(
    colour: str, path: str, *, own_session: bool
) -> None:
    made = Coloured(colour)
    app = made.app
    if own_session:
        app.session_interface = Opening()
    app.url_map.converters["noting"] = Noting
    app.register_error_handler(
        500, made.hook(lambda e: (f"handled {type(e.original_exception).__name__}", 500))
    )
    app.add_url_rule("/c/<noting:value>", "view", made.view(lambda value: value))

    for _ in range(3):
        Noting.seen.clear()
        answer = ask_once(app, http(path))
        status, text = CASES[path]
        assert answer.status == status
        assert not text or answer.text == text
        assert Noting.seen == [(("app", path, "opened" if own_session else None), False)]


@pytest.mark.parametrize("path", ["/c/x", "/c/no"])
def test_under_wsgi_it_runs_once_too(path: str) -> None:
    made = Coloured("plain")
    made.app.url_map.converters["noting"] = Noting
    made.app.add_url_rule("/c/<noting:value>", "view", made.view(lambda value: value))

    for _ in range(3):
        Noting.seen.clear()
        assert made.app.test_client().get(path).status_code == CASES[path][0]
        assert len(Noting.seen) == 1


def test_a_refused_value_of_a_rule_behind_one_of_another_method_is_a_405() -> None:
    made = Coloured("plain")
    made.app.url_map.converters["noting"] = Noting
    made.app.add_url_rule("/c/<noting:value>", "post", made.view(lambda value: value), methods=["POST"])
    made.app.add_url_rule("/c/<noting:value>", "get", made.view(lambda value: value), methods=["GET"])

    for _ in range(2):
        answer = ask_once(made.app, http("/c/no"))
        assert (answer.status, sorted(answer.headers["allow"].split(", "))) == (405, ["OPTIONS", "POST"])


def test_a_slow_converter_does_not_block_the_loop() -> None:
    made, go_on = Coloured("coroutine"), threading.Event()

    class Slow(BaseConverter):
        def to_python(self, value: str) -> str:
            assert go_on.wait(20)
            return value

    made.app.url_map.converters["slow"] = Slow
    made.app.add_url_rule("/slow/<slow:value>", "slow", made.view(lambda value: value))
    made.app.add_url_rule("/", "quick", made.view(lambda: "quick"))

    async def main() -> None:
        slow = Server(http("/slow/x"), *body(b""))
        slow.start(made.app)
        assert (await Server(http("/"), *body(b"")).serve(made.app)).text == "quick"
        assert slow.sent == []
        go_on.set()
        assert slow.task is not None
        await slow.task
        assert slow.answer.text == "x"

    run(main())


@pytest.mark.parametrize("colour", ["plain", "mixed"])
def test_a_plain_view_runs_on_the_thread_that_matched(colour: str) -> None:
    made, threads = Coloured(colour), []

    class Converter(BaseConverter):
        def to_python(self, value: str) -> str:
            threads.append(threading.current_thread())
            return value

    def view(value: str) -> str:
        threads.append(threading.current_thread())
        return value

    made.app.url_map.converters["own"] = Converter
    made.app.add_url_rule("/<own:value>", "view", view)
    made.app.teardown_request(lambda error: threads.append(threading.current_thread()))

    ask_once(made.app, http("/x"))

    assert len(set(threads)) == 1


@pytest.mark.parametrize("is_coroutine", [True, False])
def test_a_body_beyond_its_limit_that_stated_no_length_is_an_error_where_it_is_read(
    is_coroutine: bool,
) -> None:
    app = Erlen("app")
    app.config["MAX_CONTENT_LENGTH"] = 10
    told: list[object] = []

    def view() -> str:
        told.append(list(request.files))
        with pytest.raises(RequestEntityTooLarge):
            request.get_data()
        return "read"

    async def coroutine() -> str:
        return view()

    app.add_url_rule("/", "view", coroutine if is_coroutine else view, methods=["POST"])
    scope = http("/", "POST", ("Transfer-Encoding", "chunked"), ("Content-Type", "application/json"))

    assert ask_once(app, scope, *body(b"[" + b" " * 20 + b"]")).text == "read"
    assert told == [[]]
