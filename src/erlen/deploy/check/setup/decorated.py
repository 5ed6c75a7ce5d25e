"""Decorators in an order in which they have no effect."""

from __future__ import annotations

import ast
import types
import typing as t

from ..examined import Examined
from ..finding import Finding, Kind, Level, Place
from ..sources import FUNCTIONS, Function, Source, first_line
from .functions import called_functions, line_of, unwrapped
from .places import ROUTES
from .syntax import Around, decorators, walk

DECORATOR_ABOVE_ROUTE = Kind(
    "decorator-above-route",
    Level.ERROR,
    "The function below is what is registered: what the decorator above adds, a log-in for example, is not"
    " done for requests.",
)

_HOOKS = ("before_request", "after_request", "teardown_request", "errorhandler", "app_errorhandler")
_REGISTER = (*ROUTES, *_HOOKS)
# Distributions whose decorators only protect what they return.
_PROTECT = ("flask_login", "flask_security", "flask_jwt_extended", "flask_httpauth", "flask_principal")

_Registered: t.TypeAlias = dict[tuple[str, int], t.Any]


def check_decorators(examined: Examined) -> t.Iterator[Finding]:
    """Find decorators above the one that registers a view, a hook or an error handler."""
    registered = _registered(examined)
    for source in examined.loaded:
        for node, around in walk(source.tree) if source.tree is not None else ():
            if isinstance(node, FUNCTIONS):
                yield from _check(examined, source, node, around, registered)


def _registered(examined: Examined) -> _Registered:
    """Return the functions that the application calls, by file and first line of what is written."""
    lines = [(line_of(function), function) for function in called_functions(examined.app)]
    return {line: function for line, function in lines if line is not None}


def _check(
    examined: Examined, source: Source, function: Function, around: Around, registered: _Registered
) -> t.Iterator[Finding]:
    names = [name for _, name in decorators(function)]
    at = next((index for index, (each, name) in enumerate(decorators(function)) if _registers(each, name)), 0)
    if not at:
        return
    module = examined.modules[source.path]
    inner = registered.get((str(source.path), first_line(function)))
    if len(around) == 1:
        is_lost = inner is not None and _is_around(vars(module).get(function.name), inner, registered)
    else:
        is_lost = any(_protects(module, decorator) for decorator in function.decorator_list[:at])
    if is_lost:
        above = ", ".join(f"'@{name}'" for name in names[:at])
        what = f"{above} above '@{names[at]}' has no effect: {function.name!r} is registered without it."
        write = f"@{ast.unparse(function.decorator_list[at])} above {above}"
        yield DECORATOR_ABOVE_ROUTE.found(what, Place(source.path, first_line(function)), write=write)


def _registers(decorator: ast.expr, name: str) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not isinstance(called, ast.Attribute) or name not in _REGISTER:
        return False
    # `@cache.get` and its like have no path as their argument.
    is_route = isinstance(decorator, ast.Call) and bool(decorator.args or decorator.keywords)
    return is_route or name in _HOOKS


def _is_around(value: t.Any, inner: t.Any, registered: _Registered) -> bool:
    """Tell whether a module's function is another one than the registered, which is in it."""
    if not isinstance(value, types.FunctionType) or any(value is each for each in registered.values()):
        return False
    return _wraps(value, inner)


def _wraps(outer: types.FunctionType, inner: t.Any) -> bool:
    if unwrapped(outer) is unwrapped(inner):
        return True
    for cell in outer.__closure__ or ():
        try:
            if cell.cell_contents is inner:
                return True
        except ValueError:  # an empty cell
            continue
    return False


def _protects(module: types.ModuleType, decorator: ast.expr) -> bool:
    """Tell whether a decorator is one of those that are known to return another function."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    if not isinstance(called, ast.Name):
        return False
    value = vars(module).get(called.id)
    return isinstance(value, types.FunctionType) and value.__module__.partition(".")[0] in _PROTECT
