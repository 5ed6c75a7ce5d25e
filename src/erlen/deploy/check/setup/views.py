"""Views and endpoints that do not fit their rules."""

from __future__ import annotations

import inspect
import typing as t

from erlen import Erlen
from erlen.plan.routes import Route
from erlen.views import MethodView, View, http_method_funcs
from erlen.wrappers.websocket import HANDLER

from ..examined import Examined
from ..finding import Finding, Kind, Level
from .covering import is_hidden
from .places import place_of_rule

if t.TYPE_CHECKING:
    from werkzeug.routing import Rule

ENDPOINT_WITHOUT_VIEW = Kind(
    "endpoint-without-view", Level.ERROR, "Each request for it is answered with a 500."
)
VIEW_WITHOUT_RULE = Kind("view-without-rule", Level.WARNING, "No URL leads to the view function.")
VIEW_PARAMETERS = Kind(
    "view-parameters",
    Level.ERROR,
    "Each request for it is answered with a 500: the function cannot be called.",
)

VIEW_NOT_ADAPTED = Kind(
    "view-not-adapted",
    Level.ERROR,
    "No request is answered: an adapter of views raises this when the application is first asked.",
)


def check_endpoints(examined: Examined) -> t.Iterator[Finding]:
    """Find endpoints without a view function, and view functions that no rule leads to."""
    app = examined.app
    rules = list(app.url_map.iter_rules())
    for rule in rules:
        if rule.endpoint in app.view_functions or rule.redirect_to is not None or rule.build_only:
            continue
        if not is_hidden(rule, rules):
            what = (
                f"The rule {rule.rule!r} leads to the endpoint {rule.endpoint!r}, which has no view function."
            )
            write = f'@app.endpoint("{rule.endpoint}")'
            yield ENDPOINT_WITHOUT_VIEW.found(what, place_of_rule(examined, rule), write=write)
    used = {rule.endpoint for rule in rules}
    for endpoint, view in app.view_functions.items():
        if endpoint not in used and (place := examined.place_of(view)) is not None:
            what = f"The endpoint {endpoint!r} has a view function, and no rule."
            write = f'app.add_url_rule("/…", endpoint="{endpoint}")'
            yield VIEW_WITHOUT_RULE.found(what, place, write=write)


def check_parameters(examined: Examined) -> t.Iterator[Finding]:
    """Find views that do not take the variables of their rules, or that ask for others."""
    app = examined.app
    if type(app).dispatch_request is not Erlen.dispatch_request or "dispatch_request" in vars(app):
        return
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        if view is None or rule.redirect_to is not None or rule.build_only or _has_preprocessor(app, rule):
            continue
        if _ask_adapters(app, rule, view).have_answered:
            continue  # what is called in its place takes what it likes
        for name, function, is_method in _called(view, rule):
            problem = _problem(function, rule.arguments, is_method)
            if problem is not None:
                what = f"The view {name!r} does not fit the rule {rule.rule!r}: {problem}."
                place = examined.place_of(function) or place_of_rule(examined, rule)
                if place is not None:
                    yield VIEW_PARAMETERS.found(what, place, write=_signature(function, rule, is_method))


def check_adapters(examined: Examined) -> t.Iterator[Finding]:
    """Find views that an adapter refuses, as an Api does where nothing supplies a parameter."""
    app = examined.app
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        problem = None if view is None else _ask_adapters(app, rule, view).problem
        if problem is not None:
            place = examined.place_of(view) or place_of_rule(examined, rule)
            yield VIEW_NOT_ADAPTED.found(problem, place)


class _Adapters(t.NamedTuple):
    """What the adapters of views say of one: whether one adapts or refuses it, and why it is refused."""

    have_answered: bool
    problem: str | None = None


def _ask_adapters(app: Erlen, rule: Rule, view: t.Any) -> _Adapters:
    if rule.websocket:
        return _Adapters(False)
    route = Route.of(rule)
    for adapter in app.view_adapters:
        try:
            if adapter(route, view) is not None:
                return _Adapters(True)
        except Exception as error:
            return _Adapters(True, str(error) or type(error).__name__)
    return _Adapters(False)


def _has_preprocessor(app: Erlen, rule: Rule) -> bool:
    """Tell whether a function of the application may add or take variables."""
    names = rule.endpoint.split(".")
    blueprints = (".".join(names[:depth]) for depth in range(1, len(names)))
    return any(app.url_value_preprocessors.get(name) for name in (None, *blueprints))


def _called(view: t.Any, rule: Rule) -> t.Iterator[tuple[str, t.Any, bool]]:
    """Yield the functions that a request may call: name, function, and whether it has a `self`."""
    handler = getattr(view, HANDLER, None)
    if handler is not None:
        yield _name(handler), handler, False
        return
    kind = getattr(view, "view_class", None)
    if kind is None:
        yield _name(view), view, False
        return
    if not (isinstance(kind, type) and issubclass(kind, View)) or kind.decorators:
        return
    if kind.dispatch_request is not MethodView.dispatch_request:
        yield f"{kind.__name__}.dispatch_request", kind.dispatch_request, _is_method(kind, "dispatch_request")
        return
    for method in sorted(rule.methods or ()):
        function = getattr(kind, method.lower(), None)
        if method.lower() in http_method_funcs and function is not None:
            yield f"{kind.__name__}.{method.lower()}", function, _is_method(kind, method.lower())


def _is_method(kind: type, name: str) -> bool:
    """Tell whether a function of a class takes the object as its first argument."""
    return not isinstance(inspect.getattr_static(kind, name), (staticmethod, classmethod))


def _name(function: t.Any) -> str:
    return str(getattr(function, "__name__", function))


def _problem(function: t.Any, variables: t.Collection[str], is_method: bool) -> str | None:
    """Return why a function cannot be called with these variables; None where it can."""
    parameters = _parameters(function, is_method)
    if parameters is None:
        return None
    takes_all = any(each.kind is inspect.Parameter.VAR_KEYWORD for each in parameters.values())
    named = {name: each for name, each in parameters.items() if each.kind in _BY_NAME}
    missing = sorted(set(variables) - set(named))
    if missing and not takes_all:
        return f"it takes no {_listed(missing)}"
    without_value = [
        name
        for name, each in parameters.items()
        if each.default is inspect.Parameter.empty
        and each.kind not in (inspect.Parameter.VAR_KEYWORD, inspect.Parameter.VAR_POSITIONAL)
        and not (name in variables and name in named)
    ]
    return f"the rule has no {_listed(without_value)}" if without_value else None


_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _parameters(function: t.Any, is_method: bool) -> dict[str, inspect.Parameter] | None:
    """Return the parameters of what is called itself: a decorator's function takes what it likes."""
    try:
        found = dict(inspect.signature(function, follow_wrapped=False).parameters)
    except (TypeError, ValueError):
        return None
    if is_method and found:
        first = next(iter(found.values()))
        if first.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD):
            return found
        del found[first.name]
    return found


def _listed(names: t.Sequence[str]) -> str:
    return ", ".join(map(repr, names))


def _signature(function: t.Any, rule: Rule, is_method: bool) -> str:
    arguments = [*(["self"] if is_method else []), *sorted(rule.arguments)]
    return f"def {_name(function)}({', '.join(arguments)}):"
