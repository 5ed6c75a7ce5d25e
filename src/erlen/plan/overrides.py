"""Which public methods are Erlen's own, and which somebody overrode or patched.

A seam is a public method meant to be overridden. The straight path calls the private step behind
it; that is right only while the seam is Erlen's own: on the instance, on its class, on Erlen.
"""

from __future__ import annotations

import inspect
import typing as t

if t.TYPE_CHECKING:
    from ..typing import Application

# The seams of the straight path.
APPLICATION_SEAMS = (
    "full_dispatch_request",
    "preprocess_request",
    "dispatch_request",
    "make_response",
    "process_response",
    "finalize_request",
    "make_default_options_response",
    "raise_routing_exception",
    "request_context",
    "app_context",
    "create_url_adapter",
    "ensure_sync",
    "async_to_sync",
    "do_teardown_request",
    "do_teardown_appcontext",
)

# Called by name where an exception comes; on a loop, steps of their own stand for them.
ERROR_SEAMS = (
    "handle_user_exception",
    "handle_http_exception",
    "trap_http_exception",
    "handle_exception",
    "_find_error_handler",
)
# Where servers come in. What stands around the first two sees every request.
ENTRY_SEAMS = ("wsgi_app", "__call__", "asgi_app")

Methods: t.TypeAlias = dict[str, t.Any]


class Original:
    """The methods of a class as Erlen defined them."""

    def __init__(self, cls: type, names: t.Iterable[str]) -> None:
        self.cls = cls
        self.methods: Methods = {name: inspect.getattr_static(cls, name) for name in names}

    def unchanged_on(self, cls: type, names: t.Iterable[str] | None = None) -> bool:
        """Tell whether *cls*, the class itself or one derived from it, has these methods still."""
        spaces = [vars(base) for base in cls.__mro__]
        methods = self.methods
        # Written out: an application is looked at before it is served, and has 140 methods that count.
        for name in methods if names is None else names:
            for space in spaces:
                if name in space:
                    if space[name] is not methods[name]:
                        return False
                    break
            else:
                return False
        return True

    def unchanged_in(self, instance: object, names: t.Iterable[str] | None = None) -> bool:
        """Tell whether *instance* has these methods still, its own attributes included."""
        chosen = self.methods if names is None else tuple(names)
        own: dict[str, t.Any] = getattr(instance, "__dict__", {})
        return own.keys().isdisjoint(chosen) and self.unchanged_on(type(instance), chosen)


class Seams:
    """The originals of all classes that the straight path stands for."""

    def __init__(
        self,
        application: type,
        request_context: type,
        app_context: type,
        response: type,
        session_interface: type,
    ) -> None:
        self.application = Original(application, (*APPLICATION_SEAMS, *ERROR_SEAMS, *ENTRY_SEAMS))
        self.request_context = Original(
            request_context, ("push", "pop", "match_request", "__init__", "request", "session", "_session")
        )
        self.app_context = Original(app_context, ("push", "pop", "__init__"))
        self.response = Original(response, _public_names(response))
        self.session_interface = Original(session_interface, _public_names(session_interface))

    def cycle_unchanged(self, app: Application) -> bool:
        """Tell whether the steps may stand for the seams."""
        return (
            self.application.unchanged_in(app, APPLICATION_SEAMS)
            and self.request_context.unchanged_on(self.request_context.cls)
            and self.app_context.unchanged_on(self.app_context.cls)
        )

    def matching_unchanged(self, app: Application) -> bool:
        """Tell whether the matcher may stand for the URL adapter."""
        return self.application.unchanged_in(
            app, ("create_url_adapter",)
        ) and self.request_context.unchanged_on(self.request_context.cls, ("match_request",))


def _public_names(cls: type) -> list[str]:
    return [name for name in dir(cls) if not name.startswith("__") or name in ("__init__", "__call__")]
