"""Every example of README and docs runs, in the order in which a reader meets it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .console import Reader
from .pages import ROOT, blocks_of, pages

WITH_EXAMPLES = [page for page in pages() if any(block.is_run for block in blocks_of(page))]


@pytest.mark.servers
@pytest.mark.parametrize("page", WITH_EXAMPLES, ids=lambda page: str(page.relative_to(ROOT)))
def test_the_examples_of(page: Path, tmp_path: Path):
    reader = Reader(tmp_path)
    try:
        for block in blocks_of(page):
            if block.is_run:
                follow(reader, block)
    finally:
        reader.stop()


def follow(reader: Reader, block) -> None:
    try:
        reader.follow(block)
    except AssertionError as error:
        raise AssertionError(f"{block.place}: {error}") from None
