"""The context of a request that runs on an event loop, as the steps see it; a gateway fills it in."""

from __future__ import annotations

import typing as t

from ..concurrency.to_thread import ToThread
from .request_context import RequestContext

if t.TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

    from .contract import AnyApplication


class LoopContext(ToThread, RequestContext):
    """The context of a request that runs on an event loop."""

    # The header fields by name, as they came.
    __slots__ = ("fields", "method")

    if t.TYPE_CHECKING:
        app: AnyApplication
        fields: dict[bytes, bytes]
        method: str
        # The environ, where one was made.
        _environ: WSGIEnvironment | None

    # Whether a view is still to be called.
    awaits_view = True

    def has_body_to_come(self) -> bool:
        """Tell whether there is more of the body than has been received."""
        return False

    async def receive_rest(self) -> None:
        """Receive what has not been received of the body, so far as a view or a coroutine may read it."""
