"""A described application on one framework: built, visited, and asked what happened."""

from __future__ import annotations

import datetime
import gc
import io
import os
import re
import typing as t
from contextlib import AbstractContextManager, ExitStack
from functools import wraps

from werkzeug.exceptions import NotFound
from werkzeug.test import EnvironBuilder

from tests.serve.applications import EXCEPTIONS, HANDLED, RESULTS, Function
from tests.serve.beside import Framework
from tests.serve.specialised.classes import CLASSES
from tests.serve.specialised.descriptions import SIGNALS, Description, Visit

Wrap: t.TypeAlias = t.Callable[[t.Callable[..., t.Any]], t.Callable[..., t.Any]]


class Surroundings(t.NamedTuple):
    """What is done to an application from outside: nothing, unless it is to take the general way."""

    made: t.Sequence[t.Callable[[t.Any], object]] = ()
    around: t.Sequence[t.Callable[[], AbstractContextManager[object]]] = ()
    environ: t.Sequence[t.Callable[[dict[str, t.Any]], object]] = ()
    wrap: t.Sequence[Wrap] = ()


NOTHING = Surroundings()
FOLDER = os.path.dirname(__file__)
# Hooks of that module do nothing, and that they are passed to a seam is not told.
FUNCTIONS_OF_SWITCHES = "tests.serve.specialised.switches"
BODIES: dict[str, dict[str, t.Any]] = {
    "": {},
    "form": {"data": {"x": "1", "y": "é +"}},
    "json": {"json": {"x": [1, None]}},
    "no json": {"data": "{", "content_type": "application/json"},
    "multipart": {"data": {"x": "1"}, "content_type": "multipart/form-data; boundary=b"},
    "text": {"data": "text", "content_type": "text/plain"},
}
PAGE = "{{ request.path }} {{ given }} {{ g.get('count') }} {{ session.get('n') }} {{ data|tojson }}"


class Running:
    """An application, the log in which each of its functions notes its name, and a visitor with cookies."""

    def __init__(
        self, described: Description, framework: Framework, surroundings: Surroundings = NOTHING
    ) -> None:
        self.described = described
        self.framework = framework
        self.surroundings = surroundings
        self.log: list[t.Any] = []
        self.cookies: dict[str, str] = {}
        self.tag: str | None = None
        # Methods replaced on the application, and what stood there before.
        self.patched: dict[str, t.Any] = {}
        self.receivers: list[tuple[t.Any, t.Callable[..., None]]] = []
        # Opened for responses, which may never be sent.
        self.files: list[t.Any] = []
        self.app = app = self.application_class()("app", static_folder=None)
        app.logger.disabled = True
        for change in surroundings.made:
            change(app)
        app.config.update(described.config)
        self.register_everything()
        for name, place in described.seams:
            if place == "instance":
                self.patch(name)
        for signal, steps in described.signals:
            self.connect(signal, steps)
        self.bring_session(described.session)

    # set-up

    def application_class(self) -> t.Any:
        kind = self.framework.Flask
        body: dict[str, t.Any] = {}
        for name in self.described.classes:
            CLASSES[name](self, kind, body)
        for name, place in self.described.seams:
            if place == "class":
                body[name] = self.noting(name, getattr(kind, name))
        return type("App", (kind,), body) if body else kind

    def register_everything(self) -> None:
        blueprint = self.framework.Blueprint
        inner = blueprint("inner", "app", url_prefix="/inner")
        outer = blueprint("outer", "app", url_prefix="/outer")
        places = {None: self.app, "outer": outer, "outer.inner": inner}
        for function in self.described.functions:
            place, made = places[function.where], self.made(function)
            if function.kind == "handler":
                place.register_error_handler(HANDLED[function.key], made)
            else:
                getattr(place, function.kind)(made)
        for (where, place), rule in zip(places.items(), ("/", "/", "/<int:n>"), strict=True):
            view = self.made(self.described.views[where])
            place.add_url_rule(rule, "view", view, methods=["GET", "POST"])
        outer.register_blueprint(inner)
        self.app.register_blueprint(outer)

    def noting(self, name: str, original: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        """Do what was done anyway, and note it."""

        @wraps(original)
        def seam(*args: t.Any, **kwargs: t.Any) -> t.Any:
            if not (args and getattr(args[-1], "__module__", "") == FUNCTIONS_OF_SWITCHES):
                self.log.append(f"seam {name}")
            return original(*args, **kwargs)

        return seam

    def bring_session(self, value: str | dict[str, t.Any] | None) -> None:
        """Let the first visitor have been here before."""
        if isinstance(value, dict):
            serializer = self.app.session_interface.get_signing_serializer(self.app)
            value = None if serializer is None else serializer.dumps(value)
        if value is not None:
            self.cookies["session"] = value

    def patch(self, name: str) -> None:
        self.patched[name] = vars(self.app).get(name)
        setattr(self.app, name, self.noting(name, getattr(self.app, name)))

    def connect(self, signal: str, steps: tuple[t.Any, ...] = ()) -> None:
        """Connect a receiver, unless there is one: two have no order."""

        def receiver(sender: object, **kwargs: object) -> None:
            self.log.append((signal, sorted(kwargs), self.framework.has_request_context()))
            self.take(steps, None)

        heard = getattr(self.framework.signals, signal)
        if not any(heard is known for known, _ in self.receivers):
            heard.connect(receiver, self.app)
            self.receivers.append((heard, receiver))

    def disconnect(self) -> None:
        """Leave no receiver behind: with one somewhere, no application is spared the signal."""
        for signal, receiver in self.receivers:
            signal.disconnect(receiver)
        if any(getattr(self.framework.signals, name).receivers for name in SIGNALS):
            gc.collect()  # those of other tests' applications, which nobody holds any more
        assert not [name for name in SIGNALS if getattr(self.framework.signals, name).receivers]

    # the user's functions

    def made(self, function: Function) -> t.Callable[..., t.Any]:
        """Make the function, with as many arguments as its kind takes."""

        def run(*args: t.Any, **values: t.Any) -> t.Any:
            told = [type(one).__name__ for one in args if isinstance(one, BaseException)]
            if function.kind == "url_value_preprocessor":
                told = [args[0], dict(args[1] or {})]
            self.log.append((function.name, *told, *sorted(values.items())))
            response = self.take(function.steps, args[0] if function.kind == "after_request" else None)
            if function.kind == "after_request":
                return response
            if function.kind == "context_processor":
                return {"given": function.name}
            return self.result(function.result) if function.result else None

        async def coroutine(*args: t.Any, **values: t.Any) -> t.Any:
            return run(*args, **values)

        made = coroutine if function.coroutine else run
        for wrap in self.surroundings.wrap:
            made = wrap(made)
        return made

    def take(self, steps: tuple[t.Any, ...], response: t.Any) -> t.Any:
        for name, argument in steps:
            response = getattr(self, f"step_{name}")(argument, response) or response
        return response

    def result(self, name: str) -> t.Any:
        return RESULTS[name](self.framework) if name in RESULTS else MORE[name](self)

    # steps

    def step_raise(self, name: str, response: t.Any) -> t.NoReturn:
        raise EXCEPTIONS[name]()

    def step_look(self, name: str, response: t.Any) -> None:
        value = getattr(self.framework.request, name)
        self.log.append((name, type(value).__name__ if isinstance(value, Exception) else repr(value)))

    def step_session(self, action: str, response: t.Any) -> None:
        session = self.framework.session
        if action == "count":
            session["n"] = session.get("n", 0) + 1
        elif action == "clear":
            session.clear()
        elif action == "pop":
            session.pop("n", None)
        elif action == "permanent":
            session.permanent = True
        elif action == "modified":
            session.modified = True
        elif action == "nested":
            session.setdefault("list", []).append((1, "é"))
        elif action == "flash":
            self.framework.flash("flashed")
        elif action == "flashed":
            self.log.append(repr(self.framework.get_flashed_messages(with_categories=True)))
        self.log.append(("session", repr(dict(session)), session.new, session.modified, session.accessed))

    def step_g(self, _: None, response: t.Any) -> None:
        g = self.framework.g
        g.count = g.get("count", 0) + 1
        self.log.append(("g", sorted(vars(g._get_current_object()).items())))

    def step_config(self, pair: tuple[str, t.Any], response: t.Any) -> None:
        self.app.config[pair[0]] = pair[1]

    def step_register(self, kind_and_place: tuple[str, str | None], response: t.Any) -> None:
        kind, where = kind_and_place
        hook = self.made(Function(f"{kind}_request", where, f"registered {kind} {where}"))
        getattr(self.app, f"{kind}_request_funcs").setdefault(where, []).append(hook)

    def step_connect(self, signal: str, response: t.Any) -> None:
        self.connect(signal)

    def step_patch(self, name: str, response: t.Any) -> None:
        if name not in self.patched:
            self.patch(name)

    def step_unpatch(self, _: None, response: t.Any) -> None:
        for name, before in self.patched.items():
            if before is None:
                delattr(self.app, name)
            else:
                setattr(self.app, name, before)
        self.patched.clear()

    def step_view(self, result: str, response: t.Any) -> None:
        self.app.view_functions["view"] = lambda **values: self.result(result)

    def step_rule(self, _: None, response: t.Any) -> None:
        # Not by add_url_rule: that is for the time before the first request.
        rule = self.app.url_rule_class("/late", methods=["GET"], endpoint="view")
        rule.provide_automatic_options = False
        self.app.url_map.add(rule)

    def step_handle(self, key: str, response: t.Any) -> None:
        handler = self.made(Function("handler", None, f"late handler {key}", result="text"))
        self.app.error_handler_spec[None][HANDLED[key]][NotFound] = handler

    def step_url_for(self, _: None, response: t.Any) -> None:
        self.log.append(self.framework.url_for("outer.inner.view", n=1, x="é"))

    def step_render(self, _: None, response: t.Any) -> None:
        self.log.append(self.framework.render_template_string(PAGE, data={"b": 1, "a": "<é>"}))

    def step_inner_context(self, _: None, response: t.Any) -> None:
        with self.app.app_context():
            self.step_g(None, None)

    def step_after_this_request(self, kind: str, response: t.Any) -> None:
        def after(response: t.Any) -> t.Any:
            self.log.append(f"after this request: {kind}")
            if kind == "another":
                return self.framework.Response("another", 206)
            if kind == "header":
                response.headers.add("X-This", "1")
            return response

        self.framework.after_this_request(after)

    def step_response(self, change: str, response: t.Any) -> t.Any:
        headers = response.headers
        if change == "header":
            headers.add("X-After", "1")
        elif change == "set":
            headers["X-Set"] = "é"
            headers["content-type"] = "text/x-set"
            headers["x-SET"] = "again"
        elif change == "delete":
            headers.pop("Content-Type", None)
        elif change == "status":
            response.status_code = 207
        elif change == "data":
            response.data = "replaced"
        elif change == "cookie":
            response.set_cookie("biscuit", "1")
        elif change == "vary":
            headers["Vary"] = "Accept"
        elif change == "close":
            response.call_on_close(lambda: self.log.append("response closed"))
        elif change == "another":
            return self.framework.Response("other", response.status_code)
        elif change == "look":
            self.log.append(("response", response.status, response.mimetype, list(headers.keys())))
        # An error page has another body here than in Flask where HEAD was asked: see test_found.
        elif change == "etag" and not response.direct_passthrough and not self.asks_head():
            response.add_etag()
            return response.make_conditional(self.framework.request)
        elif change == "body" and not self.asks_head():
            self.log.append(response.get_data())
        return response

    def asks_head(self) -> bool:
        return bool(self.framework.request.method == "HEAD")

    # visits

    def answers(self) -> list[t.Any]:
        """Return, of each visit, what reached the server, and the log."""
        told = []
        try:
            for visit in self.described.visits:
                if visit.change is not None:
                    self.take((visit.change,), None)
                told.append((self.answer(visit), *self.log))
                self.log.clear()
            return told
        finally:
            self.disconnect()

    def answer(self, visit: Visit) -> t.Any:
        given = self.environ(visit)
        begun: list[t.Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: t.Any = None) -> None:
            self.log.append("status and headers")
            begun[:] = [status, [self.told(pair) for pair in headers]]
            self.keep(headers)

        try:
            with ExitStack() as stack:
                for surround in self.surroundings.around:
                    stack.enter_context(surround())
                body = self.app(given, start_response)
            try:
                return (*begun, self.text_of(body), self.cookies.get("session") is not None)
            finally:
                getattr(body, "close", lambda: None)()
                self.log.append("body closed")
        except Exception as error:
            return (*begun, type(error).__name__)
        finally:
            for file in self.files:
                file.close()
            self.files.clear()

    def text_of(self, body: t.Iterable[bytes]) -> bytes:
        text = b""
        for part in body:
            self.log.append("part")
            text += part
        # Where it is sent in one piece or none is a server's business.
        while self.log and self.log[-1] == "part":
            self.log.pop()
        return text

    def environ(self, visit: Visit) -> dict[str, t.Any]:
        builder = EnvironBuilder(
            visit.path, method=visit.method, query_string=visit.query, **BODIES[visit.body]
        )
        if visit.cookies and self.cookies:
            builder.headers["Cookie"] = "; ".join(f"{n}={value}" for n, value in self.cookies.items())
        if visit.revisit and self.tag is not None:
            builder.headers["If-None-Match"] = self.tag
        given = builder.get_environ()
        builder.close()
        for change in self.surroundings.environ:
            change(given)
        return given

    def keep(self, headers: list[tuple[str, str]]) -> None:
        """Keep what a browser keeps: cookies, and the tag of what it got."""
        for name, value in headers:
            if name == "Set-Cookie":
                key, _, content = value.partition(";")[0].partition("=")
                self.cookies[key] = content
            elif name == "ETag":
                self.tag = value

    def told(self, header: tuple[str, str]) -> tuple[str, str]:
        """Leave out of a header what has no order, or the time of day."""
        name, value = header
        if name == "Allow":
            return name, ", ".join(sorted(value.split(", ")))
        if name in ("Date", "Expires"):
            return name, ""
        return name, re.sub(r"Expires=[^;]+", "Expires", value) if name == "Set-Cookie" else value


# results


def _streamed(running: Running) -> t.Iterator[str]:
    request, g = running.framework.request, running.framework.g
    try:
        yield request.path
        running.log.append("streaming")
        g.count = g.get("count", 0) + 1
        yield f" {g.count}"
    finally:
        running.log.append("stream closed")


def _noting(running: Running) -> t.Iterator[bytes]:
    try:
        yield b"one "
        running.log.append("between")
        yield b"two"
    finally:
        running.log.append("generator closed")


def _flashed(running: Running) -> str:
    running.framework.flash("you did it", "success")
    return "flashed"


def _cookie(running: Running) -> t.Any:
    response = running.framework.make_response("with a cookie")
    response.set_cookie("a", "b", max_age=3, httponly=True)
    return response


def _closing(running: Running) -> t.Any:
    response = running.framework.Response("closing")
    response.call_on_close(lambda: running.log.append("closed"))
    return response


def _file_on_disk(running: Running) -> t.Any:
    response = running.framework.send_file(__file__, max_age=3)
    running.files.append(response.response)
    return response


def _file_of_a_folder(running: Running) -> t.Any:
    response = running.framework.send_from_directory(FOLDER, "classes.py")
    running.files.append(response.response)
    return response


def _conditional(running: Running) -> t.Any:
    response = running.framework.Response("conditional" * 5)
    response.add_etag()
    return response.make_conditional(running.framework.request)


def _headers_changed(running: Running) -> t.Any:
    response = running.framework.make_response("changed")
    response.headers.extend({"X-Many": ["1", "2"], "Vary": "Accept"})
    response.content_type = "text/x-é; a=b"
    response.headers["location"] = "/ü"
    return response


MORE: dict[str, t.Callable[[Running], t.Any]] = {
    "stream with context": lambda running: running.framework.stream_with_context(_streamed(running)),
    "streamed page": lambda running: running.framework.stream_template_string(PAGE, data=[1]),
    "page": lambda running: running.framework.render_template_string(PAGE, data={"x": "'"}),
    "flashed": _flashed,
    "messages": lambda running: str(running.framework.get_flashed_messages(with_categories=True)),
    "cookie": _cookie,
    "jsonify": lambda running: running.framework.jsonify(b=datetime.date(2024, 5, 1), a="é"),
    "noting generator": _noting,
    "file": lambda running: running.framework.send_file(io.BytesIO(b"file"), download_name="f.txt"),
    "file on disk": _file_on_disk,
    "file of a folder": _file_of_a_folder,
    "closing response": _closing,
    "form": lambda running: {"x": running.framework.request.form["x"]},
    "conditional": _conditional,
    "headers changed": _headers_changed,
}
