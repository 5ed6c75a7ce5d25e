"""Each seam may be called by hand, inside a pushed context."""

from __future__ import annotations

import typing as t

import pytest

from tests.serve.beside import Framework, beside_flask, call, outcome
from tests.serve.nested import nested

# by hand


@beside_flask
def test_each_step_may_be_called_by_hand(framework: Framework) -> object:
    log: list[t.Any] = []
    app = nested(framework, log)
    told: list[t.Any] = []
    with app.test_request_context("/outer/inner/1"):
        told.append(app.preprocess_request())
        told.append(app.dispatch_request())
        response = app.make_response(told[-1])
        told.append((type(response) is app.response_class, response.data))
        told.append(app.process_response(response) is response)
        told.append(app.finalize_request(("made", 201)).status)
        told.append(app.full_dispatch_request().data)
        app.do_teardown_request()
    return told, log


@beside_flask
def test_an_error_page_that_cannot_be_finished_is_sent_as_it_is(
    framework: Framework,
) -> object:
    app = framework.Flask("app")
    app.logger.disabled = True

    @app.after_request
    def after(response: t.Any) -> t.Any:
        raise LookupError("after")

    with app.test_request_context():
        with pytest.raises(LookupError):
            app.finalize_request("x")
        return app.finalize_request(("x", 202), from_error_handler=True).status


@beside_flask
def test_a_request_that_fails_twice_is_still_answered(framework: Framework) -> object:
    """An after hook fails, for the view's response and for that of the error."""
    app, log = framework.Flask("app"), []
    app.logger.disabled = True
    app.add_url_rule("/", "view", lambda: "")

    @app.after_request
    def after(response: t.Any) -> t.Any:
        log.append(response.status)
        raise LookupError

    app.teardown_request(lambda error: log.append(type(error).__name__))
    return [call(app).status, log]


@beside_flask
def test_should_ignore_error_keeps_an_error_from_teardown_functions(framework: Framework) -> object:
    class App(framework.Flask):  # type: ignore[misc]
        def should_ignore_error(self, error: BaseException | None) -> bool:
            log.append(type(error).__name__)
            return isinstance(error, LookupError)

    log: list[t.Any] = []
    app = App("app")
    app.logger.disabled = True
    app.add_url_rule("/<kind>", "view", lambda kind: {"key": {}, "zero": 1}[kind] // 0)
    app.add_url_rule("/", "fine", lambda: "")
    for teardown in (app.teardown_request, app.teardown_appcontext):
        teardown(lambda error: log.append(repr(error)))
    for path in ("/", "/nowhere/at/all", "/missing", "/zero"):
        log.append(call(app, path).status)
    return log


@beside_flask
def test_set_up_ends_with_the_first_request(framework: Framework) -> object:
    app = framework.Flask("app")
    app.add_url_rule("/", "view", lambda: "")
    call(app)
    with pytest.raises(AssertionError, match="first request"):
        app.add_url_rule("/late", "late", lambda: "")
    return outcome(app.before_request, lambda: None)
