"""What a request needs of an application, besides what ``plan`` does: with it, the contract is whole."""

from __future__ import annotations

import typing as t

from ..plan import contract

if t.TYPE_CHECKING:
    import logging
    from datetime import timedelta

    from _typeshed.wsgi import WSGIEnvironment
    from werkzeug.exceptions import Aborter, HTTPException
    from werkzeug.routing import MapAdapter

    from .. import typing as ft
    from ..wrappers import Request, Response
    from .app_context import AppContext, _AppCtxGlobals
    from .request_context import RequestContext
    from .serving import Serving


class Application(contract.Application):
    """An application that is served: its configuration, what runs around requests, and its seams."""

    # configuration
    testing: bool
    secret_key: str | bytes | None
    permanent_session_lifetime: timedelta

    # collaborators
    logger: logging.Logger
    aborter: Aborter
    app_ctx_globals_class: type[_AppCtxGlobals]

    # what runs around requests, and instead of them
    direct_answers: dict[str, ft.DirectAnswer]
    serving_state: Serving
    start_background_task: t.Callable[[t.Callable[[], t.Any]], None]

    # seams
    wsgi_app: t.Callable[[WSGIEnvironment, t.Any], t.Iterable[bytes]]
    full_dispatch_request: t.Callable[[], Response]
    preprocess_request: t.Callable[[], ft.ResponseReturnValue | None]
    dispatch_request: t.Callable[[], ft.ResponseReturnValue]
    make_response: t.Callable[[t.Any], Response]
    finalize_request: t.Callable[..., Response]
    process_response: t.Callable[[Response], Response]
    do_teardown_request: t.Callable[[BaseException | None], None]
    do_teardown_appcontext: t.Callable[[BaseException | None], None]
    handle_exception: t.Callable[[Exception], Response]
    handle_user_exception: t.Callable[[Exception], HTTPException | ft.ResponseReturnValue]
    handle_http_exception: t.Callable[[HTTPException], HTTPException | ft.ResponseReturnValue]
    trap_http_exception: t.Callable[[Exception], bool]
    should_ignore_error: t.Callable[[BaseException | None], bool]
    raise_routing_exception: t.Callable[[Request], t.NoReturn]
    make_default_options_response: t.Callable[[], Response]
    _find_error_handler: t.Callable[[Exception, t.Sequence[str]], ft.ErrorHandlerCallable | None]
    request_context: t.Callable[[WSGIEnvironment], RequestContext]
    app_context: t.Callable[[], AppContext]
    create_url_adapter: t.Callable[[Request | None], MapAdapter | None]


if t.TYPE_CHECKING:

    class AnyApplication(Application, contract.AnyApplication):
        """An application for users, as in ``declare``: it passes for ``Erlen``."""
