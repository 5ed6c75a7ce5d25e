"""Templates of the examples and of the applications that tests use give the same on Erlen as on Jinja."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator
from pathlib import Path

import jinja2
import pytest
from jinja2.runtime import ChainableUndefined

from .both import EXTENSIONS, environments, told
from .hostile import Anything

ROOT = Path(__file__).parents[2]
FOLDERS = sorted(
    {path.parent for top in ("examples", "tests") for path in ROOT.glob(f"{top}/**/templates/*.html")}
)


def names_of(folder: Path) -> Iterator[str]:
    return (str(path.relative_to(folder)) for path in sorted(folder.rglob("*.*ml")))


def compare_folder(folder: Path, values: dict[str, t.Any]) -> dict[str, str]:
    """Render all templates of a folder by both, and return what each gave: `text`, or an exception's name."""
    options = {"loader": jinja2.FileSystemLoader(folder), "undefined": ChainableUndefined}
    theirs, ours = environments({}, **options, extensions=EXTENSIONS)
    given = {}
    for name in names_of(folder):
        first, second = (told(environment, name, values) for environment in (theirs, ours))
        assert second == first, name
        given[name] = re.sub(r"\W", "", str(getattr(first[0], "__name__", first[0])))
    return given


NAMES = ("url_for", "get_flashed_messages", "request", "g", "session", "config", "form", "post", "user")


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(ROOT)))
def test_templates_of_applications_are_the_same(folder: Path) -> None:
    compare_folder(folder, {})
    assert "text" in compare_folder(folder, {name: Anything() for name in NAMES}).values()
