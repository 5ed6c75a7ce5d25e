"""Which installed distributions are read: real ones, made in a folder on the import path."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from erlen.legacy.check.installed import extensions_of
from erlen.legacy.check.survey import survey

from .conftest import Files, write

Install = Callable[..., None]


@pytest.fixture
def site(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("site")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return folder


@pytest.fixture
def install(site: Path) -> Install:
    """Install a distribution; without `record` it is only known what it is imported by."""

    def install(name: str, files: Files, *, record: bool = True, folder: Path = site) -> None:
        write(folder, files)
        info = f"{name}-1.0.dist-info"
        tops = {file.partition("/")[0].removesuffix(".py") for file in files}
        about: Files = {f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"}
        if record:
            about[f"{info}/RECORD"] = "".join(f"{file},,\n" for file in files)
        else:
            about[f"{info}/top_level.txt"] = "\n".join(sorted(tops))
        write(site, about)

    return install


OLD = "from flask import escape\n"


def names(*imported: str) -> list[str]:
    return [extension.name for extension in extensions_of(imported)]


@pytest.mark.parametrize("record", [True, False])
def test_those_that_the_application_imports_and_that_import_flask(install: Install, record: bool) -> None:
    install("Zed-Package", {"zed/__init__.py": "", "zed/a.py": OLD}, record=record)
    install("zed-single", {"zed_single.py": OLD}, record=record)
    install("zed-other", {"zed_other/__init__.py": "import json"}, record=record)
    install("zed-unused", {"zed_unused.py": OLD}, record=record)
    assert names("zed", "zed_single", "zed_other", "os") == ["Zed-Package", "zed-single"]


def test_one_whose_source_is_elsewhere(
    install: Install, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [*sys.path, str(tmp_path)])
    install("zed-editable", {"zed_editable/__init__.py": OLD}, record=False, folder=tmp_path)
    [extension] = extensions_of(["zed_editable"])
    assert extension.files == (tmp_path / "zed_editable/__init__.py",)


def test_frameworks_are_no_extensions() -> None:
    assert names("flask", "erlen", "werkzeug", "jinja2") == []


def test_their_findings_say_whose_they_are_and_are_not_fixed(install: Install, tmp_path: Path) -> None:
    install("zed-old", {"zed_old.py": OLD, "zed_broken.py": "print 1"})
    write(tmp_path, {"app.py": "import zed_old\n"})
    result = survey(tmp_path.resolve())
    [finding] = result.findings
    assert (finding.distribution, finding.line) == ("zed-old", 1)
    assert not result.can_fix(finding)
    assert [note.distribution for note in result.notes] == ["zed-old"]


def test_a_broken_file_of_an_extension_is_not_the_application_s_fault(
    install: Install, tmp_path: Path
) -> None:
    install("zed-fine", {"zed_fine.py": "import flask", "zed_broken.py": "print 1"})
    write(tmp_path, {"app.py": "import zed_fine\n"})
    result = survey(tmp_path.resolve())
    assert len(result.notes) == 1
    assert result.is_clean


def test_the_application_s_own_package_is_no_extension_of_itself(install: Install, site: Path) -> None:
    install("zed-app", {"zed_app/__init__.py": "import flask", "zed_app/views.py": "import zed_app"})
    assert survey((site / "zed_app").resolve()).extensions == []
