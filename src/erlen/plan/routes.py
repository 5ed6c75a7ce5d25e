"""The parts of the plan that are filled in as requests come: routes, views, hooks, adapted functions."""

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


def coroutine_of(view: t.Callable[..., t.Any]) -> Coroutine | None:
    """Return *view* as a coroutine function; None for a plain one."""
    if iscoroutinefunction(view):
        return view
    form: CoroutineForm | None = getattr(view, "coroutine_form", None)
    return form.function if form is not None and form.stands_for is view else None


def coroutine_view(route: RoutePlan, view: t.Callable[..., t.Any] | None) -> Coroutine | None:
    """Return *view*, the current view of *route*, as a coroutine function, or None where it is plain."""
    if route.known_view is not view:
        # None where a rule was added without a view function.
        route.coroutine = None if view is None else coroutine_of(view)
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
