from __future__ import annotations

import os
from datetime import date

import pytest

from erlen.script.checking import findings

from .conftest import Project

GOOD = '"""Do it."""\ndef main() -> None: ...\n'
TODAY = date(2024, 12, 1)


def found(project: Project, oldest: int = 180) -> list[str]:
    return list(findings(project.folder, oldest=oldest, today=TODAY))


def test_scripts_that_keep_to_the_convention_are_let_through(project: Project) -> None:
    for where in ("recycle/clear_cache", "unrecycle/flush_order_data", "lisi/ts_2024_06_10_export_custom_s"):
        project.write(where, GOOD)
    (project.folder / "README.md").touch()
    (project.folder / "recycle" / "__pycache__").mkdir()
    assert found(project) == []


@pytest.mark.parametrize(
    ("where", "text", "message"),
    [
        ("recycle/calendar", GOOD, "standard library has a module 'calendar'"),
        ("recycle/ts_2024_06_10_x", GOOD, "are for temporary scripts"),
        ("lisi/export", GOOD, "a temporary script is called ts_YEAR_MONTH_DAY"),
        ("LiSi/ts_2024_06_10_x", GOOD, "the folder of a developer is called in small letters"),
        ("recycle/a", "def main(): ...", "a.py: it has no docstring: say in one line what it is for"),
        ("recycle/a", '"""Do it."""', "a.py: has no function 'main': put what the script does into one"),
        (
            "recycle/a",
            '"""Do it."""\nimport nowhere',
            "a.py: line 2: its import fails with ModuleNotFoundError",
        ),
        (
            "recycle/a",
            '"""Do it."""\nraise SystemExit',
            "a.py: line 2: it ends the process when it is imported",
        ),
        ("recycle/a", "def", "a.py: line 1: it is no valid Python"),
        ("recycle/a", '"""Do it."""\ndef main(x): ...', "a.py: the parameter 'x' of 'main' has no type"),
        ("recycle/__init__", "", "recycle/__init__.py: delete it: as a package"),
        ("recycle/deep/a", GOOD, "deep/a.py: a script is in 'recycle', 'unrecycle' or the folder"),
        (
            "lisi/ts_2024_06_03_x",
            GOOD,
            "it is temporary and 181 days old: delete it, or 'erlen script promote",
        ),
        ("lisi/ts_2025_06_03_x", GOOD, "its date is in the future"),
    ],
)
def test_what_breaks_the_convention_is_named(project: Project, where: str, text: str, message: str) -> None:
    project.write(where, text)
    (only,) = found(project)
    assert only.startswith("offline_script/")
    assert message in only


def test_a_script_beside_the_places_is_named(project: Project) -> None:
    project.folder.mkdir()
    (project.folder / "a.py").write_text(GOOD)
    assert [line.partition(":")[0] for line in found(project)] == ["offline_script/a.py"]


def test_names_are_given_once(project: Project) -> None:
    for developer in ("lisi", "zhangsan"):
        project.write(f"{developer}/ts_2024_06_10_x", GOOD)
    (only,) = found(project)
    assert "lisi/ts_2024_06_10_x.py has the same name: call one differently" in only


def test_how_old_is_too_old_can_be_said(project: Project) -> None:
    project.write("lisi/ts_2020_06_10_x", GOOD)
    assert found(project, oldest=10_000) == []


def test_a_script_that_changes_the_working_directory_does_not_disturb_others(project: Project) -> None:
    project.write("recycle/a", f"{GOOD}import os; os.chdir('/')")
    project.write("recycle/b", GOOD)
    assert found(project) == []
    assert os.getcwd() == str(project.root)
