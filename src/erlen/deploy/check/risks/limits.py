"""Risks of what clients may send: bodies and forms without a limit, rates that are not limited."""

from __future__ import annotations

import typing as t

from ..finding import Finding, Kind, Level
from . import written

if t.TYPE_CHECKING:
    from ..examined import Examined

BODY = Kind(
    "max-content-length-missing",
    Level.WARNING,
    "A client can send a body that fills the memory or the disk.",
)
FORM = Kind(
    "form-limit-off",
    Level.WARNING,
    "A client can send a form that takes the memory, or minutes to read.",
)
MESSAGE = Kind(
    "websocket-limit-off",
    Level.WARNING,
    "A client can send a message that takes the memory.",
)
RATE_OFF = Kind(
    "rate-limit-off",
    Level.WARNING,
    "Passwords can be tried as fast as the server answers.",
)

_FORM_DEFAULTS = {"MAX_FORM_MEMORY_SIZE": "500_000", "MAX_FORM_PARTS": "1_000"}


def check_limits(examined: Examined) -> t.Iterator[Finding]:
    """Find limits of requests that are missing or turned off."""
    config = examined.app.config
    if config["MAX_CONTENT_LENGTH"] is None:
        place = written.place_of_setting(examined, "MAX_CONTENT_LENGTH")
        line = 'app.config["MAX_CONTENT_LENGTH"] = 4 * 1024 * 1024'
        yield BODY.found("MAX_CONTENT_LENGTH is not set.", place, write=line)
    for key, default in _FORM_DEFAULTS.items():
        if config[key] is None:
            place = written.place_of_setting(examined, key)
            yield FORM.found(f"{key} is None.", place, write=f'app.config["{key}"] = {default}')
    key = "WEBSOCKET_MAX_MESSAGE_SIZE"
    if config[key] is None:
        place = written.place_of_setting(examined, key)
        yield MESSAGE.found(f"{key} is None.", place, write=f'app.config["{key}"] = 1 << 20')


def check_rates(examined: Examined) -> t.Iterator[Finding]:
    """Find Flask-Limiter that is there and turned off."""
    if "RATELIMIT_ENABLED" in examined.app.config and not examined.app.config["RATELIMIT_ENABLED"]:
        place = written.place_of_setting(examined, "RATELIMIT_ENABLED")
        line = 'app.config["RATELIMIT_ENABLED"] = True'
        yield RATE_OFF.found("RATELIMIT_ENABLED is off.", place, write=line)
