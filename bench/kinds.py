"""The kinds of results: what their files are called, and how they are printed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import report
from .api import report as api_report
from .applications import report as applications_report
from .asgi import report as asgi_report
from .footprint import report as footprint_report
from .pages import report as pages_report
from .reload import report as reload_report
from .served import report as served_report

Result = dict[str, Any]
RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Kind:
    name: str  # begins the names of its files; the first kind has none
    as_text: Callable[[Result], str]
    as_markdown: Callable[[Result], str]

    @property
    def published(self) -> Path:
        """Where the result is that README and `docs/` show."""
        return RESULTS / ("-".join(filter(None, ["published", self.name])) + ".json")

    def path(self, taken_at: str) -> Path:
        """Return the file for a result that nobody named."""
        return RESULTS / ("-".join(filter(None, [self.name, taken_at[:19].replace(":", "")])) + ".json")


REQUESTS = Kind("", report.as_text, report.as_markdown)
PAGES = Kind("pages", pages_report.as_text, pages_report.as_markdown)
APPLICATIONS = Kind("applications", applications_report.as_text, applications_report.as_markdown)
ASGI = Kind("asgi", asgi_report.as_text, asgi_report.as_markdown)
API = Kind("api", api_report.as_text, api_report.as_markdown)
SERVED = Kind("served", served_report.as_text, served_report.as_markdown)
SERVE = Kind("serve", served_report.serve_as_text, served_report.serve_as_markdown)
FOOTPRINT = Kind("footprint", footprint_report.as_text, footprint_report.as_markdown)
RELOAD = Kind("reload", reload_report.as_text, reload_report.as_markdown)
KINDS = (REQUESTS, PAGES, APPLICATIONS, ASGI, API, SERVED, SERVE, FOOTPRINT, RELOAD)
