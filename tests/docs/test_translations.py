"""A page in another language says what the page that it translates says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from .pages import DOCS, blocks_of, headings_of, links_of

# A string of a program.
TEXT = re.compile(r'"""[^"]*"""|"[^"\n]*"')
TRANSLATIONS = sorted(DOCS.rglob("*.zh-CN.md"))


def original_of(page: Path) -> Path:
    return page.with_name(page.name.replace(".zh-CN", ""))


def test_there_are_translations() -> None:
    assert TRANSLATIONS


@pytest.mark.parametrize("page", TRANSLATIONS, ids=lambda page: page.name)
def test_its_files_and_commands_are_the_same(page: Path) -> None:
    found, wanted = (
        # What is only shown, and texts in programs, may have words of their own.
        [
            (block.language, block.title, TEXT.sub("", block.text))
            for block in blocks_of(each)
            if block.language != "text"
        ]
        for each in (page, original_of(page))
    )
    assert found == wanted


@pytest.mark.parametrize("page", TRANSLATIONS, ids=lambda page: page.name)
def test_its_parts_and_links_are_the_same(page: Path) -> None:
    original = original_of(page)
    assert len(headings_of(page)) == len(headings_of(original))
    assert sorted({*links_of(page)} - {original.name}) == sorted({*links_of(original)} - {page.name})
