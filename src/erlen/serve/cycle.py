"""The steps of one request.

The seams (``full_dispatch_request``, ``preprocess_request``, …) are what users override and tools
patch. Each is a shell: it fetches the active context and calls the step behind it, which takes the
context. The general cycle calls the seams; the straight one, taken while every seam is Erlen's
own, calls the steps. Both give the same.
"""

from __future__ import annotations

import sys
import typing as t
from inspect import iscoroutinefunction

from .. import typing as ft
from ..globals import _current_request_context
from ..json.provider import DefaultJSONProvider, JSONProvider
from ..plan.routes import hooks_for, plain_call
from ..signals import (
    appcontext_tearing_down,
    request_finished,
    request_started,
    request_tearing_down,
)
from ..wrappers import content_type_of
from .app_context import AppContext, _sentinel
from .context import RequestContext
from .errors import ErrorHandling

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.exceptions import HTTPException

    from ..plan.model import Hooks, Plan, RoutePlan
    from ..wrappers import Response

_json_response = DefaultJSONProvider.response

# A response that needs no object: status line, headers, body.
PlainAnswer: t.TypeAlias = tuple[str, list[tuple[str, str]], list[bytes]]


def _own_provider(provider: JSONProvider) -> DefaultJSONProvider | None:
    """Return the provider if its responses are what Erlen defines, whoever may have patched it."""
    own = (
        type(provider) is DefaultJSONProvider
        and DefaultJSONProvider.response is _json_response
        and "response" not in provider.__dict__
    )
    return t.cast(DefaultJSONProvider, provider) if own else None


class RequestCycle(ErrorHandling):
    """Run a request: before hooks, view, response, after hooks, session, teardown."""

    # contexts

    def app_context(self) -> AppContext:
        """Create an application context; inside it ``current_app`` and ``g`` answer."""
        return AppContext(self)

    def request_context(self, environ: WSGIEnvironment) -> RequestContext:
        """Create a request context for a WSGI environ; inside it ``request`` and ``session`` answer."""
        return RequestContext(self, environ)

    # colours

    def ensure_sync(self, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        """Return a plain function: *func* itself, or a coroutine function made to wait."""
        return self.async_to_sync(func) if iscoroutinefunction(func) else func

    def async_to_sync(self, func: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
        """Return a plain function that waits for the coroutine function *func*.

        It runs on one event loop per process. Override to run it elsewhere.
        """
        from ..plan.adapt import run_on_loop  # asyncio is only for those who have coroutines

        return run_on_loop(func)

    # the cycle

    def full_dispatch_request(self) -> Response:
        """Run hooks and view, answer exceptions, and return the finished response."""
        self._mark_first_request()
        try:
            if request_started.receivers:
                request_started.send(self, _async_wrapper=self.ensure_sync)
            early = self.preprocess_request()
            result = self.dispatch_request() if early is None else early
        except Exception as error:
            result = self.handle_user_exception(error)
        return self.finalize_request(result)

    def _run(self, context: RequestContext, plan: Plan) -> Response | PlainAnswer:
        """Do what ``full_dispatch_request`` does, by the steps."""
        if not self._got_first_request:
            self._mark_first_request()
        route = context._route
        hooks = hooks_for(self, plan, ()) if route is None else route.hooks
        result = None
        try:
            if request_started.receivers:
                request_started.send(self, _async_wrapper=self.ensure_sync)
            if hooks.before or hooks.preprocessors:
                result = self._preprocess(context, hooks)
            if result is None:
                result = self._dispatch(context)
        except Exception as error:
            result = self.handle_user_exception(error)
        # Looked up again where something changed: a hook registered while the request ran is run.
        hooks = hooks if self._plan is plan and context._request is None else self._hooks(context)
        if context._after is None and not (hooks.after and any(hooks.after)):
            answer = self._answer_plainly(context, plan, result)
            if answer is not None:
                return answer
        response = self._process_response(context, hooks, self._make_response(context, result))
        if request_finished.receivers:
            self._send_finished(response)
        return response

    def _mark_first_request(self) -> None:
        self._got_first_request = True

    def preprocess_request(self) -> ft.ResponseReturnValue | None:
        """Run the URL value preprocessors and the before hooks.

        What a hook returns, if not None, is the result; the hooks after it and the view do not run.
        """
        context = _current_request_context()
        return t.cast("ft.ResponseReturnValue | None", self._preprocess(context, self._hooks(context)))

    def _preprocess(self, context: RequestContext, hooks: Hooks) -> t.Any:
        for functions in hooks.preprocessors:
            for function in functions:
                request = context.request
                function(request.endpoint, request.view_args)
        plan = self._plan or self._current_plan()
        for functions in hooks.before:
            for function in functions:
                call = plan.adapted.get(id(function)) or plain_call(self, plan, function)
                result = call()
                if result is not None:
                    return result
        return None

    def dispatch_request(self) -> ft.ResponseReturnValue:
        """Call the view function of the matched rule; raise what routing found instead of one."""
        return t.cast("ft.ResponseReturnValue", self._dispatch(_current_request_context()))

    def _dispatch(self, context: RequestContext) -> t.Any:
        if context._request is not None:
            return self._dispatch_request_object(context)
        if context._routing_exception is not None:
            self.raise_routing_exception(context.request)
        route = context._route
        assert route is not None
        if route.options:
            method = context.environ["REQUEST_METHOD"]
            if method != "GET" and method.upper() == "OPTIONS":
                return self.make_default_options_response()
        view = self.view_functions[route.endpoint]
        call = route.call if route.view is view else self._adapt_view(route, view)
        return call(**context._view_args)  # type: ignore[misc, arg-type]

    def _dispatch_request_object(self, context: RequestContext) -> t.Any:
        """Dispatch by what the request says: hooks may have replaced its rule or view arguments."""
        request = context.request
        if request.routing_exception is not None:
            self.raise_routing_exception(request)
        rule = request.url_rule
        assert rule is not None
        if getattr(rule, "provide_automatic_options", False) and request.method == "OPTIONS":
            return self.make_default_options_response()
        route = context._route
        if route is not None and route.rule is rule:
            call = self._adapt_view(route, self.view_functions[route.endpoint])
        else:
            call = self.ensure_sync(self.view_functions[rule.endpoint])
        return call(**(request.view_args or {}))

    def _adapt_view(self, route: RoutePlan, view: ft.RouteCallable) -> t.Callable[..., t.Any]:
        """Return *view*, the function that stands in the table now, as a plain callable."""
        plan = self._current_plan()
        if not plan.own.ensure_sync:
            return self.ensure_sync(view)
        if route.view is not view or route.call is None:
            route.call = plain_call(self, plan, view)
            route.view = view
        return route.call

    def make_default_options_response(self) -> Response:
        """Answer OPTIONS with the methods that the URL takes."""
        context = _current_request_context()
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
                self._send_finished(response)
        except Exception:
            if not from_error_handler:
                raise
            self.logger.exception("An error handler's response could not be finished; it is sent as it is.")
        return response

    def _send_finished(self, response: Response) -> None:
        request_finished.send(self, _async_wrapper=self.ensure_sync, response=response)

    def process_response(self, response: Response) -> Response:
        """Pass the response through the after hooks, and save the session to it."""
        context = _current_request_context()
        return self._process_response(context, self._hooks(context), response)

    def _process_response(self, context: RequestContext, hooks: Hooks, response: Response) -> Response:
        if context._after is not None:
            for function in context._after:
                response = self.ensure_sync(function)(response)
        plan = self._plan or self._current_plan()
        for functions in hooks.after:
            for function in reversed(functions):
                call = plan.adapted.get(id(function)) or plain_call(self, plan, function)
                response = call(response)
        # A session that nobody opened may still have to be saved: a permanent one is refreshed, one
        # of a foreign interface is asked.
        if (
            context._opened is not None
            or not plan.own.lazy_session
            or plan.cookie_name in context.environ.get("HTTP_COOKIE", "")
        ):
            session, interface = context._session, self.session_interface
            if session is not None and not interface.is_null_session(session):
                interface.save_session(self, session, response)
        return response

    def _answer_plainly(self, context: RequestContext, plan: Plan, result: t.Any) -> PlainAnswer | None:
        """Return the answer for a text or JSON result that nothing else will touch, or None."""
        kind = type(result)
        content_type = plan.own.text_type
        if content_type is None:
            return None
        if kind is str:
            body = result.encode()
        elif kind is bytes:
            body = result
        elif (kind is dict or kind is list) and (provider := _own_provider(self.json)) is not None:
            body = provider._response_text(result).encode()
            content_type = content_type_of(provider.mimetype)
        else:
            return None
        if request_finished.receivers or context._opened is not None or not plan.own.lazy_session:
            return None
        environ = context.environ
        if "HTTP_COOKIE" in environ and plan.cookie_name in environ["HTTP_COOKIE"]:
            return None
        headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
        return "200 OK", headers, [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    # teardown

    def do_teardown_request(self, exc: BaseException | None = _sentinel) -> None:
        """Run the teardown functions of the request, with the exception that ended it or None."""
        if exc is _sentinel:
            exc = sys.exc_info()[1]
        self._teardown_request(self._hooks(_current_request_context()), exc)

    def _teardown_request(self, hooks: Hooks, exc: BaseException | None) -> None:
        plan = self._plan or self._current_plan()
        for functions in hooks.teardown:
            for function in reversed(functions):
                (plan.adapted.get(id(function)) or plain_call(self, plan, function))(exc)
        if request_tearing_down.receivers:
            request_tearing_down.send(self, _async_wrapper=self.ensure_sync, exc=exc)

    def do_teardown_appcontext(self, exc: BaseException | None = _sentinel) -> None:
        """Run the teardown functions of the application context."""
        if exc is _sentinel:
            exc = sys.exc_info()[1]
        for function in reversed(self.teardown_appcontext_funcs):
            self.ensure_sync(function)(exc)
        if appcontext_tearing_down.receivers:
            appcontext_tearing_down.send(self, _async_wrapper=self.ensure_sync, exc=exc)

    def _hooks(self, context: RequestContext) -> Hooks:
        """Return the hook lists that concern the request, as the tables are now."""
        plan = self._plan or self._current_plan()
        request, route = context._request, context._route
        if route is not None and (request is None or request.url_rule is route.rule):
            if context._plan is plan:
                return route.hooks
            return hooks_for(self, plan, route.blueprints)
        return hooks_for(self, plan, () if request is None else request.blueprints)
