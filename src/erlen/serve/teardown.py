"""The end of a request, of a WebSocket and of an application context: what runs, in which order, and when.

A request ends when status and headers have been handed over. Where the body is a stream that keeps its
contexts (``stream_contexts``), it ends when that is closed, or at once with the exception that ended it. Then
the teardown functions of the request run, the request is closed, the teardown functions of the application's
context run, and the contexts are popped. What a teardown function raises skips the rest of its list, and
reaches the server when all that has been done.

``RequestContext.pop`` and ``AppContext.pop`` do this by the seams. A gateway that pushed a context once, when
nothing was active, calls :meth:`Ending.finish`, or :func:`finish_async` on a loop: these make no object only
to tear it down.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator
from inspect import iscoroutinefunction

from ..active import (
    NOTHING,
    OWN,
    PUSHED_BY_GATEWAY,
    app_context_of,
    cv_app,
    get_state,
    reset_state,
    set_state,
)
from ..plan.routes import hooks_for, plain_call
from ..sessions import SecureCookieSession
from ..signals import appcontext_popped, appcontext_tearing_down, request_is_heard, request_tearing_down
from ..wrappers import Request
from .steps import each_function, each_websocket_function, functions_behind, hooks_of
from .stream_contexts import WithStreams

if t.TYPE_CHECKING:
    from contextvars import Token

    from _typeshed.wsgi import WSGIEnvironment

    from ..active import State
    from ..plan.model import Hooks, Plan, RoutePlan
    from ..sessions import SessionMixin
    from .app_context import AppContext
    from .contract import AnyApplication, Application
    from .request_context import RequestContext
    from .stream_contexts import StreamContexts
    from .websocket_context import WebSocketContext

Function: t.TypeAlias = "t.Callable[..., t.Any]"

# The pairs that were active before each push, each with the application context of that push.
Pushes: t.TypeAlias = "tuple[tuple[State, AppContext | None], ...]"

# What a request has if its end takes more than to let it go.
_NEEDS_MORE = frozenset(("close", "files", "_parsed_ahead"))

# The key of the environ by which the test client gets the contexts, to enter them again.
PRESERVE_CONTEXT = "werkzeug.debug.preserve_context"


def app_context_calls_nothing(app: Application) -> bool:
    """Tell whether no function of the application runs when an application context is pushed or ends."""
    plan = app.request_planner.plan
    is_heard = request_is_heard() if plan is None else not plan.quiet
    return not (app.teardown_appcontext_funcs or is_heard)


def end_calls_nothing(app: Application, context: RequestContext, plan: Plan) -> bool:
    """Tell whether the end of the request calls no function of the application."""
    route = context.route
    hooks = hooks_for(app, plan, ()) if route is None else route.hooks
    # PERF: compared here, for each request on a loop asks.
    return (
        not hooks.teardown
        and plan.quiet
        and not app.teardown_appcontext_funcs
        and app.request_planner.plan is plan
        and (context.made_request is None or _closes_plainly(context.made_request))
    )


def _closes_plainly(request: Request) -> bool:
    # Asked of the type: that of a mock has no such method.
    return getattr(type(request), "close", None) is Request.close


def needs_no_teardown(context: RequestContext, plan: Plan, state: State) -> bool:
    """Tell whether a request without hooks has left no function to run, and nothing to be torn down."""
    request, route = context.made_request, context.route
    return (
        context.after_functions is None
        and context.pushes is PUSHED_BY_GATEWAY
        and context.made_app_context is None
        and context.app.request_planner.plan is plan
        and not context.app.teardown_appcontext_funcs
        and get_state() is state
        and (
            request is None
            or (
                "environ" not in (attributes := request.__dict__)
                and not attributes.get("files")
                and route is not None
                and attributes.get("url_rule") is route.rule
            )
        )
    )


class Ending(WithStreams):
    """The end of a request context."""

    if t.TYPE_CHECKING:
        app: AnyApplication
        environ: WSGIEnvironment
        made_request: t.Any
        plan: Plan | None
        route: RoutePlan | None
        opened_session: SessionMixin | None
        pushes: Pushes

        def pop(self, exc: BaseException | None = ...) -> None: ...
    else:
        __slots__ = ()

    # Whether a coroutine ran for the request: a task of it may go on when the request is over.
    had_coroutine = False
    # The functions that start in the background after teardown.
    _background: list[t.Callable[[], t.Any]] | None = None

    def tear_down(self, exc: BaseException | None) -> None:
        try:
            self.app.do_teardown_request(exc)
            close = getattr(self.made_request, "close", None)
            if close is not None:
                close()
        finally:
            if self.had_coroutine and PRESERVE_CONTEXT not in self.environ:
                self._end_coroutines()
            deferred, self._background = self._background, None
            for function in deferred or ():
                self.app.start_background_task(function)

    def finish(self, plan: Plan, state: State, token: Token[State], exc: BaseException | None) -> None:
        """Do what ``pop`` does, for a context that a gateway pushed once when nothing was active.

        *plan* was the current one, and *state* the pair that was set then. Where no function of the
        application would notice, no application context is made only to be torn down.
        """
        # PERF: four names in one statement are a tuple first: 0.02 us (CPython 3.11).
        app, app_context = self.app, self.made_app_context
        route, request = self.route, self.made_request
        if (
            app.request_planner.plan is not plan
            or not plan.quiet
            or app.teardown_appcontext_funcs
            or self.pushes is not PUSHED_BY_GATEWAY
            or get_state() is not state
            or (app_context is not None and (len(app_context.pushes) != 1 or self._drops_streams(exc)))
        ):
            self.pop(exc)
            return
        try:
            if app_context is not None and self.open_streams:
                self.forget_unsent_streams()  # but for those that are sent now, and keep the contexts
            elif request is None:
                hooks = plan.chains.get(()) or hooks_for(app, plan, ()) if route is None else route.hooks
                if hooks.teardown:
                    self.tear_down_by_steps(plan, exc)
            elif (
                type(request) is plan.request_class
                and route is not None
                and request.url_rule is route.rule
                and not route.hooks.teardown
                and not self.had_coroutine
                and _NEEDS_MORE.isdisjoint(attributes := request.__dict__)
            ):
                if "environ" in attributes:
                    request.environ["werkzeug.request"] = None  # COMPAT: as in tear_down_by_steps
            else:
                self.tear_down_by_steps(plan, exc)
        finally:
            self.pushes = ()
            if app.request_planner.plan is not plan:
                # A teardown function changed something: now a function may notice.
                self.leave(NOTHING, OWN, exc)
            else:
                if app_context is not None:
                    app_context.pushes.clear()
                self.made_app_context = self.made_g = None
                try:
                    reset_state(token)
                except ValueError:  # set in another contextvars.Context than this thread's
                    set_state(NOTHING)

    def _drops_streams(self, exc: BaseException | None) -> bool:
        """Tell whether streams were made whose contexts end now: they are not sent, or *exc* ends them."""
        return bool(self.made_streams) and (exc is not None or not self.open_streams)

    def tear_down_by_steps(self, plan: Plan, exc: BaseException | None) -> None:
        """Do what ``tear_down`` does, by the steps, and drop the references to the request."""
        request, route = self.made_request, self.route
        context: t.Any = self  # a RequestContext, which inherits this
        # A request may have been given another rule.
        if route is not None and (request is None or request.url_rule is route.rule):
            hooks = route.hooks
        else:
            hooks = hooks_of(self.app, context, plan)
        try:
            if hooks.teardown:
                tear_down(self.app, context, plan, hooks, exc)
            # A teardown function may be the first to use it.
            close = getattr(self.made_request, "close", None)
            if close is not None:
                close()
        finally:
            if self.had_coroutine:
                self._end_coroutines()
            request = self.made_request
            if request is not None and "environ" in request.__dict__:
                # COMPAT: the environ would keep the request, and all it holds, alive.
                request.environ["werkzeug.request"] = None

    def tear_down_late(self, app_context: AppContext, exc: BaseException | None) -> None:
        """Do what ``tear_down`` does, when the last stream that has the contexts is closed."""
        plan = self.app.request_planner.plan
        # Active once more, without opening the session or matching the URL again.
        before = get_state()
        set_state((self, app_context))
        try:
            is_same = plan is not None and plan is self.plan and plan.straight
            if plan is not None and is_same and not (self._background or self.had_coroutine):
                self.tear_down_by_steps(plan, exc)
            else:
                self.tear_down(exc)
        finally:
            request = self.made_request
            if request is not None and "environ" in request.__dict__:
                request.environ["werkzeug.request"] = None  # COMPAT: as in tear_down_by_steps
            set_state(before)

    def end_app_context(self, app_context: AppContext, exc: BaseException | None) -> None:
        """Let an application context end that streams have kept."""
        plan = self.app.request_planner.plan
        if plan is None or not plan.straight or not app_context_calls_nothing(self.app):
            app_context.push()
            app_context.pop(exc)

    def leave(self, found: State, brought: AppContext | None, exc: BaseException | None) -> None:
        """Restore the request that was active before; pop the application context that the push made."""
        app_context = cv_app.get(None)
        request_before = found[0]
        if brought is None and app_context_of(found) is app_context:
            set_state(found)
            return
        # COMPAT: whatever application context is active now stays; popping another is an error.
        set_state(NOTHING if request_before is app_context is None else (request_before, app_context))
        if brought is OWN:
            brought = self.make_app_context()
            self.made_app_context = self.made_g = None
        if brought is not None:
            brought.pop(exc)

    def _end_coroutines(self) -> None:
        """Tell tasks that outlive the request what they can no longer do."""
        from ..wrappers.wsgi_body import end_body  # imports asyncio, which only coroutines need

        self.seal_session()
        end_body(self.environ)

    def defer_task(self, function: t.Callable[[], t.Any]) -> None:
        """Start *function* in the background when the request has been torn down."""
        if self._background is None:
            self._background = []
        self._background.append(function)
        # Another tuple, so that a gateway does not take its shortcut.
        self.pushes = (*self.pushes,)

    def seal_session(self) -> None:
        """Make the session read-only for tasks that outlive the request: changes would be lost."""
        if isinstance(self.opened_session, SecureCookieSession):
            self.opened_session.seal()

    def forget(self) -> None:
        """Drop the references of the request: it has been torn down."""
        self.pushes = ()
        if self.made_app_context is not None:
            self.made_app_context.pushes.clear()
        self.made_app_context = self.made_g = None


def tear_down(
    app: Application, context: RequestContext, plan: Plan, hooks: Hooks, exc: BaseException | None
) -> None:
    """Run the teardown functions of the request."""
    adapted = plan.adapted
    for name, functions in hooks.teardown:
        for function in reversed(functions):
            try:
                call = adapted[function]
            except (KeyError, TypeError):
                call = plain_call(app, plan, function)
            call(exc)
        if app.request_planner.plan is not plan:
            for function in functions_behind(app, hooks, "teardown", name):
                app.ensure_sync(function)(exc)
            break
    if request_tearing_down.receivers:
        request_tearing_down.send(app, _async_wrapper=app.ensure_sync, exc=exc)


async def finish_async(
    context: RequestContext, plan: Plan, state: State, token: Token[State], exc: BaseException | None
) -> None:
    """Do what :meth:`Ending.finish` does, on a loop: tear down, and pop the contexts."""
    app = context.app
    functions = teardown_functions(app, hooks_of(app, context, plan))
    app_context = context.made_app_context
    if (
        not any(map(iscoroutinefunction, functions))
        or not app.request_planner.current(app).straight
        or context.pushes is not PUSHED_BY_GATEWAY
        or context.made_streams
        or get_state() is not state
        or (app_context is not None and (app_context.open_streams or len(app_context.pushes) != 1))
    ):
        await context.on_thread(context.finish, plan, state, token, exc)
        return
    try:
        await context.shielded(tear_down_async(app, context, exc))
    finally:
        context.forget()
        reset_state(token)
    if appcontext_popped.receivers:
        await context.send_signal(appcontext_popped, app)


async def release(
    to_thread: t.Callable[..., t.Awaitable[t.Any]], contexts: StreamContexts, exc: BaseException | None
) -> None:
    """Release what a stream has kept; teardown functions are plain calls, which *to_thread* makes."""
    app = contexts.app()
    if app is not None and (app.teardown_request_funcs or not app_context_calls_nothing(app)):
        await to_thread(contexts.release, exc)
    else:
        contexts.release(exc)


def teardown_functions(app: Application, hooks: Hooks) -> list[Function]:
    return [*each_function(app, hooks, "teardown"), *app.teardown_appcontext_funcs]


async def tear_down_async(app: Application, context: RequestContext, exc: BaseException | None) -> None:
    """Run the teardown functions of the request, then those of the application's context."""
    plan = app.request_planner.current(app)
    hooks = hooks_of(app, context, plan)
    try:
        await context.call_each(each_function(app, hooks, "teardown"), exc, lambda f, _: f(exc), keep=True)
        if request_tearing_down.receivers:
            await context.send_signal(request_tearing_down, app, exc=exc)
        if context.made_request is not None:
            context.made_request.close()
            context.environ["werkzeug.request"] = None
    finally:
        functions = reversed(app.teardown_appcontext_funcs)
        await context.call_each(iter(functions), exc, lambda f, _: f(exc), keep=True)
        if appcontext_tearing_down.receivers:
            await context.send_signal(appcontext_tearing_down, app, exc=exc)


async def finish_websocket(app: Application, context: WebSocketContext, exc: BaseException | None) -> None:
    """Tear down, and let the context of the WebSocket go."""
    if app.teardown_websocket_funcs or not app_context_calls_nothing(app):
        functions = each_websocket_function(app, context, "teardown")
        await context.shielded(_tear_down_websocket(app, context, functions, exc))
    else:
        context.pop(exc)


async def _tear_down_websocket(
    app: Application, context: WebSocketContext, functions: Iterator[Function], exc: BaseException | None
) -> None:
    try:
        await context.call_each(functions, exc, lambda f, _: f(exc), keep=True)
    finally:
        if app_context_calls_nothing(app):
            context.pop(exc)
        else:
            await context.on_thread(context.pop, exc)
