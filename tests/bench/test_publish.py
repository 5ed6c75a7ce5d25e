"""Pages show what was published."""

from __future__ import annotations

import json

import pytest

from bench import publish
from bench.kinds import API, APPLICATIONS, ASGI, FOOTPRINT, KINDS, PAGES, RELOAD, REQUESTS, SERVE, SERVED

PERFORMANCE = publish.PAGES[1]


@pytest.mark.parametrize(
    "kind", [PAGES, APPLICATIONS, ASGI, API, SERVED, SERVE, FOOTPRINT, RELOAD], ids=lambda kind: kind.name
)
def test_the_published_table_is_the_published_result(kind):
    """Fill it with: python -m bench.publish"""
    is_published = kind.published.exists()
    table = kind.as_markdown(json.loads(kind.published.read_text())) if is_published else ""
    assert publish.between(PERFORMANCE.read_text(), kind.name)[0] == table


@pytest.mark.parametrize("page", publish.PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_page_has_its_marks_once_or_not_at_all(page, kind):
    begin, end = publish.marks(kind.name)
    assert page.read_text().count(begin) == page.read_text().count(end) <= 1


@pytest.fixture
def page(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n<!-- bench-served:begin -->\nold\n<!-- bench-served:end -->\n\nEnd\n")
    return page


def test_a_table_is_put_between_its_marks(page):
    assert publish.fill_pages("served", "| new \\1 |\n| --- |", [page]) == [page]
    assert page.read_text() == (
        "# Page\n\n<!-- bench-served:begin -->\n| new \\1 |\n| --- |\n<!-- bench-served:end -->\n\nEnd\n"
    )


def test_a_page_that_says_so_already_or_has_no_marks_stays(page):
    assert publish.fill_pages("served", "old", [page]) == []
    assert publish.fill_pages("footprint", "new", [page]) == []


def test_results_have_a_name_for_their_kind_and_time():
    assert REQUESTS.published.name == "published.json"
    assert SERVED.published.name == "published-served.json"
    assert FOOTPRINT.path("2026-11-20T13:35:19+00:00").name == "footprint-2026-11-20T133519.json"
    assert REQUESTS.path("2026-11-20T13:35:19+00:00").name == "2026-11-20T133519.json"
