from __future__ import annotations

import sys

import pytest

from erlen.script import load
from erlen.script.errors import ScriptError
from erlen.script.loading import folder, main_of, module_of

from .conftest import Project


def test_a_test_loads_a_script_by_its_name(project: Project) -> None:
    project.write("recycle/double", "def main(n: int) -> int: return 2 * n")
    assert load("double").main(4) == 8


def test_a_script_may_be_called_like_a_module_of_the_standard_library(project: Project) -> None:
    import calendar

    project.write("recycle/calendar", "import calendar\nmonths = calendar.month_name\ndef main(): ...")
    assert load("calendar").months is calendar.month_name
    assert sys.modules["calendar"] is calendar


def test_a_dataclass_in_a_script_finds_its_module(project: Project) -> None:
    text = """
        from __future__ import annotations
        from dataclasses import dataclass

        @dataclass
        class Line:
            number: int
    """
    assert load(project.write("recycle/lines", text).name).Line(3).number == 3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = (", r"a\.py, line 1: it is no valid Python"),
        ("\nimport not_there", r"a\.py, line 2: its import fails with ModuleNotFoundError: No module"),
        ("import sys\nsys.exit(3)", r"a\.py, line 2: it ends the process .*function 'main'"),
        ("1 / 0", r"a\.py, line 1: its import fails with ZeroDivisionError"),
    ],
)
def test_a_script_that_cannot_be_imported_says_where(project: Project, text: str, message: str) -> None:
    script = project.write("recycle/a", text)
    with pytest.raises(ScriptError, match=message):
        module_of(script)
    assert "erlen_offline_script.recycle.a" not in sys.modules


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"a\.py has no function 'main'"),
        ("main = 3", "'main' is no function but 'int'"),
        ("class main: ...", "'main' is no function but 'type'"),
    ],
)
def test_a_script_without_main_is_told_so(project: Project, text: str, message: str) -> None:
    script = project.write("recycle/a", text)
    with pytest.raises(ScriptError, match=message):
        main_of(module_of(script), script)


def test_another_folder_may_be_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    assert folder() == project.root / "offline_script"
    monkeypatch.setenv("OFFLINE_SCRIPTS", "tools/scripts")
    assert folder() == project.root / "tools/scripts"
