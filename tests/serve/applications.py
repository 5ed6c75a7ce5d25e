"""Random applications: described first, then built on any framework, and asked.

Each user function notes its name and takes its steps. Nothing is looked at that no step looks at, so
that what is made late is made as late as it can be.
"""

from __future__ import annotations

import contextvars
import re
import threading
import typing as t
from dataclasses import dataclass, field

from hypothesis import strategies as st
from werkzeug.exceptions import Conflict, Forbidden, HTTPException, NotFound, RequestEntityTooLarge
from werkzeug.wrappers import Response as WerkzeugResponse

from tests.serve.beside import Framework, call, environ

Log: t.TypeAlias = list[t.Any]
Step: t.TypeAlias = tuple[str, t.Any]


class Mistake(Exception):
    pass


class Slip(Mistake):
    pass


class Teapot(HTTPException):
    code = 418


class Coded(HTTPException):
    """An exception of the application with the code of one of Werkzeug's."""

    code = 404


class Codeless(HTTPException):
    """One without a code is a response itself."""

    def get_response(self, *args: t.Any, **kwargs: t.Any) -> WerkzeugResponse:
        return WerkzeugResponse("codeless", 299)


EXCEPTIONS: dict[str, t.Callable[[], BaseException]] = {
    "Mistake": Mistake,
    "Slip": Slip,
    "KeyError": lambda: KeyError("k"),
    "NotFound": NotFound,
    "Forbidden": lambda: Forbidden("keep out"),
    "Conflict": Conflict,
    "with a response": lambda: Forbidden(response=WerkzeugResponse("mine", 499, {"X-Mine": "1"})),
    "too large": lambda: RequestEntityTooLarge(retry_after=1),
    "Teapot": lambda: Teapot("short and stout"),
    "Coded": Coded,
    "Codeless": Codeless,
}
HANDLED: dict[str, t.Any] = {
    "404": 404,
    "403": 403,
    "409": 409,
    "500": 500,
    "Exception": Exception,
    "HTTPException": HTTPException,
    "Mistake": Mistake,
    "Slip": Slip,
    "LookupError": LookupError,
    "NotFound": NotFound,
    "Forbidden": Forbidden,
    "Teapot": Teapot,
    "Coded": Coded,
}
PLACES = (None, "outer", "outer.inner")


def _wsgi(given: dict[str, t.Any], start_response: t.Any) -> list[bytes]:
    start_response("207 Multi-Status", [("X-Path", given["PATH_INFO"])])
    return [b"from ", b"WSGI"]


# What a view, a before hook or an error handler may return, made on a framework.
RESULTS: dict[str, t.Callable[[Framework], t.Any]] = {
    "text": lambda framework: "text é",
    "empty text": lambda framework: "",
    "bytes": lambda framework: b"bytes\xff",
    "bytearray": lambda framework: bytearray(b"bytearray"),
    "dict": lambda framework: {"b": [1, None], "a": "é"},
    "list": lambda framework: [1, {"x": 2.5}],
    "empty dict": lambda framework: {},
    "generator": lambda framework: (f"part {n} " for n in range(3)),
    "bytes iterator": lambda framework: iter([b"a", b"b"]),
    "response": lambda framework: framework.Response("made", 202, {"X-Made": "yes"}),
    "no content": lambda framework: framework.Response(status=204),
    "not modified": lambda framework: framework.Response("unsent", status=304),
    "made by hand": lambda framework: framework.make_response(("made", 201)),
    "another response": lambda framework: WerkzeugResponse("werkzeug", 203, mimetype="text/x-other"),
    "exception": lambda framework: Forbidden("returned"),
    "redirect": lambda framework: framework.redirect("/elsewhere é?x=1", 303),
    "WSGI application": lambda framework: _wsgi,
    "status": lambda framework: ("created", 201),
    "status text": lambda framework: ("odd", "299 Odd"),
    "headers": lambda framework: ("headed", {"X-One": "1", "Content-Type": "text/x-mine"}),
    "header pairs": lambda framework: ("headed", [("X-One", "1"), ("X-One", "2")]),
    "both": lambda framework: ({"json": True}, 418, {"X-One": ["1", "2"]}),
    "response and status": lambda framework: (framework.Response("made"), 202),
    "exception and headers": lambda framework: (Conflict(), {"X-One": "1"}),
    "nothing": lambda framework: None,
    "a number": lambda framework: 42,
    "an object": lambda framework: object(),
    "one of a tuple": lambda framework: ("alone",),
    "four of a tuple": lambda framework: ("a", 200, {}, None),
    "nothing with a status": lambda framework: (None, 200),
    "a surrogate": lambda framework: "\ud800",
    "not JSON": lambda framework: {"x": object()},
    "a bad header": lambda framework: ("x", {"X-One": "a\nb"}),
    "a bad status": lambda framework: ("x", "no number"),
}
USUAL_RESULTS = ("text", "text", "dict", "response", "generator", "status", "exception", "redirect")


@dataclass(frozen=True)
class Function:
    """A user function: where it is registered, what it does, and what it returns."""

    kind: str
    where: str | None
    name: str
    coroutine: bool = False
    steps: tuple[Step, ...] = ()
    result: str | None = None
    key: str = ""


@dataclass(frozen=True)
class Application:
    functions: tuple[Function, ...]
    views: dict[str | None, Function]
    config: dict[str, t.Any]
    signals: tuple[str, ...] = ()
    requests: tuple[tuple[str, str], ...] = field(default=(("GET", "/"),))

    def on(self, framework: Framework) -> t.Any:
        """Return how the requests are answered on a framework."""
        return _Running(self, framework).answers()


PATHS = {None: "/", "outer": "/outer/", "outer.inner": "/outer/inner/7"}


class _Running:
    """An application on one framework, and what happened on it."""

    def __init__(self, described: Application, framework: Framework) -> None:
        self.described = described
        self.framework = framework
        self.log: Log = []
        self.app = app = framework.Flask("app", static_folder=None)
        app.config.update(described.config)
        app.log_exception = lambda info: self.log.append(("logged", info[0].__name__))
        app.logger.disabled = True
        inner = framework.Blueprint("inner", "app", url_prefix="/inner")
        outer = framework.Blueprint("outer", "app", url_prefix="/outer")
        self.places = {None: app, "outer": outer, "outer.inner": inner}
        for function in described.functions:
            self.register(function)
        for (where, place), rule in zip(self.places.items(), ("/", "/", "/<int:n>"), strict=True):
            view = self.made(described.views[where])
            place.add_url_rule(rule, "view", view, methods=["GET", "POST"])
        app.add_url_rule("/leaf", "leaf", lambda: str(framework.g.get("count")))
        outer.register_blueprint(inner)
        app.register_blueprint(outer)
        # Receivers are held weakly.
        self.receivers = [self.listen(name) for name in described.signals]

    def register(self, function: Function) -> None:
        place = self.places[function.where]
        made = self.made(function)
        if function.kind == "handler":
            place.register_error_handler(HANDLED[function.key], made)
        else:
            getattr(place, function.kind)(made)

    def listen(self, name: str) -> t.Callable[..., None]:
        def receiver(sender: object, **kwargs: object) -> None:
            self.log.append((name, sorted(kwargs)))

        getattr(self.framework, name).connect(receiver, self.app)
        return receiver

    def made(self, function: Function) -> t.Callable[..., t.Any]:
        """Make the function, with as many arguments as its kind takes."""

        def run(*args: t.Any, **values: t.Any) -> t.Any:
            told = [type(one).__name__ for one in args if isinstance(one, BaseException)]
            self.log.append((function.name, *told, *sorted(values.items())))
            response = args[0] if function.kind == "after_request" else None
            for name, argument in function.steps:
                response = getattr(self, f"step_{name}")(argument, response) or response
            if function.kind == "after_request":
                return response
            return RESULTS[function.result](self.framework) if function.result else None

        async def coroutine(*args: t.Any, **values: t.Any) -> t.Any:
            return run(*args, **values)

        return coroutine if function.coroutine else run

    # steps

    def step_raise(self, name: str, response: t.Any) -> t.NoReturn:
        raise EXCEPTIONS[name]()

    def step_interrupt(self, _: None, response: t.Any) -> t.NoReturn:
        raise KeyboardInterrupt

    def step_look(self, name: str, response: t.Any) -> None:
        request = self.framework.request
        if name == "view_args" and request.view_args is not None:
            self.log.append(dict(request.view_args))
        elif name == "routing_exception":
            self.log.append(type(request.routing_exception).__name__)
        else:
            self.log.append((name, str(getattr(request, name))))

    def step_session(self, action: str, response: t.Any) -> None:
        session = self.framework.session
        if action == "read":
            self.log.append(("session", dict(session)))
        elif action == "count":
            session["n"] = session.get("n", 0) + 1
        elif action == "clear":
            session.clear()
        elif action == "permanent":
            session.permanent = True

    def step_g(self, _: None, response: t.Any) -> None:
        g = self.framework.g
        g.count = g.get("count", 0) + 1
        self.log.append(("g", g.count))

    def step_header(self, value: str, response: t.Any) -> None:
        response.headers.add("X-After", value)

    def step_another(self, text: str, response: t.Any) -> t.Any:
        return self.framework.Response(text, response.status_code)

    def step_look_at_response(self, _: None, response: t.Any) -> None:
        self.log.append((response.status, response.mimetype, sorted(response.headers.keys())))

    def step_after_this_request(self, value: str, response: t.Any) -> None:
        def after(response: t.Any) -> t.Any:
            self.log.append(f"after this request {value}")
            response.headers.add("X-This", value)
            return response

        self.framework.after_this_request(after)

    def step_register(self, kind_and_place: tuple[str, str | None], response: t.Any) -> None:
        kind, where = kind_and_place
        hook = self.made(Function(f"{kind}_request", where, f"registered {kind} {where}"))
        getattr(self.app, f"{kind}_request_funcs").setdefault(where, []).append(hook)

    def step_replace_view(self, result: str, response: t.Any) -> None:
        self.app.view_functions["view"] = lambda **values: RESULTS[result](self.framework)

    def step_view_args(self, _: None, response: t.Any) -> None:
        if self.framework.request.view_args is not None:
            self.framework.request.view_args = {**self.framework.request.view_args}

    def step_url_for(self, _: None, response: t.Any) -> None:
        self.log.append(self.framework.url_for("outer.inner.view", n=1))

    def step_config(self, pair: tuple[str, t.Any], response: t.Any) -> None:
        self.app.config[pair[0]] = pair[1]

    def step_inner_context(self, _: None, response: t.Any) -> None:
        with self.app.app_context():
            self.step_g(None, None)

    def step_inner_request(self, path: str, response: t.Any) -> None:
        with self.app.test_request_context(path):
            self.step_look("endpoint", None)
            self.step_session("count", None)

    def step_inner_call(self, _: None, response: t.Any) -> None:
        self.log.append(("inner", call(self.app, "/leaf").body))

    def step_other_application(self, _: None, response: t.Any) -> None:
        other = self.framework.Flask("other")
        other.add_url_rule("/", "view", lambda: str(self.framework.g.get("count")))
        self.log.append(("other", call(other).body, self.framework.current_app.name))

    def step_thread(self, _: None, response: t.Any) -> None:
        @self.framework.copy_current_request_context
        def look() -> None:
            self.step_look("path", None)

        def work() -> None:
            try:
                look()
            except BaseException as error:  # of a teardown function
                self.log.append(type(error).__name__)

        thread = threading.Thread(target=contextvars.Context().run, args=(work,))
        thread.start()
        thread.join()

    # requests

    def answers(self) -> list[t.Any]:
        told: list[t.Any] = []
        cookie = None
        for method, path in self.described.requests:
            given = environ(path, method=method, headers={"Cookie": cookie} if cookie else {})
            try:
                answer = call(self.app, given)
            except (Exception, KeyboardInterrupt) as error:
                outcome: t.Any = type(error).__name__
            else:
                cookie = _session_cookie(answer.headers) or cookie
                outcome = answer.status, sorted(map(self.told, answer.headers)), answer.body
            told.append((outcome, tuple(self.log)))
            self.log.clear()
        return told

    def told(self, header: tuple[str, str]) -> tuple[str, str]:
        """Leave out of a header what differs from second to second, and the order where there is none."""
        name, value = header
        if name == "Allow":
            return name, ", ".join(sorted(value.split(", ")))
        if name == "Set-Cookie":
            return name, re.sub(r"session=([^;]+)", self._session_in, re.sub(r"Expires=[^;]+", "", value))
        return header

    def _session_in(self, match: re.Match[str]) -> str:
        serializer = self.app.session_interface.get_signing_serializer(self.app)
        return f"session={serializer.loads(match[1])}"


def _session_cookie(headers: list[tuple[str, str]]) -> str | None:
    cookies = [value for name, value in headers if name == "Set-Cookie" and value.startswith("session=")]
    return cookies[-1].partition(";")[0] if cookies else None


# descriptions

_raising = st.sampled_from([("raise", name) for name in EXCEPTIONS])
_looking = st.sampled_from(
    [
        ("look", name)
        for name in ("path", "endpoint", "blueprints", "view_args", "routing_exception", "method")
    ]
)
_sessions = st.sampled_from([("session", action) for action in ("read", "count", "clear", "permanent")])
_registering = st.tuples(
    st.just("register"), st.tuples(st.sampled_from(("after", "teardown", "before")), st.sampled_from(PLACES))
)
_CONFIGURED = (
    ("SESSION_COOKIE_NAME", "biscuit"),
    ("TESTING", True),
    ("SECRET_KEY", "other"),
    ("DEBUG", False),
)
_nesting = st.one_of(
    st.just(("inner_context", None)),
    st.tuples(st.just("inner_request"), st.sampled_from(tuple(PATHS.values()))),
    st.just(("other_application", None)),
    st.just(("thread", None)),
)
_any_step = st.one_of(
    _looking,
    _looking,
    _nesting,
    st.tuples(st.just("config"), st.sampled_from(_CONFIGURED)),
    _sessions,
    _raising,
    _registering,
    st.just(("g", None)),
    st.just(("url_for", None)),
)
_early_step = st.one_of(
    _any_step,
    st.tuples(st.just("after_this_request"), st.sampled_from("ab")),
    st.just(("view_args", None)),
    st.tuples(st.just("replace_view"), st.sampled_from(USUAL_RESULTS)),
)
_after_step = st.one_of(
    _any_step,
    st.tuples(st.just("header"), st.sampled_from("ab")),
    st.just(("look_at_response", None)),
    st.tuples(st.just("another"), st.sampled_from(("other", ""))),
)
_WITHOUT_REQUEST = ("g", "raise", "config", "other_application", "register")
_steps = {
    # Only these may call the application again: hooks would never come to an end.
    "view": st.one_of(_early_step, st.just(("inner_call", None))),
    "handler": _early_step,
    "before_request": _early_step,
    "url_value_preprocessor": _any_step,
    "after_request": _after_step,
    # A context inside would be torn down by the very function.
    "teardown_request": _any_step.filter(lambda step: step[0] not in ("inner_request", "thread")),
    "teardown_appcontext": _any_step.filter(lambda step: step[0] in _WITHOUT_REQUEST),
}
_SIGNALS = (
    "request_started",
    "request_finished",
    "request_tearing_down",
    "got_request_exception",
    "appcontext_pushed",
    "appcontext_popped",
    "appcontext_tearing_down",
)


@st.composite
def _function(draw: st.DrawFn, kind: str, where: str | None) -> Function:
    # Most functions do nothing much: else no request would come to its end.
    steps = draw(st.lists(_steps[kind], max_size=2)) if draw(st.integers(0, 2)) else []
    coroutine = kind not in ("url_value_preprocessor",) and draw(st.integers(0, 9)) == 0
    if coroutine:
        # It would block the loop that the thread may have to wait for.
        steps = [step for step in steps if step[0] != "thread"]
    if draw(st.integers(0, 40)) == 17:
        steps.append(("interrupt", None))
    result = None
    if kind in ("view", "handler"):
        result = draw(st.sampled_from((*USUAL_RESULTS, *RESULTS)))
    elif kind == "before_request" and draw(st.integers(0, 5)) == 0:
        result = draw(st.sampled_from(USUAL_RESULTS))
    key = draw(st.sampled_from(sorted(HANDLED))) if kind == "handler" else ""
    name = f"{kind} {key} of {where} {draw(st.integers(0, 99))}"
    return Function(kind, where, name, coroutine, tuple(steps), result, key)


_kinds = st.sampled_from(
    (
        *("before_request", "after_request", "handler") * 2,
        *("teardown_request", "teardown_appcontext", "handler", "url_value_preprocessor"),
    )
)
_configs = st.fixed_dictionaries(
    {
        "SECRET_KEY": st.sampled_from(("secret", None)),
        "PROPAGATE_EXCEPTIONS": st.sampled_from((False, False, None, True)),
        "TESTING": st.sampled_from((False, True)),
        "TRAP_HTTP_EXCEPTIONS": st.sampled_from((False, False, False, True)),
        "SESSION_REFRESH_EACH_REQUEST": st.booleans(),
    }
)
_requests = st.tuples(
    st.sampled_from(("GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "PUT")),
    st.sampled_from((*PATHS.values(), *PATHS.values(), "/outer", "/outer/nowhere", "/outer/inner/x")),
)


@st.composite
def applications(draw: st.DrawFn) -> Application:
    functions = []
    for kind in draw(st.lists(_kinds, max_size=7)):
        where = None if kind == "teardown_appcontext" else draw(st.sampled_from(PLACES))
        functions.append(draw(_function(kind, where)))
    return Application(
        tuple(functions),
        {where: draw(_function("view", where)) for where in PLACES},
        draw(_configs),
        tuple(draw(st.lists(st.sampled_from(_SIGNALS), unique=True, max_size=2))),
        tuple(draw(st.lists(_requests, min_size=1, max_size=4))),
    )
