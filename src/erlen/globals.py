"""The proxies that stand for what is in the active contexts (``erlen.active``), with their types."""

from __future__ import annotations

import typing as t

from . import proxies
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
    class _StandsFor(t.Generic[T]):
        def _get_current_object(self) -> T: ...

    class AppContextProxy(_StandsFor[AppContext], AppContext): ...

    class AppProxy(_StandsFor[Erlen], Erlen): ...

    class GlobalsProxy(_StandsFor[_AppCtxGlobals], _AppCtxGlobals): ...

    class RequestContextProxy(_StandsFor[RequestContext], RequestContext): ...

    class RequestProxy(_StandsFor[Request], Request): ...

    class SessionProxy(_StandsFor[SessionMixin], SessionMixin): ...

    class WebSocketProxy(_StandsFor[WebSocket], WebSocket): ...


# COMPAT: Flask's names for its two context variables; the messages above are imported by some, too.
_cv_app = cv_app
_cv_request = cv_request

app_ctx: AppContextProxy = proxies.app_ctx
current_app: AppProxy = proxies.current_app
g: GlobalsProxy = proxies.g
request_ctx: RequestContextProxy = proxies.request_ctx
request: RequestProxy = proxies.request
session: SessionProxy = proxies.session
websocket: WebSocketProxy = proxies.websocket
