"""What libraries do otherwise today, with the same names: put back where old extensions rely on it."""

from __future__ import annotations

import typing as t

if t.TYPE_CHECKING:
    from ..changes import Changes
    from .arrival import Modules


def add(changes: Changes, modules: Modules) -> None:
    """Put the old behaviour back in the modules that are there, and in the others when they come."""
