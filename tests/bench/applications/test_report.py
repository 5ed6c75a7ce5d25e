"""The tables and the chart of whole applications show what was measured."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bench import publish
from bench.applications import report
from bench.applications.sites import SITES
from bench.kinds import APPLICATIONS

PARTS = {
    "flask": {"framework": 0.5, "templates": 0.3, "database": 0.15, "application": 0.05},
    "erlen": {"framework": 0.2, "templates": 0.2, "database": 0.5, "application": 0.1},
}


def served(rate: float) -> dict[str, Any]:
    return {"requests_per_cpu_second": rate, "server_busy": 0.99}


PAGE = {
    "name": "list",
    "title": "list of <10>",
    "microseconds": {"flask": 1000.0, "erlen": 400.0},
    "parts": PARTS,
    "served": {"flask": served(800.0), "erlen": served(1600.0)},
    "times_flask": 2.04,
}
RESULT = {
    "taken_at": "now",
    "python": {"version": "3.11", "implementation": "CPython"},
    "machine": {"processor": "P"},
    "versions": {"flask": "3.1.3", "ihatemoney": "7"},
    "compiled": {},
    "effort": {"connections": 32, "rounds": 3, "turns": 2, "seconds": 1, "inside": 12, "sampled": 1.5},
    "applications": [{"name": "blog", "title": "Blog", "pages": [PAGE]}],
}


def test_a_page_is_shown_served_and_inside() -> None:
    assert report.table(RESULT)[1] == ["Blog", "list of <10>", "800", "1600", "2.0", "1000.0", "400.0", "2.5"]


def test_the_parts_of_the_time_are_shown_in_microseconds() -> None:
    heading, row = report.parts_table(RESULT)
    assert heading[2:4] == ["framework: Flask", "Erlen"]
    assert row[2:] == ["500", "80", "300", "80", "150", "200", "50", "40"]


@pytest.mark.parametrize(("busy", "is_told"), [(0.95, False), (0.5, True)])
def test_a_disturbed_run_says_so(busy: float, is_told: bool) -> None:
    page = {**PAGE, "served": {"flask": served(1.0), "erlen": {**served(1.0), "server_busy": busy}}}
    result = {**RESULT, "applications": [{"title": "Blog", "pages": [page]}]}
    assert ("disturbed" in report.as_text(result)) is is_told
    assert "I Hate Money 7" in report.as_markdown(result)


def texts(svg: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def test_each_page_has_a_bar_of_each_framework_in_its_parts(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the chart needs the group `bench`")
    from bench.applications import chart

    assert chart.lengths(PAGE, "flask") == pytest.approx([50, 30, 15, 5])
    assert chart.lengths(PAGE, "erlen") == pytest.approx([8, 8, 20, 4])
    assert publish.draw(RESULT, tmp_path / "chart.svg") == [tmp_path / "chart.svg"]
    written = (tmp_path / "chart.svg").read_text()
    assert {"Blog", "list of <10>", "Flask", "Erlen", "1 ms", "2.5×"} <= set(texts(written))
    assert set(report.TITLES.values()) <= set(texts(written))
    publish.draw(RESULT, tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text() == written


def test_the_published_result_has_every_page_and_its_chart() -> None:
    """Measure it with: python -m bench.applications --publish"""
    result = json.loads(APPLICATIONS.published.read_text())
    found = [(each["name"], [page["name"] for page in each["pages"]]) for each in result["applications"]]
    assert found == [(site.name, [page.name for page in site.pages]) for site in SITES]
    written = texts(APPLICATIONS.published.with_suffix(".svg").read_text())
    assert [text for text in written if text in {site.title for site in SITES}] == [
        each.title for each in SITES
    ]
    assert all(page["title"] in written for _, page in report.pages(result))
