"""What the plan fills in as requests come: routes, hooks of a chain, adapted functions."""

from __future__ import annotations

import typing as t

from ..helpers import _split_blueprint_path
from .hooks import compile_hooks
from .model import Hooks, Plan, RoutePlan

if t.TYPE_CHECKING:
    from werkzeug.routing import Rule

    from ..typing import Application

# User functions live as long as the application; whatever comes in greater number is not kept.
_MOST_ADAPTED = 10_000


def route_for(app: Application, plan: Plan, rule: Rule) -> RoutePlan:
    """Return what is known of *rule*."""
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
    """Return a plain callable for a user's function of either colour."""
    call = plan.adapted.get(id(func))
    if call is not None:
        return call
    call = app.ensure_sync(func)
    # What is called holds the function, so its id stays its own.
    holds = call is func or getattr(call, "__wrapped__", None) is func
    if plan.own.ensure_sync and holds and len(plan.adapted) < _MOST_ADAPTED:
        plan.adapted[id(func)] = call
    return call
