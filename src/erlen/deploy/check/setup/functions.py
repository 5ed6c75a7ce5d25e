"""The functions that an application calls: views, hooks and error handlers."""

from __future__ import annotations

import inspect
import os
import types
import typing as t

if t.TYPE_CHECKING:
    from erlen import Erlen

# How each hook is called: by its table, the decorator's name and the number of arguments.
HOOKS = {
    "before_request_funcs": ("before_request", 0),
    "after_request_funcs": ("after_request", 1),
    "teardown_request_funcs": ("teardown_request", 1),
    "template_context_processors": ("context_processor", 0),
    "url_value_preprocessors": ("url_value_preprocessor", 2),
    "url_default_functions": ("url_defaults", 2),
    "before_websocket_funcs": ("before_websocket", 0),
    "after_websocket_funcs": ("after_websocket", 1),
    "teardown_websocket_funcs": ("teardown_websocket", 1),
}


class Hook(t.NamedTuple):
    """A hook or an error handler."""

    # The decorator that registers it.
    kind: str
    # The blueprint that it is for; None for the whole application.
    blueprint: str | None
    function: t.Any
    arguments: int
    # What an error handler is for.
    error: type[Exception] | None = None
    code: int | None = None


def hooks(app: Erlen) -> t.Iterator[Hook]:
    """Yield the hooks of an application and of its blueprints."""
    for table, (kind, arguments) in HOOKS.items():
        for blueprint, functions in getattr(app, table).items():
            yield from (Hook(kind, blueprint, function, arguments) for function in functions)
    yield from (Hook("teardown_appcontext", None, function, 1) for function in app.teardown_appcontext_funcs)


def handlers(app: Erlen) -> t.Iterator[Hook]:
    """Yield the error handlers of an application and of its blueprints."""
    for blueprint, by_code in app.error_handler_spec.items():
        for code, by_class in by_code.items():
            for error, function in by_class.items():
                yield Hook("errorhandler", blueprint, function, 1, error, code)


def called_functions(app: Erlen) -> t.Iterator[t.Any]:
    """Yield all functions that requests call."""
    yield from app.view_functions.values()
    yield from (hook.function for hook in (*hooks(app), *handlers(app)))


def unwrapped(function: t.Any) -> t.Any:
    """Return the function that decorators have been put around."""
    try:
        return inspect.unwrap(function)
    except Exception:
        # A circle, or an object that has every attribute.
        return function


def line_of(function: t.Any) -> tuple[str, int] | None:
    """Return the file and the first line, that of a decorator, where a function is written."""
    code = getattr(unwrapped(function), "__code__", None)
    if not isinstance(code, types.CodeType):
        return None
    return os.path.realpath(code.co_filename), code.co_firstlineno


def endpoints_below(app: Erlen, blueprint: str) -> list[str]:
    """Return the endpoints of a blueprint and of those in it."""
    return [rule.endpoint for rule in app.url_map.iter_rules() if rule.endpoint.startswith(f"{blueprint}.")]
