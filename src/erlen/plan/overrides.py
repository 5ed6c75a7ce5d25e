"""Which public methods are Erlen's own, and which have been overridden or patched.

A seam is a public method meant to be overridden. The straight form calls the private step behind
it; that is correct only while the seam is Erlen's own: on the instance, on its class, on Erlen.
"""

from __future__ import annotations

from ..originals import Originals

# The seams that the straight form replaces.
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

# Called by name when an exception was raised; on a loop, steps replace them.
ERROR_SEAMS = (
    "handle_user_exception",
    "handle_http_exception",
    "trap_http_exception",
    "handle_exception",
    "_find_error_handler",
)
# Called for each URL that is built, unless no function would run.
LINK_SEAMS = ("url_for", "inject_url_defaults")
# What the cookie of a session depends on, besides the configuration and the interface.
SESSION_SEAMS = ("secret_key", "permanent_session_lifetime")
# Called for each static file; the second for each file that is sent without an age.
FILE_SEAMS = ("send_static_file", "get_send_file_max_age")
# The methods that servers call. Middleware around the first two sees every request.
ENTRY_SEAMS = ("wsgi_app", "__call__", "asgi_app")


class Seams:
    """The original methods of all classes that the straight form replaces."""

    def __init__(
        self,
        application: type,
        request_context: type,
        app_context: type,
        response: type,
        session_interface: type,
    ) -> None:
        seams = (
            *APPLICATION_SEAMS,
            *ERROR_SEAMS,
            *LINK_SEAMS,
            *SESSION_SEAMS,
            *FILE_SEAMS,
            *ENTRY_SEAMS,
        )
        self.application = Originals(application, seams)
        self.request_context = Originals(
            request_context, ("push", "pop", "match_request", "__init__", "request", "session", "_session")
        )
        self.app_context = Originals(app_context, ("push", "pop", "__init__"))
        self.response = Originals(response, _public_names(response))
        self.session_interface = Originals(session_interface, _public_names(session_interface))


# What a class of responses has worked out from its other attributes.
_WORKED_OUT = ("is_called_plainly", "sets_cookies_plainly")


def _public_names(cls: type) -> list[str]:
    special = ("__init__", "__call__")
    names = (name for name in dir(cls) if not name.startswith("__") or name in special)
    return [name for name in names if name not in _WORKED_OUT]
