"""Applications that are written to a folder, imported and checked."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from erlen.cli import ScriptInfo
from erlen.deploy.check.command import check
from erlen.deploy.check.examined import Examined, Target
from erlen.deploy.check.loading import examine
from erlen.deploy.check.reports import Report
from tests.legacy.check.conftest import write

Files = dict[str, str]
HEAD = (
    "from erlen import Blueprint, Erlen, redirect, render_template, request, url_for\napp = Erlen(__name__)\n"
)
"""The first two lines of each `app.py` that is given without them."""


@pytest.fixture(autouse=True)
def own_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Import from the test's folder alone, and forget what was imported from it."""
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.chdir(tmp_path)
    known = set(sys.modules)
    environ = dict(os.environ)
    yield
    for name in set(sys.modules) - known:
        if str(getattr(sys.modules[name], "__file__", None) or "").startswith(str(tmp_path)):
            del sys.modules[name]
    os.environ.clear()
    os.environ.update(environ)


@pytest.fixture
def examined(tmp_path: Path) -> Callable[..., Examined]:
    """Write files and import the application in them; a text alone is `app.py` without its head."""

    def make(files: Files | str) -> Examined:
        write(tmp_path, dict(files) if isinstance(files, dict) else {"app.py": HEAD + files})
        return examine(ScriptInfo(str(tmp_path / "app.py")), Target(), for_deploy=False)

    return make


@pytest.fixture
def report(examined: Callable[..., Examined]) -> Callable[..., Report]:
    """Check the application in some files."""
    return lambda files: check(examined(files))


@pytest.fixture
def marked(report: Callable[..., Report], tmp_path: Path) -> Callable[..., None]:
    """Check that exactly the lines are found that say so, with `!id` behind them."""

    def compare(files: Files | str) -> None:
        found = report(files)
        places = [(each.kind.id, each.place) for each in found.findings]
        assert {
            (id_, place and (str(place.path.relative_to(tmp_path)), place.line)) for id_, place in places
        } == {
            (word[1:], (str(path.relative_to(tmp_path)), number))
            for path in tmp_path.rglob("*.*")
            if path.is_file()
            for number, line in enumerate(path.read_text("latin-1").splitlines(), 1)
            for word in line.split()
            if word.startswith("!") and word[1:2].isalpha()
        }

    return compare
