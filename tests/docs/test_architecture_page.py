"""The page on the architecture has a line for every file of the source."""

from __future__ import annotations

import re

from .pages import DOCS, ROOT

SOURCE = ROOT / "src/erlen"
FIRST_CELL = re.compile(r"^\| (`.+?`) \| .+ \|$", re.MULTILINE)


def files_on_the_page() -> list[str]:
    page = (DOCS / "explanation/architecture.md").read_text(encoding="utf-8")
    cells = FIRST_CELL.findall(page.partition("## The files")[2])
    return [name for cell in cells for name in re.findall(r"`(.+?)`", cell)]


def files_of_the_source() -> list[str]:
    """Return the modules, but folders of signposts once, and no file that holds a docstring only."""
    names = {str(path.relative_to(SOURCE)) for path in SOURCE.rglob("*.py")}
    docstring_only = {f"{layer}/__init__.py" for layer in ("declare", "plan", "serve", "gateway")}
    return sorted({"sansio/" if name.startswith("sansio/") else name for name in names - docstring_only})


def test_every_file_has_one_line():
    assert sorted(files_on_the_page()) == files_of_the_source()
