"""The pages for people who change Erlen show the source as it is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .house_map import MAP, PAGES, filled
from .pages import ROOT

TASKS = re.compile(r"^\| (?P<task>[^|]+) \| (?P<paths>`[^|]+`) \|$", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES)
def test_the_map_is_made_from_the_tree(page: str) -> None:
    text = Path(page).read_text(encoding="utf-8")
    assert len(MAP.findall(text)) == len(PAGES[page])
    assert filled(text, PAGES[page]) == text, "Run 'make map'."


def tasks() -> dict[str, list[str]]:
    """Return the usual tasks of the page for contributors, and the files where they are done."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("### Where to go")[2]
    return {found["task"]: re.findall(r"`(.+?)`", found["paths"]) for found in TASKS.finditer(text)}


def test_there_are_tasks() -> None:
    assert len(tasks()) >= 15


@pytest.mark.parametrize("task", tasks())
def test_a_task_leads_to_a_file(task: str) -> None:
    for path in tasks()[task]:
        assert (ROOT / "src/erlen" / path).is_file()
