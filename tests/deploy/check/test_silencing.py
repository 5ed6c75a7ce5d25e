"""Findings that are silenced, and silences that are wrong themselves."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from erlen.deploy.check import silencing
from erlen.deploy.check.reports import Report

from .applications import HEAD, examined, own_process, report

__all__ = ["examined", "own_process", "report"]

Reports = Callable[..., Report]

MISTAKE = "@app.route('/<name>')\ndef view(): return ''\n"
LINES = {"app.py": HEAD + MISTAKE}


def told(found: Report) -> tuple[list[tuple[str, str, int]], list[tuple[str, str]]]:
    """Return id, file and line of what was found, and id and reason of what was silenced."""
    return (
        [
            (each.kind.id, each.place.path.name if each.place else "", each.place.line if each.place else 0)
            for each in found.findings
        ],
        [(each.kind.id, reason) for each, reason in found.silenced],
    )


def test_nothing_is_silenced_by_itself(report: Reports) -> None:
    assert told(report(LINES)) == ([("view-parameters", "app.py", 3)], [])


@pytest.mark.parametrize(
    "files",
    [
        {"app.py": f"{HEAD}app.config['SILENCED_CHECKS'] = {{'view-parameters': ' later '}}\n{MISTAKE}"},
        {"app.py": HEAD + MISTAKE.replace("\n", "  # erlen: ignore[view-parameters] later\n", 1)},
        {"app.py": HEAD + MISTAKE.replace("\n", "  # erlen:ignore[other, view-parameters]  later \n", 1)},
        {**LINES, "pyproject.toml": '[tool.erlen.check]\nsilence = {view-parameters = "later"}\n'},
        {**LINES, "pyproject.toml": '[tool.erlen.check.silence]\nview-parameters = "later"\n'},
    ],
)
def test_a_finding_is_silenced_with_a_reason(report: Reports, files: dict[str, str]) -> None:
    pytest.importorskip("tomllib" if "pyproject.toml" in files else "sys")
    found, silenced = told(report(files))
    assert silenced == [("view-parameters", "later")]
    assert [id_ for id_, _, _ in found] == (["silence-unknown"] if "other" in files["app.py"] else [])


@pytest.mark.parametrize(
    "text",
    [
        "a {# erlen: ignore[template-missing] made later #}",
        "a {# erlen: ignore[template-missing] made later -#} b",
        "a <!-- erlen: ignore[template-missing] made later -->",
    ],
)
def test_comments_of_templates_silence_too(report: Reports, text: str) -> None:
    found, silenced = told(report({"app.py": HEAD, "templates/a.html": f"{{% include 'b.html' %}}{text}\n"}))
    assert (found, silenced) == ([], [("template-missing", "made later")])


@pytest.mark.parametrize(
    "comment", ["# erlen: ignore[view-parameters]", "# erlen: ignore[view-parameters]   "]
)
def test_a_comment_without_a_reason_silences_nothing(report: Reports, comment: str) -> None:
    found, silenced = told(report({"app.py": HEAD + MISTAKE.replace("\n", f"  {comment}\n", 1)}))
    assert silenced == []
    assert found == [("silence-without-reason", "app.py", 3), ("view-parameters", "app.py", 3)]


def test_a_comment_is_for_its_line_alone_and_no_text(report: Reports) -> None:
    code = f"# erlen: ignore[view-parameters] above\n{MISTAKE}text = '# erlen: ignore[nothing]'\n"
    assert told(report(code)) == ([("view-parameters", "app.py", 4)], [])


@pytest.mark.parametrize(
    ("value", "kinds"),
    [
        ("{'view-parameters': ''}", ["silence-without-reason"]),
        ("{'view-parameters': None}", ["silence-without-reason"]),
        ("['view-parameters']", ["silence-without-reason"]),
        ("'view-parameters'", ["silence-without-reason"]),
        ("{'nothing': 'reason'}", ["silence-unknown"]),
        ("{'secret-key-short': 'reason'}", []),
        ("{3: 'reason'}", ["silence-unknown"]),
        ("None", []),
        ("7", []),
    ],
)
def test_what_is_wrong_with_the_setting_is_a_finding(report: Reports, value: str, kinds: list[str]) -> None:
    found, silenced = told(report(f"app.config['SILENCED_CHECKS'] = {value}\n"))
    assert (found, silenced) == ([(kind, "app.py", 3) for kind in kinds], [])


@pytest.mark.parametrize(
    ("toml", "found"),
    [
        ("[tool.erlen.check]\nsilence = {nothing = 'a'}\n", [("silence-unknown", "pyproject.toml", 2)]),
        ("[tool.erlen.check.silence]\nrule-hidden = ''\n", [("silence-without-reason", "pyproject.toml", 2)]),
        ("[tool.erlen.check\n", [("silence-unread", "pyproject.toml", 1)]),
        ("tool = 3\n# tool.erlen\n", [("silence-unread", "pyproject.toml", 1)]),
        ("# tool.erlen\na = " + "[" * 5000, [("silence-unread", "pyproject.toml", 1)]),
        ("[tool.other\n", []),
        ("[tool.erlen]\n", []),
        ("[tool.erlen.check]\nsilence = 3\n", []),
    ],
)
def test_what_is_wrong_in_pyproject_is_a_finding(
    report: Reports, toml: str, found: list[tuple[str, str, int]]
) -> None:
    pytest.importorskip("tomllib")
    assert told(report({"app.py": HEAD, "pyproject.toml": toml})) == (found, [])


def test_where_nothing_reads_toml_that_is_said(report: Reports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tomllib", None)
    monkeypatch.setitem(sys.modules, "tomli", None)
    (found,) = report({"app.py": HEAD, "pyproject.toml": "[tool.erlen.check]\nsilence = {}\n"}).findings
    assert found.kind is silencing.SILENCE_UNREAD
    assert found.write == "pip install tomli"


def test_the_file_of_a_folder_above_counts(report: Reports) -> None:
    """With the application in `src/`, the project's file is above."""
    pytest.importorskip("tomllib")
    found, silenced = told(
        report(
            {
                "app.py": "import sys\nsys.path.insert(0, 'src')\nfrom site_of_mine import app\n",
                "src/site_of_mine.py": HEAD + MISTAKE,
                "pyproject.toml": "[tool.erlen.check.silence]\nview-parameters = 'later'\n",
            }
        )
    )
    assert (found, silenced) == ([], [("view-parameters", "later")])
