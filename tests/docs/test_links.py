"""A reader who follows a link arrives."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from bench import report

from .pages import DOCS, OTHERS, ROOT, headings_of, links_of, pages

TABLE = re.compile(r"<!-- bench:begin -->\n(.*?)\n<!-- bench:end -->", re.DOTALL)
PUBLISHED = ROOT / "bench" / "results" / "published.json"


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [*pages(), *OTHERS], ids=name_of)
def test_every_link_leads_somewhere(page: Path):
    missing = [target for target in links_of(page) if not (page.parent / target.partition("#")[0]).exists()]
    assert missing == []


@pytest.mark.parametrize("page", [*pages(), *OTHERS], ids=name_of)
def test_every_link_to_a_part_of_a_page_finds_its_heading(page: Path):
    parts = [(target, *target.split("#")) for target in links_of(page) if ".md#" in target]
    assert [link for link, file, part in parts if part not in headings_of(page.parent / file)] == []


def test_every_page_is_in_the_index():
    index = DOCS / "index.md"
    linked = {os.path.normpath(DOCS / target) for target in links_of(index)}
    assert [
        name_of(page) for page in sorted(DOCS.rglob("*.md")) if page != index and str(page) not in linked
    ] == []


@pytest.mark.parametrize("page", ["README.md", "docs/explanation/performance.md"])
def test_the_published_table_is_the_published_result(page: str):
    """Fill it with: python -m bench --show bench/results/published.json --markdown"""
    written = TABLE.search((ROOT / page).read_text())[1].strip()
    if PUBLISHED.exists():
        assert written == report.as_markdown(json.loads(PUBLISHED.read_text())).strip()
    else:
        assert "make bench" in written
