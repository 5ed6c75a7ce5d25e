"""Where the application is, without importing it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click
import pytest

from erlen.cli import ScriptInfo
from erlen.legacy.check import place

from .conftest import write


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write(
        tmp_path,
        {
            "app.py": "raise SystemExit('imported')",
            "shop/__init__.py": "raise SystemExit('imported')",
            "shop/web/__init__.py": "raise SystemExit('imported')",
            "shop/web/views.py": "",
            "src/site.py": "",
            "src/pack/__init__.py": "",
            "plain/tools.py": "",
        },
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path.resolve()


def located(app: str | None, path: Path | None = None) -> Path:
    context = click.Context(click.Command("check"), obj=ScriptInfo(app))
    return place.application(context, path)


@pytest.mark.parametrize(
    ("app", "where"),
    [
        (None, "."),
        ("app", "."),
        ("app.py", "."),
        ("app:create_app('a:b')", "."),
        ("shop", "."),
        ("shop.web.views:app", "."),
        ("shop/web/views.py", "."),
        ("src/site.py", "src"),
        ("src/site:app", "src"),
        ("src/pack", "src"),
        ("src/pack/__init__.py", "src"),
        ("plain.tools", "plain"),
        ("src", "src"),
    ],
)
def test_the_folder_of_an_application(folder: Path, app: str | None, where: str) -> None:
    assert located(app) == (folder / where).resolve()


def test_a_path_comes_first(folder: Path) -> None:
    assert located("app", Path("src/site.py")) == folder / "src/site.py"


def test_an_installed_application_is_its_package_alone(
    folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = tmp_path_factory.mktemp("site").resolve()
    write(site, {"zed_app/__init__.py": "raise SystemExit('imported')", "zed_single.py": ""})
    monkeypatch.setattr(sys, "path", [*sys.path, os.fspath(site)])
    assert located("zed_app.views:app") == site / "zed_app"
    assert located("zed_single") == site / "zed_single.py"


@pytest.mark.parametrize("app", ["nowhere", "no/where.py", "nowhere.at.all:app"])
def test_one_that_is_not_there(folder: Path, app: str) -> None:
    with pytest.raises(click.UsageError, match="is not found as a file or a module"):
        located(app)
