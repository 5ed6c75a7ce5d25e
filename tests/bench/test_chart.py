"""The chart shows the published result, and nothing but it."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from bench import publish
from bench.kinds import REQUESTS
from bench.report import ratio

CHART = REQUESTS.published.with_suffix(".svg")
RESULT = {
    "versions": {"flask": "3.1.3"},
    "cases": [
        {"name": "a", "title": "first <a>", "microseconds": {"erlen": 2.0, "flask": 50.0, "falcon": 1.0}},
        {"name": "b", "title": "second", "microseconds": {"erlen": 2.0, "flask": 3.0}},
        {"name": "c", "title": "third", "microseconds": {"falcon": 2.0, "flask": 3.0}},
    ],
}


def texts(svg: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def test_the_published_chart_shows_the_published_result():
    """Draw it with: python -m bench.publish"""
    cases = json.loads(REQUESTS.published.read_text())["cases"]
    written = texts(CHART.read_text())
    expected = [
        (case["title"], f"{ratio(case['microseconds']['flask'], case['microseconds']['erlen'])}×")
        for case in cases
    ]
    assert [text for text in written if text in dict(expected)] == [title for title, _ in expected]
    assert [text for text in written if text.endswith("×")] == [times for _, times in expected]


def test_without_flask_beside_erlen_there_is_no_chart(tmp_path):
    result = {"cases": [{"name": "a", "title": "a", "microseconds": {"erlen": 1.0, "bare": 1.0}}]}
    assert publish.draw(result, tmp_path / "chart.svg") == []
    assert publish.draw({"servers": []}, tmp_path / "chart.svg") == []
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def drawn(tmp_path):
    pytest.importorskip("matplotlib", reason="the chart needs the group `bench`")
    assert publish.draw(RESULT, tmp_path / "chart.svg") == [tmp_path / "chart.svg"]
    return (tmp_path / "chart.svg").read_text()


def test_a_case_that_both_answered_has_its_bar(drawn):
    assert texts(drawn)[:5] == ["first <a>", "second", "25×", "1.5×", "Flask = 1"]
    assert "third" not in drawn


def test_the_same_result_gives_the_same_bytes(drawn, tmp_path):
    publish.draw(RESULT, tmp_path / "again.svg")
    assert (tmp_path / "again.svg").read_text() == drawn
    assert "dc:date" not in drawn
