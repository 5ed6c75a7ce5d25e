"""How findings and notes are shown."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from erlen.legacy.check import report
from erlen.legacy.check.survey import Survey
from erlen.reporting import FORMATS

HOSTILE = "a\n::error::\x1b[31m%b,c:d.py"


def shown(result: Survey, form: str) -> str:
    return "\n".join(report.lines(result, form))


def test_text(look: Callable[..., Survey]) -> None:
    files = {
        "a.py": "from flask import g, escape\n\ndef f(app): app.env\n",
        "b/c.py": "print 'a'\n",
    }
    lines = shown(look(files), "text").splitlines()
    assert lines[0] == "a.py:1:22: flask.escape, last in Flask 2.2; instead: markupsafe.escape [--fix]"
    assert lines[1].startswith("a.py:3:13: likely flask.Flask.env, last in Flask 2.2; instead: ")
    assert lines[2].startswith("b/c.py:1: not read: it is not written for Python 3: ")
    assert lines[3] == "2 uses of old names in 1 file of the application. '--fix' rewrites 1."


def test_json(look: Callable[..., Survey]) -> None:
    told = json.loads(shown(look({"a.py": "from flask import escape\n", "b.py": "print 1\n"}), "json"))
    assert told["findings"] == [
        {
            "path": "a.py",
            "line": 1,
            "column": 19,
            "name": "flask.escape",
            "kind": "import",
            "library": "flask",
            "last": "2.2",
            "instead": "markupsafe.escape",
            "certain": True,
            "fixable": True,
            "distribution": None,
        }
    ]
    assert [(note["path"], note["line"]) for note in told["notes"]] == [("b.py", 1)]
    assert told["extensions"] == []


def test_github(look: Callable[..., Survey], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Paths are from where the workflow runs."""
    monkeypatch.chdir(tmp_path.parent)
    result = look({"a.py": "from flask import escape\n", "b.py": "print 1\n"})
    first, second = shown(result, "github").splitlines()
    assert first == (
        f"::warning file={tmp_path.name}/a.py,line=1,title=Old name::"
        "flask.escape, last in Flask 2.2; instead: markupsafe.escape [--fix]"
    )
    assert second.startswith(f"::notice file={tmp_path.name}/b.py,line=1,title=Old name::not read: ")


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_s_name_cannot_write_lines_of_its_own(look: Callable[..., Survey], form: str) -> None:
    text = shown(look({HOSTILE: "from flask import escape\n"}), form)
    assert "\x1b" not in text
    assert not any(line.startswith("::error") for line in text.splitlines())
    if form == "github":
        assert "file=" in text
        assert "%0A%3A%3Aerror%3A%3A" in text
        assert "%25b%2Cc%3Ad.py" in text
    if form == "json":
        assert json.loads(text)["findings"][0]["path"] == HOSTILE


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_s_name_may_be_no_text(look: Callable[..., Survey], tmp_path: Path, form: str) -> None:
    (tmp_path / os.fsdecode(b"\xff.py")).write_text("from flask import escape\n")
    assert shown(look({}), form).encode()
