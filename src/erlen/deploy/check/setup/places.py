"""Where rules and functions are written."""

from __future__ import annotations

import ast
import typing as t

from ..examined import Examined, name_of
from ..finding import Place
from .syntax import first_text

if t.TYPE_CHECKING:
    from werkzeug.routing import Rule

    from erlen import Blueprint

ROUTES = ("route", "get", "post", "put", "delete", "patch", "websocket")
_ADDERS = ("add_url_rule", "add_websocket")


def place_of_rule(examined: Examined, rule: Rule) -> Place | None:
    """Return the line that adds a rule; else the view's; None where neither is in the project."""
    view = examined.app.view_functions.get(rule.endpoint)
    blueprint, _, name = rule.endpoint.rpartition(".")
    if name == "static" and getattr(view, "__self__", None) is examined.app.blueprints.get(
        blueprint, examined
    ):
        return place_of_blueprint(examined, examined.app.blueprints[blueprint])
    written = examined.place_of(getattr(view, "view_class", view)) if view is not None else None
    if view is not None and written is None and not _is_ours(examined, view):
        return None
    found = [
        place
        for place, text, name in _routes(examined)
        if text and rule.rule.endswith(text)
        if name in _ADDERS or written is None or place.path == written.path
    ]
    if not found:
        return written
    # The longest text comes closest to the whole rule; of several the one that is nearest to the view.
    line = written.line if written is not None else 0
    return min(found, key=lambda place: (_distance(place, written), abs(place.line - line)))


def place_of_blueprint(examined: Examined, blueprint: Blueprint) -> Place | None:
    """Return the line that makes a blueprint."""
    for path, module in examined.modules.items():
        source = examined.loaded_at(path) if module.__name__ == blueprint.import_name else None
        for call in source.calls if source is not None else ():
            if name_of(call.func) == "Blueprint" and first_text(call, "name") == blueprint.name:
                return Place(path, call.lineno)
    return None


def _distance(place: Place, written: Place | None) -> int:
    return 0 if written is None or place.path == written.path else 1


def _is_ours(examined: Examined, view: t.Any) -> bool:
    """Tell whether a view function is defined by a module of the project."""
    module = getattr(view, "__module__", None)
    return any(each.__name__ == module for each in examined.modules.values())


def _routes(examined: Examined) -> t.Iterator[tuple[Place, str, str]]:
    for source in examined.loaded:
        for call in source.calls:
            name = name_of(call.func)
            if name in (*ROUTES, *_ADDERS) and isinstance(call.func, ast.Attribute):
                text = first_text(call, "rule")
                if text is not None:
                    yield Place(source.path, call.lineno), text, name
