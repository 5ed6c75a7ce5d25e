from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from erlen.script.errors import ScriptError
from erlen.script.places import find, scripts_in

from .conftest import Project


def test_scripts_that_are_used_again_come_first(project: Project) -> None:
    for where in ("unrecycle/b", "zhangsan/ts_2024_06_10_c", "recycle/a", "lisi/ts_2024_06_11_d"):
        project.write(where, "")
    project.write("recycle/__init__", "")
    project.write("__pycache__/x", "")
    project.write(".hidden/x", "")
    assert [each.key for each in scripts_in(project.folder)] == [
        "recycle.a",
        "lisi.ts_2024_06_11_d",
        "zhangsan.ts_2024_06_10_c",
        "unrecycle.b",
    ]


def test_a_script_knows_its_day_its_words_and_its_tests(project: Project) -> None:
    script = project.write("lisi/ts_2024_06_11_export", '"""Export orders.\n\nAll."""')
    assert (script.is_temporary, script.date, script.words) == (True, date(2024, 6, 11), "export")
    assert script.summary() == "Export orders."
    assert script.test == project.root / "tests/offline_script/lisi/test_ts_2024_06_11_export.py"


@pytest.mark.parametrize("text", ["", "def", "x = 1", "\0"])
def test_a_script_without_a_docstring_has_no_summary(project: Project, text: str) -> None:
    assert project.write("recycle/a", text).summary() == ""


def test_a_script_is_found_by_name_and_by_place(project: Project) -> None:
    script = project.write("recycle/clear_cache", "")
    for name in ("clear_cache", "recycle/clear_cache", "clear_cache.py"):
        assert find(project.folder, name) == script


def test_two_scripts_of_one_name_have_to_be_told_apart(project: Project) -> None:
    project.write("lisi/ts_2024_06_11_x", "")
    mine = project.write("zhangsan/ts_2024_06_11_x", "")
    with pytest.raises(ScriptError, match="'lisi/ts_2024_06_11_x' or 'zhangsan/ts_2024_06_11_x'"):
        find(project.folder, "ts_2024_06_11_x")
    assert find(project.folder, "zhangsan/ts_2024_06_11_x") == mine


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("clear_cahce", "Did you mean 'clear_cache'"),
        ("export_custom", "Did you mean 'ts_2024_06_10_export_custom'"),
        ("../recycle/clear_cache", "There is no script"),
        ("wash_dishes", "'erlen script list' shows all"),
    ],
)
def test_a_name_that_is_not_there_is_told_what_is(project: Project, name: str, message: str) -> None:
    project.write("recycle/clear_cache", "")
    project.write("lisi/ts_2024_06_10_export_custom", "")
    with pytest.raises(ScriptError, match=message):
        find(project.folder, name)


def test_a_folder_that_cannot_be_read_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(ScriptError, match="offline_script cannot be read: Permission denied"):
        list(scripts_in(project.folder))


def test_without_a_folder_it_is_said_how_to_make_one(project: Project) -> None:
    with pytest.raises(ScriptError, match="erlen script new"):
        find(project.folder, "clear_cache")
    project.folder.write_text("a file")
    with pytest.raises(ScriptError, match="erlen script new"):
        find(project.folder, "clear_cache")
