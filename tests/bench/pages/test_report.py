"""The table of pages says what has to be reached."""

from __future__ import annotations

from typing import Any

from bench.floors import PAGES
from bench.pages import report


def case(name: str, **microseconds: float) -> dict[str, Any]:
    return {"name": name, "title": name, "microseconds": microseconds}


def test_each_case_has_its_floor_beside_what_was_measured() -> None:
    heading, row, other = report.table(
        {"cases": [case("redirect", erlen=2.0, flask=24.0), case("new", erlen=2.0, flask=3.0)]}
    )
    assert heading == ["case", "Erlen", "Flask", "× Flask", "at least"]
    assert row == ["redirect", "2.00", "24.0", "12", f"{PAGES['redirect']:.3g}"]
    assert other == ["new", "2.00", "3.00", "1.5", "–"]
