"""HTTP over ASGI (ASGI: HTTP & WebSocket message format, version 2.5).

A request takes one of three ways:

- **on the loop**, where the view is a coroutine function and every method of the application is Erlen's
  own. Plain hooks beside it are handed to a thread (``erlen.serve.cycle_async``).
- **on a thread**, where nothing in its chain is a coroutine function: one errand from the first hook to
  the last piece of the body, as under a WSGI server (``erlen.gateway.bridge``).
- **on a thread, through ``wsgi_app``**, where somebody has wrapped or replaced what the steps stand for:
  middleware, tracing, an overridden method. Coroutines on that way run on this loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import typing as t
from inspect import iscoroutinefunction
from io import BytesIO

from ..globals import NOTHING, OWN, _get_state, _set_state
from ..plan.adapt import Within
from ..plan.colours import coroutine_view
from ..plan.routes import hooks_for
from ..serve import cycle_async
from ..serve.context import PUSHED_BY_GATEWAY, RequestContext
from ..serve.loop_context import LoopContext
from ..serve.matching import match
from ..streaming import READS_STREAM
from . import bridge, outgoing
from .environ import MalformedScope, joined, make_environ, target_of
from .hops import Hops
from .incoming import Incoming
from .middleware import behind_proxies, entry_of
from .pool import PoolIsFull, pool_of
from .reply import Reply

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

    from ..globals import State
    from ..plan.model import Plan, RoutePlan
    from ..typing import Application
    from .asgi import Receive, Scope, Send

_NO_BODY = ("GET", "HEAD", "OPTIONS")


class HttpContext(Hops, LoopContext):
    """Be the context of a request that came by ASGI: its environ is made when somebody asks for it."""

    __slots__ = ("_environ", "body", "fields", "scope", "variables")

    def __init__(self, app: Application, scope: Scope, fields: dict[bytes, bytes]) -> None:
        # What RequestContext sets.
        self.app = app
        self._request = self._opened = self._after = self._app_context = self._g = None
        self._plan = self._route = self._view_args = None
        self._found = PUSHED_BY_GATEWAY
        self._environ: WSGIEnvironment | None = None
        self.scope = scope
        self.method = scope["method"]
        self.fields = fields
        # Bytes where all of it is there; None where there is none.
        self.body: bytes | Incoming | None = None
        self.variables = None

    @property
    def environ(self) -> WSGIEnvironment:  # type: ignore[override]
        environ = self._environ
        if environ is None:
            environ = self._environ = make_environ(self.scope)
            put_body(environ, self.body)
        return environ

    @environ.setter
    def environ(self, value: WSGIEnvironment) -> None:
        self._environ = value

    def copy(self) -> RequestContext:
        """Return a context of the same request and session, to be pushed in another thread."""
        request = self.request
        return RequestContext(self.app, request.environ, request, self._session)

    def has_cookie(self, name: str) -> bool:
        if self._environ is not None:
            return name in self._environ.get("HTTP_COOKIE", "")
        return name.encode() in self.fields.get(b"cookie", b"")

    # the body

    async def resume_body(self) -> None:
        body = self.body
        if isinstance(body, Incoming) and not (body.complete or body.is_streamed or self._request is None):
            await body.read_ahead()


def put_body(environ: WSGIEnvironment, body: bytes | Incoming | None) -> None:
    """Put the body into *environ*, and say there how much of it there is."""
    if not isinstance(body, Incoming):
        environ["wsgi.input"] = BytesIO(body or b"")
        size = len(body or b"")
    else:
        environ["wsgi.input"] = body
        size = body.received if body.complete and not body.disconnected else -1
    if size > 0 or "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
        if size >= 0:
            environ["CONTENT_LENGTH"] = str(size)
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        elif "CONTENT_LENGTH" not in environ:
            environ["wsgi.input_terminated"] = True
    elif size < 0:
        environ["wsgi.input_terminated"] = True


async def answer(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer one request."""
    try:
        plan = app._planner.plan or app._planner.current(app)
        if not plan.on_loop or _get_state() is not NOTHING:
            await _answer_through_wsgi(app, scope, receive, send)
            return
        headers = scope["headers"]
        fields = dict(headers)
        context = HttpContext(app, scope, fields if len(fields) == len(headers) else joined(headers))
        _match(context, plan)
        route = context._route
        if route is not None and not await _read_body(context, route, receive):
            return  # the client has gone
        if route is not None and route.hooks.bare and plan.bare and not app.teardown_appcontext_funcs:
            view = app.view_functions[route.endpoint]
            if (route.coroutine if route.seen is view else coroutine_view(route, view)) is not None:
                # Nothing but a coroutine function: nothing here needs a thread or a context of its own.
                await _run(context, plan, receive, send)
                return
        await _answer_matched(context, plan, receive, send)
    except MalformedScope as error:
        await outgoing.refuse(send, "400 BAD REQUEST", str(error))
    except PoolIsFull:
        await outgoing.refuse(
            send, "503 SERVICE UNAVAILABLE", "Too many requests are waiting for a thread.", ("Retry-After", "1")
        )


def _match(context: HttpContext, plan: Plan) -> None:
    if plan.proxies:
        environ = context._environ = behind_proxies(make_environ(context.scope), plan.proxies)
        put_body(environ, None)
        match(context, plan, environ)
        return
    try:
        target = target_of(context.scope, context.fields)
    except KeyError:
        target = context.environ
    match(context, plan, target)


# the body


async def _read_body(context: HttpContext, route: RoutePlan, receive: Receive) -> bool:
    """Read the body of a request that has a route; tell whether the client is still there."""
    scope, fields = context.scope, context.fields
    stated = fields.get(b"content-length")
    if stated is None:
        # From HTTP/2 on a body needs no field that announces it.
        if scope["method"] in _NO_BODY and b"transfer-encoding" not in fields and scope["http_version"] < "2":
            return True
    elif stated == b"0":
        return True
    app = context.app
    incoming = Incoming(receive, _length(stated), app.config["ASGI_BODY_MEMORY"], _limit_of(context))
    if getattr(app.view_functions.get(route.endpoint), READS_STREAM, False):
        context.body = incoming
        incoming.is_streamed = True
    elif not incoming.too_large():
        context.body = await incoming.read_first()
        if context.body is incoming:
            await incoming.read_ahead()
    else:
        context.body = incoming
    if incoming.disconnected:
        incoming.close()
        return False
    if context._environ is not None:
        put_body(context._environ, context.body)
    return True


def _length(stated: bytes | None) -> int | None:
    if stated is None:
        return None
    if not stated.isdigit() or len(stated) > 18:
        raise MalformedScope(f"The Content-Length {stated.decode('latin1')!r} is no number.")
    return int(stated)


def _limit_of(context: HttpContext) -> t.Callable[[], int]:
    """Return what tells how much of the body may be read now: hooks may change it."""

    def limit() -> int:
        request, config = context._request, context.app.config
        most = config["MAX_CONTENT_LENGTH"] if request is None else request.max_content_length
        return config["ASGI_BODY_MAX"] if most is None else most  # type: ignore[no-any-return]

    return limit


# on the loop


async def _answer_matched(context: HttpContext, plan: Plan, receive: Receive, send: Send) -> None:
    """Take the way that the chain of functions asks for."""
    app, route = context.app, context._route
    hooks = hooks_for(app, plan, ()) if route is None else route.hooks
    functions = [*hooks.all(), *app.teardown_appcontext_funcs]
    if route is not None:
        view = app.view_functions[route.endpoint]
        on_loop = coroutine_view(route, view) is not None
    else:
        on_loop = not (functions or app.error_handler_spec) and plan.bare
    if on_loop or any(map(iscoroutinefunction, functions)):
        variables = context.variables = contextvars.copy_context()
        await Within(variables, _run(context, plan, receive, send))
        return
    await _call_wsgi(app, app.wsgi_app, context.environ, (context.scope, receive, send))


async def _answer_through_wsgi(app: Application, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the request through whatever stands around ``wsgi_app`` and the application itself."""
    environ = make_environ(scope)
    length = _length(dict(scope["headers"]).get(b"content-length"))
    body = Incoming(receive, length, app.config["ASGI_BODY_MEMORY"], lambda: app.config["ASGI_BODY_MAX"])
    # Middleware decides what is read; a thread waits for it.
    put_body(environ, body)
    try:
        await _call_wsgi(app, entry_of(app), environ, (scope, receive, send))
    finally:
        body.close()


async def _call_wsgi(
    app: Application, entry: WSGIApplication, environ: WSGIEnvironment, server: tuple[Scope, Receive, Send]
) -> None:
    pool = pool_of(app, asyncio.get_running_loop())
    await bridge.Bridge(entry, *server).answer(pool, contextvars.copy_context(), environ)


async def _run(context: HttpContext, plan: Plan, receive: Receive, send: Send) -> None:
    """Run the cycle on the loop: head, teardown, body, in this order (``docs/explanation/lifecycle.md``)."""
    app = context.app
    state: State = (context, OWN)
    token = _set_state(state)
    error: BaseException | None = None
    reply: Reply | None = None
    try:
        try:
            if not plan.lazy_session:
                await context.plainly(context._open_session)
            answer = await cycle_async.run(app, context, plan)
        except BaseException as raised:
            error = raised
            if not isinstance(raised, Exception):
                raise
            answer = await cycle_async.handle_exception(app, context, raised)
        if type(answer) is tuple:
            headers, body = answer
            try:
                await send({"type": "http.response.start", "status": 200, "headers": headers})
            except OSError:
                body = None
        else:
            reply = Reply(context, answer, receive, send)
            await reply.begin()
    finally:
        if error is not None and app.should_ignore_error(error):
            error = None
        if cycle_async.ends_quietly(app, context, plan):
            context._finish(plan, state, token, error)
        else:
            await cycle_async.finish(context, plan, state, token, error)
        if context._opened is not None and not context._holds:
            context.seal_session()
    if reply is not None:
        await reply.complete()
    elif body is not None:
        with contextlib.suppress(OSError):
            await send({"type": "http.response.body", "body": body})
