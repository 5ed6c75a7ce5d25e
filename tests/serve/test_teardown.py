"""The end of a request: what is torn down, in which order, and when."""

from __future__ import annotations

import typing as t

import pytest

import erlen
from erlen import Erlen
from erlen.active import NOTHING, state_variable
from tests.serve.beside import Framework, beside_flask, call, told_alike
from tests.serve.contexts import active, noting_ends

# teardown


@beside_flask
def test_teardown_functions_run_from_the_last_to_the_first(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    inner = framework.Blueprint("inner", "inner")
    outer = framework.Blueprint("outer", "outer", url_prefix="/outer")
    for place in (app, inner, outer):
        for n in (1, 2):
            place.teardown_request(lambda error, place=place, n=n: log.append((place.name, n, repr(error))))
    for n in (1, 2):
        app.teardown_appcontext(lambda error, n=n: log.append(("context", n, repr(error))))
    inner.teardown_app_request(lambda error: log.append("from a blueprint"))
    inner.add_url_rule("/", "view", lambda: "")
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    with app.test_request_context("/outer/"):
        log.append("inside")
    call(app, "/outer/")
    call(app, "/nowhere")
    return log


@pytest.mark.parametrize("where", ["request", "app", "both"])
def test_an_exception_in_a_teardown_function_skips_the_rest_of_its_list_only(where: str) -> None:
    def story(framework: Framework) -> object:
        app, log = framework.Flask("app"), []
        app.add_url_rule("/", "view", lambda: "")

        def fail(error: object) -> t.NoReturn:
            log.append("fails")
            raise RuntimeError(where)

        for table in (app.teardown_request, app.teardown_appcontext):
            table(lambda error: log.append(("last of its list", repr(error))))
            if where in ("both", {"request": "request", "app": "app"}[_name(table)]):
                table(fail)
            table(lambda error: log.append(("first of its list", repr(error))))
        with pytest.raises(RuntimeError, match=where):
            call(app)
        log.append(active(framework))
        with pytest.raises(RuntimeError, match=where), app.test_request_context():
            log.append("inside")
        return [*log, active(framework)]

    def _name(table: t.Any) -> str:
        return "request" if table.__name__ == "teardown_request" else "app"

    assert told_alike(story)[-1] == (False, False, False)


@beside_flask
def test_teardown_functions_hear_of_the_exception_that_ended_the_block(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    noting_ends(framework, app, log)
    for kind in ("app_context", "test_request_context"):
        for error in (ValueError("v"), KeyboardInterrupt("k"), SystemExit(1)):
            with pytest.raises(type(error)), getattr(app, kind)():
                raise error
        context = getattr(app, kind)()
        context.push()
        try:
            raise LookupError("being handled")
        except LookupError:
            context.pop()
        context = getattr(app, kind)()
        context.push()
        try:
            raise LookupError("being handled")
        except LookupError:
            context.pop(None)
        context = getattr(app, kind)()
        context.push()
        context.pop(ValueError("given"))
    return log


@beside_flask
def test_do_teardown_by_hand_takes_the_exception_that_is_handled(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    noting_ends(framework, app, log)
    with app.test_request_context("/path"):
        for teardown in (app.do_teardown_request, app.do_teardown_appcontext):
            teardown()
            teardown(ValueError("given"))
            try:
                raise LookupError("being handled")
            except LookupError:
                teardown()
                teardown(None)
    return log


@beside_flask
def test_a_teardown_function_registered_during_the_request_runs(framework: Framework) -> object:
    app, log = framework.Flask("app"), []

    @app.get("/")
    def view() -> str:
        for table in (app.teardown_request_funcs.setdefault(None, []), app.teardown_appcontext_funcs):
            table.append(lambda error: log.append(len(log)))
        return ""

    call(app)
    call(app)
    return log


@beside_flask
def test_request_is_closed_with_its_context(framework: Framework) -> object:
    log: list[str] = []

    class Request(framework.Request):  # type: ignore[misc]
        def close(self) -> None:
            log.append(f"closed {self.path}")

    app = framework.Flask("app")
    app.request_class = Request
    app.add_url_rule("/", "view", lambda: framework.request.path)
    app.teardown_request(lambda error: log.append("teardown"))
    app.teardown_appcontext(lambda error: log.append("app"))
    call(app)
    with app.test_request_context("/two"):
        log.append(framework.request.path)
    return log


@beside_flask
def test_a_request_is_closed_even_if_it_was_not_used(framework: Framework) -> object:
    log: list[str] = []

    class Request(framework.Request):  # type: ignore[misc]
        def close(self) -> None:
            log.append("closed")

    app = framework.Flask("app")
    app.request_class = Request
    app.add_url_rule("/", "view", lambda: "")
    call(app)
    call(app)
    with app.test_request_context():
        pass
    return log


@beside_flask
def test_signals_come_around_the_functions(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    names = ("appcontext_pushed", "appcontext_tearing_down", "appcontext_popped", "request_tearing_down")
    receivers = []
    for name in names:

        def receiver(sender: t.Any, name: str = name, **kwargs: t.Any) -> None:
            log.append((name, sender.name, framework.has_app_context(), sorted(kwargs)))

        receivers.append(receiver)
        getattr(framework.signals, name).connect(receiver, app)
    noting_ends(framework, app, log)
    app.add_url_rule("/", "view", lambda: "")
    call(app)
    with app.app_context():
        log.append("inside")
        with app.test_request_context("/shared"):
            log.append("both")
    return log


# streams


def test_a_stream_puts_the_teardown_off_until_it_is_released() -> None:
    app, log = Erlen("app"), []
    noting_ends(erlen, app, log)
    with app.test_request_context("/path") as context:
        erlen.g.user = "ada"
        streams = [context.contexts_for_stream() for _ in range(2)]
        context.wait_for_streams_in(streams)
    assert log == []
    streams[0].release(None)
    streams[0].release(None)
    assert log == []
    streams[1].release(None)
    assert log == [("request", "app", "None", "/path", "ada"), ("app", "app", "None", None, "ada")]


def test_a_stream_released_while_the_context_is_active_changes_nothing() -> None:
    app, log = Erlen("app"), []
    noting_ends(erlen, app, log)
    with app.test_request_context("/path") as context:
        stream = context.contexts_for_stream()
        context.wait_for_streams_in(stream)
        stream.release(None)
        assert log == []
    assert [name for name, *_ in log] == ["request", "app"]


def test_an_exception_that_ends_the_request_does_not_wait_for_a_stream() -> None:
    app, log = Erlen("app"), []
    noting_ends(erlen, app, log)
    context = app.test_request_context("/path")
    context.push()
    stream = context.contexts_for_stream()
    context.wait_for_streams_in(stream)
    context.pop(ZeroDivisionError())
    assert [name for name, *_ in log] == ["request", "app"]
    stream.release(None)
    assert len(log) == 2


def test_a_teardown_put_off_runs_wholly_when_a_function_fails() -> None:
    app, log = Erlen("app"), []
    noting_ends(erlen, app, log)

    @app.teardown_request
    def fail(error: object) -> None:
        raise RuntimeError("teardown")

    with app.test_request_context("/path") as context:
        stream = context.contexts_for_stream()
        context.wait_for_streams_in(stream)
    with pytest.raises(RuntimeError, match="teardown"):
        stream.release(None)
    assert [name for name, *_ in log] == ["app"]
    assert state_variable.get() is NOTHING
