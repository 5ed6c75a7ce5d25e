"""A context that stays when its request is over, because the view asked for that in the environ.

Extensions of Flask 1.1's time that stream set ``flask._preserve_context``, and pop the context, which says
that it is ``preserved``, when the response is closed. Today ``stream_with_context`` does both.
"""

from __future__ import annotations

import typing as t

from ..active import cv_request
from ..app import SEAMS
from ..serve.request_context import RequestContext
from .attributes import OldAttribute

if t.TYPE_CHECKING:
    from .changes import Changes

ASKED = "flask._preserve_context"
_KEPT = "erlen.legacy.preserved_context"

_own_finish = RequestContext.finish
_own_pop = RequestContext.pop
_own_push = RequestContext.push


def _keeps(context: RequestContext, exc: BaseException | None) -> bool:
    """Tell whether the end of the request leaves the context as it is: once, for the next end is one."""
    environ = context.environ
    if exc is not None or not environ.get(ASKED) or _KEPT in environ:
        return False
    environ[_KEPT] = True
    return True


def _finish(self: RequestContext, plan: t.Any, state: t.Any, token: t.Any, exc: BaseException | None) -> None:
    """End the request, unless its context is kept."""
    if not _keeps(self, exc):
        _own_finish(self, plan, state, token, exc)


def _pop(self: RequestContext, exc: BaseException | None = None) -> None:
    """Pop the context, unless this is the end of a request whose context is kept."""
    if not _keeps(self, exc):
        _own_pop(self, exc)


def _push(self: RequestContext) -> None:
    """Push the context; one that was kept and that nobody popped ends before that."""
    kept = cv_request.get(None)
    if kept is not None and _KEPT in kept.environ:
        kept.pop()
    _own_push(self)


def _is_preserved(context: RequestContext) -> bool:
    return _KEPT in context.environ


def add(changes: Changes, level: str) -> None:
    """Keep contexts that are asked to be kept."""
    if level == "1.1":
        changes.set(RequestContext, "finish", _finish)
        changes.set_as_own(SEAMS.request_context, "pop", _pop)
        changes.set_as_own(SEAMS.request_context, "push", _push)
        preserved = OldAttribute("flask.ctx.RequestContext.preserved", _is_preserved)
        changes.set(RequestContext, "preserved", preserved)
