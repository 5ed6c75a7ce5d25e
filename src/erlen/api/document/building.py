"""The whole document, in a stable order."""

from __future__ import annotations

import typing as t

from erlen.plan.routes import Route

from ..decorated import HIDDEN
from .operations import describe, path_of, schemes_of
from .schemas import Schemas

if t.TYPE_CHECKING:
    from erlen import Erlen

    from ..scope import Api
    from ..views import TypedView

OPENAPI = "3.1.0"
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")


def build(api: Api, app: Erlen) -> dict[str, t.Any]:
    """Return the document of an Api: paths as the rules are ordered, components by name."""
    schemas = Schemas(reserved=("Fault", "Problem") if api.problem_model is None else ())
    paths: dict[str, dict[str, t.Any]] = {}
    schemes: dict[str, t.Any] = {}
    views = sorted(typed_views(api, app), key=lambda view: (path_of(view.route.rule), view.route.endpoint))
    identities = _identities(views)
    for view in views:
        path = paths.setdefault(path_of(view.route.rule), {})
        for method, operation in _in_order(view):
            identity = identities[view.route.endpoint, path_of(view.route.rule), method]
            path[method] = describe(api, view.route, operation, identity, schemas)
            schemes |= schemes_of(api, operation)
    components: dict[str, t.Any] = {"schemas": schemas.sorted()}
    if schemes:
        components["securitySchemes"] = dict(sorted(schemes.items()))
    info = {"title": api.title, "version": api.version}
    if api.description:
        info["description"] = api.description
    document: dict[str, t.Any] = {"openapi": OPENAPI, "info": info, "paths": paths}
    return {**document, "components": components}


def typed_views(api: Api, app: Erlen) -> t.Iterator[TypedView]:
    """Yield the typed views in the scope of an Api, but for hidden ones."""
    apis = app.extensions.get("erlen.api", ())
    for rule in app.url_map.iter_rules():
        view = app.view_functions.get(rule.endpoint)
        if view is None or rule.websocket or getattr(view, HIDDEN, False):
            continue
        route = Route.of(rule)
        if not api.has(route, apis):
            continue
        typed = api.typed(route, view)
        if typed is not None:
            yield typed


def _in_order(view: TypedView) -> list[tuple[str, t.Any]]:
    shown = {
        method.lower(): operation
        for method, operation in view.operations.items()
        if method not in ("OPTIONS", "HEAD") or ("GET" not in view.operations and method == "HEAD")
    }
    return [(method, shown[method]) for method in _METHODS if method in shown]


def _identities(views: list[TypedView]) -> dict[tuple[str, str, str], str]:
    """Return the `operationId` of each operation: the endpoint, with the method where it has several."""
    operations = [
        (view.route.endpoint, path_of(view.route.rule), method)
        for view in views
        for method, _ in _in_order(view)
    ]
    counts: dict[str, int] = {}
    for endpoint, _, _ in operations:
        counts[endpoint] = counts.get(endpoint, 0) + 1
    identities: dict[tuple[str, str, str], str] = {}
    taken: set[str] = set()
    for endpoint, path, method in operations:
        name = endpoint.replace(".", "_")
        if counts[endpoint] > 1:
            name = f"{name}_{method}"
        number = 2
        wanted = name
        while wanted in taken:
            wanted, number = f"{name}_{number}", number + 1
        taken.add(wanted)
        identities[endpoint, path, method] = wanted
    return identities
