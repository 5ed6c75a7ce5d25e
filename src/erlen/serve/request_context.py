"""The request context: what is known while a request is handled.

Which contexts are active is one pair in a context variable (``erlen.globals``). A context may be
pushed again while it is active, and again after it went (``stream_with_context``, ``with client:``):
each push remembers the pair it found, and only the last pop tears down.

Everything about a request that nobody asked for does not exist yet: the request object, its
application context, the URL adapter, the session.
"""

from __future__ import annotations

import sys
import typing as t

from werkzeug.exceptions import HTTPException

from .. import typing as ft
from ..globals import NOTHING, OWN, _app_of, _cv_app, _cv_request, _get_state, _reset_state, _set_state
from ..observe import Watched
from ..sessions import SecureCookieSession
from .app_context import _UNMADE, AppContext, _AppCtxGlobals, _sentinel
from .holds import Holds
from .matching import match, match_by_adapter
from .steps import hooks_of, tear_down

if t.TYPE_CHECKING:
    from contextvars import Token
    from types import TracebackType

    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.routing import MapAdapter

    from ..concurrency.loops import ProcessLoop, Waiter
    from ..globals import State
    from ..plan.model import Plan, RoutePlan
    from ..sessions import SessionMixin
    from ..typing import Application, Erlen
    from ..wrappers import Request

# What pushes found, each with the application context that the push brought.
Pushes: t.TypeAlias = "tuple[tuple[State, AppContext | None], ...]"

# Under this key the test client asks to be given the contexts, to enter them again.
PRESERVE_CONTEXT = "werkzeug.debug.preserve_context"

# A gateway pushes once, and found nothing active.
PUSHED_BY_GATEWAY: Pushes = ((NOTHING, OWN),)


class RequestContext(Holds, metaclass=Watched):
    """Make a request active: ``request`` and ``session`` answer while it is pushed.

    It brings an application context where none of its application is active.
    """

    # Outsiders keep attributes of their own here, and weak references: hence the last two.
    __slots__ = (
        "__dict__",
        "__weakref__",
        "_after",
        "_app_context",
        "_found",
        "_g",
        "_opened",
        "_plan",
        "_request",
        "_route",
        "_view_args",
        "app",
        "environ",
    )

    # What few requests have stands on the class until it is set.
    flashes: list[tuple[str, str]] | None = None
    _adapter: MapAdapter | None = _UNMADE
    _tried_to_open = False
    # Whether a coroutine ran for it: a task of that may go on when the request is over.
    had_coroutine = False
    _routing_exception: HTTPException | None = None
    _background: list[t.Callable[[], t.Any]] | None = None

    def __init__(
        self,
        app: Application,
        environ: WSGIEnvironment,
        request: Request | None = None,
        session: SessionMixin | None = None,
    ) -> None:
        self.app: Erlen = app  # type: ignore[assignment]
        self.environ = environ
        self._request = request
        self._opened = session
        self._after: list[ft.AfterRequestCallable[t.Any]] | None = None
        self._found: Pushes = ()
        self._app_context: AppContext | None = None
        self._g: _AppCtxGlobals | None = None
        # What matching found, and the plan it was found in.
        self._plan: Plan | None = None
        self._route: RoutePlan | None = None
        self._view_args: dict[str, t.Any] | None = None

    def _make_early(self) -> None:
        """Make the request and the adapter now: somebody overrode what makes them, and can tell."""
        self._request = self.request
        self._adapter = self.url_adapter

    # what the context knows, made on first touch

    @property
    def request(self) -> Request:
        """The request."""
        request = self._request
        return self._make_request() if request is None else request

    @request.setter
    def request(self, value: Request) -> None:
        self._request = value

    def _make_request(self) -> Request:
        app = self.app
        request = self._request = app.request_class(self.environ)
        request.json_module = app.json
        trusted_hosts = app.config["TRUSTED_HOSTS"]
        if trusted_hosts is not None:
            request.trusted_hosts = trusted_hosts
        route = self._route
        if route is not None and self._routing_exception is None:
            request.url_rule = route.rule
            request.view_args = self._view_args = self._view_args or {}
        else:
            self._tell_request(request)
        return request

    def _tell_request(self, request: Request) -> None:
        """Set what matching found on the request."""
        if self._route is not None:
            request.url_rule = self._route.rule
            request.view_args = self._view_args = self._view_args or {}
        if self._routing_exception is not None:
            request.routing_exception = self._routing_exception

    @property
    def url_adapter(self) -> MapAdapter | None:
        """The adapter that builds URLs for this request; None where its host was refused."""
        if self._adapter is _UNMADE:
            self._adapter = None
            try:
                self._adapter = self.app.create_url_adapter(self.request)
            except HTTPException as error:
                self._routing_exception = self.request.routing_exception = error
        return self._adapter

    @url_adapter.setter
    def url_adapter(self, value: MapAdapter | None) -> None:
        self._adapter = value

    @property
    def session(self) -> SessionMixin:
        """The session; reading it marks it as accessed."""
        session = self._session
        assert session is not None, "The session is opened when the request context is pushed, not before."
        session.accessed = True
        return session

    @property
    def _session(self) -> SessionMixin | None:
        # Matching has been: the context was pushed once.
        if self._opened is None and self._plan is not None and not self._tried_to_open:
            self._open_session()
        return self._opened

    @_session.setter
    def _session(self, value: SessionMixin | None) -> None:
        self._opened = value

    def _open_session(self) -> None:
        self._tried_to_open = True
        app = self.app
        interface = app.session_interface
        session = interface.open_session(app, self.request)
        self._opened = interface.make_null_session(app) if session is None else session

    @property
    def _after_request_functions(self) -> list[ft.AfterRequestCallable[t.Any]]:
        if self._after is None:
            self._after = []
        return self._after

    def _own_app_context(self) -> AppContext:
        """Return the application context that this request brought, made on first touch."""
        context = self._app_context
        if context is None:
            context = self._app_context = AppContext(self.app)
            if self._g is None:
                self._g = context.g
            else:
                context.g = self._g
            # It has been active since the request was, and nothing was before: only the straight
            # path, which starts from nothing, leaves it unmade.
            context._found.append(NOTHING)
        return context

    def _own_g(self) -> _AppCtxGlobals:
        """Return the namespace of that application context, which itself may stay unmade."""
        g = self._g
        if g is None:
            context = self._app_context
            if context is None:
                plan = self.app._planner.plan
                g = self.app.app_ctx_globals_class() if plan is None else plan.globals_class()
            else:
                g = context.g
            self._g = g
        return g

    # activation

    def push(self) -> None:
        """Make this the active request context: open the session, match the URL."""
        found = _get_state()
        app_context = _app_of(found)
        brought = None
        if app_context is None or app_context.app is not self.app:
            app_context = brought = self.app.app_context()
            brought.push()
        self._found += ((found, brought),)
        _set_state((self, app_context))
        plan = self.app._planner.current(self.app)
        if self._opened is None and not plan.lazy_session:
            self._open_session()
        if (self._adapter is _UNMADE and plan.own.matching) or self.url_adapter is not None:
            self.match_request()

    def match_request(self) -> None:
        """Find the rule for the URL; what is raised is kept as the request's routing exception."""
        plan = self.app._planner.current(self.app)
        if self._adapter is _UNMADE and plan.own.matching:
            match(self, plan, self.environ)
        else:
            match_by_adapter(self, plan)

    def pop(self, exc: BaseException | None = _sentinel) -> None:
        """Restore what was active before; the last pop runs the teardown functions.

        Raises AssertionError where another request context is active.
        """
        last = len(self._found) == 1
        if last and exc is _sentinel:
            exc = sys.exc_info()[1]
        try:
            if last and exc is not None:
                self._drop_holds()
            if last and not self._holds:
                self._tear_down(exc)
        finally:
            active = _cv_request.get()  # LookupError where there is none: nothing to restore
            found, brought = self._found[-1]
            self._found = self._found[:-1]
            if last and self._streams:
                self._forget_streams()
            if last and self._request is not None:
                # COMPAT: the environ would keep the request, and all it holds, alive.
                self._request.environ["werkzeug.request"] = None
            self._leave(found, brought, exc)
            if active is not self:
                raise AssertionError(f"Popped the wrong request context: {active!r} is active, not {self!r}.")

    def _tear_down(self, exc: BaseException | None) -> None:
        try:
            self.app.do_teardown_request(exc)
            close = getattr(self._request, "close", None)
            if close is not None:
                close()
        finally:
            if self.had_coroutine and PRESERVE_CONTEXT not in self.environ:
                self._end_coroutines()
            deferred, self._background = self._background, None
            for function in deferred or ():
                self.app._start_background_task(function)

    def _leave(self, found: State, brought: AppContext | None, exc: BaseException | None) -> None:
        """Restore the request that was active before; pop the application context that a push brought."""
        app_context = _cv_app.get(None)
        request_before = found[0]
        if brought is None and _app_of(found) is app_context:
            _set_state(found)
            return
        # COMPAT: whatever application context is active now stays; popping another is an error.
        _set_state(NOTHING if request_before is app_context is None else (request_before, app_context))
        if brought is OWN:
            brought = self._own_app_context()
            self._app_context = self._g = None
        if brought is not None:
            brought.pop(exc)

    def _finish(self, plan: Plan, state: State, token: Token[State], exc: BaseException | None) -> None:
        """Do what ``pop`` does for a context that found nothing active and was pushed once, by a gateway.

        *plan* was the current one, and *state* the pair that was set then. Where nobody hears of it, no
        application context is made only to be torn down.
        """
        app, app_context, route = self.app, self._app_context, self._route
        if (
            app._planner.plan is not plan
            or not plan.quiet
            or app.teardown_appcontext_funcs
            or self._found is not PUSHED_BY_GATEWAY
            or _get_state() is not state
            or (app_context is not None and (app_context._holds or len(app_context._found) != 1))
        ):
            self.pop(exc)
            return
        try:
            if self._request is not None or route is None or route.hooks.teardown:
                self._tear_down_by(plan, exc)
        finally:
            self._found = ()
            if app._planner.plan is not plan:
                # A teardown function changed something: somebody may hear of it now.
                self._leave(NOTHING, OWN, exc)
            else:
                if app_context is not None:
                    app_context._found.clear()
                self._app_context = self._g = None
                try:
                    _reset_state(token)
                except ValueError:  # set in another context than this thread's
                    _set_state(NOTHING)

    def _tear_down_by(self, plan: Plan, exc: BaseException | None) -> None:
        """Do what ``_tear_down`` does, by the steps, and let the request go."""
        request, route = self._request, self._route
        # A request may have been given another rule.
        as_routed = route is not None and (request is None or request.url_rule is route.rule)
        hooks = route.hooks if as_routed else hooks_of(self.app, self, plan)  # type: ignore[union-attr]
        try:
            if hooks.teardown:
                tear_down(self.app, self, plan, hooks, exc)
            # A teardown function may be the first to ask for it.
            close = getattr(self._request, "close", None)
            if close is not None:
                close()
        finally:
            if self.had_coroutine:
                self._end_coroutines()
            request = self._request
            if request is not None and "environ" in request.__dict__:
                # COMPAT: the environ would keep the request, and all it holds, alive.
                request.environ["werkzeug.request"] = None

    def prepare_body(self, loop: ProcessLoop) -> Waiter | None:
        """Let coroutines on *loop* read the body; return what the thread waits by, if that reads it."""
        from ..wrappers.wsgi_body import prepare_body  # asyncio is only for those who have coroutines

        return prepare_body(self, loop)

    def _end_coroutines(self) -> None:
        """Tell tasks that outlive the request what they can no longer do."""
        from ..wrappers.wsgi_body import end_body  # asyncio is only for those who have coroutines

        self.seal_session()
        end_body(self.environ)

    def seal_session(self) -> None:
        """Let a task that outlives the request read the session, and not write to it: that would be lost."""
        if isinstance(self._opened, SecureCookieSession):
            self._opened.seal()

    def _defer(self, function: t.Callable[[], t.Any]) -> None:
        """Start *function* in the background when the request has been torn down."""
        if self._background is None:
            self._background = []
        self._background.append(function)
        # Another tuple: a gateway is not to take the short way out.
        self._found = (*self._found,)

    def copy(self) -> RequestContext:
        """Return a context of the same request and session, to be pushed in another thread."""
        return self.__class__(
            self.app, environ=self.request.environ, request=self.request, session=self._session
        )

    def __enter__(self) -> RequestContext:
        self.push()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.pop(exc_value)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.request.url!r} [{self.request.method}] of {self.app.name}>"
