"""Findings as text, as JSON and as annotations."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from erlen.deploy.check import Finding, Kind, Level, Place, reports
from erlen.deploy.check.reports import Listed, Report
from erlen.reporting import FORMATS

ROOT = Path("/project")
BAD = Kind("bad-thing", Level.ERROR, "It fails.")
ODD = Kind("odd-thing", Level.WARNING, "It is odd.")
HINT = Kind("hint", Level.INFO, "It is a hint.")
HOSTILE = "a\n::error::\x1b[31m%b,c:d"


def lines(findings: list[Finding], form: str, **given: object) -> list[str]:
    return list(reports.lines(Report("shop", ROOT, findings, kinds=7, **given), form))  # type: ignore[arg-type]


def test_text() -> None:
    findings = [
        BAD.found("This is bad.", Place(ROOT / "a/b.py", 3), write="good()"),
        ODD.found("This is odd.", Place(Path("/elsewhere/c.py"))),
        ODD.found("This too."),
        HINT.found("See."),
    ]
    assert lines(findings, "text", silenced=[(findings[0], "why")]) == [
        "a/b.py:3: error: This is bad. [bad-thing]",
        "    It fails.",
        "    write: good()",
        "/elsewhere/c.py:1: warning: This is odd. [odd-thing]",
        "    It is odd.",
        "warning: This too. [odd-thing]",
        "    It is odd.",
        "info: See. [hint]",
        "    It is a hint.",
        "Found in 'shop': 1 error, 2 warnings, 1 info. 1 silenced.",
    ]


def test_text_without_findings() -> None:
    assert lines([], "text") == ["Nothing found in 'shop'; 7 kinds of mistakes were looked for."]


def test_json() -> None:
    silenced = [(ODD.found("This is odd."), "why")]
    found = [BAD.found("This is bad.", Place(ROOT / "a/b.py", 3), write="good()")]
    told = json.loads("\n".join(lines(found, "json", silenced=silenced)))
    assert told == {
        "application": "shop",
        "findings": [
            {
                "id": "bad-thing",
                "level": "error",
                "what": "This is bad.",
                "path": "a/b.py",
                "line": 3,
                "why": "It fails.",
                "write": "good()",
            }
        ],
        "silenced": [
            {
                "id": "odd-thing",
                "level": "warning",
                "what": "This is odd.",
                "path": None,
                "line": None,
                "why": "It is odd.",
                "write": "",
                "reason": "why",
            }
        ],
    }


def test_github(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    findings = [
        BAD.found("This is bad.", Place(tmp_path / "a.py", 3), write="good()"),
        ODD.found("This is odd."),
        HINT.found("See."),
    ]
    assert lines(findings, "github") == [
        "::error file=a.py,line=3,title=bad-thing::This is bad. It fails. Write: good()",
        "::warning title=odd-thing::This is odd. It is odd.",
        "::notice title=hint::See. It is a hint.",
    ]


@pytest.mark.parametrize("form", FORMATS)
def test_names_cannot_write_lines_of_their_own(form: str) -> None:
    hostile = Kind(HOSTILE, Level.ERROR, HOSTILE)
    finding = hostile.found(HOSTILE, Place(ROOT / HOSTILE, 1), write=HOSTILE)
    text = "\n".join(lines([finding], form))
    assert "\x1b" not in text
    assert [line for line in text.splitlines() if line.startswith("::error::")] == []
    if form == "json":
        assert json.loads(text)["findings"][0]["path"] == HOSTILE
    else:
        assert "\\x1b[31m" in text


@pytest.mark.parametrize("form", FORMATS)
def test_a_path_may_be_no_text(form: str) -> None:
    place = Place(ROOT / os.fsdecode(b"\xff.py"))
    assert "".join(lines([BAD.found("Bad.", place)], form)).encode()


@pytest.mark.parametrize(
    ("kind", "level", "fails"),
    [
        (HINT, "INFO", True),
        (HINT, "WARNING", False),
        (ODD, "WARNING", True),
        (ODD, "ERROR", False),
        (BAD, "ERROR", True),
    ],
)
def test_a_report_fails_at_a_level(kind: Kind, level: str, fails: bool) -> None:
    assert Report("shop", ROOT, [kind.found("a")]).fails_at(Level[level]) is fails
    assert not Report("shop", ROOT, [], [(kind.found("a"), "why")]).fails_at(Level[level])


def test_kinds_are_listed() -> None:
    listed = [Listed(BAD, False), Listed(HINT, True)]
    assert list(reports.list_kinds(listed, "text")) == [
        "bad-thing  error  ",
        "    It fails.",
        "hint       info     --deploy",
        "    It is a hint.",
    ]
    (text,) = reports.list_kinds(listed, "json")
    assert json.loads(text)[1] == {"id": "hint", "level": "info", "why": "It is a hint.", "deploy": True}
