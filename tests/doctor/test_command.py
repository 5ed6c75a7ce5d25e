"""The command, as it is typed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from erlen.doctor import report
from erlen.doctor.command import doctor
from erlen.doctor.report import Report, examine

from .test_report import AROUND, BROKEN, GOOD


def erlen(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "erlen", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, timeout=60)


@pytest.mark.slow
def test_it_is_a_command_of_erlen_and_needs_no_application(tmp_path: Path) -> None:
    done = erlen("doctor", "--format", "json", cwd=tmp_path)
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (int(told["broken"]), "")
    assert told["aliased"]
    assert "flask-login" in [each["name"].lower() for each in told["extensions"]]


@pytest.mark.parametrize(("verdicts", "status"), [([GOOD], 0), ([GOOD, BROKEN], 1), ([], 0)])
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_status_is_one_where_something_is_broken(
    verdicts: list[report.Verdict], status: int, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = Report(AROUND, verdicts)
    monkeypatch.setattr(report, "examine", lambda: found)
    result = CliRunner().invoke(doctor, ["--format", form])
    assert result.exit_code == status
    assert result.stdout.strip() == (report.as_json(found) if form == "json" else report.as_text(found))


def test_another_format_is_refused() -> None:
    result = CliRunner().invoke(doctor, ["--format", "xml"])
    assert result.exit_code == 2
    assert "'xml' is not one of 'text', 'json'" in result.output


def test_nothing_of_an_extension_is_imported(tmp_path: Path) -> None:
    program = """
import sys
from erlen.doctor import report
report.as_text(report.examine())
print([name for name in sys.modules if name.startswith("flask")])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_the_report_is_the_same_when_it_is_made_again() -> None:
    assert examine() == replace(examine())
