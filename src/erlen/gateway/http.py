"""HTTP over ASGI (ASGI: HTTP & WebSocket message format, version 2.5).

A request takes one of three ways:

- **on the loop**, where the view is a coroutine function and every method of the application is Erlen's
  own. Plain hooks beside it are handed to a thread (``erlen.serve.cycle_async``).
- **on a thread**, where nothing in its chain is a coroutine function: one errand from the first hook to
  the last piece of the body, as under a WSGI server (``erlen.gateway.bridge``).
- **on a thread, through whatever stands around** ``wsgi_app``, where somebody has wrapped or replaced
  what the steps stand for: middleware, tracing, an overridden method. Coroutines on that way run on this
  loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import typing as t
from inspect import iscoroutinefunction

from ..globals import NOTHING, OWN, _get_state, _reset_state, _set_state
from ..logging import escaped
from ..plan.colours import coroutine_view
from ..plan.routes import hooks_for
from ..serve import cycle_async
from ..serve.matching import match, match_known, remember_host
from ..within import Within
from ..wrappers import Response
from . import bridge, outgoing
from .environ import MalformedScope, check, joined, make_environ, path_of
from .http_context import HttpContext, length_of, limit_of, put_body
from .incoming import Incoming
from .middleware import behind_proxies, entry_of, say_what_stands_around
from .pool import PoolIsFull, pool_of
from .reply import Reply

if t.TYPE_CHECKING:
    from contextvars import Token

    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from ..globals import State
    from ..plan.colours import Coroutine
    from ..plan.model import Plan
    from ..typing import Application
    from .asgi import Receive, Scope, Send


def answer(app: Application, scope: Scope, receive: Receive, send: Send) -> t.Awaitable[None]:
    """Find the route of a request; return the coroutine that answers it.

    PERF: a plain function that returns the right coroutine saves two that only wait: 0.2 us (CPython 3.11).
    """
    plan = app._planner.plan or app._planner.current(app)
    if not plan.on_loop or _get_state() is not NOTHING:
        return _guarded(_answer_through_wsgi(app, scope, receive, send), send)
    try:
        headers = scope["headers"]
        fields = dict(headers)
        if len(fields) != len(headers):
            fields = joined(headers)
        context = HttpContext(app, scope, fields)
        host = fields.get(b"host")
        if (
            host is None
            or b"upgrade" in fields
            or plan.proxies
            or not match_known(context, plan, scope, host)
        ):
            _match(context, plan, host)
    except (MalformedScope, AttributeError, KeyError, TypeError, ValueError) as error:
        return _guarded(_answer_completed(app, scope, (receive, send), error), send)
    route = context._route
    if route is not None:
        view = app.view_functions.get(route.endpoint)
        call = route.coroutine if route.seen is view else coroutine_view(route, view)
        if (
            call is not None
            and route.hooks.bare
            and plan.bare
            and context._request is None
            and not app.teardown_appcontext_funcs
        ):
            return _call_view(context, plan, call, receive, send)
    return _guarded(_answer_matched(context, plan, receive, send), send)


def _match(context: HttpContext, plan: Plan, host: bytes | None) -> None:
    """Find the route by what an environ would say of where the request goes, or by the environ itself."""
    scope, target = context.scope, None
    if host is not None and not plan.proxies and b"upgrade" not in context.fields:
        target = {
            "wsgi.url_scheme": scope["scheme"],
            "HTTP_HOST": host.decode("latin1"),
            "PATH_INFO": path_of(scope),
            "REQUEST_METHOD": scope["method"],
        }
    elif plan.proxies:
        target = context.environ = behind_proxies(make_environ(scope), plan.proxies)
        put_body(target, None)
    match(context, plan, context.environ if target is None else target)
    if host is not None and not plan.proxies and plan.trusted is None:
        remember_host(plan, scope["scheme"], host)


async def _answer_completed(
    app: Application, scope: Scope, server: tuple[Receive, Send], error: Exception
) -> None:
    """Answer a scope that leaves out what it may leave out; raise MalformedScope for any other odd one."""
    check(scope)
    if isinstance(error, MalformedScope):
        raise error
    completed = {"scheme": "http", "query_string": b"", **scope, "headers": scope.get("headers") or []}
    if completed == scope:
        raise error
    await answer(app, completed, *server)


async def _guarded(way: t.Awaitable[None], send: Send) -> None:
    """Answer in the gateway's own name what no application can."""
    try:
        await way
    except (MalformedScope, PoolIsFull) as error:
        await _refuse(send, error)


async def _refuse(send: Send, error: Exception) -> None:
    if isinstance(error, PoolIsFull):
        text = "All threads are busy, and too many requests are waiting for one."
        await outgoing.refuse(send, "503 SERVICE UNAVAILABLE", text, ("Retry-After", "1"))
    else:
        await outgoing.refuse(send, "400 BAD REQUEST", str(error))


async def _answer_matched(context: HttpContext, plan: Plan, receive: Receive, send: Send) -> None:
    """Read the body, and take the way that the chain of functions asks for."""
    app, route = context.app, context._route
    try:
        if route is not None and context.expects_body() and not await context.read_body(plan, receive):
            return  # the client has gone
        hooks = hooks_for(app, plan, ()) if route is None else route.hooks
        functions = [*hooks.all(), *app.teardown_appcontext_funcs]
        if route is not None:
            on_loop = coroutine_view(route, app.view_functions.get(route.endpoint)) is not None
        else:
            on_loop = not (functions or app.error_handler_spec) and plan.bare
        if on_loop or any(map(iscoroutinefunction, functions)):
            variables = context.variables = contextvars.copy_context()
            await Within(variables, _run(context, plan, receive, send))
        else:
            await _call_wsgi(app, app.wsgi_app, context.environ, (context.scope, receive, send))
    finally:
        context.close_body()


async def _answer_through_wsgi(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the request through whatever stands around ``wsgi_app`` and the application itself."""
    say_what_stands_around(app)
    environ = make_environ(scope)
    length = length_of(joined(scope["headers"]))
    body = Incoming(receive, length, app.config["ASGI_BODY_MEMORY"], lambda: app.config["ASGI_BODY_MAX"])
    # Middleware decides what is read; a thread waits for it. Ahead is read for coroutines of the application.
    body.limit_ahead = lambda: limit_of(app, environ.get("werkzeug.request"))
    put_body(environ, body)
    try:
        await _call_wsgi(app, entry_of(app), environ, (scope, receive, send))
    finally:
        body.let_go()


async def _call_wsgi(
    app: Application, entry: WSGIApplication, environ: WSGIEnvironment, server: tuple[Scope, Receive, Send]
) -> None:
    pool = pool_of(app, asyncio.get_running_loop())
    try:
        await bridge.Bridge(entry, *server).answer(pool, contextvars.copy_context(), environ)
    except outgoing.Unsendable as error:
        scope, _, send = server
        _log_unsendable(app, scope, error)
        await outgoing.refuse(send, "500 INTERNAL SERVER ERROR", _UNSENDABLE)


async def _call_view(context: HttpContext, plan: Plan, call: Coroutine, receive: Receive, send: Send) -> None:
    """Answer by a coroutine function that nothing stands around: no hook, no receiver, no foreign session.

    Nothing here needs a thread, or context variables of its own. PERF: 0.5 us less than :func:`_run` for what
    is text or JSON and nothing else (CPython 3.11).
    """
    app = context.app
    if not app._got_first_request:
        app._got_first_request = True
    has_body = context.expects_body()
    if has_body:
        try:
            if not await context.read_body(plan, receive):
                return  # the client has gone
        except MalformedScope as raised:
            await _refuse(send, raised)
            return
    state: State = (context, OWN)
    token = _set_state(state)
    result = error = answer = None
    try:
        values = context._view_args
        result = await (call(**values) if values else call())
        if context._after is None:
            answer = cycle_async.answer_plainly(context, plan, result)
    except BaseException as raised:
        error = raised
    if (
        answer is None
        or (has_body and type(context.body) is Incoming)
        or not cycle_async.leaves_nothing(context, plan, state)
    ):
        coroutine = cycle_async.go_on(app, context, plan, result, error)
        await _conclude(context, plan, (state, token), coroutine, Reply(context, receive, send))
        return
    headers, body = answer
    try:
        await send({"type": "http.response.start", "status": 200, "headers": headers})
    except OSError:
        return  # the client has gone
    finally:
        context._g = None
        _reset_state(token)
    try:
        await send({"type": "http.response.body", "body": body})
    except OSError:
        return


async def _run(context: HttpContext, plan: Plan, receive: Receive, send: Send) -> None:
    """Run the cycle on the loop."""
    state: State = (context, OWN)
    token = _set_state(state)
    coroutine = cycle_async.run(context.app, context, plan)
    await _conclude(context, plan, (state, token), coroutine, Reply(context, receive, send))


async def _conclude(
    context: HttpContext,
    plan: Plan,
    active: tuple[State, Token[State]],
    coroutine: t.Coroutine[t.Any, t.Any, Response | cycle_async.PlainAnswer],
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
    coroutine: t.Coroutine[t.Any, t.Any, Response | cycle_async.PlainAnswer],
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
    except PoolIsFull as error:  # there is no place for one more stream
        await reply.abandon()
        await reply.begin(_busy(context.app))
        return error
    except outgoing.Unsendable as error:
        await reply.abandon()
        _log_unsendable(context.app, context.scope, error)
        await reply.begin(Response(f"{_UNSENDABLE}\n", 500, mimetype="text/plain"))
        return error
    return None


_UNSENDABLE = "Internal Server Error"


def _log_unsendable(app: Application, scope: Scope, error: Exception) -> None:
    """Log a head that cannot be sent, as a WSGI server does; nobody is asked again for another one."""
    app.logger.error("No answer to %s [%s]", escaped(scope["path"]), escaped(scope["method"]), exc_info=error)


async def _answer_error(context: HttpContext, error: Exception) -> Response:
    """Answer an exception that nothing handled."""
    app = context.app
    try:
        if not isinstance(error, PoolIsFull):
            return await cycle_async.handle_exception(app, context, error)
    except PoolIsFull:
        pass
    return _busy(app)


def _busy(app: Application) -> Response:
    return app.response_class("All threads are busy.\n", 503, {"Retry-After": "1"}, mimetype="text/plain")


async def _finish(
    context: HttpContext, plan: Plan, state: State, token: Token[State], error: BaseException | None
) -> None:
    """Tear down, and let the contexts go."""
    app = context.app
    if error is not None and app.should_ignore_error(error):
        error = None
    if cycle_async.ends_quietly(app, context, plan):
        context._finish(plan, state, token, error)
    else:
        context.is_ending = True
        await cycle_async.finish(context, plan, state, token, error)
    if context._opened is not None and not context._holds:
        context.seal_session()
