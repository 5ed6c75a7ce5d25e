"""Exceptions: who handles them, what answers, what teardown hears."""

from __future__ import annotations

import io
import logging
import sys
import typing as t

import pytest
from werkzeug.exceptions import HTTPException, NotFound, TooManyRequests
from werkzeug.routing import BuildError

from tests.protocols.web import Colour, Web


class Failure(Exception):
    """What the application raises."""


class Special(Failure):
    """A kind of it."""


def failing(web: Web, view: Colour) -> t.Any:
    """Make an application whose views raise."""
    app = web.Flask("app")
    app.logger.disabled = True
    kinds: dict[str, t.Callable[[], Exception]] = {
        "failure": lambda: Failure("words"),
        "special": lambda: Special("words"),
        "zero": ZeroDivisionError,
        "notfound": lambda: NotFound("words"),
    }

    def make(kind: t.Callable[[], Exception]) -> t.Callable[[], t.Any]:
        def raising() -> t.Any:
            raise kind()

        return raising

    for name, kind in kinds.items():
        app.add_url_rule(f"/{name}", name, view(make(kind)))
    app.add_url_rule("/abort/<int:code>", "abort", view(lambda code: web.abort(code)))
    app.add_url_rule("/fine", "fine", view(lambda: "fine"))
    return app


def test_a_handler_of_a_class_answers_for_it_and_those_below(web: Web, colour: Colour, hooks: Colour) -> None:
    app = failing(web, colour)
    app.register_error_handler(Failure, hooks(lambda error: (f"failure {error}", 501)))
    client = web.client(app)

    assert (client.get("/failure").text, client.get("/failure").status_code) == ("failure words", 501)
    assert client.get("/special").text == "failure words"
    assert client.get("/zero").status_code == 500


def test_the_handler_of_the_nearest_class_answers(web: Web, colour: Colour, hooks: Colour) -> None:
    app = failing(web, colour)
    app.register_error_handler(Failure, hooks(lambda error: f"failure {error}"))
    app.register_error_handler(Special, hooks(lambda error: f"special {error}"))
    client = web.client(app)

    assert [client.get("/special").text, client.get("/failure").text] == ["special words", "failure words"]


def test_http_exceptions_answer_for_themselves(web: Web, colour: Colour) -> None:
    client = web.client(failing(web, colour))

    assert client.get("/abort/418").status_code == 418
    assert b"teapot" in client.get("/abort/418").data
    assert (client.get("/notfound").status_code, b"words" in client.get("/notfound").data) == (404, True)


def test_http_exceptions_are_handled_by_code_or_class(web: Web, colour: Colour, hooks: Colour) -> None:
    app = failing(web, colour)
    app.register_error_handler(404, hooks(lambda error: (f"404 {error.description}", 404)))
    app.register_error_handler(HTTPException, hooks(lambda error: ({"code": error.code}, error.code)))
    client = web.client(app)

    assert client.get("/notfound").text == "404 words"
    assert client.get("/nowhere").text.startswith("404 The requested URL")
    assert (client.get("/abort/403").json, client.get("/abort/403").status_code) == ({"code": 403}, 403)
    assert client.post("/fine").json == {"code": 405}
    assert client.get("/zero").json == {"code": 500}


def test_a_handler_of_every_exception_hears_of_http_exceptions_too(
    web: Web, colour: Colour, hooks: Colour
) -> None:
    app = failing(web, colour)
    app.register_error_handler(Exception, hooks(lambda error: type(error).__name__))
    client = web.client(app)

    told = [client.get(path).text for path in ("/zero", "/abort/403", "/nowhere", "/special")]

    assert told == ["ZeroDivisionError", "Forbidden", "NotFound", "Special"]


def test_an_unhandled_exception_is_a_500_that_has_it_as_original(
    web: Web, colour: Colour, hooks: Colour
) -> None:
    plain = web.client(failing(web, colour)).get("/zero")
    assert (plain.status_code, plain.mimetype) == (500, "text/html")
    app = failing(web, colour)
    app.register_error_handler(500, hooks(lambda error: (type(error.original_exception).__name__, 500)))
    client = web.client(app)

    assert (client.get("/zero").text, client.get("/zero").status_code) == ("ZeroDivisionError", 500)
    assert client.get("/fine").text == "fine"


def test_blueprints_handle_their_own(web: Web, colour: Colour, hooks: Colour) -> None:
    app = failing(web, colour)
    outer = web.Blueprint("outer", "app", url_prefix="/outer")
    inner = web.Blueprint("inner", "app", url_prefix="/inner")
    for blueprint in (outer, inner):
        blueprint.add_url_rule("/<int:code>", "abort", colour(lambda code: web.abort(code)))
    inner.register_error_handler(403, hooks(lambda error: ("inner", 403)))
    outer.register_error_handler(403, hooks(lambda error: ("outer", 403)))
    outer.register_error_handler(404, hooks(lambda error: ("outer", 404)))
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    app.register_error_handler(403, hooks(lambda error: ("app", 403)))
    app.register_error_handler(409, hooks(lambda error: ("app", 409)))
    client = web.client(app)
    paths = ("/abort/403", "/outer/403", "/outer/inner/403", "/outer/inner/404", "/outer/inner/409")

    assert [client.get(path).text for path in paths] == ["app", "outer", "inner", "outer", "app"]
    assert client.get("/outer/nowhere").text != "outer", "nobody's route: the blueprint does not know"


def test_blueprints_handle_for_the_application(web: Web, colour: Colour, hooks: Colour) -> None:
    app = failing(web, colour)
    blueprint = web.Blueprint("blueprint", "app")
    blueprint.app_errorhandler(404)(hooks(lambda error: ("missing", 404)))
    app.register_blueprint(blueprint)

    assert web.client(app).get("/nowhere").text == "missing"


@pytest.mark.parametrize("step", ["before", "view", "after"])
def test_what_a_step_raises_is_handled_and_the_after_hooks_run(
    web: Web, colour: Colour, hooks: Colour, step: str
) -> None:
    app, log = failing(web, colour), []

    def fail(name: str) -> None:
        log.append(name)
        if name == step:
            raise Failure(name)

    app.before_request(hooks(lambda: fail("before")))
    app.after_request(hooks(lambda response: (log.append("last"), response)[1]))
    app.after_request(hooks(lambda response: (fail("after"), response)[1]))
    app.teardown_request(hooks(lambda error: log.append(f"teardown {error!r}")))
    app.register_error_handler(Failure, hooks(lambda error: (log.append("handler"), f"handled {error}")[1]))
    app.add_url_rule("/", "view", colour(lambda: (fail("view"), "view")[1]))

    with web.client(app).get("/") as response:
        told = {
            "before": (200, ["before", "handler", "after", "last", "teardown None"]),
            "view": (200, ["before", "view", "handler", "after", "last", "teardown None"]),
            "after": (500, ["before", "view", "after", "after", "teardown Failure('after')"]),
        }[step]
        assert (response.status_code, log) == told


def test_a_handler_that_fails_is_a_500(web: Web, colour: Colour, hooks: Colour) -> None:
    app, log = failing(web, colour), []
    app.register_error_handler(Failure, hooks(lambda error: 1 / 0))
    app.teardown_request(hooks(lambda error: log.append(type(error).__name__)))

    with web.client(app).get("/failure") as response:
        assert response.status_code == 500
    assert log == ["ZeroDivisionError"]


def test_a_handler_may_look_at_the_exception_that_is_handled(web: Web, colour: Colour, hooks: Colour) -> None:
    app = failing(web, colour)
    app.register_error_handler(Failure, hooks(lambda error: str(sys.exc_info()[1] is error)))

    assert web.client(app).get("/failure").text == "True"


def test_a_handler_may_raise_its_exception_again(web: Web, colour: Colour, hooks: Colour) -> None:
    app = failing(web, colour)

    @app.errorhandler(Failure)
    @hooks
    def again(error: Exception) -> t.Any:
        raise

    @app.errorhandler(500)
    @hooks
    def unhandled(error: t.Any) -> t.Any:
        return repr(error.original_exception), 500

    assert web.client(app).get("/failure").text == "Failure('words')"


# teardown


def test_teardown_functions_get_the_unhandled_exception(web: Web, colour: Colour, hooks: Colour) -> None:
    app, log = failing(web, colour), []
    app.teardown_request(hooks(lambda error: log.append(repr(error))))
    app.teardown_appcontext(hooks(lambda error: log.append(f"context {error!r}")))
    client = web.client(app)
    for path in ("/fine", "/failure", "/notfound", "/nowhere"):
        client.get(path).close()

    assert log == [
        *("None", "context None"),
        *("Failure('words')", "context Failure('words')"),
        *("None", "context None") * 2,
    ]


def test_teardown_that_fails_skips_its_list_but_not_the_contexts(
    web: Web, colour: Colour, hooks: Colour
) -> None:
    app, log = failing(web, colour), []
    app.testing = True

    @app.teardown_request
    @hooks
    def never(error: t.Any) -> None:
        log.append("never")

    @app.teardown_request
    @hooks
    def fail(error: t.Any) -> None:
        log.append("fail")
        raise Failure("in teardown")

    app.teardown_appcontext(hooks(lambda error: log.append(f"context {error!r}")))
    client = web.client(app)

    for _ in range(2):
        with pytest.raises(Failure, match="in teardown"):
            client.get("/fine")
    assert not web.has_request_context()
    assert log == ["fail", "context None"] * 2


# what reaches the server


@pytest.mark.parametrize(
    ("config", "raised"),
    [
        ({}, False),
        ({"TESTING": True}, True),
        ({"DEBUG": True}, True),
        ({"PROPAGATE_EXCEPTIONS": True}, True),
        ({"TESTING": True, "PROPAGATE_EXCEPTIONS": False}, False),
    ],
)
def test_exceptions_reach_the_server_where_the_configuration_says(
    web: Web, colour: Colour, hooks: Colour, config: dict[str, bool], raised: bool
) -> None:
    app, log = failing(web, colour), []
    app.config.update(config)
    app.teardown_request(hooks(lambda error: log.append(repr(error))))
    client = web.client(app)

    if raised:
        with pytest.raises(Failure, match="words"):
            client.get("/failure")
    else:
        assert client.get("/failure").status_code == 500
    client.get("/fine").close()
    assert log == ["Failure('words')", "None"]


def test_http_exceptions_may_be_trapped(web: Web, colour: Colour) -> None:
    app = failing(web, colour)
    app.config.update(TRAP_HTTP_EXCEPTIONS=True, TESTING=True)

    with pytest.raises(TooManyRequests):
        web.client(app).get("/abort/429")


def test_bad_keys_may_be_trapped(web: Web, colour: Colour) -> None:
    app = failing(web, colour)
    app.add_url_rule("/key", "key", colour(lambda: web.request.args["missing"]))
    client = web.client(app)
    assert client.get("/key").status_code == 400
    app.config.update(TRAP_BAD_REQUEST_ERRORS=True, TESTING=True)

    with pytest.raises(KeyError, match="missing"):
        client.get("/key")


def test_an_unhandled_exception_is_signalled_and_logged(
    web: Web, colour: Colour, caplog: pytest.LogCaptureFixture
) -> None:
    app, log = failing(web, colour), []
    app.logger.disabled = False

    def receiver(sender: t.Any, exception: Exception) -> None:
        log.append([repr(exception), web.request.path])

    with web.got_request_exception.connected_to(receiver, app):
        assert web.client(app).get("/failure").status_code == 500

    assert log == [["Failure('words')", "/failure"]]
    assert [(record.name, record.exc_info is not None) for record in caplog.records] == [("app", True)]
    assert "/failure [GET]" in caplog.text


def test_what_is_logged_goes_to_the_stream_for_errors(web: Web, colour: Colour) -> None:
    app = web.Flask("app")
    handler = logging.StreamHandler(web.module("logging").wsgi_errors_stream)
    app.logger.addHandler(handler)
    app.add_url_rule("/", "view", colour(lambda: (app.logger.error("words of the view"), "")[1]))
    stream = io.StringIO()
    try:
        web.client(app).get("/", errors_stream=stream)
    finally:
        app.logger.removeHandler(handler)

    assert "words of the view" in stream.getvalue()


def test_an_address_that_cannot_be_built_is_a_500(web: Web, colour: Colour) -> None:
    app = failing(web, colour)
    app.add_url_rule("/url", "url", colour(lambda: web.url_for("unknown")))
    client = web.client(app)

    assert client.get("/url").status_code == 500
    app.testing = True
    with pytest.raises(BuildError):
        client.get("/url")


def test_a_redirect_is_an_exception_that_is_not_handled(web: Web, colour: Colour, hooks: Colour) -> None:
    app = failing(web, colour)
    app.add_url_rule("/folder/", "folder", colour(lambda: "folder"))
    app.register_error_handler(Exception, hooks(lambda error: "handled"))

    assert web.client(app).get("/folder").status_code == 308
