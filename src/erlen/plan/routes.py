"""The parts of the plan that are filled in as requests come: routes, adapted views, hooks, functions."""

from __future__ import annotations

import typing as t
from inspect import iscoroutinefunction
from types import FunctionType

from ..helpers import _split_blueprint_path
from ..wrappers.streaming import READS_STREAM
from .hooks import compile_hooks
from .model import Hooks, Plan, RoutePlan

if t.TYPE_CHECKING:
    from werkzeug.routing import Rule

    from ..views import CoroutineForm
    from .contract import Application

View: t.TypeAlias = "t.Callable[..., t.Any]"
Coroutine: t.TypeAlias = "t.Callable[..., t.Awaitable[t.Any]]"

# The functions of an application live as long as it does; more than these are not kept.
_MOST_ADAPTED = 10_000


def route_for(app: Application, plan: Plan, rule: Rule) -> RoutePlan:
    """Return the route plan of *rule*."""
    route = plan.routes.get(id(rule))
    if route is not None and route.rule is rule:
        return route
    endpoint = rule.endpoint
    blueprints = blueprints_of(endpoint)
    route = RoutePlan(rule, blueprints, hooks_for(app, plan, blueprints))
    if plan.own.tables and plan.own.matching:
        plan.routes[id(rule)] = route
    return route


def blueprints_of(endpoint: t.Any) -> list[str]:
    """Return the chain of blueprints in an endpoint, innermost first."""
    if isinstance(endpoint, str) and "." in endpoint:
        return _split_blueprint_path(endpoint.rpartition(".")[0])
    return []


# what is called in the place of views


class Route(t.NamedTuple):
    """A rule with its endpoint and its blueprints, innermost first, as adapters get it."""

    rule: Rule
    endpoint: str
    blueprints: list[str]

    @classmethod
    def of(cls, rule: Rule) -> Route:
        """Return the route of a rule."""
        return cls(rule, rule.endpoint, blueprints_of(rule.endpoint))


def adapt_views(app: Application, plan: Plan) -> None:
    """Ask the adapters about each rule with a view, so that what they raise is raised before a request."""
    if not app.view_adapters:
        return
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        if view is not None and not rule.websocket:
            adapted_view(app, plan, rule, view)


def adapted_view(app: Application, plan: Plan, rule: Rule, view: View) -> View:
    """Return what is called for *view*, the current function of *rule*.

    The adapters are asked once for each rule and function.
    """
    if not app.view_adapters:
        return view
    key = id(rule), id(view)
    known = plan.adapted_views.get(key)
    if known is not None and known[0] is rule and known[1] is view:
        adapted: View = known[2]
        return adapted
    route = Route.of(rule)
    adapted = view
    for adapter in tuple(app.view_adapters):
        adapted = adapter(route, adapted) or adapted
    if len(plan.adapted_views) < _MOST_ADAPTED:
        plan.adapted_views[key] = rule, view, adapted
    return adapted


# colours


def coroutine_of(view: t.Callable[..., t.Any]) -> Coroutine | None:
    """Return *view* as a coroutine function; None for a plain one."""
    if iscoroutinefunction(view):
        return view
    form: CoroutineForm | None = getattr(view, "coroutine_form", None)
    return form.function if form is not None and form.stands_for is view else None


def coroutine_view(
    app: Application, plan: Plan, route: RoutePlan, view: t.Callable[..., t.Any] | None
) -> Coroutine | None:
    """Return what is called for *view*, the current view of *route*; None where that is plain."""
    if route.known_view is not view:
        # None where a rule was added without a view function.
        route.coroutine = None if view is None else coroutine_of(adapted_view(app, plan, route.rule, view))
        route.streams = hasattr(view, READS_STREAM)
        route.known_view = view
    return route.coroutine


def hooks_for(app: Application, plan: Plan, blueprints: t.Sequence[str]) -> Hooks:
    """Return the hook lists of a chain of blueprints, innermost first."""
    chain = tuple(blueprints)
    hooks = plan.chains.get(chain)
    if hooks is None:
        hooks = compile_hooks(app, chain)
        # Tables that do not report changes are looked at each time. Chains come from endpoints,
        # so there are no more of them than blueprints.
        if plan.own.tables:
            plan.chains[chain] = hooks
    return hooks


def plain_call(app: Application, plan: Plan, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Return a plain callable for a user's function of either colour.

    Functions are kept in ``plan.adapted`` by themselves: a step that finds one there need not call
    this. Other callables, which may define hash and equality, are kept by identity.
    """
    is_function = type(func) is FunctionType
    kept: dict[t.Any, t.Callable[..., t.Any]] = plan.adapted if is_function else plan.adapted_objects
    key = func if is_function else id(func)
    call = kept.get(key)
    if call is not None:
        return call
    call = app.ensure_sync(func)
    # The result refers to the callable, so the identity stays valid.
    holds = call is func or getattr(call, "__wrapped__", None) is func
    if plan.own.ensure_sync and holds and len(kept) < _MOST_ADAPTED:
        kept[key] = call
    return call
