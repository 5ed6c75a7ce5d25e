"""The application context: current_app, g, and the adapter for URLs."""

from __future__ import annotations

import sys
import typing as t

from ..active import NOTHING, app_context_of, cv_app, cv_request, get_state, set_state
from ..observe import Watched
from ..signals import appcontext_popped, appcontext_pushed
from .plain_attributes import PlainAttributes, plain_attribute

if t.TYPE_CHECKING:
    from types import TracebackType

    import typing_extensions as te
    from werkzeug.routing import MapAdapter

    from ..active import State
    from .contract import AnyApplication, Application
    from .request_context import RequestContext

_sentinel: t.Any = object()
# The placeholder for a URL adapter that has not been made yet; None says that there is none.
UNMADE: t.Any = object()


class _AppCtxGlobals:
    """A plain namespace, ``g``: any attribute, for as long as the application context lives."""

    # Any attribute may be set; these methods tell type checkers so.
    def __getattr__(self, name: str) -> t.Any:
        raise AttributeError(f"'g' has no attribute {name!r} in this context")

    if t.TYPE_CHECKING:

        def __setattr__(self, name: str, value: t.Any) -> None: ...

        def __delattr__(self, name: str) -> None: ...

    def get(self, name: str, default: t.Any | None = None) -> t.Any:
        """Return an attribute, or *default*."""
        return self.__dict__.get(name, default)

    def pop(self, name: str, default: t.Any = _sentinel) -> t.Any:
        """Remove and return an attribute; raises KeyError where there is neither it nor a default."""
        return self.__dict__.pop(name) if default is _sentinel else self.__dict__.pop(name, default)

    def setdefault(self, name: str, default: t.Any = None) -> t.Any:
        """Return an attribute, set to *default* where it was missing."""
        return self.__dict__.setdefault(name, default)

    def __contains__(self, item: str) -> bool:
        return item in self.__dict__

    def __iter__(self) -> t.Iterator[str]:
        return iter(self.__dict__)

    def __repr__(self) -> str:
        context = cv_app.get(None)
        return object.__repr__(self) if context is None else f"<flask.g of '{context.app.name}'>"


class Pushable:
    """A context that a ``with`` statement pushes, and pops with the exception that ends its block."""

    __slots__ = ()

    if t.TYPE_CHECKING:

        def push(self) -> None: ...

        def pop(self, exc: BaseException | None = ...) -> None: ...

    def __enter__(self) -> te.Self:
        self.push()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.pop(exc_value)


class AppContext(PlainAttributes, Pushable, metaclass=Watched):
    """The context of an application: ``current_app`` and ``g`` answer while it is pushed."""

    plain = ("app", "g", "url_adapter")

    made_adapter: MapAdapter | None = UNMADE
    # The number of streams that teardown waits for.
    open_streams = 0

    def __init__(self, app: Application) -> None:
        self.app: AnyApplication = app  # type: ignore[assignment]
        self.g: _AppCtxGlobals = app.app_ctx_globals_class()
        # The pairs that were active before each push.
        self.pushes: list[State] = []
        planner = getattr(app, "request_planner", None)
        if planner is None:  # a mock in the place of an application
            self.made_adapter = app.create_url_adapter(None)
            return
        own = planner.own(app) if planner.plan is None else planner.plan.own
        if not own.matching:
            self.made_adapter = app.create_url_adapter(None)

    @plain_attribute("made_adapter", UNMADE)
    def url_adapter(self) -> MapAdapter | None:
        """The adapter that builds URLs outside of requests; None without SERVER_NAME."""
        if self.made_adapter is UNMADE:
            self.refuse_deleted("url_adapter")
            self.made_adapter = self.app.create_url_adapter(None)
        return self.made_adapter

    def push(self) -> None:
        """Make this the active application context."""
        found = get_state()
        self.pushes.append(found)
        set_state((found[0], self))
        if appcontext_pushed.receivers:
            appcontext_pushed.send(self.app, _async_wrapper=self.app.ensure_sync)

    def pop(self, exc: BaseException | None = _sentinel) -> None:
        """Restore what was active before; the last pop runs the teardown functions.

        Raises AssertionError where another application context is active.
        """
        try:
            if len(self.pushes) == 1 and not self.open_streams:
                self.app.do_teardown_appcontext(sys.exc_info()[1] if exc is _sentinel else exc)
        finally:
            active = cv_app.get()
            _restore(cv_request.get(None), self.pushes.pop())
        if active is not self:
            raise AssertionError(f"Popped the wrong application context: {active!r} is active, not {self!r}.")
        if appcontext_popped.receivers:
            appcontext_popped.send(self.app, _async_wrapper=self.app.ensure_sync)


def _restore(request_context: RequestContext | None, found: State) -> None:
    """Make the application context of *found* active again, beside *request_context*."""
    if found[0] is request_context:
        set_state(found)
        return
    app_context = app_context_of(found)
    inactive = request_context is None and app_context is None
    set_state(NOTHING if inactive else (request_context, app_context))


class BringsAppContext:
    """The application context that a request brings, made on first touch."""

    if not t.TYPE_CHECKING:
        __slots__ = ()

    app: AnyApplication
    made_app_context: AppContext | None
    # Its namespace, which may be asked for alone.
    made_g: _AppCtxGlobals | None

    def make_app_context(self) -> AppContext:
        """Return the application context of this request, made on first use."""
        context = self.made_app_context
        if context is None:
            context = self.made_app_context = AppContext(self.app)
            if self.made_g is None:
                self.made_g = context.g
            else:
                context.g = self.made_g
            # It has been active since the request was, and nothing was active before: only the straight
            # form, which starts with no context active, does not make it.
            context.pushes.append(NOTHING)
        return context

    def make_g(self) -> _AppCtxGlobals:
        """Return the namespace of that application context, without making the context itself."""
        g = self.made_g
        if g is None:
            context = self.made_app_context
            if context is None:
                plan = self.app.request_planner.plan
                g = self.app.app_ctx_globals_class() if plan is None else plan.globals_class()
            else:
                g = context.g
            self.made_g = g
        return g
