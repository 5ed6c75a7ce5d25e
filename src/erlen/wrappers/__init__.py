"""Request and response: Werkzeug's, with what applications add, made on first use and in fewer steps."""

from __future__ import annotations

from werkzeug.wrappers import Request as RequestBase
from werkzeug.wrappers import Response as ResponseBase

from .request import Request as Request
from .response import Response as Response
from .response import content_type_of as content_type_of
from .response import text_response as text_response

__all__ = [
    "Request",
    "RequestBase",
    "Response",
    "ResponseBase",
    "content_type_of",
    "text_response",
]
