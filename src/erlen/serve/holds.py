"""Put the end of a request off: a stream that keeps its context is torn down when it is closed."""

from __future__ import annotations

import sys
import typing as t

from ..globals import _cv_app, _reset_state, _set_state
from .app_context import _sentinel

if t.TYPE_CHECKING:
    from .app_context import AppContext
    from .context import RequestContext


class Holds:
    """Count who needs a request context still, when it is no longer pushed."""

    if not t.TYPE_CHECKING:  # what is set here lies in the context's __dict__
        __slots__ = ()

    _held_app_context: AppContext | None = None
    _holds = 0

    if t.TYPE_CHECKING:
        _found: t.Any

        def _tear_down(self, exc: BaseException | None) -> None: ...

    def _hold(self) -> None:
        """Put the teardown of this context and of its application's off until as many releases.

        An exception that ends the request does not wait: its stream will not be sent.
        """
        app_context = _cv_app.get()
        app_context._holds += 1
        self._held_app_context = app_context
        self._holds += 1
        # Another tuple: what is held is no longer the gateway's to finish.
        self._found = (*self._found,)

    def _drop_holds(self) -> None:
        app_context, holds = self._held_app_context, self._holds
        self._held_app_context = None
        self._holds = 0
        if app_context is not None:
            app_context._holds -= holds

    def _release(self, exc: BaseException | None = _sentinel) -> None:
        """Take a hold back; the last one tears down, where the context is no longer pushed.

        Teardown functions get *exc*, or the exception that is being handled, as in ``pop``.
        """
        if exc is _sentinel:
            exc = sys.exc_info()[1]
        app_context = self._held_app_context
        if app_context is None:
            return  # an exception dropped it
        self._holds -= 1
        try:
            if not self._holds and not self._found:
                self._tear_down_late(app_context, exc)
        finally:
            app_context._release(exc)

    def _tear_down_late(self, app_context: AppContext, exc: BaseException | None) -> None:
        # Active once more, but neither opened nor matched again: that is long past.
        token = _set_state((t.cast("RequestContext", self), app_context))
        try:
            self._tear_down(exc)
        finally:
            _reset_state(token)
