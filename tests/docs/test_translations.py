"""A page in another language says what the page that it translates says."""

from __future__ import annotations

from pathlib import Path

import pytest

from .pages import DOCS, Block, blocks_of, headings_of, links_of

TRANSLATIONS = sorted(DOCS.rglob("*.zh-CN.md"))


def original_of(page: Path) -> Path:
    return page.with_name(page.name.replace(".zh-CN", ""))


def test_there_are_translations() -> None:
    assert TRANSLATIONS


@pytest.mark.parametrize("page", TRANSLATIONS, ids=lambda page: page.name)
def test_its_files_and_commands_are_the_same(page: Path) -> None:
    """Words in files may be translated, commands may not."""
    assert [files_and_commands(block) for block in blocks_of(page)] == [
        files_and_commands(block) for block in blocks_of(original_of(page))
    ]


def files_and_commands(block: Block) -> tuple[str, str | None, list[str]]:
    is_typed = block.language in ("console", "sh")
    return block.language, block.title, [command for command, _ in block.commands] if is_typed else []


@pytest.mark.parametrize("page", TRANSLATIONS, ids=lambda page: page.name)
def test_it_has_as_many_parts_and_no_other_links(page: Path) -> None:
    original = original_of(page)
    assert len(headings_of(page)) == len(headings_of(original))
    assert {*links_of(page)} <= {*links_of(original), original.name}
