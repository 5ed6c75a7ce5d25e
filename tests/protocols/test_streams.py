"""Bodies that come in parts: what they see, and when teardown runs."""

from __future__ import annotations

import asyncio
import functools
import itertools
import typing as t

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wsgi import ClosingIterator

from erlen import EventStream
from erlen.wrappers.async_body import AsyncBody
from tests.protocols.web import PLAIN, Colour, Web


def noting(web: Web, hooks: Colour, log: list[t.Any]) -> t.Any:
    """Make an application that notes its teardowns."""
    app = web.Flask("app")
    app.secret_key = "key"
    app.teardown_request(hooks(lambda error: log.append("teardown")))
    app.teardown_appcontext(hooks(lambda error: log.append("context")))
    return app


def parts(log: list[t.Any], see: t.Callable[[], t.Any]) -> t.Iterator[str]:
    """Give two parts, and note what is seen as each is made."""
    try:
        log.append(f"first {see()}")
        yield "a"
        log.append(f"second {see()}")
        yield "b"
    finally:
        log.append("closed")


def test_a_generator_has_no_context_and_starts_behind_teardown(
    web: Web, colour: Colour, hooks: Colour
) -> None:
    log: list[t.Any] = []
    app = noting(web, hooks, log)
    app.add_url_rule("/", "view", colour(lambda: parts(log, web.has_request_context)))

    with web.client(app).get("/") as response:
        assert (response.text, response.headers.get("Content-Length")) == ("ab", None)

    assert log == ["teardown", "context", "first False", "second False", "closed"]


def test_a_generator_in_a_response_keeps_its_status_and_headers(web: Web, colour: Colour) -> None:
    app = web.Flask("app")

    def view() -> t.Any:
        return web.Response(
            (f"{n}\n" for n in range(3)), 201, {"X-A": "1", "Content-Length": "6"}, mimetype="text/csv"
        )

    app.add_url_rule("/", "view", colour(view))

    answer = web.wire(app, "/")

    assert (answer.status, answer.body, answer.values("X-A")) == (201, b"0\n1\n2\n", ["1"])
    assert answer.values("Content-Length") == ["6"]
    assert answer.values("Content-Type") == ["text/csv; charset=utf-8"]


# Flask tears a stream with a context down twice, as its request ends and as the stream does.


def test_a_stream_with_context_is_torn_down_once_when_it_ends(erlen_web: Web, hooks: Colour) -> None:
    web, log = erlen_web, []
    app = noting(web, hooks, log)

    @app.get("/<x>")
    def view(x: str) -> t.Any:
        web.g.x = x
        see = lambda: f"{web.request.args['q']} {web.g.x} {web.url_for('view', x='y')}"  # noqa: E731
        return web.stream_with_context(parts(log, see))

    with web.client(app).get("/x?q=1") as response:
        assert response.text == "ab"

    assert log == ["first 1 x /y", "second 1 x /y", "closed", "teardown", "context"]
    assert not web.has_request_context()


def test_a_stream_with_context_may_come_from_a_coroutine_view(
    erlen_web: Web, colour: Colour, hooks: Colour
) -> None:
    log: list[t.Any] = []
    app = noting(erlen_web, hooks, log)
    see = lambda: erlen_web.request.path  # noqa: E731
    app.add_url_rule("/", "view", colour(lambda: erlen_web.stream_with_context(parts(log, see))))

    with erlen_web.client(app).get("/") as response:
        assert response.text == "ab"

    assert log == ["first /", "second /", "closed", "teardown", "context"]


def test_a_function_that_streams_may_be_decorated(web: Web) -> None:
    app = web.Flask("app")

    @app.get("/")
    def view() -> t.Any:
        @web.stream_with_context
        def body() -> t.Iterator[str]:
            yield "hello "
            yield web.request.args["name"]

        return web.Response(body())

    assert web.client(app).get("/?name=amy").text == "hello amy"


def test_a_stream_reads_the_session_it_was_made_with(web: Web) -> None:
    app = noting(web, Colour("def"), [])

    @app.get("/")
    def view() -> t.Any:
        web.session["n"] = 1
        return web.stream_with_context(str(web.session[key]) for key in ("n", "m"))

    client = web.client(app)
    with client.session_transaction() as session:
        session["m"] = 2

    assert client.get("/").text == "12"
    with client.session_transaction() as session:
        assert dict(session) == {"n": 1, "m": 2}


def test_a_stream_that_is_left_is_closed(erlen_web: Web, hooks: Colour) -> None:
    web, log = erlen_web, []
    app = noting(web, hooks, log)
    app.add_url_rule("/plain", "plain", lambda: parts(log, web.has_request_context))
    app.add_url_rule("/kept", "kept", lambda: web.stream_with_context(parts(log, web.has_request_context)))
    client = web.client(app)

    for path, told in (
        ("/plain", ["teardown", "context", "first False", "closed"]),
        ("/kept", ["first True", "closed", "teardown", "context"]),
    ):
        response = client.get(path)
        assert next(iter(response.response)) == b"a"
        response.close()
        assert [note for note in log if not str(note).startswith("second")] == told
        log.clear()


def test_head_runs_the_view_and_closes_its_stream(web: Web, colour: Colour) -> None:
    app, log = web.Flask("app"), []

    def view() -> t.Any:
        response = web.Response(parts(log, lambda: ""))
        response.call_on_close(lambda: log.append("on close"))
        return response

    app.add_url_rule("/", "view", colour(view))
    with web.client(app).head("/") as response:
        assert (response.status_code, response.data) == (200, b"")

    assert log == ["on close"]


def test_a_stream_that_fails_in_its_midst_is_closed_and_torn_down_once(erlen_web: Web, hooks: Colour) -> None:
    web, log = erlen_web, []
    app = noting(web, hooks, log)
    app.add_url_rule(
        "/", "view", lambda: web.stream_with_context(parts(log, lambda: 1 / (len(log) - 1) if log else 0))
    )

    with pytest.raises(ZeroDivisionError), web.client(app).get("/", buffered=True) as response:
        response.get_data()

    assert log == ["first 0", "closed", "teardown", "context"]
    assert not web.has_request_context()


def test_after_hooks_see_the_stream_and_may_wrap_it(web: Web, colour: Colour, hooks: Colour) -> None:
    app, log = web.Flask("app"), []
    app.add_url_rule("/", "view", colour(lambda: parts(log, lambda: "")))

    @app.after_request
    @hooks
    def wrap(response: t.Any) -> t.Any:
        assert response.is_streamed
        body = response.response
        response.response = (part.upper() for part in body)
        response.headers["X-Wrapped"] = "yes"
        return response

    response = web.client(app).get("/")

    assert (response.text, response.headers["X-Wrapped"]) == ("AB", "yes")


def test_many_parts_arrive_in_order(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.add_url_rule("/", "view", colour(lambda: (bytes([n % 256]) * 1000 for n in range(500))))

    answer = web.wire(app, "/")

    assert answer.body == b"".join(bytes([n % 256]) * 1000 for n in range(500))


def test_empty_parts_do_not_end_a_stream(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    app.add_url_rule("/", "view", colour(lambda: iter(["", "a", "", "b", ""])))

    assert web.wire(app, "/").body == b"ab"


# async generators


async def async_parts(log: list[t.Any], see: t.Callable[[], t.Any]) -> t.AsyncIterator[str]:
    """Give two parts, and note what is seen as each is made."""
    try:
        log.append(f"first {see()}")
        yield "a"
        await asyncio.sleep(0)
        log.append(f"second {see()}")
        yield "b"
    finally:
        await asyncio.sleep(0)
        log.append("closed")


def test_an_async_generator_keeps_its_contexts_until_it_ends(
    erlen_web: Web, colour: Colour, hooks: Colour
) -> None:
    web, log = erlen_web, []
    app = noting(web, hooks, log)

    def view(x: str) -> t.Any:
        web.g.x, web.session["x"] = x, x
        return async_parts(log, lambda: f"{web.request.path} {web.g.x} {web.session['x']}")

    app.add_url_rule("/<x>", "view", colour(view))
    with web.client(app).get("/x") as response:
        assert (response.status_code, response.text, response.mimetype) == (200, "ab", "text/html")

    assert log == ["first /x x x", "second /x x x", "closed", "teardown", "context"]
    assert not web.has_request_context()


def test_an_async_generator_function_is_a_view(erlen_web: Web) -> None:
    app = erlen_web.Flask("app")

    @app.get("/<int:n>")
    async def view(n: int) -> t.AsyncIterator[bytes]:
        for i in range(n):
            yield f"{i} {erlen_web.request.method} ".encode()

    assert erlen_web.wire(app, "/3").body == b"0 GET 1 GET 2 GET "
    assert erlen_web.wire(app, "/0").body == b""


def test_an_async_generator_takes_part_in_tuples_and_responses(erlen_web: Web, colour: Colour) -> None:
    app, log = erlen_web.Flask("app"), []
    app.add_url_rule(
        "/tuple", "tuple", colour(lambda: (async_parts(log, lambda: ""), 201, {"Content-Type": "text/csv"}))
    )
    app.add_url_rule(
        "/response",
        "response",
        colour(lambda: erlen_web.Response(AsyncBody(async_parts(log, lambda: "")), 202, {"X-A": "1"})),
    )

    answers = [erlen_web.wire(app, path) for path in ("/tuple", "/response")]

    assert [(answer.status, answer.body) for answer in answers] == [(201, b"ab"), (202, b"ab")]
    assert answers[0].values("Content-Type") == ["text/csv"]
    assert answers[1].values("X-A") == ["1"]


def test_an_async_generator_that_is_left_is_closed_and_torn_down(
    erlen_web: Web, colour: Colour, hooks: Colour
) -> None:
    log: list[t.Any] = []
    app = noting(erlen_web, hooks, log)
    app.add_url_rule("/", "view", colour(lambda: async_parts(log, erlen_web.has_request_context)))

    response = erlen_web.client(app).get("/")
    assert next(iter(response.response)) == b"a"
    response.close()

    told = [note for note in log if not str(note).startswith("second")]
    assert told == ["first True", "closed", "teardown", "context"]


def test_an_async_generator_that_fails_is_torn_down_once(
    erlen_web: Web, colour: Colour, hooks: Colour
) -> None:
    log: list[t.Any] = []
    app = noting(erlen_web, hooks, log)
    fail = lambda: 1 / (len(log) - 1) if log else 0  # noqa: E731
    app.add_url_rule("/", "view", colour(lambda: async_parts(log, fail)))

    with pytest.raises(ZeroDivisionError), erlen_web.client(app).get("/", buffered=True) as response:
        response.get_data()

    assert log == ["first 0", "closed", "teardown", "context"]
    assert not erlen_web.has_request_context()


def test_head_closes_an_async_generator_without_its_body(
    erlen_web: Web, colour: Colour, hooks: Colour
) -> None:
    log: list[t.Any] = []
    app = noting(erlen_web, hooks, log)
    app.add_url_rule("/", "view", colour(lambda: async_parts(log, lambda: "")))

    assert erlen_web.wire(app, "/", "HEAD").body == b""
    assert log == ["teardown", "context"]


# a stream that is made and not sent


def not_sent(web: Web, kind: str, made: t.Callable[[], t.Any], kept: list[t.Any]) -> t.Any:
    """Make a stream, and answer something else; *kept* refers to the stream longer than the request lasts."""
    if kind == "on g":
        web.g.stream = made()
    elif kind == "kept":
        kept.append(made())
    elif kind == "aborted":
        kept.append(made())
        web.module("helpers").abort(404)
    elif kind == "beside another":
        kept.append(made())
        return web.Response(piece for piece in ("oth", "er"))
    elif kind == "replaced":
        kept.append(web.Response(made()))
        web.after_this_request(lambda _: web.Response("other"))
        return kept[0]
    elif kind == "not modified":
        kept.append(web.Response(made(), 304))
        return kept[0]
    elif kind == "begun":
        kept.append(made())
        next(kept[0])
    return "other"


NOT_SENT = ("on g", "kept", "aborted", "beside another", "replaced", "not modified", "begun")
PATHS: dict[str, t.Callable[[t.Any], None]] = {
    "straight": lambda app: None,
    "seams": lambda app: setattr(app, "full_dispatch_request", app.full_dispatch_request),
    "middleware": lambda app: setattr(
        app, "wsgi_app", (lambda inner: lambda *args: inner(*args))(app.wsgi_app)
    ),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("kind", NOT_SENT)
def test_teardown_does_not_wait_for_a_stream_that_is_not_sent(
    erlen_web: Web, colour: Colour, hooks: Colour, kind: str, path: str
) -> None:
    log: list[t.Any] = []
    kept: list[t.Any] = []
    app = noting(erlen_web, hooks, log)
    PATHS[path](app)
    made = lambda: erlen_web.stream_with_context(iter("ab"))  # noqa: E731
    app.add_url_rule("/", "view", colour(lambda: not_sent(erlen_web, kind, made, kept)))

    for _ in range(2):
        answer = erlen_web.wire(app, "/")
        assert (answer.body.endswith(b"other") or answer.status in (404, 304), log) == (
            True,
            ["teardown", "context"],
        )
        for each in kept:
            each.close()
        assert log == ["teardown", "context"]
        log.clear()
        kept.clear()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("source", ["plain", "asynchronous", "events", "asynchronous events"])
def test_teardown_does_not_wait_for_a_stream_under_head_nor_one_of_another_kind(
    erlen_web: Web, colour: Colour, hooks: Colour, source: str, path: str
) -> None:
    log: list[t.Any] = []
    kept: list[t.Any] = []
    app = noting(erlen_web, hooks, log)
    PATHS[path](app)

    def made() -> t.Any:
        if source == "plain":
            return erlen_web.Response(erlen_web.stream_with_context(iter("ab")))
        if source == "asynchronous":
            return erlen_web.Response(AsyncBody(async_parts(log, lambda: "")))
        return EventStream(iter("ab") if source == "events" else async_parts(log, lambda: ""))

    app.add_url_rule("/sent", "sent", colour(made))
    app.add_url_rule("/kept", "kept", colour(lambda: (kept.append(made()), "other")[1]))

    # Nobody closes what is returned.
    if erlen_web.way == "wsgi":
        environ = EnvironBuilder("/sent", method="HEAD").get_environ()
        kept.append(app(environ, lambda status, headers: None))
    else:
        erlen_web.wire(app, "/sent", "HEAD")
    assert log == ["teardown", "context"]
    log.clear()
    assert (erlen_web.wire(app, "/kept").body, log) == (b"other", ["teardown", "context"])
    for each in kept:
        each.close()
    assert log == ["teardown", "context"]


class Cased:
    """An iterator as a library has it."""

    def __init__(self, pieces: t.Iterable[t.Any]) -> None:
        self._pieces = iter(pieces)

    def __iter__(self) -> t.Iterator[t.Any]:
        return self

    def __next__(self) -> t.Any:
        return next(self._pieces).upper()


def begun(pieces: t.Iterator[t.Any]) -> t.Iterator[t.Any]:
    """Take the first piece now: its generator is suspended while *pieces* are in a loop."""

    def generator() -> t.Iterator[t.Any]:
        for piece in pieces:
            yield piece.upper()

    made = generator()
    return itertools.chain([next(made)], made)


WRAPPED: dict[str, t.Callable[[t.Any], t.Any]] = {
    "as it is": lambda stream: stream,
    "generator": lambda stream: (piece.upper() for piece in stream),
    "begun": begun,
    "map": lambda stream: map(str.upper, stream),
    "object": Cased,
    "closing": lambda stream: ClosingIterator(Cased(stream), [lambda: None]),
    "partial": lambda stream: iter(functools.partial(next, Cased(stream), ""), ""),
    "closure": lambda stream: (lambda: (yield from Cased(stream)))(),
}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("wrap", WRAPPED)
def test_teardown_waits_for_a_stream_behind_any_middleware(
    erlen_web: Web, colour: Colour, hooks: Colour, wrap: str, path: str
) -> None:
    web, log = erlen_web, []
    app = noting(web, hooks, log)
    PATHS[path](app)

    def view() -> t.Any:
        pieces = parts(log, lambda: web.request.path)
        return web.Response(web.stream_with_context(pieces))

    @app.after_request
    def around(response: t.Any) -> t.Any:
        response.response = WRAPPED[wrap](response.response)
        return response

    app.add_url_rule("/", "view", colour(view))
    answer = web.wire(app, "/")

    assert answer.body.lower() == b"ab"
    assert log == ["first /", "second /", "closed", "teardown", "context"]


def test_a_range_of_a_stream_keeps_its_contexts(erlen_web: Web, colour: Colour) -> None:
    log: list[t.Any] = []
    app = noting(erlen_web, PLAIN, log)

    def view() -> t.Any:
        pieces = (bytes(parts, "ascii") for parts in parts(log, lambda: erlen_web.request.path))
        response = erlen_web.Response(erlen_web.stream_with_context(pieces), direct_passthrough=True)
        response.content_length = 2
        return response.make_conditional(erlen_web.request.environ, accept_ranges=True, complete_length=2)

    app.add_url_rule("/", "view", colour(view))
    answer = erlen_web.wire(app, "/", headers=[("Range", "bytes=1-1")])

    assert (answer.status, answer.body) == (206, b"b")
    assert [note for note in log if note != "closed"] == ["first /", "second /", "teardown", "context"]
