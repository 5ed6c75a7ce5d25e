"""``jinja_options["extensions"]``, with the extensions that Jinja has built in today."""

from __future__ import annotations

import typing as t

from ..app import Erlen
from ..templating import Environment

if t.TYPE_CHECKING:
    from .changes import Changes

_BUILT_IN = ("jinja2.ext.autoescape", "jinja2.ext.with_")
_own_init = Environment.__init__


def _init(self: Environment, app: t.Any, **options: t.Any) -> None:
    extensions = [name for name in options.pop("extensions", ()) if name not in _BUILT_IN]
    _own_init(self, app, extensions=extensions, **options)


def add(changes: Changes, level: str) -> None:
    """Bring the option back."""
    if level == "1.1":
        changes.set(Erlen, "jinja_options", {"extensions": list(_BUILT_IN)})
        changes.set(Environment, "__init__", _init)
