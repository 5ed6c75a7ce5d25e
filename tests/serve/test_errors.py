"""Which handler answers an exception, and what happens where none does."""

from __future__ import annotations

import io
import logging
import typing as t
from collections import defaultdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug import exceptions
from werkzeug.exceptions import (
    BadRequest,
    BadRequestKeyError,
    Forbidden,
    HTTPException,
    InternalServerError,
    NotFound,
)
from werkzeug.routing import RequestRedirect

import erlen
from tests.gateway.asgi.driver import ask_once, http, websocket
from tests.gateway.asgi.speaking import spoken
from tests.serve.applications import Coded, Codeless, Mistake, Slip, Teapot
from tests.serve.beside import Framework, Story, beside_flask, call, environ, examples, told_alike


class Subforbidden(Forbidden):
    pass


class CodedSlip(Slip, Forbidden):
    """An exception of one's own that is an HTTP exception, too."""


CLASSES: dict[str, type[BaseException]] = {
    cls.__name__: cls
    for cls in (
        *(Mistake, Slip, KeyError, ValueError, NotFound, Forbidden, Subforbidden, CodedSlip, Teapot, Coded),
        *(Codeless, InternalServerError, BadRequestKeyError, exceptions.ImATeapot, exceptions.Gone),
    )
}
KEYS: dict[str, t.Any] = {
    **CLASSES,
    **{
        cls.__name__: cls
        for cls in (
            Exception,
            LookupError,
            HTTPException,
            BadRequest,
            exceptions.RequestedRangeNotSatisfiable,
        )
    },
    **{str(code): code for code in (400, 403, 404, 405, 410, 418, 500)},
}
PLACES = (None, "outer", "outer.inner")
PATHS = ("/", "/outer/", "/outer/inner/", "/nowhere", "/outer/nowhere")

_handlers = st.dictionaries(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(sorted(KEYS))), st.integers(0, 3), max_size=9
)


@given(_handlers, st.sampled_from(sorted(CLASSES)), st.booleans(), st.sampled_from((None, True, False)))
@examples(60)
def test_the_handler_is_the_one_that_flask_finds(
    handlers: dict[tuple[str | None, str], int], raised: str, trap: bool, propagate: bool | None
) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app", static_folder=None)
        app.logger.disabled = True
        app.config.update(TRAP_HTTP_EXCEPTIONS=trap, PROPAGATE_EXCEPTIONS=propagate)
        inner = framework.Blueprint("inner", "app", url_prefix="/inner")
        outer = framework.Blueprint("outer", "app", url_prefix="/outer")
        places = {None: app, "outer": outer, "outer.inner": inner}
        for (where, key), number in handlers.items():

            def handler(error: Exception, said: str = f"{where} {key}", number: int = number) -> t.Any:
                if number == 3:  # the handler itself fails
                    raise Slip
                return f"{said} got {type(error).__name__}", 200 + number

            places[where].register_error_handler(KEYS[key], handler)

        def view() -> t.NoReturn:
            raise CLASSES[raised]

        for place in places.values():
            place.add_url_rule("/", "view", view)
        outer.register_blueprint(inner)
        app.register_blueprint(outer)
        told = []
        for path in PATHS:
            try:
                told.append(call(app, path, method="GET"))
                told.append(call(app, path, method="POST").status)
            except Exception as error:
                told.append(type(error))
        return told

    told_alike(story)


def handled(key: t.Any, error: t.Callable[[], Exception], **config: object) -> Story:
    """Tell of a request that fails, and of what its handler gets."""

    def story(framework: Framework) -> object:
        app, log = framework.Flask("app"), []
        app.config.update(config)
        app.logger.disabled = True

        def handler(given: t.Any) -> str:
            original = getattr(given, "original_exception", None)
            log.append((type(given).__name__, type(original).__name__))
            return f"handled {type(given).__name__}"

        if key is not None:
            app.register_error_handler(key, handler)

        @app.route("/")
        def view() -> t.NoReturn:
            raise error()

        try:
            return call(app), log
        except Exception as raised:
            return type(raised), log

    return story


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("testing", [True, False])
@pytest.mark.parametrize("propagate", [None, True, False])
@pytest.mark.parametrize("key", [None, 500, InternalServerError, Exception, KeyError])
def test_whether_an_exception_is_let_through(
    debug: bool, testing: bool, propagate: bool | None, key: t.Any
) -> None:
    told_alike(
        handled(key, lambda: KeyError("k"), DEBUG=debug, TESTING=testing, PROPAGATE_EXCEPTIONS=propagate)
    )


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("trap_bad", [None, True, False])
@pytest.mark.parametrize("trap_all", [True, False])
@pytest.mark.parametrize(
    "error", [BadRequest, BadRequestKeyError, NotFound, Teapot], ids=lambda e: e.__name__
)
@pytest.mark.parametrize("key", [None, Exception, HTTPException])
def test_which_http_exceptions_are_trapped(
    debug: bool, trap_bad: bool | None, trap_all: bool, error: type[Exception], key: t.Any
) -> None:
    config = {"DEBUG": debug, "TRAP_BAD_REQUEST_ERRORS": trap_bad, "TRAP_HTTP_EXCEPTIONS": trap_all}
    told_alike(handled(key, error, **config))


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("trap", [None, True, False])
def test_a_missing_form_key_is_named_where_that_is_asked_for(debug: bool, trap: bool | None) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.config.update(DEBUG=debug, TRAP_BAD_REQUEST_ERRORS=trap, PROPAGATE_EXCEPTIONS=False)
        app.logger.disabled = True
        app.add_url_rule("/", "view", lambda: framework.request.form["missing"])
        return call(app)

    told_alike(story)


@beside_flask
def test_an_exception_that_is_raised_again_keeps_its_traceback(framework: Framework) -> object:
    app = framework.Flask("app")
    app.testing = True

    @app.get("/")
    def view() -> t.NoReturn:
        raise KeyError("from the view")

    @app.errorhandler(LookupError)
    def handler(error: LookupError) -> t.NoReturn:
        raise error

    with pytest.raises(KeyError) as caught:
        call(app)
    return caught.traceback[-1].name, caught.value.args


@beside_flask
def test_an_exception_in_a_handler_has_the_first_one_as_its_context(framework: Framework) -> object:
    app = framework.Flask("app")
    app.testing = True
    app.add_url_rule("/", "view", lambda: {}["missing"])

    @app.errorhandler(KeyError)
    def handler(error: KeyError) -> t.NoReturn:
        raise ValueError("handler")

    with pytest.raises(ValueError, match="handler") as caught:
        call(app)
    return repr(caught.value.__context__), caught.value.__cause__


@beside_flask
def test_handle_exception_by_hand_raises_what_it_is_given(framework: Framework) -> object:
    app = framework.Flask("app")
    app.testing = True
    error = ValueError("given")
    with app.test_request_context():
        with pytest.raises(ValueError, match="given") as caught:
            app.handle_exception(error)
        told = [caught.value is error]
        app.testing = False
        app.logger.disabled = True
        try:
            raise error
        except ValueError as raised:
            told.append(app.handle_exception(raised).status)
    return told


@beside_flask
def test_handle_user_exception_by_hand(framework: Framework) -> object:
    app = framework.Flask("app")
    app.register_error_handler(404, lambda error: "missing")
    with app.test_request_context():
        told = [app.handle_user_exception(NotFound()), app.handle_http_exception(NotFound())]
        told += [type(app.handle_http_exception(error)) for error in (Forbidden(), RequestRedirect("/x"))]
        try:
            {}["missing"]
        except KeyError as error:
            with pytest.raises(KeyError, match="missing"):
                app.handle_user_exception(error)
        told += [app.trap_http_exception(NotFound()), app.trap_http_exception(BadRequest())]
    return told


@beside_flask
def test_a_codeless_exception_and_a_redirect_are_answers_themselves(framework: Framework) -> object:
    app = framework.Flask("app")
    app.register_error_handler(HTTPException, lambda error: "handled")
    app.register_error_handler(Exception, lambda error: "handled, too")
    app.add_url_rule("/slash/", "slash", lambda: "")

    @app.get("/codeless")
    def view() -> t.NoReturn:
        raise Codeless

    return call(app, "/slash"), call(app, "/codeless")


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
@pytest.mark.parametrize("debug", [True, False])
def test_a_redirect_that_would_lose_the_body_is_an_error_in_debug_mode(method: str, debug: bool) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.debug = debug
        app.config["PROPAGATE_EXCEPTIONS"] = True
        app.add_url_rule("/slash/", "slash", lambda: "", methods=["GET", "POST"])
        app.add_url_rule("/old", "old", lambda: "", methods=["GET", "POST"], redirect_to="/new")
        told: list[object] = []
        for path in ("/slash", "/old"):
            try:
                told.append(call(app, path, method=method))
            except AssertionError as error:
                told.append(type(error).__name__)
        return told

    told_alike(story)


def test_an_exception_is_logged_with_method_path_and_traceback() -> None:
    app = erlen.Erlen("errors.that.are.logged")
    stream = io.StringIO()
    app.logger.addHandler(logging.StreamHandler(stream))
    app.logger.propagate = False
    app.add_url_rule("/fails", "view", lambda: {}["missing"])
    call(app, "/fails?secret=1", method="GET")
    said = stream.getvalue()
    assert said.startswith("Exception on /fails [GET]\nTraceback (most recent call last)")
    assert said.rstrip().endswith("KeyError: 'missing'")
    assert "secret" not in said


@beside_flask
def test_the_signal_of_an_exception_comes_before_it_is_logged(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    app.log_exception = lambda info: log.append(("logged", info[0].__name__))

    def receiver(sender: t.Any, exception: Exception, **kwargs: object) -> None:
        log.append(("signal", type(exception).__name__))

    framework.got_request_exception.connect(receiver, app)
    app.register_error_handler(500, lambda error: (log.append("handler"), "sorry")[1])
    app.add_url_rule("/", "view", lambda: {}["missing"])
    return [call(app), log]


@beside_flask
def test_handlers_may_be_written_into_the_table(framework: Framework) -> object:
    """As extensions do, with plain dicts and with functions of their own."""
    app, told = framework.Flask("app"), []
    app.add_url_rule("/", "view", lambda: framework.abort(404))
    told.append(call(app).body)
    app.error_handler_spec[None][404][NotFound] = lambda error: "first"
    told.append(call(app).body)
    for handlers in app.error_handler_spec[None].values():
        for cls, function in list(handlers.items()):
            handlers[cls] = lambda error, function=function: f"wrapped {function(error)}"
    told.append(call(app).body)
    spec: t.Any = defaultdict(lambda: defaultdict(dict))
    spec[None][None][HTTPException] = lambda error: "replaced"
    app.error_handler_spec = spec
    told.append(call(app).body)
    return told


def test_a_table_of_plain_dicts_will_do() -> None:
    app = erlen.Erlen("app")
    app.add_url_rule("/", "view", lambda: erlen.abort(404))
    app.error_handler_spec = {None: {404: {NotFound: lambda error: "found"}}}
    assert call(app).body == b"found"


@beside_flask
def test_a_handler_registered_during_the_request_answers_it(framework: Framework) -> object:
    app = framework.Flask("app")

    @app.get("/")
    def view() -> t.NoReturn:
        app.error_handler_spec[None][None][ValueError] = lambda error: "just registered"
        raise ValueError

    return call(app)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
@pytest.mark.parametrize("where", ["before", "view", "after", "handler"])
def test_what_is_no_exception_passes_every_handler(kind: type[BaseException], where: str) -> None:
    def story(framework: Framework) -> object:
        app, log = framework.Flask("app"), []

        def leave(*args: t.Any) -> t.NoReturn:
            raise kind

        app.register_error_handler(Exception, leave if where == "handler" else lambda error: "handled")
        app.register_error_handler(500, lambda error: "handled")
        app.teardown_request(lambda error: log.append(type(error).__name__))
        views = {"view": leave, "handler": lambda: {}["missing"]}
        app.add_url_rule("/", "view", views.get(where, lambda: ""))
        if where == "before":
            app.before_request(leave)
        if where == "after":
            app.after_request(leave)
        with pytest.raises(kind):
            call(app)
        return log

    assert told_alike(story) == [kind.__name__]


HOSTILE = "/seg/x\nERROR forged\r\x1b[2J\x00\x85\u2028é%0A ☃"
SEEN = "/seg/x\\nERROR forged\\r\\x1b[2J\\x00\\x85\\u2028"


@pytest.mark.parametrize("way", ["wsgi", "asgi", "asgi, coroutine", "method", "websocket"])
def test_what_comes_with_a_request_begins_no_line_in_the_log(
    way: str, caplog: pytest.LogCaptureFixture
) -> None:
    app = erlen.Erlen("hostile_errors")

    def view(rest: str = "") -> t.NoReturn:
        raise RuntimeError

    async def coroutine(rest: str = "") -> t.NoReturn:
        raise RuntimeError

    app.add_url_rule(
        "/seg/<rest>", "view", coroutine if "coroutine" in way else view, methods=["GET", "G\nT"]
    )
    if way == "websocket":
        app.websocket("/seg/<rest>")(coroutine)
        spoken(app, scope=websocket(HOSTILE))
    elif way.startswith("asgi"):
        ask_once(app, http(HOSTILE))
    else:
        given = environ() | {"PATH_INFO": HOSTILE.encode().decode("latin1")}
        call(app, given | {"REQUEST_METHOD": "G\nT" if way == "method" else "GET"})
    [message] = [record.getMessage() for record in caplog.records]
    assert message.isprintable()
    assert SEEN in message
    assert "é%0A ☃" in message
    if way == "method":
        assert "[G\\nT]" in message
