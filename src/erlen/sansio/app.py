"""Signpost: in Erlen there is one application class, ``erlen.app.Erlen``."""

from __future__ import annotations

from ..app import App as App
from ..app import _make_timedelta as _make_timedelta
