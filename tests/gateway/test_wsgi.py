"""The edge to a WSGI server: PEP 3333, and the order at the end of a request."""

from __future__ import annotations

import io
import threading
import typing as t
from wsgiref.validate import validator

import pytest
from werkzeug.exceptions import NotFound

import erlen
from erlen import Erlen, stream_with_context
from erlen.active import NOTHING, cv_app, cv_request, state_variable
from tests.serve.applications import RESULTS
from tests.serve.beside import Framework, beside_flask, call, environ, told_alike


def tracing(framework: Framework, log: list[t.Any]) -> t.Any:
    """Make an application that notes teardowns, and what was active then."""
    app = framework.Flask("app")
    app.logger.disabled = True
    app.teardown_request(lambda error: log.append(("teardown", type(error).__name__, framework.request.path)))
    app.teardown_appcontext(lambda error: log.append(("teardown context", type(error).__name__)))
    app.add_url_rule("/", "view", lambda: "text")
    app.add_url_rule("/fails", "fails", lambda: 1 // 0)
    app.add_url_rule("/made", "made", lambda: framework.Response("made"))
    app.add_url_rule("/generator", "generator", lambda: (log.append(f"part {n}") or str(n) for n in range(2)))
    return app


def starting(framework: Framework, log: list[t.Any]) -> t.Callable[..., None]:
    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> None:
        path = framework.request.path if framework.has_request_context() else None
        log.append((status, len(headers), path, framework.has_app_context()))

    return start_response


# PEP 3333


def valid_environ(path: str, method: str) -> dict[str, t.Any]:
    given = environ(path, method=method)
    given["wsgi.input"] = io.BytesIO()
    del given["HTTP_HOST"]
    return given


def verdict(app: t.Any, path: str, method: str) -> str:
    """Return what wsgiref's validator objects to."""

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None) -> t.Any:
        return lambda data: None

    try:
        body = validator(app)(valid_environ(path, method), start_response)
        try:
            b"".join(body)
        finally:
            body.close()  # type: ignore[attr-defined]
    except AssertionError as error:
        return str(error)
    return "fine"


# The validator objects to these, on Flask too: a body for HEAD, a bytearray, a type without content.
OBJECTED = {"WSGI application", "bytearray", "no content", "not modified", "a bad status"}


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "OPTIONS"])
@pytest.mark.parametrize("path", ["/", "/nowhere", "/slash", "/fails", *map("/result/{}".format, RESULTS)])
def test_wsgirefs_validator_says_of_erlen_what_it_says_of_flask(path: str, method: str) -> None:
    def story(framework: Framework) -> object:
        app = framework.Flask("app")
        app.secret_key = "secret"
        app.logger.disabled = True

        @app.route("/", methods=["GET", "POST"])
        def view() -> str:
            framework.session["n"] = 1
            return framework.request.get_data(as_text=True)

        app.add_url_rule("/slash/", "slash", lambda: "")
        app.add_url_rule("/fails", "fails", lambda: 1 // 0)
        app.add_url_rule("/result/<name>", "result", lambda name: RESULTS[name](framework))
        return [verdict(app, path, method) for _ in range(2)]

    told = told_alike(story)
    assert told == ["fine"] * 2 or path.removeprefix("/result/") in OBJECTED


@beside_flask
def test_the_environ_is_the_servers_own_and_stays_nearly_as_it_was(framework: Framework) -> object:
    app = tracing(framework, [])
    given = environ("/made")
    before = dict(given)
    call(app, given)
    return sorted(key for key in given if given[key] is not before.get(key) and given[key] is not None)


def test_a_server_gives_no_more_than_pep_3333_asks_for() -> None:
    app = Erlen("app")
    app.add_url_rule("/", "view", lambda: f"{erlen.request.url} {erlen.request.remote_addr}")
    given = {
        "REQUEST_METHOD": "GET",
        "SERVER_NAME": "erlen.test",
        "SERVER_PORT": "80",
        "PATH_INFO": "/",
        "SERVER_PROTOCOL": "HTTP/1.0",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
    }
    for _ in range(2):
        assert call(app, dict(given)).body == b"http://erlen.test/ None"


# the end of a request


@pytest.mark.parametrize("path", ["/", "/made", "/fails", "/nowhere", "/generator"])
def test_headers_are_handed_over_then_the_context_goes_then_the_body_leaves(path: str) -> None:
    def story(framework: Framework) -> object:
        log: list[t.Any] = []
        app = tracing(framework, log)
        for _ in range(2):
            body = app(environ(path), starting(framework, log))
            log.append(("returned", framework.has_app_context()))
            for part in body:
                log.append(part)
        return log

    log = told_alike(story)
    kinds = [entry[0] if isinstance(entry, tuple) else "body" for entry in log]
    assert kinds[:4] == [kinds[0], "teardown", "teardown context", "returned"]


def test_a_stream_with_a_context_goes_when_its_body_is_closed() -> None:
    log: list[t.Any] = []
    app = tracing(erlen, log)

    @app.get("/stream")
    def stream() -> t.Iterator[str]:
        return stream_with_context(f"{erlen.request.path} {n}" for n in range(2))

    body = app(environ("/stream"), starting(erlen, log))
    assert log == [("200 OK", 1, "/stream", True)]
    assert list(body) == [b"/stream 0", b"/stream 1"]
    assert [entry[0] for entry in log[1:]] == ["teardown", "teardown context"]
    assert state_variable.get() is NOTHING
    body.close()
    assert len(log) == 3


@beside_flask
def test_a_body_is_closed_by_the_server_only(framework: Framework) -> object:
    log: list[str] = []
    app = framework.Flask("app")

    @app.get("/")
    def view() -> t.Any:
        response = framework.Response("text")
        response.call_on_close(lambda: log.append("closed"))
        return response

    body = app(environ(), lambda *args: None)
    log.append("returned")
    b"".join(body)
    log.append("read")
    body.close()
    return log


# what goes wrong


@pytest.mark.parametrize("path", ["/", "/made", "/fails", "/nowhere"])
@pytest.mark.parametrize("kind", [OSError, KeyboardInterrupt])
def test_a_server_that_does_not_start_the_response_is_told_so(path: str, kind: type[BaseException]) -> None:
    def story(framework: Framework) -> object:
        log: list[t.Any] = []
        app = tracing(framework, log)

        def start_response(*args: object) -> None:
            raise kind("gone")

        for _ in range(2):
            with pytest.raises(kind, match="gone"):
                app(environ(path), start_response)
            log.append(framework.has_app_context())
        return log

    told_alike(story)


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit, BaseException])
@pytest.mark.parametrize("where", ["before", "view", "after", "handler", "teardown"])
def test_what_is_no_exception_passes_and_everything_is_torn_down(
    kind: type[BaseException], where: str
) -> None:
    def story(framework: Framework) -> object:
        log: list[t.Any] = []
        app = tracing(framework, log)

        def leave(*args: object) -> t.NoReturn:
            raise kind

        if where == "view":
            app.view_functions["view"] = leave
        elif where == "handler":
            app.view_functions["view"] = lambda: {}["missing"]
            app.register_error_handler(KeyError, leave)
        else:
            getattr(app, f"{where}_request")(leave)
        for _ in range(2):
            with pytest.raises(kind):
                call(app)
            log.append((framework.has_app_context(), framework.has_request_context()))
        return log

    assert told_alike(story)[-1] == (False, False)


@pytest.mark.parametrize("config", [{"TESTING": True}, {"PROPAGATE_EXCEPTIONS": True}, {"DEBUG": True}, {}])
def test_an_exception_reaches_the_server_where_that_is_asked_for(config: dict[str, object]) -> None:
    def story(framework: Framework) -> object:
        log: list[t.Any] = []
        app = tracing(framework, log)
        app.config.update(config)
        for _ in range(2):
            try:
                log.append(call(app, "/fails").status)
            except ZeroDivisionError:
                log.append("raised")
            log.append(framework.has_app_context())
        return log

    told_alike(story)


@beside_flask
def test_a_response_that_cannot_be_sent_is_no_error_of_the_view(framework: Framework) -> object:
    class Response(framework.Response):  # type: ignore[misc]
        def __call__(self, *args: t.Any) -> t.NoReturn:
            raise LookupError("cannot be sent")

    log: list[t.Any] = []
    app = tracing(framework, log)
    app.register_error_handler(LookupError, lambda error: "handled")
    app.add_url_rule("/odd", "odd", lambda: Response("x"))
    for _ in range(2):
        with pytest.raises(LookupError, match="cannot be sent"):
            call(app, "/odd")
    return log


@beside_flask
def test_an_exception_in_a_signal_of_the_context_is_answered(framework: Framework) -> object:
    app, log = framework.Flask("app"), []
    app.logger.disabled = True
    app.add_url_rule("/", "view", lambda: "text")
    app.register_error_handler(500, lambda error: type(error.original_exception).__name__)

    def receiver(sender: object, **kwargs: object) -> t.NoReturn:
        raise LookupError

    framework.request_started.connect(receiver, app)
    log.append(call(app).body)
    framework.request_started.disconnect(receiver)
    framework.request_finished.connect(receiver, app)
    log.append(call(app).status)
    framework.request_finished.disconnect(receiver)
    framework.request_tearing_down.connect(receiver, app)
    with pytest.raises(LookupError):
        call(app)
    framework.request_tearing_down.disconnect(receiver)
    return log


# the contexts are asked for

PRESERVE = "werkzeug.debug.preserve_context"


@beside_flask
def test_a_client_that_asks_is_given_the_contexts(framework: Framework) -> object:
    log: list[t.Any] = []
    app = tracing(framework, log)
    for path in ("/", "/fails", "/nowhere"):
        given, kept = environ(path), []
        given[PRESERVE] = kept.append
        call(app, given)
        log.append([type(one).__name__ for one in kept])
        with kept[0], kept[1]:
            log.append((framework.request.path, framework.current_app.name))
    return log


@beside_flask
def test_contexts_that_are_entered_meanwhile_stay(framework: Framework) -> object:
    """As a client's `with` block does it."""
    log: list[t.Any] = []
    app = tracing(framework, log)
    given, kept = environ("/"), []

    def enter(context: t.Any) -> None:
        kept.append(context)
        context.push()

    given[PRESERVE] = enter
    call(app, given)
    log.append((framework.request.path, framework.current_app.name))
    for context in reversed(kept):
        context.pop(None)
    return log


@beside_flask
def test_a_client_in_a_with_block_keeps_its_request(framework: Framework) -> object:
    log: list[t.Any] = []
    app = tracing(framework, log)
    with app.test_client() as client:
        for path in ("/", "/made", "/fails"):
            client.get(path)
            log.append((framework.request.path, framework.has_app_context()))
        framework.g.user = "ada"
    return [*log, framework.has_request_context()]


# requests inside and beside others


@beside_flask
def test_a_view_may_call_its_own_application(framework: Framework) -> object:
    log: list[t.Any] = []
    app = tracing(framework, log)

    @app.get("/outer")
    def outer() -> str:
        framework.g.user = "ada"
        inner = [call(app, path).body for path in ("/", "/made")] + [app.test_client().get("/").data]
        return f"{inner} {framework.request.path} {framework.g.user}"

    return call(app, "/outer"), log


@beside_flask
def test_a_view_may_call_another_application(framework: Framework) -> object:
    log: list[t.Any] = []
    app, other = tracing(framework, log), framework.Flask("other")
    other.add_url_rule("/", "view", lambda: f"{framework.current_app.name} {framework.g.get('user')}")
    other.teardown_appcontext(lambda error: log.append("teardown of the other"))

    @app.get("/outer")
    def outer() -> t.Any:
        framework.g.user = "ada"
        return f"{call(other).body} {framework.current_app.name} {framework.g.user}"

    app.add_url_rule("/mounted", "mounted", lambda: other)
    return call(app, "/outer"), call(app, "/outer"), log


@beside_flask
def test_an_application_may_be_called_inside_a_context_of_its_own(framework: Framework) -> object:
    log: list[t.Any] = []
    app = tracing(framework, log)
    app.before_request(lambda: log.append(framework.g.get("user")))
    with app.app_context():
        framework.g.user = "fixture"
        log.append(call(app, "/").body)
        log.append(framework.g.user)
    log.append(call(app, "/").body)
    return log


def test_requests_in_many_threads_keep_apart() -> None:
    app = Erlen("app")
    app.secret_key = "secret"
    start = threading.Barrier(8)
    answers: list[bytes] = []
    contexts: list[object] = []

    @app.get("/<int:n>")
    def view(n: int) -> str:
        erlen.g.n = n
        erlen.session["n"] = n
        start.wait(60)
        contexts.append(cv_app.get())
        return f"{erlen.g.n} {erlen.session['n']} {erlen.request.path}"

    threads = [threading.Thread(target=lambda n=n: answers.append(call(app, f"/{n}").body)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [f"{n} {n} /{n}".encode() for n in range(8)]
    assert len(set(map(id, contexts))) == 8


# entry


@beside_flask
def test_middleware_wraps_wsgi_app(framework: Framework) -> object:
    log: list[t.Any] = []
    app = tracing(framework, log)
    inner = app.wsgi_app

    def middleware(given: dict[str, t.Any], start_response: t.Any) -> t.Any:
        log.append("in")
        given["PATH_INFO"] = "/made"
        return inner(given, start_response)

    told = [call(app).body]
    app.wsgi_app = middleware
    told.append(call(app).body)
    app.wsgi_app = inner
    told.append(call(app).body)
    return told, log


@beside_flask
def test_call_of_the_class_may_be_patched(framework: Framework) -> object:
    app = tracing(framework, [])
    original = framework.Flask.__call__
    framework.Flask.__call__ = lambda self, *args: [b"patched", *original(self, *args)]
    try:
        body = app(environ(), lambda *args: None)
    finally:
        framework.Flask.__call__ = original
    return list(body), call(app).body


@beside_flask
def test_nothing_is_left_of_any_request(framework: Framework) -> object:
    app = tracing(framework, [])
    app.testing = True
    said = []
    for path in ("/", "/made", "/nowhere", "/fails", "/generator"):
        try:
            call(app, path)
        except ZeroDivisionError:
            said.append("raised")
        said.append((framework.has_app_context(), framework.has_request_context()))
    return said


def test_the_state_is_what_it_was() -> None:
    app = tracing(erlen, [])
    for path in ("/", "/made", "/nowhere", "/fails", "/generator"):
        call(app, path)
        assert state_variable.get() is NOTHING
        assert cv_request.get(None) is None
    with app.app_context():
        before = state_variable.get()
        call(app, "/")
        assert state_variable.get() is before


@beside_flask
def test_the_first_request_may_fail(framework: Framework) -> object:
    app = framework.Flask("app")
    app.logger.disabled = True
    calls: list[int] = []

    @app.before_request
    def before() -> None:
        calls.append(1)
        if len(calls) == 1:
            raise NotFound

    app.add_url_rule("/", "view", lambda: "text")
    return call(app).status, call(app).status
