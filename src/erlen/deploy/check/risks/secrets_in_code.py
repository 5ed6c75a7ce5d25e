"""Risks of other secrets: passwords and tokens that are written in files which git tracks."""

from __future__ import annotations

import re
import typing as t

from erlen.deploy.logs.hidden import Hidden

from ..finding import Finding, Kind, Level, Place
from . import written

if t.TYPE_CHECKING:
    from ..examined import Examined

TRACKED = Kind(
    "secret-tracked",
    Level.WARNING,
    "Everybody with the repository can read it, and its history keeps it.",
)

_HIDDEN = Hidden()
# Keys have checks of their own.
_KEYS = ("SECRET_KEY", "JWT_SECRET_KEY", "WTF_CSRF_SECRET_KEY")
_PASSWORD = re.compile(r"^[\w+.-]+://[^/@\s:]*:[^/@\s]+@(?!(?:localhost|127\.0\.0\.1|\[::1\])(?:[:/]|$))")
_SHORTEST = 4


def check_secrets(examined: Examined) -> t.Iterator[Finding]:
    """Find passwords, tokens and addresses with passwords that a tracked file gives to a setting."""
    for name, value in examined.app.config.items():
        if not isinstance(value, str) or not isinstance(name, str) or not _is_secret(name, value):
            continue
        place = next(_literals(examined, name, value), None)
        if place is not None:
            yield TRACKED.found(
                f"{name} can be read in a file that git tracks.",
                place,
                write=f'app.config["{name}"] = os.environ["{name}"]',
            )


def _is_secret(name: str, value: str) -> bool:
    if name in _KEYS or len(value) < _SHORTEST:
        return False
    return _PASSWORD.search(value) is not None or _HIDDEN.names_setting(name)


def _literals(examined: Examined, name: str, value: str) -> t.Iterator[Place]:
    for place, expression in written.assignments(examined, name):
        if written.has_value(expression, value) and examined.repository.tracks(place.path):
            yield place
