"""Stories that need more than single requests. Each returns a log; the two frameworks' logs must be equal."""

from __future__ import annotations

from . import contexts, registration, seams, sessions, surroundings, wrappers
from .story import ALL

__all__ = ["ALL", "contexts", "registration", "seams", "sessions", "surroundings", "wrappers"]
