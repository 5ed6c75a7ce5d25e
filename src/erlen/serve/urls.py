"""Build URLs."""

from __future__ import annotations

import sys
import typing as t
import warnings
from urllib.parse import quote

from werkzeug.routing import BuildError, MapAdapter
from werkzeug.wsgi import get_host

from ..active import cv_app, cv_websocket, get_state
from ..declare.static_sources import replace_name
from ..plan.routes import blueprints_of
from ..wrappers.safe import check_host
from .app_context import UNMADE
from .contract import Application

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from ..plan.links import Link
    from ..plan.model import RoutePlan
    from ..wrappers import Request
    from .request_context import RequestContext

# The characters that need no escape in a fragment (RFC 3986, section 3.5), and the percent sign of escapes.
_FRAGMENT_SAFE = "%!#$&'()*+,/:;=?@"


class LinksFrom:
    """What a request knows of where its URLs begin."""

    __slots__ = ()

    if t.TYPE_CHECKING:
        app: Application
        environ: WSGIEnvironment
        # The environ, or at least its method and the prefix that the application is mounted under.
        mount: WSGIEnvironment
        route: RoutePlan | None
        made_adapter: MapAdapter | None

    def path_to(self, endpoint: str, values: dict[str, t.Any], injected: bool = False) -> str | None:
        """Return what ``app.url_for`` would return; None where that has to be called.

        *injected* says that the URL default functions have added their values.
        """
        app = self.app
        plan = app.request_planner.plan
        if plan is None or (app.url_default_functions and not injected):
            return None
        link = plan.direct_links.get(endpoint)
        if link is None:
            return None
        adapter = self.made_adapter
        if adapter is not UNMADE:
            return _build(adapter, link, values)
        if self.route is None or link.domain != plan.subdomain:
            return None
        mount = self.mount
        if mount.get("SCRIPT_NAME"):
            return None
        path = link.build(values, mount["REQUEST_METHOD"])
        return None if path is None else f"/{path}"


class Linking(Application):
    """The part of an application that builds URLs, for the active context or from SERVER_NAME."""

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Create the adapter that matches and builds URLs for *request*, or without one.

        Raises SecurityError (400) for a host that TRUSTED_HOSTS does not list, BadHost for one
        that is no host name. Without a request it is None unless SERVER_NAME is configured.
        """
        config, url_map = self.config, self.url_map
        server_name: str | None = config["SERVER_NAME"]
        if request is None:
            if server_name is None:
                return None
            root, scheme = config["APPLICATION_ROOT"], config["PREFERRED_URL_SCHEME"]
            return url_map.bind(server_name, script_name=root, url_scheme=scheme)
        trusted_hosts = config["TRUSTED_HOSTS"]
        if trusted_hosts is not None:
            request.trusted_hosts = trusted_hosts
        # SECURITY: checked on every request, whether or not the host is read.
        trusted = request.trusted_hosts
        host = check_host(get_host(request.environ, trusted), trusted)
        request.host = host  # pyright: ignore[reportAttributeAccessIssue]
        subdomain = None
        if url_map.host_matching:
            server_name = None
        elif not self.subdomain_matching:
            subdomain = url_map.default_subdomain or ""
        elif server_name is not None and not _is_below(request, server_name):
            _warn_of_other_server(host, server_name)
            subdomain = "<invalid>"  # what Werkzeug calls it; no rule can have it
        return url_map.bind_to_environ(request.environ, server_name=server_name, subdomain=subdomain)

    def url_for(
        self,
        /,
        endpoint: str,
        *,
        _anchor: str | None = None,
        _method: str | None = None,
        _scheme: str | None = None,
        _external: bool | None = None,
        **values: t.Any,
    ) -> str:
        """Return the URL of *endpoint*; values that its rule has no variable for become the query.

        An endpoint that begins with a dot belongs to the blueprint of the active request or WebSocket.
        Without one the URL is external, and SERVER_NAME has to be configured (RuntimeError).
        Raises BuildError where no rule fits and no build-error handler answers, ValueError for a
        scheme in a URL that is not external.
        """
        context, plan = get_state()[0], self.request_planner.plan
        # Another object may be in the place of a context.
        path_to = getattr(context, "path_to", None)
        if path_to is not None and context.app is self and _method is _scheme is None and not _external:
            path: str | None = path_to(endpoint, values)
            if path is not None:
                return path if _anchor is None else f"{path}#{quote(_anchor, safe=_FRAGMENT_SAFE)}"
        if context is None:
            adapter, endpoint, external = self._link_origin(endpoint, _scheme, _external)
        else:
            if endpoint[:1] == ".":
                endpoint = _below(_blueprint_of(context), endpoint)
            adapter, external = UNMADE, _scheme is not None if _external is None else _external
        if _scheme is not None and not external:
            raise ValueError("A '_scheme' only makes sense in an external URL: '_external' must be True.")
        if self.url_default_functions or plan is None or not plan.own.url_defaults:
            self.inject_url_defaults(endpoint, values)
        if "filename" in values and type(endpoint) is str:
            replace_name(self, endpoint, values)
        link = url = None
        if plan is not None and plan.links is not None and _method is None and type(endpoint) is str:
            link = plan.links.of(endpoint)
        if link is not None and path_to is not None and not external:
            url = path_to(endpoint, values, injected=True)
        if url is None:
            adapter = context.url_adapter if context is not None else adapter
            url = None if link is None else _build(adapter, link, values, external, _scheme)
        if url is None:
            try:
                url = adapter.build(
                    endpoint, values, method=_method, url_scheme=_scheme, force_external=bool(external)
                )
            except BuildError as error:
                values.update(_anchor=_anchor, _method=_method, _scheme=_scheme, _external=external)
                return self.handle_url_build_error(error, endpoint, values)
        return url if _anchor is None else f"{url}#{quote(_anchor, safe=_FRAGMENT_SAFE)}"

    def _link_origin(
        self, endpoint: str, scheme: str | None, external: bool | None
    ) -> tuple[MapAdapter, str, bool]:
        """Return the adapter to build with, the full endpoint, and whether the URL is external."""
        context = cv_websocket.get()
        if context is not None:
            if endpoint[:1] == ".":
                endpoint = _below(context.request.blueprint, endpoint)
            adapter: t.Any = context.url_adapter
            return adapter, endpoint, scheme is not None if external is None else external
        app_context = cv_app.get(None)
        adapter = self.create_url_adapter(None) if app_context is None else app_context.url_adapter
        if adapter is None:
            raise RuntimeError(
                f"Cannot build the URL of {endpoint!r}: no request is active, and 'SERVER_NAME' is not"
                " configured. Configure it, and 'APPLICATION_ROOT' and 'PREFERRED_URL_SCHEME' where they"
                " differ from the defaults."
            )
        return adapter, endpoint, True if external is None else external

    def inject_url_defaults(self, endpoint: str, values: dict[str, t.Any]) -> None:
        """Let the URL default functions of the application and of the endpoint's blueprints add values."""
        for name in (None, *reversed(blueprints_of(endpoint))):
            for function in self.url_default_functions.get(name, ()):
                self.ensure_sync(function)(endpoint, values)

    def handle_url_build_error(self, error: BuildError, endpoint: str, values: dict[str, t.Any]) -> str:
        """Ask the build-error handlers for a URL; raise *error*, or theirs, where none has one."""
        for handler in self.url_build_error_handlers:
            try:
                url = handler(error, endpoint, values)
            except BuildError as another:
                error = another
                continue
            if url is not None:
                return url
        if error is sys.exc_info()[1]:
            raise  # with the traceback of where it was built
        raise error


def _below(blueprint: str | None, endpoint: str) -> str:
    """Return the full endpoint for one that begins with a dot."""
    return endpoint[1:] if blueprint is None else f"{blueprint}{endpoint}"


def _blueprint_of(context: RequestContext) -> str | None:
    """Return the blueprint of a request, whose object need not be made for that."""
    if context.made_request is not None or context.route is None:
        return context.request.blueprint
    blueprint, dot, _ = context.route.endpoint.rpartition(".")
    return blueprint if dot else None


_werkzeugs_build = MapAdapter.build


def _build(
    adapter: MapAdapter | None,
    link: Link,
    values: dict[str, t.Any],
    external: bool | None = False,
    scheme: str | None = None,
) -> str | None:
    """Return what the adapter would build; None where it has to build it."""
    if (
        type(adapter) is not MapAdapter
        or adapter.map is not link.map
        or MapAdapter.build is not _werkzeugs_build
    ):
        return None
    if adapter.subdomain != link.domain if not external else type(scheme) not in (str, type(None)):
        return None
    path = link.build(values, adapter.default_method)
    if path is None:
        return None
    if not external:
        return f"{adapter.script_name.rstrip('/')}/{path}"
    scheme = adapter.url_scheme if scheme is None else scheme
    if scheme:
        scheme = "https:" if scheme in ("https", "wss") else "http:"
    return f"{scheme or ''}//{adapter.get_host(link.domain)}{adapter.script_name[:-1]}/{path}"


def _is_below(request: Request, server_name: str) -> bool:
    """Tell whether the request's host is the server's name, or is below it."""
    server_name = server_name.lower()
    default_port = ":443" if request.scheme in ("https", "wss") else ":80"
    configured = server_name.removesuffix(default_port).split(".")
    return request.host.lower().split(".")[-len(configured) :] == configured


def _warn_of_other_server(host: str, server_name: str) -> None:
    # COMPAT: Werkzeug warns, in Flask's module's name, and filters are written for that name.
    warnings.warn_explicit(
        f"Current server name {host.lower()!r} is neither the configured one, {server_name!r}, nor a"
        " subdomain of it, so no rule matches.",
        UserWarning,
        __file__,
        sys._getframe().f_lineno,
        module="flask.app",
    )
