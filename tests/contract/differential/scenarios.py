"""Stories that need more than single requests. Each returns a log; the two frameworks' logs must be equal."""

from __future__ import annotations

import gc
import threading
import warnings
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import flask
from flask import (
    Blueprint,
    Flask,
    Response,
    after_this_request,
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
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from . import clock, differences
from .application.events import note, taken
from .changes import INTERFACES, SEAMS, noting

ALL: dict[str, Callable[[], Any]] = {}


def scenario(function: Callable[[], Any]) -> Callable[[], Any]:
    ALL[function.__name__] = function
    return function


def small_app(cls: type[Flask] = Flask, **config: Any) -> Flask:
    """An application with one of each hook and a few views."""
    app = cls(__name__)
    app.config.update({"SECRET_KEY": "k", **config})
    app.before_request(lambda: note("before", has_request_context(), sorted(g)))
    app.teardown_request(lambda error: note("teardown", type(error).__name__))
    app.teardown_appcontext(lambda error: note("teardown app", type(error).__name__, sorted(g)))

    @app.after_request
    def after(response: Response) -> Response:
        note("after", response.status_code)
        return response

    @app.route("/")
    def index() -> str:
        g.visits = g.get("visits", 0) + 1
        return f"visit {g.visits}"

    @app.route("/fail")
    def fail() -> None:
        raise ValueError("a failing view")

    @app.route("/session/<word>")
    def put(word: str) -> str:
        session["word"] = word
        return word

    @app.route("/touch")
    def touch() -> str:
        return str(session.get("word"))

    return app


def tell(response: Any) -> list[Any]:
    """What is compared of a response."""
    headers = [[name, value] for name, value in response.headers]
    return [response.status, response.get_data(as_text=True), differences.headers(headers)]


# -- contexts held open


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
            body = app(environ, lambda status, headers: log.append(status))  # type: ignore[arg-type,return-value]
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


# -- sessions


@scenario
def cookies_of_permanent_and_expired_sessions_that_no_view_touches() -> Any:
    app = small_app(PERMANENT_SESSION_LIFETIME=3600)

    @app.route("/permanent")
    def permanent() -> str:
        session.permanent = True
        session["word"] = "long"
        return "set"

    log = []
    client = app.test_client()
    log.append(tell(client.get("/permanent")))
    for seconds in (10, 20, 3500, 7000, 20000, 20001):
        clock.set_to(seconds)
        log.append([seconds, tell(client.get("/"))])
    log.append(tell(client.get("/touch")))
    app.config["SESSION_REFRESH_EACH_REQUEST"] = False
    log.append(tell(client.get("/permanent")))
    log.append(tell(client.get("/")))
    clock.set_to(40000)
    log.append(tell(client.get("/")))
    return log


@scenario
def session_interfaces_of_others() -> Any:
    log = []
    for name, make in INTERFACES.items():
        app = small_app()
        app.session_interface = make()
        client = app.test_client()
        client.set_cookie("sid", "me")
        for path in ("/", "/session/w", "/touch", "/fail", "/nowhere"):
            try:
                log.append([name, path, tell(client.get(path))])
            except Exception as error:
                log.append([name, path, type(error).__name__])
    return [log, taken()]


@scenario
def a_session_interface_set_after_the_first_request() -> Any:
    app = small_app()
    client = app.test_client()
    log = [tell(client.get("/session/before"))]
    app.session_interface = INTERFACES["foreign"]()
    log += [tell(client.get("/touch")), tell(client.get("/session/after")), tell(client.get("/touch"))]
    app.session_interface = INTERFACES["flask"]()
    log.append(tell(client.get("/touch")))
    return [log, taken()]


@scenario
def a_session_interface_patched_on_its_class() -> Any:
    from flask.sessions import SecureCookieSessionInterface as Interface

    app = small_app()
    client = app.test_client()
    log = [tell(client.get("/"))]
    for name in (
        "open_session",
        "save_session",
        "should_set_cookie",
        "get_cookie_name",
        "get_signing_serializer",
    ):
        original = getattr(Interface, name)
        setattr(Interface, name, noting(name, original))
        try:
            for path in ("/", "/session/w", "/touch"):
                log.append([name, tell(client.get(path)), sorted(set(taken()))])
        finally:
            setattr(Interface, name, original)
    return [*log, tell(client.get("/")), taken()]


@scenario
def keys_are_rotated() -> Any:
    app = small_app()
    client = app.test_client()
    log = [tell(client.get("/session/w"))]
    app.config.update(SECRET_KEY="new", SECRET_KEY_FALLBACKS=["k"])
    log += [tell(client.get("/touch")), tell(client.get("/session/x")), tell(client.get("/touch"))]
    app.config["SECRET_KEY_FALLBACKS"] = []
    log.append(tell(client.get("/touch")))
    app.secret_key = "third"
    log.append(tell(client.get("/touch")))
    app.config["SECRET_KEY"] = None
    log += [client.get("/touch").status, client.get("/session/x").status, taken()]
    return log


# -- changes while a request runs


@scenario
def hooks_registered_while_a_request_runs() -> Any:
    app = small_app()
    part = Blueprint("part", __name__)

    def adder(label: str) -> None:
        after, teardown = app.after_request_funcs, app.teardown_request_funcs
        after.setdefault(None, []).append(lambda response: note(label, "after") or response)
        after.setdefault("part", []).append(lambda response: note(label, "after part") or response)
        teardown.setdefault(None, []).append(lambda error: note(label, "teardown"))
        teardown.setdefault("part", []).append(lambda error: note(label, "teardown part"))
        app.teardown_appcontext_funcs.append(lambda error: note(label, "teardown app"))
        after_this_request(lambda response: note(label, "after this") or response)

    @part.route("/part")
    def view() -> str:
        adder("from the view")
        return "part"

    app.register_blueprint(part)
    app.before_request_funcs[None].append(lambda: request.args.get("early") and adder("from a hook"))
    client = app.test_client()
    log = [tell(client.get(path)) for path in ("/part", "/part", "/", "/part?early=1", "/?early=1")]
    return [log, taken()]


@scenario
def a_before_hook_that_adds_and_removes_before_hooks() -> Any:
    app = small_app()

    def first() -> None:
        note("first")
        hooks.append(late)

    def late() -> None:
        note("late")
        hooks.remove(late)

    hooks = app.before_request_funcs[None]
    hooks.append(first)
    client = app.test_client()
    return [tell(client.get("/")), tell(client.get("/")), taken()]


@scenario
def a_view_and_a_handler_replaced_by_a_before_hook() -> Any:
    app = small_app()

    @app.before_request
    def replace() -> None:
        if "view" in request.args:
            app.view_functions["index"] = lambda: "another view"
        if "handler" in request.args:
            app.error_handler_spec[None][None][ValueError] = lambda error: ("handled", 418)
        if "match" in request.args:
            request.url_rule = next(app.url_map.iter_rules("touch"))
            request.view_args = {}

    client = app.test_client()
    return [
        tell(client.get(path)) for path in ("/", "/?view", "/", "/fail", "/fail?handler", "/fail", "/?match")
    ]


@scenario
def registering_after_the_first_request_is_refused() -> Any:
    app = small_app()
    app.test_client().get("/")
    part = Blueprint("late", __name__)
    attempts: dict[str, Callable[[], Any]] = {
        "route": lambda: app.add_url_rule("/late", "late", lambda: "late"),
        "before": lambda: app.before_request(lambda: None),
        "after": lambda: app.after_request(lambda response: response),
        "teardown": lambda: app.teardown_request(lambda error: None),
        "teardown app": lambda: app.teardown_appcontext(lambda error: None),
        "handler": lambda: app.register_error_handler(404, lambda error: "x"),
        "blueprint": lambda: app.register_blueprint(part),
        "processor": lambda: app.context_processor(dict),
        "url defaults": lambda: app.url_defaults(lambda endpoint, values: None),
        "url values": lambda: app.url_value_preprocessor(lambda endpoint, values: None),
        "filter": lambda: app.add_template_filter(len, "late"),
        "shell": lambda: app.shell_context_processor(dict),
    }
    return {name: _outcome(attempt) for name, attempt in attempts.items()}


def _outcome(attempt: Callable[[], Any]) -> str:
    try:
        attempt()
    except Exception as error:
        return type(error).__name__
    return "accepted"


# -- seams


@scenario
def seams_replaced_on_an_instance() -> Any:
    return [_seam_story(seam, Flask, _on_instance) for seam in SEAMS]


@scenario
def seams_patched_on_the_class() -> Any:
    return [_seam_story(seam, Flask, _on_class) for seam in SEAMS]


@scenario
def seams_overridden_in_a_subclass() -> Any:
    log = []
    for seam in SEAMS:
        app_class = type("Own", (Flask,), {seam: noting(seam, getattr(Flask, seam))})
        log.append([seam, _visits(small_app(app_class)), taken()])
    return log


@scenario
def the_call_of_the_application_is_patched_on_its_class() -> Any:
    original = Flask.__call__
    app = small_app()
    client = app.test_client()
    log = [tell(client.get("/"))]
    Flask.__call__ = noting("__call__", original)  # type: ignore[method-assign]
    try:
        log.append(tell(client.get("/")))
    finally:
        Flask.__call__ = original  # type: ignore[method-assign]
    return [log, tell(client.get("/")), taken()]


def _on_instance(app: Flask, seam: str) -> Callable[[], None]:
    setattr(app, seam, noting(seam, getattr(app, seam)))
    return lambda: delattr(app, seam)


def _on_class(app: Flask, seam: str) -> Callable[[], None]:
    original = getattr(Flask, seam)
    holder = next(cls for cls in Flask.__mro__ if seam in vars(cls))
    setattr(Flask, seam, noting(seam, original))
    if holder is Flask:
        return lambda: setattr(Flask, seam, original)
    return lambda: delattr(Flask, seam)


def _seam_story(seam: str, cls: type[Flask], replace: Callable[[Flask, str], Callable[[], None]]) -> Any:
    app = small_app(cls)
    before_the_first = replace(app, seam)
    log = [_visits(app), taken()]
    before_the_first()
    log += [_visits(app), taken()]
    after_the_first = replace(app, seam)
    log += [_visits(app), taken()]
    after_the_first()
    return [seam, *log, _visits(app), taken()]


def _visits(app: Flask) -> Any:
    client = app.test_client()
    log = []
    for method, path in (
        ("GET", "/"),
        ("GET", "/fail"),
        ("POST", "/"),
        ("OPTIONS", "/"),
        ("GET", "/nowhere"),
    ):
        log.append(client.open(path, method=method).status)
    with app.app_context():
        log.append(app.test_client().get("/").text)
    return log


@scenario
def a_context_method_replaced_on_its_class() -> Any:
    log = []
    for cls, names in (
        (flask.ctx.RequestContext, ("push", "pop", "match_request", "copy")),
        (flask.ctx.AppContext, ("push", "pop")),
    ):
        for name in names:
            original = getattr(cls, name)
            app = small_app()
            _visits(app)
            taken()
            setattr(cls, name, noting(f"{cls.__name__}.{name}", original))
            try:
                log.append([name, _visits(app), taken()])
            finally:
                setattr(cls, name, original)
            log.append([_visits(app), taken()])
    return log


@scenario
def middleware_that_changes_the_environ_and_the_answer() -> Any:
    app = small_app()
    inner = app.wsgi_app

    def outer(environ: dict[str, Any], start_response: Any) -> Any:
        environ["PATH_INFO"] = environ["PATH_INFO"].replace("/prefix", "")

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            return start_response(status, [*headers, ("X-Middleware", "1")], exc_info)

        return inner(environ, start)

    app.wsgi_app = outer  # type: ignore[method-assign]
    client = app.test_client()
    return [tell(client.get("/prefix/")), tell(client.get("/prefix/touch")), tell(client.get("/fail"))]


# -- signals, clients, requests that replace their own attributes


@scenario
def signals_with_receivers_that_come_and_go() -> Any:
    app = small_app()
    client = app.test_client()

    def receive(sender: Any, **details: Any) -> None:
        note("received", sender is app, sorted(details))

    names = ["request_started", "request_finished", "got_request_exception", "request_tearing_down"]
    names += ["appcontext_pushed", "appcontext_popped", "appcontext_tearing_down"]
    signals = [getattr(flask, name) for name in names]
    log = [tell(client.get("/"))]
    for signal in signals:
        signal.connect(receive, app)
        log.append(tell(client.get("/")))
        log.append(tell(client.get("/fail")))
        signal.disconnect(receive, app)
    with flask.request_started.connected_to(receive):
        log.append(tell(client.get("/")))
    log.append(tell(client.get("/")))
    return [log, taken()]


@scenario
def request_attributes_replaced_by_a_hook() -> Any:
    app = small_app()

    @app.before_request
    def replace() -> None:
        request.args = {"replaced": "args"}  # type: ignore[assignment,misc]
        request.headers = {"X-Replaced": "headers"}  # type: ignore[assignment]
        request.form = {"replaced": "form"}  # type: ignore[assignment]
        request.remote_addr = "10.0.0.1"
        request.json_module = None  # type: ignore[assignment]

    @app.route("/look", methods=["GET", "POST"])
    def look() -> dict[str, Any]:
        return {
            "args": dict(request.args),
            "headers": dict(request.headers),
            "form": dict(request.form),
            "address": request.remote_addr,
        }

    client = app.test_client()
    return [tell(client.get("/look?a=1")), tell(client.post("/look", data={"b": "2"}))]


@scenario
def a_host_that_is_not_the_server_name_is_warned_of() -> Any:
    log = []
    for host in ("shop.test", "other.test", "other.test", "127.0.0.1"):
        app = small_app(SERVER_NAME="shop.test")
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            log.append(tell(app.test_client().get("/", headers={"Host": host})))
        log.append([warning.category.__name__ for warning in caught])
    return log


@scenario
def a_client_class_and_a_runner_of_ones_own() -> Any:
    class Client(FlaskClient):
        def open(self, *args: Any, **kwargs: Any) -> Any:
            note("open", sorted(kwargs))
            return super().open(*args, **kwargs)

    app = small_app()
    app.test_client_class = Client
    client = app.test_client()
    client.environ_base["HTTP_X_BASE"] = "1"
    log = [tell(client.get("/")), tell(client.post("/", data="x")), tell(client.open("/", method="OPTIONS"))]
    log.append(tell(client.get("/session/w", follow_redirects=True)))
    log.append([client.get_cookie("session") is not None])
    client.delete_cookie("session")
    log.append(tell(client.get("/touch")))
    return [log, taken()]


@scenario
def after_this_request_in_every_place() -> Any:
    app = small_app()

    @app.route("/nested")
    def nested() -> str:
        @after_this_request
        def outer(response: Response) -> Response:
            note("outer")

            @after_this_request
            def inner(response: Response) -> Response:
                note("inner")
                return response

            return response

        return "nested"

    client = app.test_client()
    log = [tell(client.get("/nested")), tell(client.get("/"))]
    try:
        after_this_request(lambda response: response)
    except RuntimeError:
        note("refused outside of a request")
    return [log, taken()]


@scenario
def a_recursive_request_from_a_view() -> Any:
    app = small_app()

    @app.route("/outer")
    def outer() -> str:
        g.outer = 1
        inner = app.test_client().get("/")
        return f"{inner.text} {request.path} {sorted(g)}"

    return [tell(app.test_client().get("/outer")), taken()]


@scenario
def error_handlers_and_teardowns_that_fail() -> Any:
    log = []
    for place in ("before", "after", "teardown", "teardown app", "handler", "after this", "start signal"):
        for config in ({}, {"TESTING": True}, {"PROPAGATE_EXCEPTIONS": False}):
            app = small_app(**config)
            _fail_in(app, place)
            client = app.test_client()
            for path in ("/", "/fail", "/nowhere"):
                try:
                    log.append([place, sorted(config), path, client.get(path).status])
                except Exception as error:
                    log.append([place, sorted(config), path, type(error).__name__])
                log.append([has_request_context(), has_app_context(), *taken()])
    return log


def _fail_in(app: Flask, place: str) -> None:
    def fail(*args: Any, **kwargs: Any) -> Any:
        note("failing in", place)
        raise ArithmeticError(place)

    register: dict[str, Callable[[], Any]] = {
        "before": lambda: app.before_request(fail),
        "after": lambda: app.after_request(fail),
        "teardown": lambda: app.teardown_request(fail),
        "teardown app": lambda: app.teardown_appcontext(fail),
        "handler": lambda: app.register_error_handler(ValueError, fail),
        "after this": lambda: app.before_request(lambda: after_this_request(fail) and None),
        "start signal": lambda: flask.request_started.connect(fail, app, weak=False),
    }
    register[place]()
    app.teardown_request(lambda error: note("a further teardown"))
    app.teardown_appcontext(lambda error: note("a further teardown app"))
