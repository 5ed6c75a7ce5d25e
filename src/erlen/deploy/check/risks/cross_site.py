"""Risks of other sites: forms without tokens, answers that any page may read, log-ins that are off."""

from __future__ import annotations

import ast
import inspect
import typing as t

from ..finding import Finding, Kind, Level
from . import written

if t.TYPE_CHECKING:
    from ..examined import Examined

CSRF_OFF = Kind(
    "csrf-off",
    Level.ERROR,
    "A page of any other site can send the forms of this one, in the name of whoever looks at it.",
)
CSRF_UNCHECKED = Kind(
    "csrf-unchecked",
    Level.WARNING,
    "Only views that ask for it check the token: one that is forgotten takes forms from any site.",
)
LOGIN_OFF = Kind(
    "login-off",
    Level.ERROR,
    "Pages that ask for a log-in are shown to everybody.",
)
CORS = Kind(
    "cors-credentials",
    Level.ERROR,
    "A script of any site reads what this one answers to a visitor who is logged in.",
)
WEBSOCKETS = Kind(
    "websocket-origins-everybody",
    Level.WARNING,
    "A page of any site can open a WebSocket here, with the cookies of whoever looks at it.",
)


def check_csrf(examined: Examined) -> t.Iterator[Finding]:
    """Find Flask-WTF whose check of tokens is turned off."""
    app = examined.app
    key = "WTF_CSRF_ENABLED"
    if app.config.get(key, True):
        key = "WTF_CSRF_CHECK_DEFAULT"
        if "csrf" in app.extensions and not app.config.get(key, True):
            place = written.place_of_setting(examined, key)
            yield CSRF_UNCHECKED.found(f"{key} is off.", place, write=f'app.config["{key}"] = True')
    elif "csrf" in app.extensions or any(True for _ in _forms(examined)):
        place = written.place_of_setting(examined, key)
        yield CSRF_OFF.found(f"{key} is off.", place, write=f'app.config["{key}"] = True')


def check_login(examined: Examined) -> t.Iterator[Finding]:
    """Find Flask-Login that asks nobody."""
    if hasattr(examined.app, "login_manager") and examined.app.config.get("LOGIN_DISABLED"):
        place = written.place_of_setting(examined, "LOGIN_DISABLED")
        yield LOGIN_OFF.found("LOGIN_DISABLED is on.", place, write='app.config["LOGIN_DISABLED"] = False')


def check_cors(examined: Examined) -> t.Iterator[Finding]:
    """Find Flask-CORS that lets every origin in, with cookies."""
    line = 'CORS(app, origins=["https://www.example.com"], supports_credentials=True)'
    if any(_lets_everybody_in(options) for options in _cors_options(examined)):
        place = written.place_of_call(examined, "CORS", "init_app")
        yield CORS.found("Flask-CORS lets every origin in, with cookies.", place, write=line)
    for place, call in written.imported_calls(examined, "cross_origin"):
        if written.argument(call, "supports_credentials") is True and _names_everybody(call, examined):
            line = 'cross_origin(origins=["https://www.example.com"], supports_credentials=True)'
            yield CORS.found("This view lets every origin in, with cookies.", place, write=line)


def check_websockets(examined: Examined) -> t.Iterator[Finding]:
    """Find WebSockets that pages of every site may open, if there are sessions."""
    config = examined.app.config
    origins = config["WEBSOCKET_ORIGINS"]
    is_list = isinstance(origins, (list, tuple, set, frozenset))
    if config["SECRET_KEY"] and (origins == "*" or (is_list and "*" in origins)):
        place = written.place_of_setting(examined, "WEBSOCKET_ORIGINS")
        line = 'app.config["WEBSOCKET_ORIGINS"] = ["https://www.example.com"]'
        yield WEBSOCKETS.found("WEBSOCKET_ORIGINS has '*'.", place, write=line)


def _forms(examined: Examined) -> t.Iterator[ast.ImportFrom]:
    for source in written.imported(examined):
        for node in source.nodes:
            if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "flask_wtf":
                yield node


def _cors_options(examined: Examined) -> t.Iterator[t.Any]:
    """Yield the options by which Flask-CORS answers, of each path: it keeps them in its hook alone."""
    for hooks in examined.app.after_request_funcs.values():
        for hook in hooks:
            if getattr(hook, "__module__", "").split(".")[0] == "flask_cors" and inspect.isfunction(hook):
                names = zip(hook.__code__.co_freevars, hook.__closure__ or (), strict=True)
                resources = next((cell.cell_contents for name, cell in names if name == "resources"), ())
                yield from (options for _, options in resources)


def _lets_everybody_in(options: t.Any) -> bool:
    given: dict[str, t.Any] = options if isinstance(options, dict) else _attributes(options)
    origins = given.get("origins") or ()
    patterns = {getattr(origin, "pattern", origin) for origin in origins}
    return not patterns.isdisjoint(("*", ".*")) and bool(given.get("supports_credentials"))


def _attributes(options: t.Any) -> dict[str, t.Any]:
    return {name: getattr(options, name, None) for name in ("origins", "supports_credentials")}


def _names_everybody(call: ast.Call, examined: Examined) -> bool:
    """Tell whether a decorator names no origins, or all; what is worked out may be a list."""
    given = next((word.value for word in call.keywords if word.arg == "origins"), None)
    if given is None and call.args:
        given = call.args[0]
    if given is None:
        return bool(examined.app.config.get("CORS_ORIGINS", "*") == "*")
    return isinstance(given, ast.Constant) and given.value == "*"
