"""Functions that run once before the first request: ``before_first_request``.

While there are any, the application's ``full_dispatch_request`` is one that runs them first. It is an
attribute of the object, which the plan takes for any other replacement: requests go through the seams, on
both protocols, and plain functions run on a thread. When the functions have run the attribute is removed, and
with it what it costs.
"""

from __future__ import annotations

import threading
import typing as t
import weakref
from functools import partial

from ..app import Erlen
from ..declare.blueprint import Blueprint, BlueprintSetupState
from ..declare.registrar import setupmethod
from .attributes import OldAttribute
from .notices import notice

if t.TYPE_CHECKING:
    from ..wrappers import Response
    from .changes import Changes

    Function = t.Callable[[], object]
    F = t.TypeVar("F", bound=Function)

_LIST = "before_first_request_funcs"
_LOCK = "_before_request_lock"
_SEAM = "full_dispatch_request"
# A method that applications could override, and call.
_TRIGGER = "try_trigger_before_first_request_functions"


def functions_of(app: Erlen) -> list[Function]:
    """Return the functions that run before the first request, and see to it that they will be run."""
    own = vars(app)
    functions: list[Function] = own.setdefault(_LIST, [])
    # An RLock: such a function may send a request to its own application.
    own.setdefault(_LOCK, threading.RLock())
    if not app._got_first_request and not isinstance(own.get(_SEAM), _FirstRequest):
        app.full_dispatch_request = _FirstRequest(app)  # type: ignore[method-assign]
    return functions


class _FirstRequest:
    """The ``full_dispatch_request`` of an application that has functions to run before."""

    def __init__(self, app: Erlen) -> None:
        # Weakly, for it is an attribute of the application.
        self._app = weakref.ref(app)
        self._replaced: t.Callable[[], Response] | None = vars(app).get(_SEAM)

    def __call__(self) -> Response:
        app = self._app()
        assert app is not None
        getattr(app, _TRIGGER, partial(try_trigger_before_first_request_functions, app))()
        self._leave(app)
        dispatch = self._replaced or getattr(type(app), _SEAM).__get__(app)
        response: Response = dispatch()
        return response

    def _leave(self, app: Erlen) -> None:
        with vars(app)[_LOCK]:
            if vars(app).get(_SEAM) is not self:
                return  # another request was faster, or somebody else's replacement calls this one
            if self._replaced is None:
                del app.full_dispatch_request
            else:
                app.full_dispatch_request = self._replaced  # type: ignore[method-assign]


def try_trigger_before_first_request_functions(self: Erlen) -> None:
    """Run the functions if they have not been run; other threads wait meanwhile.

    What a function raises is raised here, and the next request tries again.
    """
    own = vars(self)
    if _LIST not in own or own.get("_ran_first_functions"):
        return
    with own[_LOCK]:
        if own.get("_ran_first_functions") or own.get("_runs_first_functions"):
            return
        own["_runs_first_functions"] = True
        try:
            for function in own[_LIST]:
                self.ensure_sync(function)()
        finally:
            own["_runs_first_functions"] = False
        own["_ran_first_functions"] = True


@setupmethod
def before_first_request(self: Erlen, f: F) -> F:
    """Call *f* before the first request."""
    notice("flask.Flask.before_first_request")
    functions_of(self).append(f)
    return f


@setupmethod
def before_app_first_request(self: Blueprint, f: F) -> F:
    """Call *f* before the first request of the application."""
    notice("flask.Blueprint.before_app_first_request")

    def append(state: BlueprintSetupState) -> None:
        functions_of(state.app).append(f)

    self.record_once(append)
    return f


def _set_functions(app: Erlen, functions: list[Function]) -> None:
    functions_of(app)
    vars(app)[_LIST] = functions


def add(changes: Changes, level: str) -> None:
    """Bring the decorators, the list and the flag back."""
    changes.set(Erlen, "before_first_request", before_first_request)
    changes.set(Blueprint, "before_app_first_request", before_app_first_request)
    changes.set(Erlen, _LIST, _List(f"flask.Flask.{_LIST}", functions_of, _set_functions))
    if level == "1.1":
        trigger = try_trigger_before_first_request_functions
        changes.set(Erlen, trigger.__name__, trigger)
    got = OldAttribute("flask.Flask.got_first_request", lambda app: app._got_first_request)
    changes.set(Erlen, "got_first_request", got)


class _List(OldAttribute):
    """The list: reading it sees to it that what is put in will be run."""

    def __get__(self, obj: t.Any, owner: type | None = None) -> t.Any:
        if obj is not None:
            functions_of(obj)
        return super().__get__(obj, owner)
