"""Contexts held open around requests, nested, pushed again, carried to threads."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

from flask import (
    Response,
    copy_current_request_context,
    current_app,
    g,
    has_app_context,
    has_request_context,
    request,
    session,
    stream_with_context,
)
from flask.globals import app_ctx, request_ctx
from werkzeug.test import EnvironBuilder

from ..application.events import note, taken
from .story import scenario, small_app, tell


@scenario
def an_application_context_held_open_is_shared_and_torn_down_once() -> Any:
    app = small_app()
    client = app.test_client()
    with app.app_context() as context:
        g.mine = 1
        inside = [
            tell(client.get("/")),
            tell(client.get("/")),
            sorted(g),
            app_ctx._get_current_object() is context,
        ]
        note("still open")
    return [inside, tell(client.get("/")), taken()]


@scenario
def the_open_context_of_another_application_is_not_shared() -> Any:
    one, two = small_app(), small_app()
    with one.app_context():
        g.mine = 1
        inside = [tell(two.test_client().get("/")), sorted(g), current_app._get_current_object() is one]
    return [inside, taken()]


@scenario
def a_request_context_held_open_around_a_request() -> Any:
    app = small_app()
    with app.test_request_context("/touch?a=1"):
        outer = [request.path, g.setdefault("mine", 1)]
        inner = tell(app.test_client().get("/"))
        after = [request.path, dict(request.args), sorted(g)]
    return [outer, inner, after, has_request_context(), has_app_context(), taken()]


@scenario
def contexts_nest_and_unwind_in_order() -> Any:
    one, two = small_app(), small_app()
    log = []
    with one.app_context():
        g.depth = 1
        with one.test_request_context("/one"):
            log.append([request.path, g.get("depth")])
            with two.test_request_context("/two"):
                log.append([request.path, g.get("depth")])
                with one.app_context():
                    log.append([request.path, g.get("depth"), current_app._get_current_object() is one])
                log.append([request.path, current_app._get_current_object() is two])
            log.append([request.path, g.get("depth")])
        log.append([has_request_context(), g.get("depth")])
    return [log, has_app_context(), taken()]


@scenario
def a_context_popped_in_the_wrong_order_says_so() -> Any:
    app = small_app()
    one, two = app.test_request_context("/one"), app.test_request_context("/two")
    one.push()
    two.push()
    try:
        one.pop()
    except AssertionError:
        note("refused")
    state = [has_request_context()]
    return [state, taken()]


@scenario
def one_context_object_can_be_pushed_again() -> Any:
    app = small_app()
    context = app.test_request_context("/")
    with context:
        g.first = 1
        with context:
            inner = [sorted(g), request.path]
        between = [sorted(g), request.path]
        note("inner left")
    return [inner, between, taken()]


@scenario
def each_context_is_a_new_object_that_can_be_referenced_weakly() -> Any:
    app = small_app()
    seen = []
    kept: list[Any] = []

    @app.route("/look")
    def look() -> str:
        kept.append(weakref.ref(request_ctx._get_current_object()))
        seen.append(weakref.ref(app_ctx._get_current_object()))
        request_ctx.foreign = 1
        request.foreign = 2
        return (
            f"{request_ctx.foreign} {request.foreign} {hasattr(app_ctx, 'session')} {hasattr(g, 'foreign')}"
        )

    client = app.test_client()
    bodies = [client.get("/look").text for _ in range(3)]
    gc.collect()
    return [bodies, [ref() is None for ref in (*kept[:-1], *seen[:-1])]]


@scenario
def a_client_in_a_with_block_keeps_the_context() -> Any:
    app = small_app()
    log = []
    with app.test_client() as client:
        client.get("/session/one")
        log.append([request.path, session["word"], sorted(g)])
        note("second request")
        client.get("/touch")
        log.append([request.path, session.get("word")])
        note("failing request")
        log.append(client.get("/fail").status)
        log.append([request.path, has_app_context()])
    return [log, has_request_context(), has_app_context(), taken()]


@scenario
def a_client_edits_the_session_between_requests() -> Any:
    app = small_app()
    client = app.test_client()
    with client.session_transaction() as changed:
        changed["word"] = "set from outside"
    first = tell(client.get("/touch"))
    with client, app.app_context():
        with client.session_transaction() as changed:
            changed["word"] += "!"
        second = tell(client.get("/touch"))
    return [first, second, taken()]


@scenario
def an_exception_ends_a_context_held_open() -> Any:
    app = small_app()
    try:
        with app.test_request_context("/"):
            raise KeyError("outside of a request")
    except KeyError:
        note("seen")
    return [has_request_context(), taken()]


@scenario
def a_context_carried_to_a_thread() -> Any:
    app = small_app()
    log: list[Any] = []

    @app.route("/thread")
    def start() -> str:
        g.mine = "g"

        @copy_current_request_context
        def work() -> None:
            log.append([request.path, session.get("word"), sorted(g)])

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        bare = threading.Thread(target=lambda: log.append([has_request_context(), has_app_context()]))
        bare.start()
        bare.join()
        return "done"

    return [tell(app.test_client().get("/thread")), log, taken()]


@scenario
def generators_with_and_without_a_context() -> Any:
    app = small_app()

    @app.route("/with")
    def with_context() -> Any:
        session["word"] = "w"

        def parts() -> Iterator[str]:
            yield request.path
            yield str(session.get("word"))
            note("generator at its end", has_request_context())

        return stream_with_context(parts())

    @app.route("/without")
    def without() -> Any:
        def parts() -> Iterator[str]:
            yield str(has_request_context())
            yield str(has_app_context())

        return Response(parts())

    client = app.test_client()
    log = [tell(client.get("/without")), tell(client.get("/with"))]
    events = [event for event in taken() if not event.startswith("teardown")]  # see `differences`
    return [log, events, has_request_context(), has_app_context()]


@scenario
def a_stream_that_is_never_sent_is_torn_down_all_the_same() -> Any:
    app = small_app()

    def parts() -> Iterator[str]:
        yield request.path

    @app.route("/made")
    def made() -> Any:
        stream = stream_with_context(parts())
        return stream if "kept" in request.args else "another answer"

    @app.route("/twice")
    def twice() -> Any:
        return Response([*stream_with_context(parts()), *stream_with_context(parts())])

    @app.route("/failed")
    def failed() -> Any:
        g.stream = stream_with_context(parts())
        raise ValueError("after the stream was made")

    log: list[Any] = []
    for asked in ("GET /made", "GET /made?kept", "HEAD /made?kept", "GET /failed", "GET /twice"):
        method, path = asked.split()
        for read in (True, False):
            environ = EnvironBuilder(path=path, method=method).get_environ()
            body = app(environ, lambda status, headers: log.append(status))  # type: ignore[arg-type]
            content = b"".join(body).decode() if read else "unread"
            getattr(body, "close", lambda: None)()
            ends = {event.split()[0] + event.split()[1] for event in taken() if event.startswith("teardown")}
            log.append([asked, content, sorted(ends), has_request_context(), has_app_context()])
    gc.collect()
    taken()
    return log


@scenario
def a_view_called_by_hand_in_an_open_context() -> Any:
    app = small_app()
    log: list[Any] = []
    with app.test_request_context("/session/x"):
        log.append(repr(app.preprocess_request()))
        returned = app.dispatch_request()
        log.append(returned)
        response = app.make_response(returned)
        log.append(tell(app.process_response(response)))
        app.do_teardown_request()
        note("torn down by hand")
    with app.test_request_context("/fail"):
        try:
            app.full_dispatch_request()
        except ValueError:
            note("raised")
    with app.test_request_context("/nowhere"):
        log.append(tell(app.full_dispatch_request()))
    with app.test_request_context("/", method="OPTIONS"):
        log.append(tell(app.make_default_options_response()))
    return [log, taken()]


@scenario
def requests_in_threads_do_not_see_each_other() -> Any:
    app = small_app()
    wrong: list[str] = []

    @app.route("/mine/<word>")
    def mine(word: str) -> str:
        g.word = session["word"] = word
        time.sleep(0.001)
        seen = {request.view_args["word"], request.args["q"], g.word, session["word"]}  # type: ignore[index]
        if seen != {word}:
            wrong.append(f"{word} saw {sorted(seen)}")
        return word

    def visit(number: int) -> None:
        client = app.test_client()
        for turn in range(20):
            word = f"{number}-{turn}"
            answer = client.get(f"/mine/{word}?q={word}")
            if answer.text != word:
                wrong.append(f"{word} got {answer.text}")

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [wrong, sorted(set(taken()))]
