"""The steps of a request on an event loop: the twin of ``erlen.serve.steps``.

Coroutine functions are awaited. Plain ones are handed to a thread, each run of adjacent ones as one job
(``context.call_plain``), and so is whatever may call one: other session interfaces, error pages. A step that
calls no function of the application runs here.

It is taken while every seam is Erlen's own. Otherwise the request runs on a thread as under WSGI, and
its coroutines come back to this loop.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator
from inspect import iscoroutinefunction

from werkzeug.exceptions import HTTPException
from werkzeug.routing import RoutingException

from ..concurrency import NEVER_BLOCKS
from ..plan.routes import coroutine_view, hooks_for
from ..signals import (
    request_finished,
    request_started,
)
from ..wrappers.known_files import FileAnswer
from . import steps
from .errors import show_key
from .results import make_response
from .teardown import teardown_functions

if t.TYPE_CHECKING:
    from ..plan.model import Plan
    from ..wrappers import Response
    from .contract import Application
    from .request_context import RequestContext
    from .steps import PlainAnswer

Function: t.TypeAlias = "t.Callable[..., t.Any]"


async def run(app: Application, context: RequestContext, plan: Plan) -> Response | PlainAnswer:
    """Do what ``full_dispatch_request`` does."""
    if not app._got_first_request:
        app._got_first_request = True
    result = error = None
    try:
        if request_started.receivers:
            await context.send_signal(request_started, app)
        result = await preprocess(app, context)
        if result is None:
            if context.route is not None:
                await context.receive_rest()
            result = await dispatch(app, context)
    except Exception as raised:
        error = raised
    going_on = go_on(app, context, plan, result, error)
    error = None  # it holds this frame: no cycle for the garbage collector
    return await going_on


async def go_on(
    app: Application, context: RequestContext, plan: Plan, result: t.Any, error: BaseException | None
) -> Response | PlainAnswer:
    """Make an answer of what the view returned, or of what was raised."""
    context.awaits_view = False
    route = context.route
    hooks = hooks_for(app, plan, ()) if route is None else route.hooks
    if error is not None and not isinstance(error, Exception):
        raise error
    functions = teardown_functions(app, hooks) if hooks.teardown or app.teardown_appcontext_funcs else ()
    if functions and context.has_unreceived_body() and any(map(iscoroutinefunction, functions)):
        # Received now, so that the teardown functions do not wait for the client.
        with contextlib.suppress(HTTPException):
            await context.prepare_coroutine()
    if error is not None:
        traceback = error.__traceback__
        try:
            raise error  # so that sys.exc_info() and a bare raise in a handler mean this error
        except Exception:
            error.__traceback__ = traceback
            result = await handle_user_exception(app, context, error)
        refusal = context.routing_exception
        if refusal is not None and refusal is error:
            refusal.__traceback__ = None  # the context holds it, and its frames the context
    if app.request_planner.plan is plan and not hooks.after and context.after_functions is None:
        answer = steps.make_plain_answer(context, plan, result)
        if answer is not None:
            return answer
        if isinstance(result, FileAnswer):
            return result.as_response(app.response_class)
    return await finalize(app, context, result)


async def finalize(app: Application, context: RequestContext, result: t.Any) -> Response:
    """Make the response of a result, run the after hooks, save the session."""
    plan = app.request_planner.plan or app.request_planner.current(app)
    if not plan.straight:
        return await context.on_thread(app.finalize_request, result)
    response = result if isinstance(result, app.response_class) else make_response(app, context, result)
    response = await process_response(app, context, response)
    if request_finished.receivers:
        await context.send_signal(request_finished, app, response=response)
    return response


async def preprocess(app: Application, context: RequestContext) -> t.Any:
    """Run the URL value preprocessors and the before hooks; return the first result, or None."""
    plan = app.request_planner.plan or app.request_planner.current(app)
    if not plan.straight:
        return await context.on_thread(app.preprocess_request)
    hooks = steps.hooks_of(app, context, plan)
    if not hooks.leads:
        return None
    if hooks.preprocessors:
        request = context.request
        functions = steps.each_function(app, hooks, "preprocessors")
        await context.call_each(
            functions, None, lambda f, _: f(request.endpoint, request.view_args), keep=True
        )
        plan = app.request_planner.plan or app.request_planner.current(app)
        hooks = steps.hooks_of(app, context, plan)
    return await context.call_each(
        steps.each_function(app, hooks, "before"), None, lambda f, _: f(), is_not_none
    )


async def dispatch(app: Application, context: RequestContext) -> t.Any:
    """Call the view function; raise what routing found instead of one."""
    plan = app.request_planner.plan or app.request_planner.current(app)
    if not plan.straight:
        return await context.on_thread(app.dispatch_request)
    route, request = context.route, context.made_request
    error = context.routing_exception
    if request is None and error is not None and type(error) in steps.PLAIN_REFUSALS:
        raise error  # as the seam would, whose request object nobody needs
    if route is None and context.request.routing_exception is not None:
        app.raise_routing_exception(context.request)
    if route is None:
        return await context.on_thread(steps.dispatch, app, context)
    if request is None:
        values = context.view_args
    elif _differs_from_route(context):
        return await context.on_thread(steps.dispatch, app, context)
    else:
        values = request.view_args
    call = coroutine_view(app, plan, route, app.view_functions[route.endpoint])
    if call is None:
        return await context.on_thread(steps.dispatch, app, context)
    await context.prepare_coroutine()
    return await call(**(values or {}))


def _differs_from_route(context: RequestContext) -> bool:
    """Tell whether the request has another rule or other arguments than its route."""
    request, route = context.request, context.route
    return (
        request.routing_exception is not None
        or route is None
        or request.url_rule is not route.rule
        or request.method == "OPTIONS"
    )


async def handle_user_exception(app: Application, context: RequestContext, error: Exception) -> t.Any:
    """Return what answers an exception of a view or a hook; raise it again where nothing does."""
    if not app.request_planner.current(app).own.errors:
        return await context.on_thread(handling, error, app.handle_user_exception)
    show_key(app, error)
    is_answer = isinstance(error, HTTPException) and not app.trap_http_exception(error)
    if is_answer and (error.code is None or isinstance(error, RoutingException)):  # type: ignore[attr-defined]
        return error
    handler = app._find_error_handler(error, steps.blueprints_of(context)) if app.error_handler_spec else None
    if handler is None:
        if is_answer:
            return error
        raise error
    if iscoroutinefunction(handler):
        await context.prepare_coroutine()
        return await handler(error)
    if getattr(handler, NEVER_BLOCKS, False):
        return handling(error, handler)
    return await context.call_plain(handling, error, handler)


def handling(error: Exception, handle: t.Callable[[t.Any], t.Any]) -> t.Any:
    """Call *handle* while *error* is being handled: sys.exc_info() and a bare raise mean it."""
    traceback = error.__traceback__
    try:
        raise error
    except Exception:
        error.__traceback__ = traceback
        return handle(error)


async def handle_exception(app: Application, context: RequestContext, error: Exception) -> Response:
    """Answer an exception that nothing handled; on a thread, since log and page may take a while."""
    return await context.on_thread(handling, error, app.handle_exception)


async def process_response(app: Application, context: RequestContext, response: Response) -> Response:
    """Pass the response through the after hooks, and save the session to it."""
    plan = app.request_planner.plan or app.request_planner.current(app)
    hooks = steps.hooks_of(app, context, plan)
    if context.after_functions is not None or hooks.after:
        functions = _after(app, context)
        response = await context.call_each(functions, response, lambda f, value: f(value))
        plan = app.request_planner.plan or app.request_planner.current(app)
    if (
        context.opened_session is not None
        or not plan.lazy_session
        or (context.cookies is not None and plan.cookie_name in context.cookies)
    ):
        if plan.lazy_session:
            steps.save_session(app, context, response)
        else:
            await context.on_thread(steps.save_session, app, context, response)
    return response


def _after(app: Application, context: RequestContext) -> Iterator[Function]:
    """Yield the after hooks of this request, then those of the application and its blueprints."""
    yield from context.after_functions or ()
    yield from steps.each_function(
        app, steps.hooks_of(app, context, app.request_planner.current(app)), "after"
    )


def is_not_none(value: t.Any) -> bool:
    return value is not None
