"""The general form of whatever the plan specialises, switch by switch.

Each switch changes nothing that an application means, and defeats one short cut: a seam is overridden
with a call of what it overrides, a hook that does nothing is there, a class derives from Erlen's. A
switch also names the functions that show that it works: those left when it is on, those taken then.
"""

from __future__ import annotations

import json
import typing as t
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from inspect import iscoroutinefunction

import jinja2
import werkzeug.utils
import werkzeug.wrappers
from itsdangerous import URLSafeTimedSerializer
from werkzeug.datastructures import Headers, ImmutableMultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.local import LocalProxy
from werkzeug.routing import Map, Rule

import erlen
import erlen.signals
from erlen import active, sessions
from erlen.ctx import AppContext, RequestContext
from erlen.gateway.wsgi import PRESERVE_CONTEXT
from erlen.plan.overrides import APPLICATION_SEAMS
from tests.serve.beside import Framework, _namespace
from tests.serve.specialised.descriptions import SIGNALS
from tests.serve.specialised.running import Surroundings

PLACES = (None, "outer", "outer.inner")


@dataclass
class Making:
    """Collect what makes an application general: classes mixed in, and what is done from outside."""

    app: list[type] = field(default_factory=list)
    request: list[type] = field(default_factory=list)
    response: list[type] = field(default_factory=list)
    sessions: list[type] = field(default_factory=list)
    provider: list[type] = field(default_factory=list)
    environment: list[type] = field(default_factory=list)
    attributes: dict[str, t.Any] = field(default_factory=dict)
    proxies: dict[str, t.Any] = field(default_factory=dict)
    made: list[t.Callable[[t.Any], object]] = field(default_factory=list)
    around: list[t.Callable[[], t.Any]] = field(default_factory=list)
    environ: list[t.Callable[[dict[str, t.Any]], object]] = field(default_factory=list)
    wrap: list[t.Callable[[t.Any], t.Any]] = field(default_factory=list)

    def framework(self) -> Framework:
        own = erlen.Erlen
        attributes = {
            "request_class": _mixed(self.request, own.request_class),
            "response_class": _mixed(self.response, own.response_class),
            "json_provider_class": _mixed(self.provider, own.json_provider_class),
            "jinja_environment": _mixed(self.environment, own.jinja_environment),
        }
        attributes = {name: kind for name, kind in attributes.items() if kind is not getattr(own, name)}
        if self.sessions:
            attributes["session_interface"] = _mixed(self.sessions, type(own.session_interface))()
        kind = type("Erlen", (*self.app, own), {**attributes, **self.attributes})
        return _namespace(**{"Flask": kind, "Erlen": kind, "Response": kind.response_class, **self.proxies})

    def surroundings(self) -> Surroundings:
        return Surroundings(self.made, self.around, self.environ, self.wrap)


def _mixed(mixins: list[type], own: t.Any) -> t.Any:
    return type(own.__name__, (*mixins, own), {}) if mixins else own


def passing_on(*names: str) -> type:
    """Make a class to mix in, whose methods do what the ones behind them do."""
    mixin = type("PassingOn", (), {})

    def method(name: str) -> t.Callable[..., t.Any]:
        def call(self: t.Any, *args: t.Any, **kwargs: t.Any) -> t.Any:
            return getattr(super(mixin, self), name)(*args, **kwargs)  # type: ignore[arg-type]

        return call

    for name in names:
        setattr(mixin, name, method(name))
    return mixin


@dataclass(frozen=True)
class Switch:
    """A way to the general form, and how a request to *probe* shows that it is taken."""

    turn_on: t.Callable[[Making], object]
    probe: str = "text"
    # Functions by name: "module:function".
    left: tuple[str, ...] = ()
    taken: tuple[str, ...] = ()
    # What the plan no longer has for its own.
    clears: tuple[str, ...] = ()


SWITCHES: dict[str, Switch] = {}


def _switch(name: str, turn_on: t.Callable[[Making], object], **proof: t.Any) -> None:
    for kind in ("left", "taken", "clears"):
        if kind in proof and not isinstance(proof[kind], tuple):
            proof[kind] = (proof[kind],)
    SWITCHES[name] = Switch(turn_on, **proof)


# seams


def _patch_instance(name: str, app: t.Any) -> None:
    setattr(app, name, getattr(app, name))


@contextmanager
def _patched(owner: t.Any, name: str) -> Iterator[None]:
    """Let a class have a method that does what was done, as tracing tools do it."""
    original, own = getattr(owner, name), name in vars(owner)

    def traced(*args: t.Any, **kwargs: t.Any) -> t.Any:
        return original(*args, **kwargs)

    setattr(owner, name, traced)
    try:
        yield
    finally:
        if own:
            setattr(owner, name, original)
        else:
            delattr(owner, name)


for _name in APPLICATION_SEAMS:
    _general: dict[str, t.Any] = {"left": "erlen.serve.steps:run", "clears": "straight"}
    _switch(f"{_name} in a subclass", lambda to, n=_name: to.app.append(passing_on(n)), **_general)
    _switch(
        f"{_name} on the instance",
        lambda to, n=_name: to.made.append(partial(_patch_instance, n)),
        **_general,
    )
    _switch(
        f"{_name} on Erlen",
        lambda to, n=_name: to.around.append(partial(_patched, erlen.Erlen, n)),
        left="erlen.serve.steps:run",
    )
for _owner, _name in (
    *((RequestContext, name) for name in ("push", "pop", "match_request")),
    *((AppContext, name) for name in ("push", "pop", "__init__")),
):
    _switch(
        f"{_owner.__name__}.{_name}",
        lambda to, o=_owner, n=_name: to.around.append(partial(_patched, o, n)),
        left="erlen.serve.steps:run",
    )


# what surrounds a request


@contextmanager
def _inside_another_application() -> Iterator[None]:
    with erlen.Erlen("another", static_folder=None).app_context():
        yield


def _keep_nothing(context: object) -> None:
    """Be what the test client gives to enter the contexts again, and do not enter them."""


_switch(
    "another application is active",
    lambda to: to.around.append(_inside_another_application),
    left="erlen.serve.steps:run",
    taken="erlen.gateway.wsgi:_answer_through_seams",
)
_switch(
    "contexts asked for",
    lambda to: to.environ.append(lambda given: given.update({PRESERVE_CONTEXT: _keep_nothing})),
    left="erlen.serve.steps:run",
    taken=f"{__name__}:_keep_nothing",
)
_switch(
    "a handshake's header",
    lambda to: to.environ.append(lambda given: given.update(HTTP_UPGRADE="h2c")),
    taken="erlen.serve.matching:match_by_adapter",
)


# signals


def _hear(sender: object, **kwargs: object) -> None:
    """Receive a signal."""


@contextmanager
def _receiving(name: str) -> Iterator[None]:
    signal = getattr(erlen.signals, name)
    signal.connect(_hear)
    try:
        yield
    finally:
        signal.disconnect(_hear)


_PROBES = {
    "got_request_exception": "fails",
    "message_flashed": "flash",
    "before_render_template": "page",
    "template_rendered": "page",
}
for _name in SIGNALS:
    _switch(
        f"receiver of {_name}",
        lambda to, n=_name: to.around.append(partial(_receiving, n)),
        probe=_PROBES.get(_name, "text"),
        taken=f"{__name__}:_hear",
    )


# hooks


def _hooked(table: str, hook: t.Callable[..., t.Any]) -> t.Callable[[Making], object]:
    """Let a hook stand first in every list of a table."""

    def add(app: t.Any) -> None:
        for name in PLACES:
            getattr(app, table)[name].append(hook)

    return lambda to: to.made.append(add)


def _before() -> None:
    """Do nothing, as every function here."""


def _after(response: t.Any) -> t.Any:
    return response


def _teardown(error: BaseException | None) -> None: ...


def _preprocess(endpoint: object, values: object) -> None: ...


def _touch_request() -> None:
    assert erlen.request.method


def _touch_headers() -> None:
    assert erlen.request.headers is not None


def _touch_stream() -> None:
    with suppress(HTTPException):
        assert erlen.request.stream is not None


def _touch_g() -> None:
    assert "nothing" not in erlen.g


def _touch_app_context() -> None:
    assert erlen.globals.app_ctx.app


def _touch_adapter() -> None:
    assert erlen.globals.request_ctx.url_adapter


def _drop_the_plan(*args: t.Any) -> t.Any:
    erlen.current_app.config["UNHEARD_OF"] = len(args)
    return args[0] if args and isinstance(args[0], werkzeug.wrappers.Response) else None


def _for_this_request() -> None:
    erlen.after_this_request(_after)


_switch("a before hook", _hooked("before_request_funcs", _before), taken="erlen.serve.steps:preprocess")
_switch(
    "an after hook",
    _hooked("after_request_funcs", _after),
    left="erlen.serve.steps:answer_plainly",
    taken="erlen.wrappers.response:text_response",
)
_switch(
    "a teardown function",
    _hooked("teardown_request_funcs", _teardown),
    taken="erlen.serve.teardown:tear_down",
)
_switch(
    "a preprocessor",
    _hooked("url_value_preprocessors", _preprocess),
    taken=("erlen.serve.steps:_each_preprocessor", "erlen.serve.steps:_dispatch_request_object"),
)
_switch(
    "a teardown function of the application context",
    lambda to: to.made.append(lambda app: app.teardown_appcontext_funcs.append(_teardown)),
    taken="erlen.ctx:RequestContext.pop",
)
_switch(
    "the request is made",
    _hooked("before_request_funcs", _touch_request),
    taken=("erlen.ctx:RequestContext.make_request", "erlen.serve.steps:_dispatch_request_object"),
)
_switch(
    "the headers are made",
    _hooked("before_request_funcs", _touch_headers),
    probe="form",
    taken="werkzeug.wrappers:Request._parse_content_type",
)
_switch(
    "the stream is made",
    _hooked("before_request_funcs", _touch_stream),
    probe="form",
    taken="werkzeug.wsgi:get_input_stream",
)
_switch("g is made", _hooked("before_request_funcs", _touch_g), taken="erlen.ctx:RequestContext.make_g")
_switch(
    "the application context is made",
    _hooked("before_request_funcs", _touch_app_context),
    taken="erlen.ctx:RequestContext.make_app_context",
)
_switch(
    "the adapter is made",
    _hooked("before_request_funcs", _touch_adapter),
    taken=("erlen:Erlen.create_url_adapter", "erlen.ctx:RequestContext.make_request"),
)
_switch(
    "the plan changes before the view",
    _hooked("before_request_funcs", _drop_the_plan),
    taken=("erlen:Erlen.dispatch_request", "erlen:Erlen.finalize_request"),
)
_switch(
    "the plan changes behind the view",
    _hooked("after_request_funcs", _drop_the_plan),
    taken="erlen.ctx:RequestContext.pop",
)
_switch(
    "the plan changes in a teardown function",
    _hooked("teardown_request_funcs", _drop_the_plan),
    taken="erlen.ctx:AppContext.pop",
)
_switch(
    "a function for this request",
    _hooked("before_request_funcs", _for_this_request),
    left="erlen.serve.steps:answer_plainly",
)


# the user's functions


def _plain(function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Make a function of either colour plain, and ask no seam that somebody may listen at."""
    return erlen.current_app.async_to_sync(function) if iscoroutinefunction(function) else function


class _Callable:
    """Be a function that is none, and has no hash."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, function: t.Callable[..., t.Any]) -> None:
        self.function = function
        self.__module__ = function.__module__

    def __call__(self, *args: t.Any, **kwargs: t.Any) -> t.Any:
        return _plain(self.function)(*args, **kwargs)


def _dropping(function: t.Callable[..., t.Any]) -> t.Callable[..., t.Any]:
    """Let the plan be dropped by whatever the function does."""

    def wrapped(*args: t.Any, **kwargs: t.Any) -> t.Any:
        try:
            return _plain(function)(*args, **kwargs)
        finally:
            _drop_the_plan()

    wrapped.__module__ = function.__module__
    return wrapped


_switch(
    "callables", lambda to: to.wrap.append(_Callable), probe="hooked", taken="erlen.plan.routes:plain_call"
)
_switch(
    "every function changes the plan",
    lambda to: to.wrap.append(_dropping),
    taken="erlen:Erlen.finalize_request",
)


# tables, configuration, rules


def _own_tables(app: t.Any) -> None:
    for name in ("before_request_funcs", "after_request_funcs", "teardown_request_funcs"):
        setattr(app, name, defaultdict(list, getattr(app, name)))


def _share_configuration(app: t.Any) -> None:
    other = app.extensions["another"] = erlen.Erlen("another", static_folder=None)
    other.config.update(app.config)
    app.config = other.config


_NOTHING_OBSERVED = ("straight", "matching", "lazy_context", "lazy_session")
_switch(
    "tables of one's own",
    lambda to: to.made.append(_own_tables),
    left=("erlen.serve.steps:run", "erlen.serve.matching:match"),
    clears=("tables", *_NOTHING_OBSERVED),
)
_switch(
    "a configuration that two share",
    lambda to: to.made.append(_share_configuration),
    left=("erlen.serve.steps:run", "erlen.serve.matching:match"),
    clears=_NOTHING_OBSERVED,
)
_switch(
    "rules of Werkzeug",
    lambda to: to.attributes.update(url_rule_class=Rule),
    taken="erlen.serve.matching:match_by_adapter",
)
_switch(
    "a map of Werkzeug",
    lambda to: to.attributes.update(url_map_class=Map),
    left=("erlen.serve.steps:run", "erlen.serve.matching:match"),
    clears="matching",
)


# requests


def _property(base: t.Any, name: str) -> type:
    """Make a class to mix in, with a property that is what the one behind it is."""
    mixin = type("PassingOn", (), {})
    setattr(mixin, name, property(lambda self: getattr(super(mixin, self), name)))  # type: ignore[arg-type]
    return mixin


class _Trusting:
    """Keep the trusted hosts by oneself."""

    _trusted: t.Any = None

    @property
    def trusted_hosts(self) -> t.Any:
        return self._trusted

    @trusted_hosts.setter
    def trusted_hosts(self, value: t.Any) -> None:
        self._trusted = value


class _WerkzeugsReading:
    """Read as Werkzeug does: everything at the beginning, and by its parsers."""

    __init__ = werkzeug.wrappers.Request.__init__
    args = werkzeug.wrappers.Request.args
    stream = werkzeug.wrappers.Request.stream
    get_data = werkzeug.wrappers.Request.get_data
    close = werkzeug.wrappers.Request.close
    _load_form_data = werkzeug.wrappers.Request._load_form_data
    _parse_content_type = werkzeug.wrappers.Request._parse_content_type


def _read_query(request: t.Any) -> bytes:
    return request.environ.get("QUERY_STRING", "").encode("latin1")


class _OwnQuery:
    query_string = property(_read_query)


class _StoringCookies:
    dict_storage_class = type("ImmutableMultiDict", (ImmutableMultiDict,), {})


class _Storing:
    parameter_storage_class = type("ImmutableMultiDict", (ImmutableMultiDict,), {})


for _name in ("__init__", "close"):
    _switch(
        f"Request.{_name}",
        lambda to, n=_name: to.request.append(passing_on(n)),
        left="erlen.serve.steps:run",
        taken="erlen.ctx:RequestContext.make_early",
        clears=("lazy_context", "straight"),
    )
for _name in ("endpoint", "blueprint", "blueprints"):
    _switch(
        f"Request.{_name}",
        lambda to, n=_name: to.request.append(_property(erlen.Request, n)),
        left="erlen.serve.steps:run",
        clears=("lazy_context", "straight"),
    )
_switch(
    "Request.trusted_hosts",
    lambda to: to.request.append(_Trusting),
    left="erlen.serve.matching:match",
    clears="matching",
)
_switch(
    "Werkzeug's request",
    lambda to: to.request.append(_WerkzeugsReading),
    probe="form",
    left="erlen.serve.steps:run",
    taken="werkzeug.formparser:FormDataParser.parse",
)
_switch(
    "Werkzeug's form parser",
    lambda to: to.request.append(passing_on("make_form_data_parser")),
    probe="form",
    taken="werkzeug.formparser:FormDataParser.parse",
)
_switch(
    "Request.query_string",
    lambda to: to.request.append(_OwnQuery),
    probe="query",
    taken=f"{__name__}:_read_query",
)
_switch(
    "cookies in a class of one's own",
    lambda to: to.request.append(_StoringCookies),
    probe="session",
    left="erlen.wrappers.cookies:read_cookie",
    taken="erlen.wrappers.cookies:read_cookies",
)
_switch(
    "fields in a class of one's own",
    lambda to: to.request.append(_Storing),
    probe="query",
    taken="werkzeug.datastructures:MultiDict.__init__",
)


# responses


class _OwnStatus:
    """Have a property of one's own that is Werkzeug's."""

    status = property(
        werkzeug.wrappers.Response.status.fget,  # type: ignore[attr-defined]
        werkzeug.wrappers.Response.status.fset,  # type: ignore[attr-defined]
    )


class _WerkzeugsHeaders:
    """Have headers of Werkzeug's class."""

    def __init__(self, *args: t.Any, **kwargs: t.Any) -> None:
        super().__init__(*args, **kwargs)
        self.headers = Headers(self.headers)


_switch(
    "Response.status",
    lambda to: to.response.append(_OwnStatus),
    taken="werkzeug.wrappers:Response.__init__",
    probe="headed",
    clears="text_type",
)
_switch(
    "Response.get_wsgi_response",
    lambda to: to.response.append(passing_on("get_wsgi_response")),
    probe="headed",
    taken="werkzeug.wrappers:Response.__call__",
    clears="text_type",
)
for _name in ("__init__", "__call__", "set_cookie", "get_data", "iter_encoded"):
    _switch(
        f"Response.{_name}",
        lambda to, n=_name: to.response.append(passing_on(n)),
        taken="erlen.serve.results:make_response",
        clears="text_type",
    )
_switch(
    "Response.__init__ of an error page",
    lambda to: to.response.append(passing_on("__init__")),
    probe="nowhere",
    left="erlen.serve.results:_page_of",
    clears="text_type",
)
_switch(
    "Werkzeug's headers",
    lambda to: to.response.append(_WerkzeugsHeaders),
    probe="session",
    left="erlen.wrappers.response:ResponseHeaders.__setitem__",
    clears="text_type",
)


_switch(
    "Response.set_cookie of a session",
    lambda to: to.response.append(passing_on("set_cookie")),
    probe="session",
    left="erlen.wrappers.cookies:write_cookie",
    taken="werkzeug.wrappers:Response.set_cookie",
    clears="text_type",
)
_switch(
    "Response.vary",
    lambda to: to.response.append(_property(erlen.Response, "vary")),
    probe="session",
    taken="werkzeug.datastructures:HeaderSet.add",
    clears="text_type",
)
_switch(
    "Response.make_conditional of a file",
    lambda to: to.response.append(passing_on("make_conditional")),
    probe="disk",
    taken="werkzeug.utils:send_file",
    clears="text_type",
)
_switch(
    "send_file is another",
    lambda to: to.around.append(partial(_patched, werkzeug.utils, "send_file")),
    probe="disk",
    taken="werkzeug.utils:send_file",
)


# sessions


class _WerkzeugsSerializer:
    """Sign as Flask does: with nothing kept."""

    def get_signing_serializer(self, app: t.Any) -> URLSafeTimedSerializer | None:
        if not app.secret_key:
            return None
        kind = sessions.SecureCookieSessionInterface
        signer = {"key_derivation": kind.key_derivation, "digest_method": kind.digest_method}
        return URLSafeTimedSerializer(
            app.secret_key, salt=kind.salt, serializer=kind.serializer, signer_kwargs=signer
        )


def _patch_sessions(app: t.Any) -> None:
    """Put an interface of the same class in, with a method of its own."""
    interface = app.session_interface = type(app.session_interface)()
    interface.open_session = interface.open_session


for _name in ("open_session", "save_session", "get_cookie_name", "should_set_cookie"):
    _switch(
        f"SessionInterface.{_name}",
        lambda to, n=_name: to.sessions.append(passing_on(n)),
        taken=("erlen.ctx:RequestContext.open_session", "erlen.serve.steps:save_session"),
        clears="lazy_session",
    )
_switch(
    "an interface with a method of its own",
    lambda to: to.made.append(_patch_sessions),
    taken=("erlen.ctx:RequestContext.open_session", "erlen.serve.steps:save_session"),
    clears="lazy_session",
)
_switch(
    "signatures with nothing kept",
    lambda to: to.sessions.append(_WerkzeugsSerializer),
    probe="session",
    taken="itsdangerous:Signer.derive_key",
    clears="lazy_session",
)


# JSON and templates


class _Template(jinja2.Template): ...


class _OwnTemplates:
    template_class = _Template


for _name in ("dumps", "response"):
    _switch(
        f"JSONProvider.{_name}",
        lambda to, n=_name: to.provider.append(passing_on(n)),
        probe="json",
        taken=("erlen.serve.results:make_response", "erlen.json.provider:DefaultJSONProvider.response"),
    )
_switch(
    "json.dumps is another",
    lambda to: to.around.append(partial(_patched, json, "dumps")),
    probe="json",
    left="erlen.json.provider:_Encoder.encode",
    taken="json:dumps",
)
_switch(
    "json.loads is another",
    lambda to: to.around.append(partial(_patched, json, "loads")),
    probe="posted",
    taken="json:loads",
)
_switch(
    "strings are compiled each time",
    lambda to: to.environment.append(passing_on("from_string")),
    probe="page",
    taken="jinja2:Environment.from_string",
)
_switch(
    "templates in a class of one's own",
    lambda to: to.environment.append(_OwnTemplates),
    probe="page",
    left="erlen.templating:_Template.new_context",
    taken="jinja2:Template.new_context",
)


# proxies

_PROXIES = {
    "request": LocalProxy(active.require_request),
    "session": LocalProxy(active.require_session),
    "current_app": LocalProxy(active.require_app),
    "g": LocalProxy(active.require_g),
}
_switch(
    "Werkzeug's proxies",
    lambda to: to.proxies.update(_PROXIES),
    probe="proxies",
    left=("erlen.proxies:_RequestProxy.__getattr__", "erlen.proxies:_GProxy.__getattribute__"),
)


def making(names: t.Iterable[str]) -> Making:
    """Turn these switches on."""
    made = Making()
    for name in names:
        SWITCHES[name].turn_on(made)
    return made
