from __future__ import annotations

import os
from datetime import date, datetime

import pytest

from erlen.script import kept
from erlen.script.listing import as_table, entries, rows_of
from erlen.script.places import Script
from erlen.script.records import path_of

from .conftest import Project

TODAY = date(2024, 7, 1)


def ran(project: Project, script: Script, day: str, status: int | None, is_dry: bool = False) -> None:
    project.kept.mkdir(parents=True, exist_ok=True)
    run = {
        "started": f"{day}T10:00:00+00:00",
        "user": "ada",
        "is_dry": is_dry,
        "status": status,
        "seconds": 1,
    }
    kept.write(path_of(project.kept, script), {"runs": [run]})


def test_a_temporary_script_is_its_developers_and_as_old_as_its_name_says(project: Project) -> None:
    project.write("lisi/ts_2024_06_21_x", '"""Export orders."""')
    (row,) = rows_of(entries(project.folder, None), TODAY)[1:]
    assert row == ("ts_2024_06_21_x", "lisi", "lisi", "10d", "-", "Export orders.")


def test_a_lasting_script_is_of_whoever_committed_it_first(repository: Project, git: object) -> None:
    repository.write("recycle/a", "")
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x", "--date", "2024-06-01T12:00:00+0000")
    (row,) = rows_of(entries(repository.folder, None), TODAY)[1:]
    assert row == ("a", "recycle", "Ada Lovelace", "30d", "-", "-")


@pytest.mark.parametrize(
    ("status", "is_dry", "told"),
    [(0, False, "ok"), (0, True, "dry run"), (3, False, "status 3"), (None, False, "has not ended")],
)
def test_the_last_run_is_told(project: Project, status: int | None, is_dry: bool, told: str) -> None:
    ran(project, project.write("recycle/a", ""), "2024-06-30", status, is_dry)
    (row,) = rows_of(entries(project.folder, project.kept), TODAY)[1:]
    assert row[4] == f"2024-06-30 10:00 {told}"


def test_what_was_neither_made_nor_run_is_stale(project: Project) -> None:
    old = project.write("recycle/a", "")
    long_ago = datetime(2024, 1, 1).timestamp()
    os.utime(old.path, (long_ago, long_ago))
    project.write("lisi/ts_2024_06_21_x", "")
    stale = [each.is_stale(90, TODAY) for each in entries(project.folder, project.kept)]
    assert stale == [True, False]
    ran(project, old, "2024-06-30", 0)
    assert [each.is_stale(90, TODAY) for each in entries(project.folder, project.kept)] == [False, False]
    assert [each.is_stale(1, TODAY) for each in entries(project.folder, project.kept)] == [True, True]


def test_columns_stand_below_each_other_in_chinese_too() -> None:
    assert as_table([("NAME", "BY", "WHAT"), ("a", "张三", "导出"), ("bcdefg", "x", "")]) == (
        "NAME    BY    WHAT\na       张三  导出\nbcdefg  x"
    )


def test_a_docstring_does_not_write_to_the_terminal_what_it_likes() -> None:
    assert "\x1b" not in as_table([("a", "b\x1b[31m"), ("c\x1b]0;", "d")])
