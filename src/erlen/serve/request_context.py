"""The request context: the request, its session, its route, and its application context.

Which contexts are active is one pair in a context variable (``erlen.globals``). A context may be
pushed again while it is active, and again after it ended (``stream_with_context``, ``with client:``):
each push remembers the pair it found, and only the last pop tears down.

Everything about a request is made on first use: the request object, its
application context, the URL adapter, the session.
"""

from __future__ import annotations

import sys
import typing as t

from werkzeug.exceptions import HTTPException

from .. import typing as ft
from ..active import OWN, app_context_of, cv_request, get_state, set_state
from ..concurrency.to_thread import ToThread
from ..observe import Watched
from ..originals import Originals
from ..sessions import reads_cookies_of_environ
from ..wrappers.body import broken_stream, length_of, read_exactly
from ..wrappers.urlencoded import read_fields
from .app_context import UNMADE, Pushable, _sentinel
from .matching import match, match_by_adapter
from .plain_attributes import PlainAttributes, plain_attribute
from .teardown import Ending, Pushes
from .urls import LinksFrom

if t.TYPE_CHECKING:
    import contextvars

    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.datastructures import MultiDict
    from werkzeug.routing import MapAdapter

    from ..concurrency.loops import ProcessLoop, Waiter
    from ..plan.model import Plan, RoutePlan
    from ..sessions import SessionMixin
    from ..wrappers import Request
    from .contract import AnyApplication, Application


new_request: t.Callable[[type[Request]], Request] = object.__new__


class RequestContext(PlainAttributes, LinksFrom, Pushable, ToThread, Ending, metaclass=Watched):
    """The context of one request: ``request`` and ``session`` answer while it is pushed.

    It has an application context of its own where none of its application is active.
    """

    # Extensions set attributes of their own, and make weak references: PlainAttributes has what that takes.
    __slots__ = (
        "after_functions",
        "app",
        "cookies",
        "environ",
        "made_app_context",
        "made_g",
        "made_request",
        "opened_session",
        "plan",
        "pushes",
        "route",
        "view_args",
    )

    plain = ("app", "request", "url_adapter", "flashes", "_session", "_after_request_functions")

    # Whether `_session` is the property below.
    _keeps_session = True

    # Attributes that few requests set; the class has the defaults.
    _flashes: list[tuple[str, str]] | None = None
    made_adapter: MapAdapter | None = UNMADE
    # The fields of the query and the body, where they have been read before the request was made.
    made_args: MultiDict[str, str] | None = None
    read_body: bytes | None = None
    _tried_to_open = False
    variables: contextvars.Context | None = None
    # Whether a view is still to be called.
    awaits_view = True
    routing_exception: HTTPException | None = None

    def __init__(
        self,
        app: Application,
        environ: WSGIEnvironment,
        request: Request | None = None,
        session: SessionMixin | None = None,
    ) -> None:
        self.app: AnyApplication = app  # type: ignore[assignment]
        self.environ = environ
        # The Cookie header as it came, or None.
        self.cookies: str | None = environ.get("HTTP_COOKIE")
        self.made_request = request
        self.opened_session = session
        self.after_functions: list[ft.AfterRequestCallable[t.Any]] | None = None
        self.pushes: Pushes = ()
        self.made_app_context = None
        self.made_g = None
        # What matching found, and the plan it was found in.
        self.plan: Plan | None = None
        self.route: RoutePlan | None = None
        self.view_args: dict[str, t.Any] | None = None

    @classmethod
    def _class_changed(cls) -> None:
        # Not by setattr, which would report that the class changed.
        type.__setattr__(cls, "_keeps_session", _own_session.are_on(cls))
        for subclass in cls.__subclasses__():
            subclass._class_changed()

    def __init_subclass__(cls, **kwargs: t.Any) -> None:
        super().__init_subclass__(**kwargs)
        cls._class_changed()

    def make_early(self) -> None:
        """Make the request and the adapter now, because a method that makes them was overridden."""
        self.made_request = self.request
        self.made_adapter = self.url_adapter

    # the parts of the context, made on first use

    @plain_attribute("made_request")
    def request(self) -> Request:
        """The request."""
        request: Request | None = self.made_request
        if request is None:
            if self.deleted:
                self.refuse_deleted("request")
            return self.make_request()
        return request

    def query_text(self) -> str | None:
        """Return the query where the request need not be made for it, as nothing is overridden; else None."""
        if self.made_request is None and getattr(self.app.request_class, "reads_query_plainly", False):
            query: str = self.environ.get("QUERY_STRING", "")
            return query
        return None

    def read_args(self) -> MultiDict[str, str]:
        """Return the fields of the query; the request is not made for them where nothing is overridden."""
        args, plan = self.made_args, self.plan
        if args is None and plan is not None and plan.request_class is not None:
            query = self.query_text()
            if query is not None and query.isascii() and self.app.request_planner.plan is plan:
                args = self.made_args = read_fields(query, plan.request_class.parameter_storage_class)
        return self.request.args if args is None else args

    def json_body(self) -> bytes | None:
        """Return the body where it is plainly JSON and the request need not be made for it; else None."""
        environ, plan = self.environ, self.plan  # PERF: 10,000 instructions less than by the request (3.11)
        if self.read_body is not None:
            return self.read_body
        if environ.get("CONTENT_TYPE") != "application/json" or self.made_request is not None:
            return None
        cls = None if plan is None or self.app.request_planner.plan is not plan else plan.request_class
        if cls is None or not (cls.reads_json_plainly and cls.limits_plainly) or get_state()[1] is not OWN:
            return None
        length = length_of(environ, self.app.config["MAX_CONTENT_LENGTH"])
        if length is None:
            return None
        try:
            data = self.read_body = read_exactly(environ["wsgi.input"], length)
        except BaseException:
            vars(self.request)["stream"] = broken_stream(length)
            raise
        return data

    def give_what_was_read(self, request: Request) -> None:
        """Give a new request the fields and the body that were read before, as if it had read them."""
        if self.made_args is not None:
            vars(request)["args"] = self.made_args
        if self.read_body is not None:
            vars(request).update(_cached_data=self.read_body, read_length=len(self.read_body))

    def make_request(self) -> Request:
        app, plan, route = self.app, self.plan, self.route
        # PERF: without the constructor and the configuration, 0.1 us less (CPython 3.11).
        if (
            plan is not None
            and plan.request_class is not None
            and route is not None
            and app.request_planner.plan is plan
            and self.routing_exception is None
        ):
            plain = self.made_request = new_request(plan.request_class)
            environ = plain.environ = self.environ
            environ["werkzeug.request"] = plain
            plain.json_module = app.json
            plain.url_rule = route.rule
            plain.view_args = self.view_args = self.view_args or {}
            if self.made_args is not None or self.read_body is not None:
                self.give_what_was_read(plain)
            return plain
        request = self.made_request = app.request_class(self.environ)
        self.give_what_was_read(request)
        request.json_module = app.json
        try:
            trusted_hosts = app.config["TRUSTED_HOSTS"]
        except TypeError:
            # SECURITY: only the configuration of a mock is passed over, which has no items at all.
            if hasattr(type(app.config), "__getitem__"):
                raise
            trusted_hosts = None
        if trusted_hosts is not None:
            request.trusted_hosts = trusted_hosts
        if route is not None and self.routing_exception is None:
            request.url_rule = route.rule
            request.view_args = self.view_args = self.view_args or {}
        else:
            self.tell_request(request)
        return request

    def tell_request(self, request: Request) -> None:
        """Set what matching found on the request."""
        if self.route is not None:
            request.url_rule = self.route.rule
            request.view_args = self.view_args = self.view_args or {}
        if self.routing_exception is not None:
            request.routing_exception = self.routing_exception

    @plain_attribute("made_adapter", UNMADE)
    def url_adapter(self) -> MapAdapter | None:
        """The adapter that builds URLs for this request; None where its host was refused."""
        if self.made_adapter is UNMADE:
            self.refuse_deleted("url_adapter")
            self.made_adapter = None
            try:
                self.made_adapter = self.app.create_url_adapter(self.request)
            except HTTPException as error:
                self.routing_exception = self.request.routing_exception = error
        return self.made_adapter

    @plain_attribute("_flashes")
    def flashes(self) -> list[tuple[str, str]] | None:
        """The flashed messages that have been taken out of the session; None before."""
        self.refuse_deleted("flashes")
        return self._flashes

    @property
    def session(self) -> SessionMixin:
        """The session; reading it marks it as accessed."""
        session = self.opened_session
        if not self._keeps_session:
            session = self._session
        elif session is None:
            # Opened without a call of the property, as most requests allow.
            if self.plan is not None and not self.deleted and not self._tried_to_open:
                self.open_session()
                session = self.opened_session
            else:
                session = self._session
        assert session is not None, "The session is opened when the request context is pushed, not before."
        session.accessed = True
        return session

    @plain_attribute("opened_session")
    def _session(self) -> SessionMixin | None:
        if self.opened_session is None:
            if self.deleted:
                self.refuse_deleted("_session")
            # The URL has been matched: the context was pushed once.
            if self.plan is not None and not self._tried_to_open:
                self.open_session()
        return self.opened_session

    def open_session(self) -> None:
        self._tried_to_open = True
        app, plan = self.app, self.plan
        # PERF: without the request object, which may have cookies of its own: 2 us less (CPython 3.11).
        if plan is not None and plan.sessions is not None and app.request_planner.plan is plan:
            header = self.cookie_header()
            if header is not UNMADE:
                self.opened_session = plan.sessions.open(header)
                if self.opened_session is not None:
                    return
        interface = app.session_interface
        session = interface.open_session(app, self.request)
        self.opened_session = interface.make_null_session(app) if session is None else session

    def cookie_header(self) -> t.Any:
        """Return the Cookie header, or None; UNMADE where the cookies of the request may be others."""
        request, environ = self.made_request, self.environ
        if type(self) is not RequestContext:
            return UNMADE
        if request is not None:
            attributes = request.__dict__
            # PERF: most requests have made neither cookies nor headers: a call less (CPython 3.11).
            if (
                type(request) is not self.app.request_class
                or attributes.get("environ") is not environ
                or (
                    ("cookies" in attributes or "headers" in attributes or "dict_storage_class" in attributes)
                    and not reads_cookies_of_environ(attributes)
                )
            ):
                return UNMADE
        return environ.get("HTTP_COOKIE")

    @plain_attribute("after_functions")
    def _after_request_functions(self) -> list[ft.AfterRequestCallable[t.Any]]:
        if self.after_functions is None:
            self.refuse_deleted("_after_request_functions")
            self.after_functions = []
        return self.after_functions

    # activation

    def push(self) -> None:
        """Make this the active request context: open the session, match the URL."""
        found = get_state()
        app_context = app_context_of(found)
        brought = None
        if app_context is None or app_context.app is not self.app:
            app_context = brought = self.app.app_context()
            brought.push()
        self.pushes += ((found, brought),)
        set_state((self, app_context))
        plan = self.app.request_planner.current(self.app)
        if self.opened_session is None and not plan.lazy_session:
            self.open_session()
        if (self.made_adapter is UNMADE and plan.own.matching) or self.url_adapter is not None:
            self.match_request()

    def match_request(self) -> None:
        """Find the rule for the URL; keep what is raised as the request's routing exception."""
        plan = self.app.request_planner.current(self.app)
        if self.made_adapter is UNMADE and plan.own.matching:
            match(self, plan, self.environ)
        else:
            match_by_adapter(self, plan)

    def pop(self, exc: BaseException | None = _sentinel) -> None:
        """Restore what was active before; the last pop runs the teardown functions.

        Raises AssertionError where another request context is active.
        """
        last = len(self.pushes) == 1
        if last and exc is _sentinel:
            exc = sys.exc_info()[1]
        try:
            if last and exc is not None:
                self.abandon_streams()
            if last and not self.open_streams:
                self.tear_down(exc)
        finally:
            active = cv_request.get()  # LookupError where there is none: nothing to restore
            found, brought = self.pushes[-1]
            self.pushes = self.pushes[:-1]
            if last and self.made_streams:
                self.forget_unsent_streams()
            if last and self.made_request is not None:
                # COMPAT: the environ would keep the request, and all it holds, alive.
                self.made_request.environ["werkzeug.request"] = None
            self.leave(found, brought, exc)
            if active is not self:
                raise AssertionError(f"Popped the wrong request context: {active!r} is active, not {self!r}.")

    @property
    def file_conditions(self) -> t.Mapping[str, t.Any]:
        """The environ, or those items of it that decide how a file is answered with."""
        return self.environ

    @property
    def server_opens_files(self) -> bool:
        """Whether the server sends a file by itself, given its path."""
        return False

    def has_unreceived_body(self) -> bool:
        """Tell whether there is more of the body than has been received, and a loop receives it."""
        return False

    async def receive_rest(self) -> None:
        """Receive the rest of the body, as far as a view or a coroutine may read it."""

    def prepare_body(self, loop: ProcessLoop) -> Waiter | None:
        """Prepare the body for coroutines on *loop*; return what the thread waits by, if it has to read."""
        from ..wrappers.wsgi_body import prepare_body  # imports asyncio, which only coroutines need

        return prepare_body(self, loop)

    def copy(self) -> RequestContext:
        """Return a context of the same request and session, to be pushed in another thread."""
        return self.__class__(
            self.app, environ=self.request.environ, request=self.request, session=self._session
        )

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.request.url!r} [{self.request.method}] of {self.app.name}>"


# PERF: under another name, a slot is read as fast (CPython 3.11).
type.__setattr__(RequestContext, "mount", RequestContext.environ)

_own_session = Originals(RequestContext, ("_session",))
