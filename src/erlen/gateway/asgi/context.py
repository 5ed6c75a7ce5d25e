"""The context of a request that came by ASGI, and its body."""

from __future__ import annotations

import asyncio
import typing as t
from io import BytesIO

from werkzeug.exceptions import ClientDisconnected

from ...active import PUSHED_BY_GATEWAY, cv_request, require_request_context
from ...concurrency.job import current_job
from ...concurrency.pool import pool_of
from ...serve.app_context import UNMADE
from ...serve.request_context import RequestContext
from ...sessions import reads_cookies_of_environ
from ...wrappers.files import CONDITIONS
from ...wrappers.forms import LARGE_FORM
from ...wrappers.streaming import is_streamed
from .environ import MalformedScope, make_environ
from .messages import sends_paths
from .request_body import BodyTooLong, Incoming, json_body_of

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from ...plan.model import Plan
    from ...serve.contract import Application
    from ...wrappers import Request
    from .types import Receive, Scope

Body: t.TypeAlias = "bytes | Incoming | None"

_USUALLY_WITHOUT = ("GET", "HEAD", "OPTIONS")
# A body of at most this many bytes is received at once, before it is known what will read it.
_SMALL = 1 << 16


# The header fields that decide how a file is answered with, and their names in an environ.
_FILE_CONDITIONS = [(name.lower().replace("_", "-").encode(), f"HTTP_{name}") for name in CONDITIONS]


class HttpContext(RequestContext):
    """The context of a request that came by ASGI: environ and body are made on first use.

    **The body.** What runs on a thread reads it as it comes, as under WSGI. What runs on the loop cannot wait
    for it, so it is received before the first coroutine function, and before the view: up to its limit.
    Where an answer was found already, or no view will run, at most the memory limit is received: a refusal
    must not cost a large upload. A small body is received at the beginning.
    """

    __slots__ = ("fields", "method", "receive", "scope")

    # Attributes that few requests set; the class has the defaults.
    _environ: WSGIEnvironment | None = None
    # Bytes where the whole body has been received; None where there is none.
    _body: Body = None
    # Whether the body has been looked for; the value of Content-Length.
    body_is_known = False
    length: int | None = None
    # Whether a form has been parsed ahead.
    _has_parsed = False

    def __init__(self, app: Application, scope: Scope, fields: dict[bytes, bytes], receive: Receive) -> None:
        # The attributes that RequestContext sets.
        self.app = app  # type: ignore[assignment]
        self.made_request = self.opened_session = self.after_functions = None
        self.made_app_context = self.made_g = None
        self.plan = self.route = self.view_args = None
        self.pushes = PUSHED_BY_GATEWAY
        self.scope = scope
        self.receive = receive
        self.method: str = scope["method"]
        # The header fields by name, as received.
        self.fields = fields
        cookies = fields.get(b"cookie")
        self.cookies = cookies if cookies is None else cookies.decode("latin1")

    @property
    def environ(self) -> WSGIEnvironment:
        environ = self._environ
        if environ is None:
            request = self.made_request
            environ = self._environ = self._make_environ() if request is None else request.environ
        return environ

    @environ.setter
    def environ(self, value: WSGIEnvironment) -> None:
        self._environ = value

    @property
    def mount(self) -> WSGIEnvironment:  # type: ignore[override]
        """The environ if it has been made; else method and prefix, where that takes no environ."""
        environ, request = self._environ, self.made_request
        if environ is None and request is not None:
            environ = vars(request).get("environ")
            if type(request) is not self.app.request_class:
                return self.environ
        if environ is not None:
            return environ
        scope = self.scope
        # PERF: 4 us less than with an environ (CPython 3.11).
        if scope.get("root_path") or "erlen.environ" in (scope.get("extensions") or ()):
            return self.environ
        return {"REQUEST_METHOD": self.method}

    @property
    def file_conditions(self) -> t.Mapping[str, t.Any]:
        if self._environ is not None:
            return self._environ
        # PERF: without an environ, which takes 4 us to make (CPython 3.11).
        fields = self.fields
        items = {key: fields[name].decode("latin1") for name, key in _FILE_CONDITIONS if name in fields}
        items["REQUEST_METHOD"] = self.method
        return items

    @property
    def server_opens_files(self) -> bool:
        return sends_paths(self.scope)

    def _make_environ(self) -> WSGIEnvironment:
        return environ_of(self.scope, self.body)

    def query_text(self) -> str | None:
        if self._environ is not None:
            return super().query_text()
        if self.made_request is None and getattr(self.app.request_class, "reads_query_plainly", False):
            query: bytes = self.scope.get("query_string") or b""
            return query.decode("latin1")
        return None

    def json_body(self) -> bytes | None:
        return json_body_of(self) if self._environ is None else None

    def make_request(self) -> Request:
        if self._environ is not None or self.plan is not self.app.request_planner.plan:
            return super().make_request()
        app, route = self.app, self.route
        attributes: dict[str, t.Any] = {
            "_scope": self.scope,
            "_fields": self.fields,
            "_body": self.body,
            "_make_environ": environ_of,
            "json_module": app.json,
        }
        if route is not None and self.routing_exception is None:
            attributes["url_rule"] = route.rule
            attributes["view_args"] = self.view_args = self.view_args or {}
        if self.made_args is not None:
            attributes["args"] = self.made_args
        # PERF: a request that is asked for its JSON alone needs no environ, which takes 4 us (CPython 3.11).
        request: Request = app.request_class.of_scope(attributes)
        self.made_request = request
        if self.plan is not None and self.plan.trusted is not None:
            request.trusted_hosts = app.config["TRUSTED_HOSTS"]
        if route is None or self.routing_exception is not None:
            self.tell_request(request)
        return request

    def cookie_header(self) -> t.Any:
        """Return the Cookie header, or None; UNMADE where the cookies of the request may be others."""
        request, environ = self.made_request, self._environ
        if type(self) is not HttpContext:
            return UNMADE
        if request is not None:
            attributes = vars(request)
            environ = attributes.get("environ")
            if type(request) is not self.app.request_class or not reads_cookies_of_environ(attributes):
                return UNMADE
        return self.cookies if environ is None else environ.get("HTTP_COOKIE")

    def copy(self) -> RequestContext:
        """Return a context of the same request and session, to be pushed in another thread."""
        request = self.request
        return RequestContext(self.app, request.environ, request, self._session)

    # the body

    def expects_body(self) -> bool:
        """Tell whether there may be a body: from HTTP/2 on it needs no field that announces it."""
        fields = self.fields
        if b"content-length" in fields:
            return fields[b"content-length"] != b"0"
        if self.method in _USUALLY_WITHOUT:
            return b"transfer-encoding" in fields or self.scope.get("http_version", "1.1") >= "2"
        return True

    @property
    def body(self) -> Body:
        """The body: bytes, where it has been received, or what receives it; None where there is none."""
        if not self.body_is_known:
            self.body_is_known = True
            if self.expects_body():
                self._body = self._incoming()
        return self._body

    def make_body(self) -> None:
        """Make the object that receives the body, if there may be one, for the running loop."""
        body = self.body
        if type(body) is Incoming:
            body.loop = asyncio.get_running_loop()

    def is_received_at_once(self) -> bool:
        """Tell whether the body is small, and the client sends it without waiting for a 100 (Continue)."""
        return self.length is not None and self.length <= _SMALL and b"expect" not in self.fields

    async def receive_body(self, plan: Plan) -> bool:
        """Receive the body, up to its limit; tell whether the client is still there.

        Raises MalformedScope where the body is longer than Content-Length says.
        """
        length = self.length
        if self.body_is_known or (length is not None and length > plan.most_body):
            self.make_body()
            body = self._body
            if type(body) is not Incoming:
                return True
            await body.read_ahead()
            self._tell_environ(body)
            return not body.disconnected
        message = await self.receive()
        if message["type"] == "http.disconnect":
            return False
        data: bytes = message.get("body", b"")
        if length is not None and len(data) > length:
            raise BodyTooLong
        # PERF: most bodies come in one message, and need no object that keeps them: 3 us (CPython 3.11).
        self._body = data
        self.body_is_known = True
        if not message.get("more_body") and len(data) <= plan.most_body:
            return length is None or len(data) == length
        incoming = self._body = self._incoming()
        incoming.loop = asyncio.get_running_loop()
        await incoming.add_message(message)
        await incoming.read_ahead()
        return not incoming.disconnected

    def _tell_environ(self, body: Incoming) -> None:
        """Set the length in the environ, if that was made before the body was received."""
        environ = self._environ
        if environ is None and self.made_request is not None:
            environ = self.made_request.__dict__.get("environ")
        if environ is not None:
            put_body(environ, body)

    def _incoming(self) -> Incoming:
        memory = self.app.config["ASGI_BODY_MEMORY"]
        return Incoming(self.receive, self.length, memory, self._limit, self._write)

    async def _write(self, function: t.Callable[[], None]) -> None:
        # Not as a job for a thread that waits for this body: it would wait for itself.
        token = current_job.set(None)
        try:
            await pool_of(self.app).run(lambda _: function(), patient=True)
        finally:
            current_job.reset(token)

    def _limit(self) -> int:
        """Return how many bytes of the body may be read now: hooks may change it."""
        request = self.made_request
        if request is None and self._environ is not None:
            request = self._environ.get("werkzeug.request")
        return limit_of(self.app, request)

    def has_unreceived_body(self) -> bool:
        """Tell whether a part of the body has not been received yet."""
        body = self._body
        if type(body) is Incoming:
            return not (body.complete or body.disconnected)
        return not self.body_is_known and self.expects_body()

    async def prepare_coroutine(self) -> None:
        """Receive the body, and parse a large form: a coroutine function cannot wait for either.

        Raises ClientDisconnected where the client goes away before the view is called.
        """
        await self.receive_rest()
        if self._is_form_to_be_parsed():
            await self.on_thread(self._parse_form_ahead)

    async def receive_rest(self) -> None:
        """Receive the rest of the body, as far as a view or a coroutine may read it."""
        if self.is_ending or not self.has_unreceived_body():
            return
        body, route = self.body, self.route
        if type(body) is not Incoming or (route is not None and route.streams):
            return
        if self.awaits_view and route is not None:
            await body.read_ahead()
            if body.disconnected:
                raise ClientDisconnected
        else:
            await body.read_ahead(min(self.app.config["ASGI_BODY_MEMORY"], self._limit()))

    def prepare_coroutine_from_thread(self) -> None:
        """Do what :meth:`prepare_coroutine` does, from the thread that waits for the coroutine."""
        body = self._body
        if type(body) is not Incoming or cv_request.get(None) is None:
            return
        if not body.complete:
            asyncio.run_coroutine_threadsafe(self.receive_rest(), body.loop).result()
        if self._is_form_to_be_parsed():
            self._parse_form_ahead()

    def _is_form_to_be_parsed(self) -> bool:
        body = self._body
        if type(body) is not Incoming or self._has_parsed or body.received < LARGE_FORM:
            return False
        is_form = self.fields.get(b"content-type", b"").lower().startswith(b"multipart/")
        return is_form and body.is_untouched()

    def _parse_form_ahead(self) -> None:
        self._has_parsed = True
        # The active one: WSGI code has a context of its own.
        request = require_request_context().request
        if type(self._body) is Incoming and not self._body.too_large(limit_of(self.app, request)):
            request.parse_form_ahead(self._body.reopened())

    def cancel_body(self) -> None:
        """Stop a thread from waiting for the body: its request has been cancelled."""
        if type(self._body) is Incoming:
            self._body.cancel()

    def close_body(self) -> None:
        """Delete a body that is on disk."""
        if type(self._body) is Incoming:
            self._body.close_spool()


class WrappedRequest(HttpContext):
    """The gateway's context of a request that goes through WSGI code; it has the body.

    The WSGI code makes its own context, and middleware decides what is read.
    """

    def _limit(self) -> int:
        most: int = self.app.config["ASGI_BODY_MAX"]
        return most

    def prepare_coroutine_from_thread(self) -> None:
        context = cv_request.get(None)
        if context is None or not is_streamed(context):
            super().prepare_coroutine_from_thread()

    async def receive_rest(self) -> None:
        body = self.body
        if type(body) is Incoming:
            await body.read_ahead(limit_of(self.app, self.environ.get("werkzeug.request")))


def limit_of(app: Application, request: Request | None) -> int:
    """Return how many bytes of a body may be read: the request says so, if there is one already."""
    most = None if request is None else request.max_content_length
    if most is None:
        # A request knows its limit only while its context is active.
        most = app.config["MAX_CONTENT_LENGTH"]
    limit: int = app.config["ASGI_BODY_MAX"] if most is None else most
    return limit


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
    if isinstance(body, Incoming):
        environ["wsgi.input"] = body
        # Beyond the limit only a length that the client has stated is told: it is an error before any read.
        is_whole = body.complete and not (body.disconnected or body.too_large())
        size = body.received if is_whole else -1
    else:
        environ["wsgi.input"] = BytesIO(body)
        size = len(body)
    if size > 0 or "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
        if size >= 0:
            environ["CONTENT_LENGTH"] = str(size)
            environ.pop("HTTP_TRANSFER_ENCODING", None)
        elif "CONTENT_LENGTH" not in environ:
            environ["wsgi.input_terminated"] = True
        else:
            environ.pop("HTTP_TRANSFER_ENCODING", None)  # the server has decoded it
    elif size < 0:
        environ["wsgi.input_terminated"] = True


def length_of(fields: t.Mapping[bytes, bytes]) -> int | None:
    """Return the value of Content-Length, or None. Raises MalformedScope for one that is not a number."""
    stated = fields.get(b"content-length")
    if stated is None:
        return None
    if not stated.isdigit() or len(stated) > 18:
        raise MalformedScope(f"The Content-Length {stated.decode('latin1')!r} is no number.")
    return int(stated)
