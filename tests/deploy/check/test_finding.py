"""Kinds and findings."""

from __future__ import annotations

from pathlib import Path

from erlen.deploy.check import Finding, Kind, Level, Place


def test_a_kind_makes_findings() -> None:
    kind = Kind("a-b", Level.ERROR, "Why.")
    place = Place(Path("a.py"), 3)
    assert kind.found("What.", place, write="line") == Finding(kind, "What.", place, "line")
    assert kind.found("What.") == Finding(kind, "What.", None, "")


def test_levels_have_an_order() -> None:
    assert Level.INFO < Level.WARNING < Level.ERROR
