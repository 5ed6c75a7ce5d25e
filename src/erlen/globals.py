"""The proxies that stand for what is in the active contexts (``erlen.active``), with their types."""

from __future__ import annotations

import typing as t

from . import context_proxies
from .active import _no_app_msg as _no_app_msg
from .active import _no_req_msg as _no_req_msg
from .active import cv_app, cv_request

if t.TYPE_CHECKING:
    from .app import Erlen as Erlen
    from .serve.app_context import AppContext, _AppCtxGlobals
    from .serve.request_context import RequestContext
    from .sessions import SessionMixin
    from .wrappers import Request
    from .wrappers.websocket import WebSocket

    T = t.TypeVar("T")

    # The types of the proxies, for editors and type checkers: the object, and the method that returns it.
    class _ProxyOf(t.Generic[T]):
        def _get_current_object(self) -> T: ...

    class AppContextProxy(_ProxyOf[AppContext], AppContext): ...

    class AppProxy(_ProxyOf[Erlen], Erlen): ...

    class GlobalsProxy(_ProxyOf[_AppCtxGlobals], _AppCtxGlobals): ...

    class RequestContextProxy(_ProxyOf[RequestContext], RequestContext): ...

    class RequestProxy(_ProxyOf[Request], Request): ...

    class SessionProxy(_ProxyOf[SessionMixin], SessionMixin): ...

    class WebSocketProxy(_ProxyOf[WebSocket], WebSocket): ...


# COMPAT: Flask's names for its two context variables; the messages above are imported by some, too.
_cv_app = cv_app
_cv_request = cv_request

app_ctx: AppContextProxy = context_proxies.app_ctx
current_app: AppProxy = context_proxies.current_app
g: GlobalsProxy = context_proxies.g
request_ctx: RequestContextProxy = context_proxies.request_ctx
request: RequestProxy = context_proxies.request
session: SessionProxy = context_proxies.session
websocket: WebSocketProxy = context_proxies.websocket
