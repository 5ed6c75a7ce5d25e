"""Changes to an application between requests, as extensions, tests and users make them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

import flask
import jinja2
from flask import Flask, Response, g, has_app_context, has_request_context, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionInterface, SessionMixin
from werkzeug.routing import Rule

from . import differences
from .application.errors import RAISED
from .application.events import note

SEAMS = (
    "full_dispatch_request",
    "preprocess_request",
    "dispatch_request",
    "make_response",
    "process_response",
    "finalize_request",
    "handle_user_exception",
    "handle_exception",
    "handle_http_exception",
    "wsgi_app",
    "request_context",
    "app_context",
    "create_url_adapter",
    "ensure_sync",
    "async_to_sync",
    "do_teardown_request",
    "do_teardown_appcontext",
    "raise_routing_exception",
    "make_default_options_response",
    "inject_url_defaults",
    "handle_url_build_error",
    "log_exception",
    "update_template_context",
    "should_ignore_error",
    "trap_http_exception",
    "url_for",
    "_find_error_handler",
)


DECORATORS = {
    "before_request_funcs": "before_request",
    "after_request_funcs": "after_request",
    "teardown_request_funcs": "teardown_request",
    "url_value_preprocessors": "url_value_preprocessor",
    "url_default_functions": "url_defaults",
}
"""The tables that hold lists of functions by scope, and what fills them."""


class DictSession(dict, SessionMixin):  # type: ignore[type-arg]
    """A session kept in the process."""


class ForeignInterface(SessionInterface):
    """Keeps sessions in the process, by a cookie that names them."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}

    def open_session(self, app: Flask, request: Any) -> DictSession:
        name = request.cookies.get("sid", "nobody")
        note("open_session", name, request.endpoint, has_app_context(), has_request_context())
        return DictSession(self.kept.get(name, {}))

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        note("save_session", response.status_code, sorted(session), has_request_context())
        self.kept[request.cookies.get("sid", "nobody")] = dict(session)
        response.headers["X-Session"] = str(len(session))


class RefusingInterface(SessionInterface):
    """Has no session to give."""

    def open_session(self, app: Flask, request: Any) -> None:
        note("open_session refuses")

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        note("never called for a null session")


class FailingOpen(SecureCookieSessionInterface):
    def open_session(self, app: Flask, request: Any) -> Any:
        note("open_session fails")
        raise OSError("the store is away")


class FailingSave(SecureCookieSessionInterface):
    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        note("save_session fails")
        raise OSError("the store is away")


class NotingSession(SecureCookieSession):
    def get(self, key: str, default: Any = None) -> Any:
        note("session.get", key)
        return super().get(key, default)


class NotingInterface(SecureCookieSessionInterface):
    """Flask's interface with every small method noted."""

    session_class = NotingSession

    def should_set_cookie(self, app: Flask, session: Any) -> bool:
        note("should_set_cookie", session.modified, session.permanent)
        return super().should_set_cookie(app, session)

    def get_cookie_path(self, app: Flask) -> str:
        return "/noted"

    def get_expiration_time(self, app: Flask, session: Any) -> Any:
        note("get_expiration_time")
        return super().get_expiration_time(app, session)

    def is_null_session(self, obj: object) -> bool:
        note("is_null_session", type(obj).__name__)
        return super().is_null_session(obj)


INTERFACES: dict[str, Callable[[], SessionInterface]] = {
    "foreign": ForeignInterface,
    "refusing": RefusingInterface,
    "failing-open": FailingOpen,
    "failing-save": FailingSave,
    "noting": NotingInterface,
    "flask": SecureCookieSessionInterface,
}


class LoudResponse(Response):
    default_mimetype = "text/x-loud"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        note("a response is made")
        super().__init__(*args, **kwargs)


class LoudRequest(flask.Request):
    def _load_form_data(self) -> None:
        note("the form is read")
        super()._load_form_data()

    def on_json_loading_failed(self, e: ValueError | None) -> Any:
        note("json fails", type(e).__name__)
        return {"instead": True}


ATTRIBUTES: dict[str, dict[str, Any]] = {
    "response_class": {"loud": LoudResponse, "flask": Response},
    "request_class": {"loud": LoudRequest, "flask": flask.Request},
    "json": {
        "sorted": lambda app: _provider(app, sort_keys=True, compact=True),
        "unsorted": lambda app: _provider(app, sort_keys=False, mimetype="application/x-json"),
    },
    "session_interface": {**INTERFACES},
    "testing": {"on": True, "off": False},
    "debug": {"on": True, "off": False},
    "secret_key": {"other": "another key", "none": None, "bytes": b"a key for tests"},
    "permanent_session_lifetime": {"short": timedelta(seconds=5), "seconds": 90},
    "aborter": {"own": flask.Flask.aborter_class({418: RAISED["fault"]})},
}


def _provider(app: Flask, **attributes: Any) -> Any:
    provider = flask.json.provider.DefaultJSONProvider(app)
    for name, value in attributes.items():
        setattr(provider, name, value)
    return provider


class Desk:
    """Makes changes to one application. Each change is told by its name and arguments that JSON can hold."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.open: list[Any] = []
        self.foreign_lists: list[list[Any]] = []

    def make(self, what: str, arguments: dict[str, Any]) -> Any:
        """Make a change; give what it returned or the name of the exception it raised."""
        try:
            return getattr(self, what)(**arguments)
        except Exception as error:
            return f"raised {type(error).__name__}"

    # -- configuration and attributes

    def config(self, key: str, value: Any, how: str = "set") -> None:
        if how == "update":
            self.app.config.update({key: value})
        elif how == "mapping":
            self.app.config.from_mapping({key: value})
        elif how == "replace":
            self.app.config = type(self.app.config)(self.app.root_path, {**self.app.config, key: value})
        else:
            self.app.config[key] = value

    def unset(self, key: str) -> None:
        del self.app.config[key]

    def attribute(self, name: str, choice: str) -> None:
        value = ATTRIBUTES[name][choice]
        if name == "session_interface":
            value = value()
        elif name == "json":
            value = value(self.app)
        setattr(self.app, name, value)

    def map_attribute(self, name: str, value: Any) -> None:
        setattr(self.app.url_map, name, value)
        if name in ("strict_slashes", "merge_slashes"):
            self.app.url_map.update()

    # -- tables

    def hook(
        self, table: str, label: str, scope: str | None = None, how: str = "append", answers: bool = False
    ) -> None:
        """Put a function into a hook table in one of the ways that people use."""
        entries: dict[str | None, list[Any]] = getattr(self.app, table)
        function = _hook(table, label, answers)
        if how == "append":
            entries.setdefault(scope, []).append(function)
        elif how == "insert":
            entries.setdefault(scope, []).insert(0, function)
        elif how == "foreign list":
            entries[scope] = [function]
            self.foreign_lists.append(entries[scope])
        elif how == "new list":
            entries[scope] = [*entries.get(scope, ()), function]
        elif how == "rewrite":
            entries.setdefault(scope, [])[:] = [function]
        elif how == "new dict":
            setattr(self.app, table, {**entries, scope: [function]})
        elif how == "decorator":
            getattr(self.app, DECORATORS[table])(function)
        else:
            raise LookupError(how)

    def unhook(self, table: str, scope: str | None = None, how: str = "pop") -> None:
        entries: dict[str | None, list[Any]] = getattr(self.app, table)
        if how == "pop":
            entries.pop(scope, None)
        elif how == "del":
            del entries[scope]
        elif how == "clear list":
            entries.get(scope, []).clear()
        elif how == "clear dict":
            entries.clear()
        elif how == "last":
            entries[scope].pop()
        else:
            raise LookupError(how)

    def list_of(self, name: str, label: str, how: str) -> None:
        """Change one of the application's plain lists of functions."""
        functions: list[Any] = getattr(self.app, name)
        if how == "append":
            functions.append(_hook(name, label, False))
        elif how == "replace":
            setattr(self.app, name, [_hook(name, label, False)])
        else:
            functions.clear()

    def foreign_append(self, table: str, label: str) -> None:
        self.foreign_lists[-1].append(_hook(table, label, False))

    def handler(
        self, code: int | None, error: str, label: str, scope: str | None = None, how: str = "table"
    ) -> None:
        """Put an error handler into the table, or register it."""
        kind = type(RAISED[error]()) if error in RAISED else Exception

        def handle(error: Exception) -> tuple[str, int]:
            note(label, type(error).__name__)
            return label, 418

        if how == "register":
            self.app.register_error_handler(code or kind, handle)
        elif how == "remove":
            self.app.error_handler_spec[scope].pop(code, None)
        else:
            key = flask.sansio.app.default_exceptions[code] if code else kind
            self.app.error_handler_spec[scope][code][key] = handle

    def view(self, endpoint: str, label: str, how: str = "replace") -> None:
        """Replace a view function, as extensions that wrap views do, or take it away."""
        views = self.app.view_functions
        if how == "wrap":
            views[endpoint] = _wrapped(views[endpoint], label)
        elif how == "remove":
            del views[endpoint]
        elif how == "new dict":
            self.app.view_functions = {**views, endpoint: lambda **values: f"{label} {values}"}
        else:
            views[endpoint] = lambda **values: f"{label} {values}"

    def rule(self, rule: str, label: str, how: str = "map", methods: Iterable[str] | None = None) -> None:
        """Add a rule in one of the ways there are."""
        if how == "map":
            self.app.url_map.add(Rule(rule, endpoint=label, methods=methods))
            self.app.view_functions[label] = lambda **values: f"{label} {values}"
        elif how == "route":
            self.app.add_url_rule(rule, label, lambda **values: f"{label} {values}", methods=methods)
        else:
            raise LookupError(how)

    def rule_methods(self, endpoint: str, methods: list[str], how: str = "replace") -> None:
        """Change the methods of rules that have been added."""
        for rule in self.app.url_map.iter_rules(endpoint):
            if how == "add":
                rule.methods.update(methods)
            else:
                rule.methods = set(methods)

    def processor(self, how: str, label: str) -> None:
        """Change the template context processors."""
        processors = self.app.template_context_processors
        if how == "append":
            processors[None].append(lambda: {"from_app": label})
        elif how == "rewrite":
            processors[None][1:] = [lambda: {"from_app": label}]
        elif how == "global":
            self.app.jinja_env.globals["from_app"] = label

    def environment(self, part: str, label: str) -> None:
        """Change the template environment after it has been used: compiled templates hold parts of it."""
        env = self.app.jinja_env
        if part == "filter":
            env.filters["upper"] = lambda value: f"{label} {value}"
        elif part == "test":
            env.tests["odd"] = lambda value: label == "one"
        elif part == "undefined":
            env.undefined = jinja2.StrictUndefined
        elif part == "autoescape":
            env.autoescape = label == "one"
        elif part == "finalize":
            env.finalize = lambda value: f"{label}:{value}"
        elif part == "syntax":
            env.variable_start_string = "{{" if label == "one" else "[["
        elif part == "extension":
            env.add_extension("jinja2.ext.do")
        elif part == "remove filter":
            del env.filters["trim"]
        else:
            raise LookupError(part)

    # -- seams

    def seam(self, name: str) -> None:
        """Replace a method on the instance by one that notes the call."""
        original = getattr(self.app, name)
        setattr(self.app, name, noting(name, original))

    def unseam(self, name: str) -> None:
        delattr(self.app, name)

    def middleware(self, label: str) -> None:
        inner = self.app.wsgi_app

        def outer(environ: Any, start_response: Any) -> Any:
            note("middleware in", label)
            return inner(environ, start_response)

        self.app.wsgi_app = outer  # type: ignore[method-assign]

    # -- contexts held open

    def push(self, kind: str, label: str = "") -> None:
        """Push a context and keep it."""
        context = self.app.app_context() if kind == "app" else self.app.test_request_context(f"/echo/{label}")
        context.push()
        self.open.append(context)
        g.held = [*g.get("held", []), label]

    def pop(self) -> None:
        self.open.pop().pop()

    def look(self) -> list[str]:
        """Tell what the proxies show."""
        return [
            str(sorted(g)) if has_app_context() else "no g",
            request.path if has_request_context() else "no request",
            flask.current_app.name if has_app_context() else "no application",
        ]

    def dispatch(self) -> Any:
        """Run the request of the context that is open, by hand."""
        response = self.app.full_dispatch_request()
        return [
            response.status,
            response.get_data(as_text=True),
            differences.headers([list(pair) for pair in response.headers]),
        ]

    def preprocess(self) -> str:
        return repr(self.app.preprocess_request())


def noting(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Wrap a seam: note the call and the kinds of its arguments, then do what it did."""

    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        note("seam", name, *map(_kind, (*args, *kwargs.values())))
        return function(*args, **kwargs)

    return wrapper


def _kind(value: object) -> str:
    return "application" if isinstance(value, Flask) else type(value).__name__


def _hook(table: str, label: str, answers: bool) -> Callable[..., Any]:
    def function(*args: Any) -> Any:
        note(table, label)
        if table == "after_request_funcs":
            args[0].headers.add("X-Hook", label)
            return args[0]
        return label if answers and table == "before_request_funcs" else None

    return function


def _wrapped(view: Callable[..., Any], label: str) -> Callable[..., Any]:
    @functools.wraps(view)
    def wrapper(**values: Any) -> Any:
        note("wrapper", label)
        return flask.current_app.ensure_sync(view)(**values)

    return wrapper
