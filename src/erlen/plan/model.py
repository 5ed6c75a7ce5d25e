"""The plan and its records."""

from __future__ import annotations

import typing as t

from ..bounded import BoundedCache

if t.TYPE_CHECKING:
    from werkzeug.routing import Rule

    from .. import typing as ft
    from ..sessions.straight import StraightSessions
    from ..wrappers import Request
    from .edge import Edge
    from .headings import Heading, Headings
    from .links import Link, Links
    from .matcher import DomainMatcher, Matcher  # noqa: F401  # one of them in quotes

Lists: t.TypeAlias = tuple[tuple[str | None, list[t.Any]], ...]
Names: t.TypeAlias = tuple[str | None, ...]


class Stamps:
    """The stamps of a plan: an object for each concern, which a change of the concern replaces.

    A plan remembers the stamps it was compiled from. They are read before compiling and compared
    after, so that a change made meanwhile, by another thread, is not lost.
    """

    __slots__ = ("config", "hooks", "routing", "seams", "serving", "signals", "views")

    def __init__(self) -> None:
        self.config = self.hooks = self.routing = self.seams = self.views = object()
        self.serving = self.signals = object()

    def read(self) -> tuple[object, ...]:
        return self.config, self.hooks, self.routing, self.seams, self.views, self.serving, self.signals


class Hooks:
    """The live lists of functions that concern the routes of one chain of blueprints.

    Each tuple has lists with the names of their owners, in the order in which they run; ``after`` and
    ``teardown`` lists run from their end. ``chain`` has all names of the chain, with the application's
    None last.
    """

    __slots__ = ("after", "bare", "before", "chain", "leads", "preprocessors", "teardown")

    def __init__(self, chain: Names, lists: dict[str, Lists]) -> None:
        self.chain = chain
        self.preprocessors = lists["preprocessors"]
        self.before = lists["before"]
        self.after = lists["after"]
        self.teardown = lists["teardown"]
        # Whether a function runs before the view.
        self.leads = bool(self.preprocessors or self.before)
        # Whether no function but the view runs.
        self.bare = not (self.leads or self.after or self.teardown)

    def all(self) -> t.Iterator[t.Any]:
        """Yield every function that is in these lists now."""
        for lists in (self.preprocessors, self.before, self.after, self.teardown):
            for _, functions in lists:
                yield from functions


class RoutePlan:
    """The plan of one rule: its endpoint, blueprints, hooks, and how to call its view.

    ``call`` is *view*, or what adapters have put in its place, as a plain callable; ``coroutine`` is the same
    for *known_view* as a coroutine function, or None where it is plain; ``streams`` tells whether the view
    reads the body itself. They are updated when the function in ``view_functions`` is replaced.
    """

    __slots__ = (
        "blueprints",
        "call",
        "coroutine",
        "endpoint",
        "hooks",
        "known_view",
        "rule",
        "streams",
        "view",
    )

    def __init__(self, rule: Rule, blueprints: list[str], hooks: Hooks) -> None:
        self.rule = rule
        self.endpoint: str = rule.endpoint
        self.blueprints = blueprints
        self.hooks = hooks
        self.view: ft.RouteCallable | None = None
        self.call: t.Callable[..., t.Any] | None = None
        self.known_view: ft.RouteCallable | None = None
        self.streams = False
        self.coroutine: t.Callable[..., t.Awaitable[t.Any]] | None = None


class Domains(BoundedCache["tuple[str | bytes, ...]", "DomainMatcher"]):
    """The domains by scheme and host, for hosts that one value of TRUSTED_HOSTS accepts.

    SECURITY: hosts come from outside; a name in the DNS has no more than 253 characters.
    """

    __slots__ = ("trusted",)

    def __init__(self, trusted: t.Collection[str] | None) -> None:
        super().__init__(256, longest=300)
        self.trusted = None if trusted is None else list(trusted)


class Own(t.NamedTuple):
    """The parts that are still Erlen's own: the straight form, which skips the seams, relies on them."""

    # Whether ``asgi_app`` is Erlen's own and not wrapped.
    asgi: bool
    # Whether the matcher may replace create_url_adapter, Map.bind_to_environ and MapAdapter.match.
    matching: bool
    # Whether the steps of the cycle may replace the seams.
    straight: bool
    # Whether the hook tables report changes, so that the lists in them can be kept.
    tables: bool
    # Whether URLs may be built by the plan's links, instead of by the map; whether inject_url_defaults is
    # Erlen's own, and needs no call where no function would run.
    linking: bool
    url_defaults: bool
    # Whether url_for is Erlen's own, too.
    url_for: bool
    # Whether static files, and the age of files, may be found without the methods of the application.
    files: bool
    # Whether ensure_sync and async_to_sync are Erlen's own.
    ensure_sync: bool
    # Whether the steps of error handling may replace handle_exception and its kin.
    errors: bool
    # The ProxyFix objects around ``wsgi_app``, outermost first; None where something else wraps it, which
    # every request has to go through.
    proxies: tuple[t.Any, ...] | None
    # The request object and the URL adapter may be made late, and the session opened late: nobody can tell.
    lazy_context: bool
    lazy_session: bool
    # Sessions may be opened and saved without the interface, and cookies read without the request object.
    straight_session: bool
    # The content type of text that may be sent without a response object, or None.
    text_type: str | None


class Plan:
    """The plan of an application: all that is known before a request comes.

    The dicts at the end are filled as requests come: a hook that changes costs nothing for routes
    that nobody asks for.
    """

    __slots__ = (
        "adapted",
        "adapted_objects",
        "adapted_views",
        "answers_errors",
        "bare",
        "chains",
        "cookie_name",
        "direct_links",
        "domains",
        "edge",
        "globals_class",
        "json_heading",
        "json_headings",
        "json_text",
        "lazy_session",
        "links",
        "matcher",
        "most_body",
        "on_loop",
        "own",
        "plain_heading",
        "proxies",
        "quiet",
        "request_class",
        "routes",
        "sessions",
        "stamps",
        "straight",
        "subdomain",
        "text_headings",
        "trusted",
    )

    text_headings: Headings | None
    plain_heading: Heading | None
    json_headings: Headings | None
    json_heading: Heading | None

    def __init__(
        self,
        stamps: tuple[object, ...],
        own: Own,
        matcher: Matcher | None,
        cookie_name: str,
        trusted: t.Collection[str] | None,
    ) -> None:
        self.stamps = stamps
        self.own = own
        # Copies of what every request reads of it.
        self.straight, self.lazy_session = own.straight, own.lazy_session
        # The headings of text whose response needs no constructor, and that of text whose response needs no
        # object, as no function will use it before it is sent; else None.
        self.text_headings = self.plain_heading = self.json_headings = self.json_heading = None
        # Whether HTTP exceptions may be answered without the seams that trap and handle them.
        self.answers_errors = False
        # The class of requests, if they may be made without its constructor, else None; the class of ``g``.
        self.request_class: type[Request] | None = None
        self.globals_class: type[t.Any] = object
        # Whether the signals that every request sends have no receivers.
        self.quiet = True
        self.matcher = matcher
        self.cookie_name = cookie_name
        # How sessions are opened and saved in few steps; None where the interface has to do it.
        self.sessions: StraightSessions | None = None
        # The function that writes a dict or list which needs no response object, and its headings; else None.
        self.json_text: t.Callable[[t.Any], str] | None = None
        # Whether a request by ASGI may run on the loop; the ProxyFix objects around it, outermost first;
        # whether nothing but hooks can run around a view.
        self.on_loop = self.bare = False
        # How many bytes of a body are received, unless a hook says otherwise.
        self.most_body = 0
        self.proxies: tuple[t.Any, ...] = ()
        # What the gateway does before and after, or None.
        self.edge: Edge | None = None
        # How URLs are built, or None where the map has to; the subdomain that every request has, or None
        # where each has its own.
        self.links: Links | None = None
        self.subdomain: str | None = None
        # The links that stand for ``app.url_for`` itself.
        self.direct_links: dict[str, Link] = {}
        # TRUSTED_HOSTS itself, which may be changed in place.
        self.trusted = trusted
        # Routes by the identity of their rule; hooks by chain of blueprints; what was found for a scheme and
        # host; plain callables by the user's function, or by the identity of another callable.
        self.routes: dict[int, RoutePlan] = {}
        self.chains: dict[tuple[str, ...], Hooks] = {}
        self.domains = Domains(trusted)
        self.adapted: dict[t.Callable[..., t.Any], t.Callable[..., t.Any]] = {}
        self.adapted_objects: dict[int, t.Callable[..., t.Any]] = {}
        # What adapters have put in the place of views, by the identity of rule and view, which stand beside.
        self.adapted_views: dict[tuple[int, int], tuple[Rule, t.Any, t.Any]] = {}
