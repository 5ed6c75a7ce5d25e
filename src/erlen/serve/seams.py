"""The seams of one request: what users override and tools patch.

Each is a shell: it fetches the active context and calls the step behind it (``erlen.serve.steps``),
which takes the context. All may be called by hand inside a pushed context.
"""

from __future__ import annotations

import sys
import typing as t
from inspect import CO_COROUTINE, iscoroutinefunction
from types import FunctionType

from .. import typing as ft
from ..active import require_request_context
from ..signals import (
    appcontext_tearing_down,
    request_finished,
    request_started,
)
from . import steps
from .app_context import AppContext, _sentinel
from .errors import ErrorHandling
from .request_context import RequestContext
from .teardown import tear_down

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.exceptions import HTTPException

    from ..wrappers import Response


class RequestCycle(ErrorHandling):
    """The part of an application that runs a request, as methods that users override and tools patch."""

    # contexts

    def app_context(self) -> AppContext:
        """Create an application context; inside it ``current_app`` and ``g`` are available."""
        return AppContext(self)

    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """Create a request context for a WSGI environ; inside it ``request`` and ``session`` work."""
        context = RequestContext(self, environ)
        if not self.request_planner.current(self).own.lazy_context:
            context.make_early()
        return context

    # colours

    def ensure_sync(self, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        """Return a plain function: *func* itself, or one that waits for the coroutine function *func*."""
        # PERF: the code of a function without attributes tells it: 0.1 us instead of 0.4 (CPython 3.11).
        if type(func) is FunctionType and not func.__dict__ and not func.__code__.co_flags & CO_COROUTINE:
            return func
        return self.async_to_sync(func) if iscoroutinefunction(func) else func

    def async_to_sync(self, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        """Return a plain function that waits for the coroutine function *func*.

        It runs on one event loop per process. Override to run it elsewhere.
        """
        from ..concurrency.from_thread import run_on_loop  # imports asyncio, which only coroutines need

        return run_on_loop(func)

    # the cycle

    def full_dispatch_request(self) -> Response:
        """Run hooks and view, answer exceptions, and return the finished response."""
        self._got_first_request = True
        try:
            if request_started.receivers:
                request_started.send(self, _async_wrapper=self.ensure_sync)
            early = self.preprocess_request()
            result = self.dispatch_request() if early is None else early
        except Exception as error:
            result = self.handle_user_exception(error)
        return self.finalize_request(result)

    def preprocess_request(self) -> ft.ResponseReturnValue | None:
        """Run the URL value preprocessors and the before hooks.

        What a hook returns, if not None, is the result; the hooks after it and the view do not run.
        """
        context, plan = require_request_context(), self.request_planner.current(self)
        hooks = steps.hooks_of(self, context, plan)
        result: ft.ResponseReturnValue | None = steps.preprocess(self, context, plan, hooks)
        return result

    def dispatch_request(self) -> ft.ResponseReturnValue:
        """Call the view function of the matched rule; raise what routing found instead of one."""
        result: ft.ResponseReturnValue = steps.dispatch(self, require_request_context())
        return result

    def make_default_options_response(self) -> Response:
        """Answer OPTIONS with the methods that the URL takes."""
        context = require_request_context()
        response = self.response_class()
        adapter = context.url_adapter
        assert adapter is not None
        response.allow.update(adapter.allowed_methods())
        return response

    def finalize_request(
        self, rv: ft.ResponseReturnValue | HTTPException, from_error_handler: bool = False
    ) -> Response:
        """Make the response of a result, run the after hooks, save the session.

        With *from_error_handler*, an exception in that is logged and the response sent as it is.
        """
        response = self.make_response(rv)
        try:
            response = self.process_response(response)
            if request_finished.receivers:
                request_finished.send(self, _async_wrapper=self.ensure_sync, response=response)
        except Exception:
            if not from_error_handler:
                raise
            self.logger.exception("An error handler's response could not be finished; it is sent as it is.")
        return response

    def process_response(self, response: Response) -> Response:
        """Pass the response through the after hooks, and save the session to it."""
        context, plan = require_request_context(), self.request_planner.current(self)
        hooks = steps.hooks_of(self, context, plan)
        return steps.process_response(self, context, plan, hooks, response)

    # teardown

    def do_teardown_request(self, exc: BaseException | None = _sentinel) -> None:
        """Run the teardown functions of the request, with the exception that ended it or None."""
        if exc is _sentinel:
            exc = sys.exc_info()[1]
        context, plan = require_request_context(), self.request_planner.current(self)
        tear_down(self, context, plan, steps.hooks_of(self, context, plan), exc)

    def do_teardown_appcontext(self, exc: BaseException | None = _sentinel) -> None:
        """Run the teardown functions of the application context."""
        if exc is _sentinel:
            exc = sys.exc_info()[1]
        for function in reversed(self.teardown_appcontext_funcs):
            self.ensure_sync(function)(exc)
        if appcontext_tearing_down.receivers:
            appcontext_tearing_down.send(self, _async_wrapper=self.ensure_sync, exc=exc)
