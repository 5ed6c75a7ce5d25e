"""The types of Erlen's public API, and the contract between the parts of an application.

The aliases carry Flask's names, so annotations written for Flask keep their meaning.
"""

from __future__ import annotations

import collections.abc as cabc
import typing as t

from .observe import Watched

if t.TYPE_CHECKING:
    import logging
    import os
    from datetime import timedelta
    from types import TracebackType

    import click
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment
    from werkzeug.datastructures import Headers
    from werkzeug.exceptions import Aborter, HTTPException
    from werkzeug.routing import Map, MapAdapter, Rule
    from werkzeug.sansio.response import Response

    # The contract names what the layers above provide; only annotations look up, never code.
    # Erlen is for what users override and read: there the application is the whole of it.
    from .app import Erlen as Erlen
    from .config import Config
    from .declare.blueprint import Blueprint
    from .json.provider import JSONProvider
    from .plan.planner import Planner
    from .serve.app_context import AppContext, _AppCtxGlobals
    from .serve.request_context import RequestContext
    from .serve.serving import Serving
    from .sessions import SessionInterface
    from .templating import Environment
    from .wrappers import Request
    from .wrappers import Response as ErlenResponse

# What a view may return.
ResponseValue: t.TypeAlias = t.Union[
    "Response",
    str,
    bytes,
    list[t.Any],
    t.Mapping[str, t.Any],
    t.Iterator[str],
    t.Iterator[bytes],
    cabc.AsyncIterable[str],
    cabc.AsyncIterable[bytes],
]
HeaderValue: t.TypeAlias = str | list[str] | tuple[str, ...]
HeadersValue: t.TypeAlias = t.Union[
    "Headers", t.Mapping[str, HeaderValue], t.Sequence[tuple[str, HeaderValue]]
]
ResponseReturnValue: t.TypeAlias = t.Union[
    ResponseValue,
    tuple[ResponseValue, HeadersValue],
    tuple[ResponseValue, int],
    tuple[ResponseValue, int, HeadersValue],
    "WSGIApplication",
]
ResponseClass = t.TypeVar("ResponseClass", bound="Response")

# The functions users register, each plain or a coroutine function where that is allowed.
AppOrBlueprintKey: t.TypeAlias = str | None
AfterRequestCallable: t.TypeAlias = (
    t.Callable[[ResponseClass], ResponseClass] | t.Callable[[ResponseClass], t.Awaitable[ResponseClass]]
)
BeforeFirstRequestCallable: t.TypeAlias = t.Callable[[], None] | t.Callable[[], t.Awaitable[None]]
BeforeRequestCallable: t.TypeAlias = (
    t.Callable[[], ResponseReturnValue | None] | t.Callable[[], t.Awaitable[ResponseReturnValue | None]]
)
ShellContextProcessorCallable: t.TypeAlias = t.Callable[[], dict[str, t.Any]]
TeardownCallable: t.TypeAlias = (
    t.Callable[[BaseException | None], None] | t.Callable[[BaseException | None], t.Awaitable[None]]
)
TemplateContextProcessorCallable: t.TypeAlias = (
    t.Callable[[], dict[str, t.Any]] | t.Callable[[], t.Awaitable[dict[str, t.Any]]]
)
TemplateFilterCallable: t.TypeAlias = t.Callable[..., t.Any]
TemplateGlobalCallable: t.TypeAlias = t.Callable[..., t.Any]
TemplateTestCallable: t.TypeAlias = t.Callable[..., bool]
URLDefaultCallable: t.TypeAlias = t.Callable[[str, dict[str, t.Any]], None]
URLValuePreprocessorCallable: t.TypeAlias = t.Callable[[str | None, dict[str, t.Any] | None], None]
# COMPAT: a handler is registered for one class of exceptions and takes that class; a union of all
# of them cannot be said more precisely, so its argument is open, as in Flask.
ErrorHandlerCallable: t.TypeAlias = (
    t.Callable[[t.Any], ResponseReturnValue] | t.Callable[[t.Any], t.Awaitable[ResponseReturnValue]]
)
ServingCallable: t.TypeAlias = t.Callable[[], None] | t.Callable[[], t.Awaitable[None]]
# An asynchronous generator function; most are annotated as AsyncIterator.
WhileServingCallable: t.TypeAlias = t.Callable[[], cabc.AsyncIterator[None]]
WebSocketCallable: t.TypeAlias = t.Callable[..., t.Awaitable[t.Any]]
# It is given None where nothing answers instead of the WebSocket.
AfterWebSocketCallable: t.TypeAlias = t.Callable[[t.Any], t.Any]
RouteCallable: t.TypeAlias = (
    t.Callable[..., ResponseReturnValue] | t.Callable[..., t.Awaitable[ResponseReturnValue]]
)

ExcInfo: t.TypeAlias = t.Union[
    "tuple[type[BaseException], BaseException, TracebackType]", tuple[None, None, None]
]
HookTable: t.TypeAlias = "dict[AppOrBlueprintKey, list[t.Any]]"
HandlerTable: t.TypeAlias = (
    "dict[AppOrBlueprintKey, dict[int | None, dict[type[Exception], ErrorHandlerCallable]]]"
)


class Application(metaclass=Watched):
    """The contract between the parts of an application: what it consists of.

    The body is annotations only. Each part (registrar, resources, templating, links, error
    handling, request cycle, gateways) inherits this class and may use what stands here; the
    application class inherits all parts, and so provides it.
    """

    # identity and resources
    name: str
    import_name: str
    root_path: str
    instance_path: str
    template_folder: str | os.PathLike[str] | None
    cli: click.Group
    logger: logging.Logger

    # configuration
    config: Config
    debug: bool
    testing: bool
    secret_key: str | bytes | None
    permanent_session_lifetime: timedelta
    subdomain_matching: bool

    # collaborators
    json: JSONProvider
    aborter: Aborter
    jinja_env: Environment
    jinja_options: dict[str, t.Any]
    request_class: type[Request]
    response_class: type[ErlenResponse]
    session_interface: SessionInterface
    app_ctx_globals_class: type[_AppCtxGlobals]
    url_rule_class: type[Rule]
    url_map: Map

    # tables, in Flask's shapes
    view_functions: dict[str, RouteCallable]
    before_request_funcs: dict[AppOrBlueprintKey, list[BeforeRequestCallable]]
    after_request_funcs: dict[AppOrBlueprintKey, list[AfterRequestCallable[t.Any]]]
    teardown_request_funcs: dict[AppOrBlueprintKey, list[TeardownCallable]]
    url_value_preprocessors: dict[AppOrBlueprintKey, list[URLValuePreprocessorCallable]]
    url_default_functions: dict[AppOrBlueprintKey, list[URLDefaultCallable]]
    template_context_processors: dict[AppOrBlueprintKey, list[TemplateContextProcessorCallable]]
    error_handler_spec: HandlerTable
    teardown_appcontext_funcs: list[TeardownCallable]
    shell_context_processors: list[ShellContextProcessorCallable]
    url_build_error_handlers: list[t.Callable[[Exception, str, dict[str, t.Any]], str]]
    blueprints: dict[str, Blueprint]
    extensions: dict[str, t.Any]

    before_websocket_funcs: HookTable
    after_websocket_funcs: HookTable
    teardown_websocket_funcs: HookTable

    before_serving_funcs: list[ServingCallable]
    after_serving_funcs: list[ServingCallable]
    while_serving_gens: list[t.Callable[[], t.AsyncGenerator[None, None]]]

    # the plan
    serving_state: Serving
    is_to_be_started: t.Callable[[], bool]
    start_background_task: t.Callable[[t.Callable[[], t.Any]], None]
    has_websockets: bool
    _got_first_request: bool
    request_planner: Planner

    # seams
    wsgi_app: t.Callable[[WSGIEnvironment, t.Any], t.Iterable[bytes]]
    full_dispatch_request: t.Callable[[], ErlenResponse]
    preprocess_request: t.Callable[[], ResponseReturnValue | None]
    dispatch_request: t.Callable[[], ResponseReturnValue]
    make_response: t.Callable[[t.Any], ErlenResponse]
    finalize_request: t.Callable[..., ErlenResponse]
    process_response: t.Callable[[ErlenResponse], ErlenResponse]
    do_teardown_request: t.Callable[[BaseException | None], None]
    do_teardown_appcontext: t.Callable[[BaseException | None], None]
    handle_exception: t.Callable[[Exception], ErlenResponse]
    handle_user_exception: t.Callable[[Exception], HTTPException | ResponseReturnValue]
    should_ignore_error: t.Callable[[BaseException | None], bool]
    raise_routing_exception: t.Callable[[Request], t.NoReturn]
    make_default_options_response: t.Callable[[], ErlenResponse]
    trap_http_exception: t.Callable[[Exception], bool]
    _find_error_handler: t.Callable[[Exception, t.Sequence[str]], ErrorHandlerCallable | None]
    handle_http_exception: t.Callable[[HTTPException], HTTPException | ResponseReturnValue]
    request_context: t.Callable[[WSGIEnvironment], RequestContext]
    app_context: t.Callable[[], AppContext]
    create_url_adapter: t.Callable[[Request | None], MapAdapter | None]
    ensure_sync: t.Callable[[t.Callable[..., t.Any]], t.Callable[..., t.Any]]
    async_to_sync: t.Callable[[t.Callable[..., t.Any]], t.Callable[..., t.Any]]
