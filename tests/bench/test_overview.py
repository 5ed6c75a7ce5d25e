"""What the README says first about speed has all three in it: plain text, pages, whole applications."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from bench import overview, publish


def case(name: str, flask: float, erlen: float) -> dict[str, Any]:
    return {"name": name, "title": f"title of {name}", "microseconds": {"flask": flask, "erlen": erlen}}


def page(name: str, times: float) -> dict[str, Any]:
    return {"name": name, "title": name, "times_flask": times}


RESULTS: overview.Results = {
    "": {"cases": [case("hello", 60, 2), case("static", 9, 3), case("bare", 1, 1)]},
    "pages": {"cases": [case("redirect", 24, 2), case("post", 8, 2)]},
    "applications": {
        "applications": [
            {"title": "Blog", "pages": [page("list", 1.91), page("form", 1.26)]},
            {"title": "Shop", "pages": [page("json", 2.57)]},
        ]
    },
}


@pytest.mark.parametrize("words", [overview.ENGLISH, overview.CHINESE], ids=["English", "Chinese"])
def test_the_sentence_has_the_figures_of_all_three(words: str) -> None:
    said = overview.sentence(RESULTS, words)
    assert re.findall(r"[\d.]*\d", said) == ["30", "12", "4.0", "1.3", "2.6"]


def test_the_chart_has_three_groups() -> None:
    titles, groups = zip(*overview.groups(RESULTS), strict=True)
    assert len(titles) == 3
    assert groups == (
        [("title of hello", 30.0)],
        [("title of redirect", 12.0), ("title of post", 4.0)],
        [("Blog: list", 1.91), ("Blog: form", 1.26)],
    )


def texts(svg: str) -> list[str]:
    return [unescape(text) for text in re.findall(r"<text[^>]*>([^<]*)</text>", svg)]


def test_the_chart_is_drawn_with_a_heading_and_bars_for_each_group(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib", reason="the chart needs the group `bench`")
    from bench import chart

    for name in ("chart.svg", "again.svg"):
        chart.draw_groups(overview.groups(RESULTS), "all <of> it", tmp_path / name)
    written = (tmp_path / "chart.svg").read_text()
    assert (tmp_path / "again.svg").read_text() == written
    found = texts(written)
    assert {"all <of> it", *(title for title, _ in overview.groups(RESULTS))} <= set(found)
    assert [text for text in found if text.endswith("×")] == ["30×", "12×", "4.0×", "1.9×", "1.3×"]


def test_nothing_is_said_while_a_result_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.kinds.RESULTS", tmp_path)
    assert overview.published() is None
    assert publish.publish_overview() == []
    for kind in overview.SHOWN:
        kind.published.write_text(json.dumps(RESULTS[kind.name]))
    assert overview.published() == RESULTS


@pytest.mark.parametrize(
    ("page", "words"), publish.SENTENCES.items(), ids=lambda value: getattr(value, "name", "")
)
def test_the_sentence_of_a_page_is_that_of_the_published_results(page: Path, words: str) -> None:
    """Write it with: python -m bench.publish"""
    results = overview.published()
    assert results
    found = publish.between(page.read_text(), publish.SPEED)
    assert found
    assert found[0] == overview.sentence(results, words)
    assert overview.CHART.relative_to(publish.ROOT).as_posix() in page.read_text()


def test_the_published_chart_shows_the_published_results() -> None:
    results = overview.published()
    assert results
    expected = [(title, value) for _, found in overview.groups(results) for title, value in found]
    written = texts(overview.CHART.read_text())
    assert [text for text in written if text.endswith("×")] == [
        f"{overview.ratio(value, 1.0)}×" for _, value in expected
    ]
    assert {title for title, _ in expected} <= set(written)
