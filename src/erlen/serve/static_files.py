"""The view of static files, straight: what ``send_static_file`` answers, in fewer steps for known files.

It stands for the view function in the plan of a route. Wherever a method, a function or a class on its way is
not the original one, it calls the view function itself.
"""

from __future__ import annotations

import typing as t
from operator import attrgetter

from ..active import OWN, get_state
from ..declare import resources
from ..declare.blueprint import Blueprint
from ..declare.resources import Resources
from ..wrappers.known_files import UNKNOWN_AGE, FileAnswer, age_of, answer_with

if t.TYPE_CHECKING:
    from .. import typing as ft
    from ..plan.contract import Application
    from ..wrappers import Response

# What ``send_static_file`` asks for, of the owner of a folder and of the application.
_asked_for = attrgetter("send_static_file", "get_send_file_max_age", "static_folder")
_own: t.Any = _asked_for(Resources)
_blueprints_view = Blueprint.send_static_file
_resources: t.Any = resources
_send_from_directory = _resources.send_from_directory


class StaticView:
    """The straight form of the view of static files, of an application or of a blueprint."""

    def __init__(self, view: ft.RouteCallable, blueprint: Blueprint | None) -> None:
        self._view: t.Any = view
        self._blueprint = blueprint

    def __call__(self, **values: t.Any) -> t.Any:
        """Answer with the file that *values*, the view arguments, name."""
        context, app_context = get_state()
        if app_context is OWN and len(values) == 1:
            name = values.get("filename")
            answer = self._answer(context, name) if type(name) is str else None
            if answer is not None:
                return answer
        return self._view(**values)

    def _answer(self, context: t.Any, name: str) -> FileAnswer | Response | None:
        app: Application = context.app
        plan, route, request = app.request_planner.plan, context.route, context.made_request
        if plan is None or plan is not context.plan or route is None or not self._may_be_straight(app):
            return None
        folder = (app if self._blueprint is None else self._blueprint).static_folder
        # Somebody else may send the files of the folder: the view asks who. None says that nobody does.
        sources: t.Mapping[str | None, object] | None = vars(app).get("static_sources")
        if sources is not None and sources.get(folder, sources) is not None:
            return None
        age = age_of(app)
        if folder is None or age == UNKNOWN_AGE:
            return None
        # Nobody but the server sees the answer, so that it need not be a response.
        unseen = (
            plan.plain_heading is not None
            and not route.hooks.leads
            and not route.hooks.after
            and request is None
            and not context.server_opens_files
            and context.opened_session is None
            and (context.cookies is None or plan.cookie_name not in context.cookies)
        )
        conditions = context.file_conditions if request is None else request.environ
        answer = answer_with(folder, name, age, conditions, unseen)
        return answer if answer is None or unseen else answer.as_response(app.response_class)

    def _may_be_straight(self, app: Application) -> bool:
        """Tell whether the methods on the way are Erlen's own. Blueprints report no change."""
        blueprint = self._blueprint
        return (
            _asked_for(Resources) == _own
            and type(app).static_folder is Resources.static_folder  # type: ignore[comparison-overlap]
            and _resources.send_from_directory is _send_from_directory
            and (blueprint is None or _are_own_of(blueprint))
        )


def _are_own_of(blueprint: Blueprint) -> bool:
    return _asked_for(type(blueprint))[1:] == _own[1:] and "get_send_file_max_age" not in vars(blueprint)


def straight_view(app: Application, view: ft.RouteCallable) -> StaticView | None:
    """Return the straight form of *view*; None for a function that is not the view of static files."""
    if view is app.static_view:
        return StaticView(view, None)
    owner = getattr(view, "__self__", None)
    # As it was bound when the blueprint was registered: later changes of its class do not replace it.
    if isinstance(owner, Blueprint) and getattr(view, "__func__", None) is _blueprints_view:
        return StaticView(view, owner)
    return None
