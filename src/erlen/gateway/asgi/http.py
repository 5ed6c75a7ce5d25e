"""HTTP over ASGI (ASGI: HTTP & WebSocket message format, version 2.5).

A request takes one of three ways:

- **on the loop**, where the view is a coroutine function and every method of the application is Erlen's
  own. Plain hooks beside it are handed to a thread (``erlen.serve.steps_async``).
- **on a thread**, where nothing in its chain is a coroutine function: one job from the first hook to the last
  piece of the body, as under a WSGI server (``wsgi_bridge``). It begins there, too, where converters
  or a session interface of the application have to be called before the chain is known.
- **on a thread, through the middleware** around ``wsgi_app``, where somebody has wrapped or replaced
  a method that the steps stand for: middleware, tracing, an override. Its coroutines run on this
  loop.
"""

from __future__ import annotations

import contextvars
import typing as t
from functools import partial
from inspect import iscoroutinefunction

from ...active import NOTHING, OWN, get_state, reset_state, set_state
from ...concurrency.one_context import RunInContext
from ...concurrency.pool import PoolIsFull
from ...plan.matcher import NeedsContexts
from ...plan.routes import coroutine_view, hooks_for
from ...serve import steps, steps_async
from ...serve.matching import match, match_known, remember_host
from ...serve.teardown import end_calls_nothing, finish_async, needs_no_teardown
from ...wrappers import Response
from ..edge import EDGE
from . import messages
from .context import HttpContext, WrappedRequest, length_of, put_body
from .direct import find_direct_answer
from .edge import answer_at_edge
from .environ import MalformedScope, check, joined, make_environ, path_of
from .messages import length_header, lengths
from .plainly import find_refusal, in_memory, refuse
from .proxies import apply_proxies, entry_of, log_middleware_once
from .request_body import INCOMPLETE_BODY, Incoming
from .response import Reply
from .wsgi_bridge import UNSENDABLE, Bridge, RunOnLoop, log_unsendable, run_cycle

if t.TYPE_CHECKING:
    from contextvars import Token

    from ...active import State
    from ...plan.model import Hooks, Plan
    from ...plan.routes import Coroutine
    from ...serve.contract import Application
    from ...serve.request_context import RequestContext
    from .types import Message, Receive, Scope, Send
    from .wsgi_bridge import Active


def answer(app: Application, scope: Scope, receive: Receive, send: Send) -> t.Awaitable[None]:
    """Find the route of a request; return the coroutine that answers it.

    PERF: a plain function that returns the right coroutine saves two that only wait: 0.2 us (CPython 3.11).
    """
    if app.direct_answers:
        direct = find_direct_answer(app, scope)
        if direct is not None:
            return direct.asgi_app(scope, receive, send)
    plan = app.request_planner.plan or app.request_planner.current(app)
    if plan.edge is not None and scope.get(EDGE) is not plan.edge:
        return answer_at_edge(app, plan.edge, partial(answer, app), scope, (receive, send))
    if not plan.on_loop or get_state() is not NOTHING:
        return _answer_gateway_errors(_answer_through_wsgi(app, scope, receive, send), send)
    given = scope
    try:
        if plan.proxies:
            scope = apply_proxies(scope, plan.proxies)
        headers = scope["headers"]
        fields = dict(headers)
        if len(fields) != len(headers):
            fields = joined(headers)
        context = HttpContext(app, scope, fields, receive)
        if b"content-length" in fields:
            context.length = length_of(fields)
        host = fields.get(b"host")
        if (
            host is None
            or b"upgrade" in fields
            or not plan.lazy_session
            or not match_known(context, plan, scope, host)
        ):
            _match(context, plan, host)
    except (MalformedScope, AttributeError, KeyError, TypeError, ValueError) as error:
        return _answer_gateway_errors(_answer_completed(app, given, (receive, send), error), send)
    route = context.route
    if route is not None:
        view = app.view_functions.get(route.endpoint)
        call = route.coroutine if route.known_view is view else coroutine_view(app, plan, route, view)
        if (
            call is not None
            and route.hooks.bare
            and plan.bare
            and context.made_request is None
            and not app.teardown_appcontext_funcs
        ):
            return _call_view(context, plan, call, send)
    return _answer_gateway_errors(_answer_context(context, plan, send), send)


def _match(context: HttpContext, plan: Plan, host: bytes | None) -> None:
    """Find the route by the scope's scheme, host, path and method, or by the environ.

    If functions of the application have to be called for that, or before it, it is left to the thread.
    """
    scope, target = context.scope, None
    if not plan.lazy_session:
        check(scope)
        return  # the session is opened first, on the thread
    if host is not None and b"upgrade" not in context.fields:
        target = {
            "wsgi.url_scheme": scope["scheme"],
            "HTTP_HOST": host.decode("latin1"),
            "PATH_INFO": path_of(scope),
            "REQUEST_METHOD": scope["method"],
        }
    try:
        match(context, plan, context.environ if target is None else target, active=False)
    except NeedsContexts:
        context.plan = None
        return
    if host is not None and plan.trusted is None:
        remember_host(plan, scope["scheme"], host)


async def _answer_completed(
    app: Application, scope: Scope, server: tuple[Receive, Send], error: Exception
) -> None:
    """Answer a scope without its optional keys; raise MalformedScope for any other malformed one."""
    check(scope)
    if isinstance(error, MalformedScope):
        raise error
    completed = {"scheme": "http", "query_string": b"", **scope, "headers": scope.get("headers") or []}
    if completed == scope:
        raise error
    await answer(app, completed, *server)


async def _answer_gateway_errors(way: t.Awaitable[None], send: Send) -> None:
    """Answer errors of the gateway itself, for which no code of the application can run."""
    try:
        await way
    except (MalformedScope, PoolIsFull) as error:
        await _refuse(send, error)


async def _refuse(send: Send, error: Exception) -> None:
    if isinstance(error, PoolIsFull):
        text = "All threads are busy, and too many requests are waiting for one."
        await messages.refuse(send, "503 SERVICE UNAVAILABLE", text, ("Retry-After", "1"))
    else:
        await messages.refuse(send, "400 BAD REQUEST", str(error))


async def _answer_context(context: HttpContext, plan: Plan, send: Send) -> None:
    """Answer a request on the loop, or on a thread where no function of its chain is a coroutine function."""
    route, expects_body = context.route, context.expects_body()
    refusal = find_refusal(context, plan) if route is None else None
    if refusal is not None:
        await refuse(context, refusal, send)
        return
    try:
        if (
            expects_body
            and route is not None
            and not route.streams
            # A plain hook may answer without it, and large bodies are not received before it can.
            and (not _begins_plainly(route.hooks) or context.is_received_at_once())
            and not await context.receive_body(plan)
        ):
            await _refuse(send, INCOMPLETE_BODY)
            return
        if expects_body:
            context.make_body()  # a thread may ask for it, and has no loop to receive it on
        variables = context.variables = contextvars.copy_context()
        active = None
        if context.plan is None or not runs_on_loop(context, plan):
            try:
                await Bridge(context, partial(run_cycle, context, plan, runs_on_loop), send).answer(variables)
            except RunOnLoop as found:
                active = found.active
            else:
                return
        await RunInContext(variables, _run(context, plan, active, send))
    finally:
        context.close_body()


def _begins_plainly(hooks: Hooks) -> bool:
    """Tell whether the first function of a chain is a plain hook."""
    for lists in (hooks.preprocessors, hooks.before):
        for _, functions in lists:
            for function in functions:
                return not iscoroutinefunction(function)
    return False


def runs_on_loop(context: RequestContext, plan: Plan) -> bool:
    """Tell whether a function of the chain is a coroutine function, or no function is to be called."""
    app, route = context.app, context.route
    hooks = hooks_for(app, plan, ()) if route is None else route.hooks
    functions = [*app.teardown_appcontext_funcs, *(() if hooks.bare else hooks.all())]
    if route is not None:
        view = app.view_functions.get(route.endpoint)
        if coroutine_view(app, plan, route, view) is not None:
            return True
    if route is None and plan.bare and not functions:
        handler = steps.handler_of_refusal(app, context)
        return handler is None or iscoroutinefunction(handler)
    return any(map(iscoroutinefunction, functions))


async def _answer_through_wsgi(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the request through the middleware around ``wsgi_app`` and the application."""
    if app.request_planner.own(app).proxies is None:
        log_middleware_once(app)
    environ = make_environ(scope)
    context = WrappedRequest(app, scope, joined(scope["headers"]), receive)
    context.length = length_of(context.fields)
    context.environ = environ
    context.make_body()
    put_body(environ, context.body)
    entry = entry_of(app)
    bridge = Bridge(context, lambda bridge: entry(environ, bridge.start_response), send)
    try:
        await bridge.answer(contextvars.copy_context())
    finally:
        context.close_body()


_NOT_RETURNED: t.Any = object()


async def _call_view(context: HttpContext, plan: Plan, call: Coroutine, send: Send) -> None:
    """Answer with a coroutine view that has no hooks, no receivers and no session interface of its own."""
    app = context.app  # PERF: no thread, no variables of its own: 0.5 us less than _run (CPython 3.11)
    if not app._got_first_request:
        app._got_first_request = True
    has_body = context.expects_body()
    if not has_body:
        context.body_is_known = True
    elif not await _receive_or_refuse(context, plan, send):
        return
    state: State = (context, OWN)
    token = set_state(state)
    result: t.Any = _NOT_RETURNED
    head: Message | None = None
    error, answer, body = None, None, b""
    try:
        if has_body and type(context._body) is Incoming:
            await context.prepare_coroutine()
        result = await (call(**values) if (values := context.view_args) else call())
        if not (has_body and type(context._body) is Incoming) and needs_no_teardown(context, plan, state):
            answer = steps.make_plain_answer(context, plan, result)
    except BaseException as raised:
        # What the view returned is made an answer again, where errors of that are answered.
        error = raised if result is _NOT_RETURNED or not isinstance(raised, Exception) else None
    if answer is not None:
        heading, body, more = answer
        fields = [heading.asgi_type, lengths.get(len(body)) or length_header(len(body))]
        if more or heading.others:
            fields = [*heading.asgi, fields[1], *messages.encoded(more)]
        head = {"type": "http.response.start", "status": heading.code, "headers": fields}
    elif error is not None or type(result) is app.response_class:
        head, body = in_memory(context, plan, state, result, error)
    if head is None:
        error, go_on = None, steps_async.go_on(app, context, plan, result, error)
        return await _conclude(context, plan, (state, token), go_on, Reply(context, send))
    error = None  # PERF: it holds this frame: no cycle, 12 us less for faults in a body (CPython 3.11)
    try:
        try:
            await send(head)
        finally:
            context.made_g = None
            if context.opened_session is not None:
                context.seal_session()
            reset_state(token)
        await send({"type": "http.response.body", "body": b"" if context.method == "HEAD" else body})
    except OSError:
        return  # the client has gone


async def _receive_or_refuse(context: HttpContext, plan: Plan, send: Send) -> bool:
    """Receive the body, unless the view does; tell whether a client is still there to be answered."""
    if context.route is not None and context.route.streams:
        context.make_body()
        return True
    is_there = False
    try:
        is_there = await context.receive_body(plan)
        if not is_there:
            await _refuse(send, INCOMPLETE_BODY)
    except MalformedScope as raised:
        await _refuse(send, raised)
    finally:
        if not is_there:
            context.close_body()
    return is_there


async def _run(context: HttpContext, plan: Plan, active: Active | None, send: Send) -> None:
    """Run the cycle on the loop; *active* is what a thread has made active, if one has begun."""
    if active is None:
        state: State = (context, OWN)
        active = state, set_state(state)
    coroutine = steps_async.run(context.app, context, plan)
    await _conclude(context, plan, active, coroutine, Reply(context, send))


async def _conclude(
    context: HttpContext,
    plan: Plan,
    active: Active,
    coroutine: t.Coroutine[t.Any, t.Any, Response | steps.PlainAnswer],
    reply: Reply,
) -> None:
    """Let *coroutine* answer; send the head, tear down, send the body, in this order.

    ``docs/explanation/lifecycle.md`` says why.
    """
    error: BaseException | None = None
    try:
        try:
            error = await _send_head(context, coroutine, reply)
        except BaseException as raised:
            error = raised
            raise
        finally:
            await _finish(context, plan, *active, error)
    except BaseException:
        await reply.abandon()
        raise
    else:
        await reply.complete()
    finally:
        context.close_body()


async def _send_head(
    context: HttpContext,
    coroutine: t.Coroutine[t.Any, t.Any, Response | steps.PlainAnswer],
    reply: Reply,
) -> Exception | None:
    """Send the head of what *coroutine* answers; return the exception that a 500 answers, or None."""
    try:
        answer = await coroutine
    except Exception as error:
        await reply.begin(await _answer_error(context, error))
        return error
    try:
        await reply.begin(answer)
    except PoolIsFull as error:  # no slot is left for another stream
        await reply.abandon()
        await reply.begin(_pool_is_full(context.app))
        return error
    except messages.Unsendable as error:
        await reply.abandon()
        log_unsendable(context, error)
        await reply.begin(Response(f"{UNSENDABLE}\n", 500, mimetype="text/plain"))
        return error
    return None


async def _answer_error(context: HttpContext, error: Exception) -> Response:
    """Answer an exception that nothing handled."""
    app = context.app
    try:
        if not isinstance(error, PoolIsFull):
            return await steps_async.handle_exception(app, context, error)
    except PoolIsFull:
        pass
    return _pool_is_full(app)


def _pool_is_full(app: Application) -> Response:
    return app.response_class("All threads are busy.\n", 503, {"Retry-After": "1"}, mimetype="text/plain")


async def _finish(
    context: HttpContext, plan: Plan, state: State, token: Token[State], error: BaseException | None
) -> None:
    """Tear down, and pop the contexts."""
    app = context.app
    if error is not None and app.should_ignore_error(error):
        error = None
    if end_calls_nothing(app, context, plan):
        context.finish(plan, state, token, error)
    else:
        context.is_ending = True
        await finish_async(context, plan, state, token, error)
    if context.opened_session is not None and not context.open_streams:
        context.seal_session()
