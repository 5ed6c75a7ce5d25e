"""The application: what users build and servers call."""

from __future__ import annotations

import os
import sys
import typing as t
import weakref
from datetime import timedelta

from werkzeug.datastructures import ImmutableDict
from werkzeug.exceptions import Aborter
from werkzeug.routing import Map, Rule
from werkzeug.utils import cached_property
from werkzeug.utils import redirect as _redirect

from . import typing as ft
from .config import DEFAULTS, Config, ConfigAttribute
from .declare.application import AppRegistrar
from .declare.resources import find_package
from .declare.rules import RuleMap, UrlRule
from .gateway.asgi import AsgiGateway, answers, enter_by_asgi
from .gateway.asgi.detection import mark, mark_application
from .gateway.development import DevelopmentServer
from .gateway.edge import enter_by_wsgi
from .helpers import get_debug_flag
from .json.provider import DefaultJSONProvider, JSONProvider
from .logging import create_logger
from .observe import Series, Table
from .plan.overrides import APPLICATION_SEAMS, ERROR_SEAMS, FILE_SEAMS, LINK_SEAMS, Seams
from .plan.planner import Planner
from .serve.app_context import AppContext, _AppCtxGlobals
from .serve.request_context import RequestContext
from .serve.urls import Linking
from .sessions import SecureCookieSessionInterface, SessionInterface
from .templating import Templating
from .wrappers import Request, Response
from .wrappers.response import plain_redirect

if t.TYPE_CHECKING:
    import logging

    from werkzeug.wrappers import Response as BaseResponse

    from .testing import FlaskClient, FlaskCliRunner
    from .testing.asynchronous import AsyncClient


def _make_timedelta(value: timedelta | int | None) -> timedelta | None:
    """Read a number as seconds."""
    return value if value is None or isinstance(value, timedelta) else timedelta(seconds=value)


# The attributes that the plan depends on, each with its concern.
_PLANNED = {
    "subdomain_matching": "routing",
    "static_folder": "routing",
    **dict.fromkeys(
        (
            "before_request_funcs",
            "after_request_funcs",
            "teardown_request_funcs",
            "url_value_preprocessors",
            "config",
            "url_map",
            "session_interface",
            "app_ctx_globals_class",
            "request_class",
            "response_class",
            "json",
            "wsgi_app",
            "asgi_app",
            *APPLICATION_SEAMS,
            *ERROR_SEAMS,
            *LINK_SEAMS,
            *FILE_SEAMS,
        ),
        "seams",
    ),
}


class Erlen(  # pyright: ignore[reportIncompatibleVariableOverride]  # declared twice, the same
    AppRegistrar, Templating, Linking, DevelopmentServer, AsgiGateway
):
    """An application: routes, hooks, configuration and templates of one site or service.

    *import_name* is usually ``__name__``: static files, templates and resources are looked for
    beside that module. The object is a WSGI and an ASGI application.
    """

    aborter_class: type[Aborter] = Aborter
    app_ctx_globals_class: type[_AppCtxGlobals] = _AppCtxGlobals
    config_class: type[Config] = Config
    json_provider_class: type[JSONProvider] = DefaultJSONProvider
    request_class: type[Request] = Request
    response_class: type[Response] = Response
    session_interface: SessionInterface = SecureCookieSessionInterface()
    url_rule_class: type[Rule] = UrlRule
    url_map_class: type[Map] = RuleMap
    # None means the class in erlen.testing, which is imported when it is needed.
    test_client_class: type[FlaskClient] | None = None
    test_cli_runner_class: type[FlaskCliRunner] | None = None
    jinja_options: dict[str, t.Any] = {}
    # The view function of static files; None where there is no folder of them.
    static_view: ft.RouteCallable | None = None

    testing = ConfigAttribute[bool]("TESTING")  # pyright: ignore[reportAssignmentType]
    permanent_session_lifetime = ConfigAttribute[timedelta](
        "PERMANENT_SESSION_LIFETIME",
        get_converter=_make_timedelta,  # type: ignore[arg-type]
    )

    default_config = ImmutableDict[str, t.Any](DEFAULTS)

    def __init__(
        self,
        import_name: str,
        static_url_path: str | None = None,
        static_folder: str | os.PathLike[str] | None = "static",
        static_host: str | None = None,
        host_matching: bool = False,
        subdomain_matching: bool = False,
        template_folder: str | os.PathLike[str] | None = "templates",
        instance_path: str | None = None,
        instance_relative_config: bool = False,
        root_path: str | None = None,
    ) -> None:
        self.request_planner = Planner(SEAMS)
        super().__init__(import_name, static_folder, static_url_path, template_folder, root_path)
        self.instance_path = self._instance_path(instance_path)
        self.config = self.make_config(instance_relative_config)
        self.aborter = self.make_aborter()
        self.json = self.json_provider_class(self)
        self.url_build_error_handlers = []
        self.teardown_appcontext_funcs = []
        self.shell_context_processors = []
        self.blueprints = {}
        self.extensions = {}
        self.make_serving_lists()
        self.direct_answers = {}
        self.static_sources = Table(self.request_planner.routing_changed)
        self.view_adapters = Series(self.request_planner.views_changed)
        self.url_map = self.url_map_class(host_matching=host_matching)
        self.subdomain_matching = subdomain_matching
        self._got_first_request = False
        self._route_static_files(static_host, host_matching)
        # PERF: a dict with keys of its own. From one that shares its keys with other applications, CPython
        # reads an attribute in 40 ns instead of 5, and a request reads eight (CPython 3.11).
        object.__setattr__(self, "__dict__", dict(vars(self)))
        mark_application(self)

    # set-up

    def _make_hook_table(self) -> ft.HookTable:
        return Table(self.request_planner.hooks_changed, list)

    def _instance_path(self, given: str | None) -> str:
        if given is None:
            return self.auto_find_instance_path()
        if not os.path.isabs(given):
            raise ValueError(
                f"The 'instance_path' must be absolute, not {given!r}: os.path.abspath() makes it so."
            )
        return given

    def auto_find_instance_path(self) -> str:
        """Return where the instance folder would be: beside the package, or in the prefix's ``var``."""
        prefix, folder = find_package(self.import_name)
        if prefix is None:
            return os.path.join(folder, "instance")
        return os.path.join(prefix, "var", f"{self.name}-instance")

    def make_config(self, instance_relative: bool = False) -> Config:
        """Create the configuration; called once, by the constructor."""
        return self.config_class(
            self.instance_path if instance_relative else self.root_path,
            {**self.default_config, "DEBUG": get_debug_flag()},
        )

    def make_aborter(self) -> Aborter:
        """Create what ``abort`` calls; called once, by the constructor."""
        return self.aborter_class()

    def _route_static_files(self, host: str | None, host_matching: bool) -> None:
        if not self.has_static_folder:
            return
        assert bool(host) == host_matching, (
            "'static_host' and 'host_matching' go together: with host matching, static files need a host."
        )
        # A weak reference: through its view functions, the application would keep itself alive.
        app: t.Any = weakref.ref(self)
        view: t.Any = lambda **values: app().send_static_file(**values)  # noqa: E731
        # COMPAT: applications exempt it from their checks by its dotted name, "flask.app.<lambda>".
        view.__module__, view.__qualname__ = "flask.app", "Flask.__init__.<locals>.<lambda>"
        self.static_view = view
        self.add_url_rule(
            f"{self.static_url_path}/<path:filename>", endpoint="static", host=host, view_func=view
        )

    @cached_property
    def name(self) -> str:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The import name; for a program that is run, the name of its file."""
        if self.import_name != "__main__":
            return self.import_name
        path = getattr(sys.modules["__main__"], "__file__", None)
        return "__main__" if path is None else os.path.splitext(os.path.basename(path))[0]

    @cached_property
    def logger(self) -> logging.Logger:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The logger, with the application's name."""
        return create_logger(self)

    @property
    def debug(self) -> bool:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Whether debug mode is on: the key DEBUG."""
        debug: bool = self.config["DEBUG"]
        return debug

    @debug.setter
    def debug(self, value: bool) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        self.config["DEBUG"] = value
        if self.config["TEMPLATES_AUTO_RELOAD"] is None:
            self.jinja_env.auto_reload = value

    @property
    def secret_key(self) -> str | bytes | None:  # pyright: ignore[reportIncompatibleVariableOverride]
        """The secret that signs sessions: the key SECRET_KEY."""
        key: str | bytes | None = self.config["SECRET_KEY"]
        return key

    @secret_key.setter
    def secret_key(self, value: str | bytes | None) -> None:  # pyright: ignore[reportIncompatibleVariableOverride]
        self.config["SECRET_KEY"] = value

    # resources

    def open_resource(self, resource: str, mode: str = "rb", encoding: str | None = None) -> t.IO[t.Any]:
        """Open a file beside the package for reading; *mode* is 'r', 'rt' or 'rb'."""
        return self._open_for_reading(self.root_path, resource, mode, encoding)

    def open_instance_resource(
        self, resource: str, mode: str = "rb", encoding: str | None = "utf-8"
    ) -> t.IO[t.Any]:
        """Open a file of the instance folder, in any mode."""
        path = os.path.join(self.instance_path, resource)
        return open(path, mode, encoding=None if "b" in mode else encoding)

    def redirect(self, location: str, code: int = 302) -> BaseResponse:
        """Make a redirect; ``erlen.redirect`` calls this."""
        plan = self.request_planner.plan
        if plan is not None and plan.text_headings is not None:
            response = plain_redirect(self.response_class, location, code)
            if response is not None:
                return response
        return _redirect(location, code=code, Response=self.response_class)

    # changes that the plan is told of

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        concern = _PLANNED.get(name)
        if concern is not None:
            self.request_planner.listen_to(value)
            self.request_planner.stale(concern)

    def __delattr__(self, name: str) -> None:
        super().__delattr__(name)
        concern = _PLANNED.get(name)
        if concern is not None:
            self.request_planner.stale(concern)

    # tests

    def test_client(self, use_cookies: bool = True, **kwargs: t.Any) -> FlaskClient:
        """Create a client that sends requests to this application without a server.

        ``protocol="asgi"`` sends them by the ASGI gateway. Arguments go to ``test_client_class``.
        """
        from .testing import FlaskClient

        client_class = self.test_client_class or FlaskClient
        return client_class(self, self.response_class, use_cookies=use_cookies, **kwargs)

    def async_test_client(self, use_cookies: bool = True, **kwargs: t.Any) -> AsyncClient:
        """Create a client for coroutines; ``async with`` starts and stops the application."""
        from .testing.asynchronous import AsyncClient

        return AsyncClient(self, self.test_client(use_cookies, **kwargs))

    def test_cli_runner(self, **kwargs: t.Any) -> FlaskCliRunner:
        """Create a runner that invokes this application's commands."""
        from .testing import FlaskCliRunner

        runner_class = self.test_cli_runner_class or FlaskCliRunner
        return runner_class(self, **kwargs)

    def test_request_context(self, *args: t.Any, **kwargs: t.Any) -> RequestContext:
        """Create the context of a made-up request; the arguments are those of an EnvironBuilder."""
        from .testing import EnvironBuilder

        builder = EnvironBuilder(self, *args, **kwargs)
        try:
            return self.request_context(builder.get_environ())
        finally:
            builder.close()

    # entry

    @mark
    def __call__(self, environ: t.Any, start_response: t.Any, send: t.Any = None) -> t.Any:
        """Answer a server: WSGI with environ and start_response, ASGI with scope, receive and send.

        Middleware replaces ``wsgi_app`` and ``asgi_app``, not this.
        """
        plan = self.request_planner.plan
        if send is None:
            # WSGI passes a dict and a function; RSGI, granian's default, two objects of its own.
            if plan is None or plan.edge is not None:
                return enter_by_wsgi(self, environ, start_response)
            return self.wsgi_app(environ, start_response)
        if plan is not None and plan.own.asgi:
            # PERF: `asgi_app` is not wrapped, and its coroutine is left out: 0.1 us (CPython 3.11).
            return answers[environ["type"]](self, environ, start_response, send)
        return enter_by_asgi(self, environ, start_response, send)


# What the straight form replaces, as it is when Erlen is imported. A layer that replaces a part by one that
# keeps to the form says so here.
SEAMS = Seams(
    application=Erlen,
    request_context=RequestContext,
    app_context=AppContext,
    response=Response,
    session_interface=SecureCookieSessionInterface,
)

# Flask's names for the class; one statement each, because mypy rejects a chain of aliases.
Flask = Erlen
App = Erlen
