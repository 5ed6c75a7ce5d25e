"""The ten signals of the framework itself; an application makes others in a Namespace of its own.

Every signal is sent with the application as sender. The comment beside each name lists further arguments.
A signal without receivers costs nothing: connecting one is reported to the plan.
"""

from __future__ import annotations

from functools import partial

from blinker import Namespace

from .observe import Table, Watched

__all__ = [
    "Namespace",
    "appcontext_popped",
    "appcontext_pushed",
    "appcontext_tearing_down",
    "before_render_template",
    "got_request_exception",
    "message_flashed",
    "request_finished",
    "request_started",
    "request_tearing_down",
    "template_rendered",
]

_signals = Namespace()

# While a request is handled.
request_started = _signals.signal("request-started")
request_finished = _signals.signal("request-finished")  # response=
request_tearing_down = _signals.signal("request-tearing-down")  # exc=, or None
got_request_exception = _signals.signal("got-request-exception")  # exception=
message_flashed = _signals.signal("message-flashed")  # message=, category=

# Around an application context.
appcontext_pushed = _signals.signal("appcontext-pushed")
appcontext_tearing_down = _signals.signal("appcontext-tearing-down")  # exc=, or None
appcontext_popped = _signals.signal("appcontext-popped")

# Around a template.
before_render_template = _signals.signal("before-render-template")  # template=, context=
template_rendered = _signals.signal("template-rendered")  # template=, context=

# The signals that every request sends: the plan knows whether they have receivers.
_OF_EVERY_REQUEST = (
    request_started,
    request_finished,
    request_tearing_down,
    appcontext_tearing_down,
    appcontext_popped,
)
for _signal in (*_OF_EVERY_REQUEST, appcontext_pushed):
    _signal.receivers = Table(partial(Watched.report, "signals"))


def request_is_heard() -> bool:
    """Tell whether a signal that every request sends has receivers."""
    return any(signal.receivers for signal in _OF_EVERY_REQUEST)
