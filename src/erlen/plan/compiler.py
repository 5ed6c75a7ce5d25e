"""Compile the plan of an application; the parts of the last plan that are still valid are taken over."""

from __future__ import annotations

import typing as t

from werkzeug.utils import get_content_type

from ..declare.rules import RuleMap
from ..declare.static_sources import names_of_endpoints
from ..json.provider import DefaultJSONProvider
from ..late_module import add_late_module
from ..observe import Table
from ..originals import inherits, is_method
from ..signals import appcontext_pushed, request_is_heard
from ..wrappers import Request, content_type_of
from .headings import headings_of
from .links import Links
from .matcher import Matcher
from .model import Own, Plan
from .overrides import APPLICATION_SEAMS, ERROR_SEAMS, FILE_SEAMS, LINK_SEAMS, SESSION_SEAMS
from .routes import adapt_views

if t.TYPE_CHECKING:
    from ..sessions.straight import StraightSessions
    from . import edge
    from .contract import Application
    from .edge import Edge
    from .overrides import Seams
else:
    edge = add_late_module(f"{__package__}.edge")

# The attributes of a request class that may be overridden only if requests are made early.
_MADE_EARLY = ("__init__", "close", "endpoint", "blueprint", "blueprints")
_HOOK_TABLES = (
    "before_request_funcs",
    "after_request_funcs",
    "teardown_request_funcs",
    "url_value_preprocessors",
)


def compile_plan(app: Application, stamps: tuple[object, ...], own: Own, last: Plan | None) -> Plan:
    """Return the plan of *app*, with those parts of *last*, the plan before, that still hold.

    *stamps* were read before *own* was found.
    """
    if last is None:
        plan = _with_matcher(app, stamps, own, None)
        plan.sessions = _sessions(app, own)
        adapt_views(app, plan)
        return _with_links(app, plan, None)
    same = [now is then for now, then in zip(stamps, last.stamps, strict=True)]
    config, hooks, routing, seams, views, *rest = same
    plan = _with_matcher(
        app,
        stamps,
        own,
        last.matcher if routing and last.matcher is not None and last.matcher.map is app.url_map else None,
    )
    # PERF: the key is derived, and the cookie looked at, in 30 us; a hook or a rule changes nothing of that.
    plan.sessions = last.sessions if config and seams and all(rest) else _sessions(app, own)
    _with_links(app, plan, last.links if routing else None)
    if seams:
        plan.adapted, plan.adapted_objects = last.adapted, last.adapted_objects
    if seams and hooks and own.tables:
        plan.chains = last.chains
        if routing and views:
            plan.routes = last.routes
    if routing and views:
        plan.adapted_views = last.adapted_views
    else:
        adapt_views(app, plan)
    if seams and config and routing:
        plan.domains = last.domains
    return plan


def _with_matcher(app: Application, stamps: tuple[object, ...], own: Own, matcher: Matcher | None) -> Plan:
    if own.matching and matcher is None:
        matcher = Matcher(app.url_map)
    cookie_name = app.session_interface.get_cookie_name(app) if own.lazy_session else ""
    plan = Plan(stamps, own, matcher, cookie_name, app.config["TRUSTED_HOSTS"])
    plan.edge = _edge(app.config)
    plan.globals_class = app.app_ctx_globals_class
    plan.quiet = not request_is_heard()
    if own.text_type is not None:
        headings = plan.text_headings = headings_of(own.text_type)
        plan.plain_heading = headings.ok() if plan.quiet and own.lazy_session else None
    # Functions before serving are run by the general form, which checks whether they have been.
    plan.straight = own.straight and not appcontext_pushed.receivers and not app.is_to_be_started()
    if plan.straight and plan.trusted is None and inherits(app.request_class, object, "__new__"):
        plan.request_class = app.request_class
    plan.on_loop = plan.straight and own.proxies is not None
    plan.proxies = own.proxies or ()
    most = app.config["MAX_CONTENT_LENGTH"]
    plan.most_body = app.config["ASGI_BODY_MAX"] if most is None else most
    plan.bare = plan.quiet and own.lazy_session
    # Asked of the type: a mock says by its ``__class__`` that it is one.
    provider: t.Any = app.json
    if own.text_type is not None and issubclass(type(provider), DefaultJSONProvider):
        plan.json_text = provider.plain_encoder()
        plan.json_headings = headings_of(content_type_of(provider.mimetype))
        plan.json_heading = plan.json_headings.ok()
    traps = app.config["TRAP_HTTP_EXCEPTIONS"] or app.config["TRAP_BAD_REQUEST_ERRORS"]
    plan.answers_errors = own.errors and not traps
    return plan


def _edge(config: t.Mapping[str, t.Any]) -> Edge | None:
    proxies, force, seconds = config["TRUSTED_PROXIES"], config["FORCE_HTTPS"], config["HSTS_SECONDS"]
    # PERF: most applications do without, and do not import what reads these keys.
    return edge.compile_edge(config) if proxies is not None or force or seconds is not None else None


def _sessions(app: Application, own: Own) -> StraightSessions | None:
    interface: t.Any = app.session_interface
    if not own.straight_session or not app.config.get("SECRET_KEY"):
        return None
    # Imports ItsDangerous, which only sessions need.
    from ..sessions.straight import StraightSessions

    try:
        return StraightSessions(app, interface)
    except Exception:  # of a configuration that cannot be meant: a request that has a session says so
        return None


def _with_links(app: Application, plan: Plan, last: Links | None) -> Plan:
    if plan.own.linking:
        if last is None or last.map is not app.url_map:
            last = Links(app.url_map, names_of_endpoints(app))
        plan.links = last
        plan.subdomain = _subdomain(app)
        if plan.own.url_for and plan.subdomain is not None:
            plan.direct_links = last.known
    return plan


def _subdomain(app: Application) -> str | None:
    """Return the subdomain that ``create_url_adapter`` finds in every request; None where it depends."""
    if app.subdomain_matching:
        return "" if app.config["SERVER_NAME"] is None else None
    return app.url_map.default_subdomain or ""


def find_own(app: Application, seams: Seams) -> Own:
    """Find out which parts of *app* are Erlen's own."""
    # PERF: all in one pass: setting an application up takes 18 calls less.
    changed = seams.application.changed_in(app)
    matching = _matching_is_own(changed, seams) and _map_is_own(app)
    tables = all(type(getattr(app, name)) is Table for name in _HOOK_TABLES)
    # A configuration that is shared with another application reports only to that one.
    observed = tables and getattr(app.config, "on_change", None) is app.request_planner.config_changed
    lazy_session = observed and seams.session_interface.are_in(app.session_interface)
    lazy_context = matching and observed and inherits(app.request_class, Request, *_MADE_EARLY)
    return Own(
        asgi="asgi_app" not in changed,
        matching=matching and observed,
        straight=lazy_context and _cycle_is_own(changed, seams),
        tables=tables,
        linking=matching and observed,
        url_defaults="inject_url_defaults" not in changed,
        url_for=changed.isdisjoint(LINK_SEAMS),
        files=changed.isdisjoint(FILE_SEAMS),
        ensure_sync=changed.isdisjoint(("ensure_sync", "async_to_sync")),
        errors=changed.isdisjoint(ERROR_SEAMS),
        proxies=_proxies(app, seams),
        lazy_context=lazy_context,
        lazy_session=lazy_session,
        straight_session=lazy_session
        and lazy_context
        and getattr(app.request_class, "reads_cookies_plainly", False)
        and changed.isdisjoint(SESSION_SEAMS),
        text_type=_text_type(app, seams),
    )


def _cycle_is_own(changed: frozenset[str], seams: Seams) -> bool:
    """Tell whether the steps may replace the seams."""
    return (
        changed.isdisjoint(APPLICATION_SEAMS)
        and seams.request_context.are_on(seams.request_context.cls)
        and seams.app_context.are_on(seams.app_context.cls)
    )


def _matching_is_own(changed: frozenset[str], seams: Seams) -> bool:
    """Tell whether the matcher may replace the URL adapter."""
    context = seams.request_context
    return "create_url_adapter" not in changed and context.are_on(context.cls, ("match_request",))


def _map_is_own(app: Application) -> bool:
    # The tree is built from Werkzeug's; where that has another structure, Werkzeug matches by itself.
    return (
        type(app.url_map) is RuleMap
        # A request class may have its own list of trusted hosts.
        and getattr(app.request_class, "trusted_hosts", None) is None
        and app.url_map.changed is app.request_planner.routing_changed
        and hasattr(getattr(app.url_map, "_matcher", None), "_root")
    )


def _proxies(app: Application, seams: Seams) -> tuple[t.Any, ...] | None:
    """Return the ProxyFix objects around ``wsgi_app``; None where something else wraps it.

    Middleware that says ``has_asgi_form`` is passed over: it wraps ``asgi_app`` as well.
    """
    if not seams.application.are_on(type(app), ("wsgi_app", "__call__")):
        return None
    found: list[t.Any] = []
    application = vars(app).get("wsgi_app")
    while application is not None:
        kind = type(application)
        if (kind.__module__, kind.__name__) == _PROXY_FIX:
            found.append(application)
        elif getattr(kind, "has_asgi_form", None) is not True:
            break
        application = application.app
    original = seams.application.attributes["wsgi_app"]
    if application is None or is_method(application, original):
        return tuple(found)
    return None


# By name: if it has not been imported, it is not used.
_PROXY_FIX = ("werkzeug.middleware.proxy_fix", "ProxyFix")


def _text_type(app: Application, seams: Seams) -> str | None:
    response_class = app.response_class
    mimetype = response_class.default_mimetype
    if mimetype is None or not seams.response.are_on(response_class):
        return None
    if not inherits(response_class, object, "__new__"):
        return None
    return get_content_type(mimetype, "utf-8")
