"""The context of a request that came by ASGI, and its body."""

from __future__ import annotations

import contextvars
import typing as t
from io import BytesIO

from ..serve.context import PUSHED_BY_GATEWAY, RequestContext
from ..serve.loop_context import LoopContext
from .environ import MalformedScope, make_environ
from .hops import Hops
from .incoming import Incoming

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from ..plan.model import Plan
    from ..typing import Application
    from ..wrappers import Request
    from .asgi import Receive, Scope

Body: t.TypeAlias = "bytes | Incoming | None"

_USUALLY_WITHOUT = ("GET", "HEAD", "OPTIONS")


class HttpContext(Hops, LoopContext):
    """Be the context of a request that came by ASGI: its environ is made when somebody asks for it."""

    __slots__ = ("scope",)

    # What few requests have stands on the class until it is set.
    _environ: WSGIEnvironment | None = None
    # Bytes where all of it is there; None where there is none.
    body: Body = None
    variables: contextvars.Context | None = None

    def __init__(self, app: Application, scope: Scope, fields: dict[bytes, bytes]) -> None:
        # What RequestContext sets.
        self.app = app  # type: ignore[assignment]
        self._request = self._opened = self._after = self._app_context = self._g = None
        self._plan = self._route = self._view_args = None
        self._found = PUSHED_BY_GATEWAY
        self.scope = scope
        self.method = scope["method"]
        self.fields = fields

    @property
    def environ(self) -> WSGIEnvironment:
        environ = self._environ
        if environ is None:
            request = self._request
            environ = self._environ = self._make_environ() if request is None else request.environ
        return environ

    @environ.setter
    def environ(self, value: WSGIEnvironment) -> None:
        self._environ = value

    def _make_environ(self) -> WSGIEnvironment:
        return environ_of(self.scope, self.body)

    def _make_request(self) -> Request:
        if self._environ is not None or self._plan is not self.app._planner.plan:
            return super()._make_request()
        app, route = self.app, self._route
        attributes: dict[str, t.Any] = {
            "_scope": self.scope,
            "_fields": self.fields,
            "_body": self.body,
            "_make_environ": environ_of,
            "json_module": app.json,
        }
        if route is not None and self._routing_exception is None:
            attributes["url_rule"] = route.rule
            attributes["view_args"] = self._view_args = self._view_args or {}
        # PERF: a request that is asked for its JSON alone needs no environ, which takes 4 us (CPython 3.11).
        request: Request = app.request_class.of_scope(attributes)
        self._request = request
        if self._plan is not None and self._plan.trusted is not None:
            request.trusted_hosts = app.config["TRUSTED_HOSTS"]
        if route is None or self._routing_exception is not None:
            self._tell_request(request)
        return request

    def copy(self) -> RequestContext:
        """Return a context of the same request and session, to be pushed in another thread."""
        request = self.request
        return RequestContext(self.app, request.environ, request, self._session)

    def has_cookie(self, name: str) -> bool:
        if self._environ is not None:
            return name in self._environ.get("HTTP_COOKIE", "")
        return b"cookie" in self.fields and name.encode() in self.fields[b"cookie"]

    # the body

    def expects_body(self) -> bool:
        """Tell whether there may be a body: from HTTP/2 on it needs no field that announces it."""
        fields = self.fields
        if b"content-length" in fields:
            return fields[b"content-length"] != b"0"
        if self.method in _USUALLY_WITHOUT:
            return b"transfer-encoding" in fields or self.scope.get("http_version", "1.1") >= "2"
        return True

    async def read_body(self, plan: Plan, receive: Receive) -> bool:
        """Read the body, unless the view reads it itself; tell whether the client is still there."""
        length, limit, route = length_of(self.fields), plan.most_body, self._route
        if (length is not None and length > limit) or (route is not None and route.streams):
            self.body = self._incoming(receive, length)
        else:
            message = await receive()
            if message["type"] == "http.disconnect":
                return False
            data: bytes = message.get("body", b"")
            if length is not None and len(data) > length:
                raise MalformedScope("The body is longer than its Content-Length says.")
            # PERF: most bodies come in one message, and need nothing that keeps them: 3 us (CPython 3.11).
            self.body = data
            if message.get("more_body") or len(data) > limit:
                incoming = self.body = self._incoming(receive, length)
                is_there = False
                try:
                    await incoming.read_ahead_from(message)
                    is_there = not incoming.disconnected
                finally:
                    if not is_there:
                        incoming.let_go()
                if not is_there:
                    return False
        if self._environ is not None:
            put_body(self._environ, self.body)
        return True

    def _incoming(self, receive: Receive, length: int | None) -> Incoming:
        incoming = Incoming(receive, length, self.app.config["ASGI_BODY_MEMORY"], self._limit)
        incoming.is_streamed = self._route is not None and self._route.streams
        return incoming

    def _limit(self) -> int:
        """Return how many bytes of the body may be read now: hooks may change it."""
        # On a thread the request is another context's, made of the same environ.
        request = self._request if self._environ is None else self._environ.get("werkzeug.request")
        return limit_of(self.app, request)

    async def resume_body(self) -> None:
        body = self.body
        if type(body) is Incoming and not (body.complete or body.is_streamed or self._request is None):
            await body.read_ahead()

    def close_body(self) -> None:
        """Let go of a body on disk."""
        if type(self.body) is Incoming:
            self.body.let_go()


def limit_of(app: Application, request: Request | None) -> int:
    """Return how many bytes of a body may be read: the request says so, if there is one already."""
    most = None if request is None else request.max_content_length
    if most is None:
        # The request says so, too, but not before its context is active.
        most = app.config["MAX_CONTENT_LENGTH"]
    return app.config["ASGI_BODY_MAX"] if most is None else most  # type: ignore[no-any-return]


def environ_of(scope: Scope, body: Body) -> WSGIEnvironment:
    """Return the environ of a request with its body."""
    environ = make_environ(scope)
    put_body(environ, body)
    return environ


def put_body(environ: WSGIEnvironment, body: Body) -> None:
    """Put the body into *environ*, and say there how much of it there is."""
    if body is None:
        environ["wsgi.input"] = BytesIO()  # there is none, or it is yet to be read
        return
    if type(body) is Incoming:
        environ["wsgi.input"] = body
        size = body.received if body.complete and not body.disconnected else -1
    else:
        environ["wsgi.input"] = BytesIO(body)  # type: ignore[arg-type]
        size = len(body)  # type: ignore[arg-type]
    if size > 0 or "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
        if size >= 0:
            environ["CONTENT_LENGTH"] = str(size)
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        elif "CONTENT_LENGTH" not in environ:
            environ["wsgi.input_terminated"] = True
    elif size < 0:
        environ["wsgi.input_terminated"] = True


def length_of(fields: t.Mapping[bytes, bytes]) -> int | None:
    """Return what Content-Length says, if anything. Raises MalformedScope for what is no number."""
    stated = fields.get(b"content-length")
    if stated is None:
        return None
    if not stated.isdigit() or len(stated) > 18:
        raise MalformedScope(f"The Content-Length {stated.decode('latin1')!r} is no number.")
    return int(stated)
