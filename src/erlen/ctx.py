"""Signpost: Flask's import path for contexts, which live in ``erlen.serve``."""

from __future__ import annotations

from .globals import _cv_app as _cv_app
from .globals import _cv_request as _cv_request
from .serve.active import after_this_request as after_this_request
from .serve.active import copy_current_request_context as copy_current_request_context
from .serve.active import has_app_context as has_app_context
from .serve.active import has_request_context as has_request_context
from .serve.active import has_websocket_context as has_websocket_context
from .serve.app_context import AppContext as AppContext
from .serve.app_context import _AppCtxGlobals as _AppCtxGlobals
from .serve.app_context import _sentinel as _sentinel
from .serve.context import RequestContext as RequestContext
