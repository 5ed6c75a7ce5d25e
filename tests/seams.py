"""The seams that tests override and patch, and the signals they listen to.

They are taken from where Erlen itself keeps them: what is added there is tested without being listed here.
"""

from __future__ import annotations

import inspect

from erlen import Erlen, Response
from erlen.ctx import AppContext, RequestContext
from erlen.originals import Originals
from erlen.plan.overrides import APPLICATION_SEAMS, ENTRY_SEAMS, ERROR_SEAMS, Seams
from erlen.sessions import SecureCookieSessionInterface
from erlen.signals import __all__ as _names_of_signals

# Python looks ``__call__`` up on the class alone, and Flask has no ``asgi_app`` to compare with.
_NOT_COMPARED = {"__call__", "asgi_app"}
# Public methods that the cycle always calls by name. The plan never stands for them, so it has no list.
_ALWAYS_CALLED = (
    "log_exception",
    "should_ignore_error",
    "url_for",
    "inject_url_defaults",
    "handle_url_build_error",
)


def _methods(originals: Originals) -> tuple[str, ...]:
    return tuple(name for name, method in originals.attributes.items() if inspect.isfunction(method))


_known = Seams(Erlen, RequestContext, AppContext, Response, SecureCookieSessionInterface)

SEAMS = (
    *(name for name in (*APPLICATION_SEAMS, *ERROR_SEAMS, *ENTRY_SEAMS) if name not in _NOT_COMPARED),
    *_ALWAYS_CALLED,
)
REQUEST_CONTEXT_SEAMS = _methods(_known.request_context)
APP_CONTEXT_SEAMS = _methods(_known.app_context)
SIGNALS = tuple(name for name in _names_of_signals if name != "Namespace")
