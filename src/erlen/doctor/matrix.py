"""The extensions that were tried on Erlen, and what passed."""

from __future__ import annotations

import json
import typing as t
from dataclasses import dataclass
from pathlib import Path

FILE = Path(__file__).with_name("matrix.json")


@dataclass(frozen=True)
class Run:
    """What one run told: a suite of tests, an application, or the import of all modules."""

    version: str
    python: str
    what: str
    """`suite`, `application`, `imports` or `installation`."""
    flask: int
    """How many tests, answers or modules were right on Flask."""
    wsgi: int | None
    """How many of those are right on Erlen; None if it was not tried."""
    asgi: int | None
    legacy: str
    """The level of the legacy layer that was on; empty without."""
    date: str
    losses: tuple[str, ...]


def load(file: Path = FILE) -> dict[str, list[Run]]:
    """Return the runs of each extension, by its normalized name, the most telling first."""
    read: dict[str, list[dict[str, t.Any]]] = json.loads(file.read_text(encoding="utf-8"))
    return {name: [_run(each) for each in runs] for name, runs in read.items()}


def _run(told: dict[str, t.Any]) -> Run:
    losses: list[str] = told.pop("losses")
    return Run(**told, losses=tuple(losses))
