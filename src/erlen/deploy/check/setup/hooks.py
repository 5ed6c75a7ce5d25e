"""Hooks and error handlers that are never called, or that cannot be."""

from __future__ import annotations

import ast
import inspect
import types
import typing as t
from pathlib import Path

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RoutingException

from erlen import Blueprint, Erlen

from ..examined import Examined
from ..finding import Finding, Kind, Level, Place
from ..sources import FUNCTIONS, Function, Source, first_line
from .functions import Hook, called_functions, endpoints_below, handlers, hooks, line_of, unwrapped
from .syntax import decorators, walk

HOOK_UNREACHABLE = Kind(
    "hook-unreachable",
    Level.WARNING,
    "It is called for the views of its blueprint alone, and there are none.",
)
HANDLER_UNREACHABLE = Kind("handler-unreachable", Level.WARNING, "The error handler is never called.")
HANDLER_REPLACED = Kind(
    "handler-replaced", Level.WARNING, "Only the last one is called; the others are lost."
)
HOOK_PARAMETERS = Kind(
    "hook-parameters", Level.ERROR, "Each time that it is to be called, a TypeError takes its place."
)
HOOK_RETURNS_NOTHING = Kind(
    "hook-returns-nothing", Level.ERROR, "Each request fails: what the function returns is used instead."
)
SETUP_IN_REQUEST = Kind(
    "setup-in-request",
    Level.ERROR,
    "After the first request nothing can be registered any more: the call raises AssertionError.",
)

_MUST_RETURN = {"after_request": "return response", "context_processor": "return {}"}
# What applications and blueprints refuse when they serve.
_SETUP = frozenset(
    name
    for kind in (Erlen, Blueprint)
    for name in dir(kind)
    if isinstance(method := inspect.getattr_static(kind, name), types.FunctionType)
    and "guarded" in method.__code__.co_name
)


def check_reachable(examined: Examined) -> t.Iterator[Finding]:
    """Find hooks and handlers that no request leads to."""
    app = examined.app
    for hook in (*hooks(app), *handlers(app)):
        place = examined.place_of(hook.function)
        if place is None:
            continue
        if hook.blueprint is not None and not endpoints_below(app, hook.blueprint):
            kind = HANDLER_UNREACHABLE if hook.error is not None else HOOK_UNREACHABLE
            name = _name(hook.function)
            what = f"{name!r} is for the views of the blueprint {hook.blueprint!r}, which has none."
            yield kind.found(what, place, write=f"@{hook.blueprint}.{_for_all(hook.kind)}")
        elif hook.error is not None and (why := _is_never_handled(hook)):
            what = f"{_name(hook.function)!r} is for {hook.error.__name__}, {why}."
            yield HANDLER_UNREACHABLE.found(what, place, write="@app.errorhandler(…) for another class")


def _for_all(kind: str) -> str:
    """Return the decorator of a blueprint that is for the whole application."""
    if kind == "errorhandler":
        return "app_errorhandler(…)"
    first, _, rest = kind.partition("_")
    return f"{first}_app_{rest}" if first in ("before", "after", "teardown") else f"app_{kind}"


def _is_never_handled(hook: Hook) -> str | None:
    error = hook.error
    if error is None or not issubclass(error, HTTPException):
        return None
    if issubclass(error, RoutingException):
        return "a redirect of the routing, which is an answer itself"
    # Subclasses may have a code; HTTPException itself stands for all of them.
    has_code = [each for each in (error, *_below(error)) if each.code is not None]
    return None if has_code else "an HTTPException without a code, which is an answer itself"


def _below(kind: type[HTTPException]) -> t.Iterator[type[HTTPException]]:
    for each in kind.__subclasses__():
        yield each
        yield from _below(each)


def check_parameters(examined: Examined) -> t.Iterator[Finding]:
    """Find hooks and error handlers that take other arguments than they are given."""
    for hook in (*hooks(examined.app), *handlers(examined.app)):
        place = examined.place_of(hook.function)
        if place is None or _takes(hook.function, hook.arguments):
            continue
        given = {0: "no argument", 1: "one argument", 2: "two arguments"}[hook.arguments]
        what = f"{_name(hook.function)!r} ({hook.kind}) is called with {given}, and does not take that."
        names = {"errorhandler": "error", "after_request": "response"}.get(hook.kind, "exception")
        arguments = ["", names, "endpoint, values"][hook.arguments]
        yield HOOK_PARAMETERS.found(what, place, write=f"def {_name(hook.function)}({arguments}):")


def _takes(function: t.Any, count: int) -> bool:
    try:
        inspect.signature(function, follow_wrapped=False).bind(*range(count))
    except TypeError:
        return False
    except ValueError:
        # A function of C has none.
        return True
    return True


def check_results(examined: Examined) -> t.Iterator[Finding]:
    """Find hooks whose result is used, and that return nothing."""
    for hook in hooks(examined.app):
        write = _MUST_RETURN.get(hook.kind)
        written = _written(examined, hook.function) if write is not None else None
        if write is None or written is None or not _is_plain(hook.function):
            continue
        source, node = written
        if not _returns(node):
            what = f"The function {_name(hook.function)!r} of '{hook.kind}' has no 'return' with a value."
            yield HOOK_RETURNS_NOTHING.found(what, Place(source.path, first_line(node)), write=write)


def _is_plain(function: t.Any) -> bool:
    """Tell whether a function is as it is written, without a decorator's around it."""
    return isinstance(function, types.FunctionType) and unwrapped(function) is function


def _written(examined: Examined, function: t.Any) -> tuple[Source, Function] | None:
    """Return where a function is written, if that is in the project."""
    line = line_of(function)
    source = examined.loaded_at(Path(line[0])) if line is not None else None
    node = source.functions.get(line[1]) if source is not None and line is not None else None
    return None if source is None or node is None else (source, node)


def _returns(function: Function) -> bool:
    """Tell whether a function may return a value: it says so, it raises, or it is a generator."""
    left: list[ast.AST] = list(function.body)
    while left:
        node = left.pop()
        if isinstance(node, ast.Return) and node.value is not None:
            return True
        if isinstance(node, ast.Raise | ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(node, (*FUNCTIONS, ast.Lambda, ast.ClassDef)):
            left.extend(ast.iter_child_nodes(node))
    return False


def check_replaced(examined: Examined) -> t.Iterator[Finding]:
    """Find error handlers that another one for the same error replaces."""
    for source in examined.loaded:
        if source.tree is None or "errorhandler" not in (source.text or ""):
            continue
        found: dict[tuple[int, str], tuple[Function, int]] = {}
        for node, around in walk(source.tree):
            if not isinstance(node, FUNCTIONS) or not isinstance(around[-1], ast.Module | ast.FunctionDef):
                continue
            for decorator, name in decorators(node):
                if name not in ("errorhandler", "app_errorhandler") or not isinstance(decorator, ast.Call):
                    continue
                key = id(around[-1]), ast.unparse(decorator)
                if key in found:
                    before, line = found[key]
                    what = f"The handler {before.name!r} is replaced by {node.name!r} in line {node.lineno}."
                    write = f"Remove one of them: @{key[1]}"
                    yield HANDLER_REPLACED.found(what, Place(source.path, line), write=write)
                found[key] = node, decorator.lineno


def check_setup_in_requests(examined: Examined) -> t.Iterator[Finding]:
    """Find functions that requests call, and that register something on the application or a blueprint."""
    functions = {id(function): function for function in map(unwrapped, called_functions(examined.app))}
    for function in functions.values():
        written = _written(examined, function)
        if written is None or not isinstance(function, types.FunctionType):
            continue
        source, node = written
        for statement in node.body:
            for called in _called_in(statement):
                if _is_setup(called, function):
                    what = f"{_name(function)!r} is called for requests, and calls {ast.unparse(called)!r}."
                    write = "Move it to where the application is made."
                    yield SETUP_IN_REQUEST.found(what, Place(source.path, called.lineno), write=write)


def _called_in(statement: ast.stmt) -> t.Iterator[ast.expr]:
    """Yield what is called, also as a decorator."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Call):
            yield node.func
        elif isinstance(node, FUNCTIONS):
            yield from (each for each in node.decorator_list if not isinstance(each, ast.Call))


def _is_setup(called: ast.expr, function: types.FunctionType) -> bool:
    if not isinstance(called, ast.Attribute) or called.attr not in _SETUP:
        return False
    owner = called.value
    return isinstance(owner, ast.Name) and isinstance(function.__globals__.get(owner.id), (Erlen, Blueprint))


def _name(function: t.Any) -> str:
    return str(getattr(function, "__name__", function))
