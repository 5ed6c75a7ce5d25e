"""Programs of Flask 1.1's time: each line says which old names it has, and nothing else is found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from erlen.legacy.check import report
from erlen.legacy.check.survey import Survey, survey

PROGRAMS = sorted(path for path in (Path(__file__).parent / "programs").iterdir())
MARK = re.compile(r"# old: (.+)$")


def marked(folder: Path) -> list[tuple[str, int, str]]:
    """Return file, line and name of what comments say is old."""
    return sorted(
        (path.name, number, name)
        for path in folder.rglob("*.py")
        for number, line in enumerate(path.read_text().splitlines(), 1)
        for mark in MARK.findall(line)
        for name in mark.split(", ")
    )


def found(result: Survey) -> list[tuple[str, int, str]]:
    return sorted(
        (finding.path.name, finding.line, describe(result, finding))
        for finding in result.findings
        if finding.path.suffix == ".py"
    )


def describe(result: Survey, finding) -> str:  # type: ignore[no-untyped-def]
    before = "" if finding.is_certain or finding.kind == "key" else "likely "
    return before + finding.name + (" [fix]" if result.can_fix(finding) else "")


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_what_is_marked_is_found_and_nothing_else(program: Path) -> None:
    result = survey(program, with_extensions=False)
    assert found(result) == marked(program)
    assert result.notes == []


def test_environment_files_are_read_as_well() -> None:
    result = survey(Path(__file__).parent / "programs/blog", with_extensions=False)
    [finding] = [finding for finding in result.findings if finding.path.suffix != ".py"]
    assert (finding.path.name, finding.line, finding.name) == (".flaskenv", 2, "$FLASK_ENV")


def test_nothing_is_imported_or_run(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("open('run', 'w')\nfrom flask import escape\n")
    assert len(survey(tmp_path, with_extensions=False).findings) == 1
    assert not (tmp_path / "run").exists()


def test_a_program_without_old_names_is_clean(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    result = survey(tmp_path, with_extensions=False)
    assert result.is_clean
    assert list(report.lines(result, "text")) == ["No old names in 1 file of the application."]
