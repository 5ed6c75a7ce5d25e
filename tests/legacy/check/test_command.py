"""`erlen check --legacy`: what it prints, and what it exits with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import write

pytestmark = pytest.mark.slow  # each test starts the command

Run = Callable[..., "subprocess.CompletedProcess[str]"]
OLD = "from flask import Flask, escape, safe_join\napp = Flask(__name__)\nraise SystemExit('imported')\n"


@pytest.fixture
def check(tmp_path: Path) -> Run:
    """Run the command in a process of its own."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("FLASK", "ERLEN"))}

    def check(*arguments: str, before: tuple[str, ...] = (), **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "erlen", *before, "check", "--legacy", *arguments],
            cwd=tmp_path,
            env={**outside, "PYTHONDONTWRITEBYTECODE": "1", **env},
            capture_output=True,
            text=True,
            timeout=60,
        )

    return check


def test_it_lists_what_it_finds_and_exits_with_1(check: Run, tmp_path: Path) -> None:
    write(tmp_path, {"app.py": OLD})
    done = check()
    assert (done.returncode, done.stderr) == (1, "")
    assert [line.split(";")[0] for line in done.stdout.splitlines()] == [
        "app.py:1:26: flask.escape, last in Flask 2.2",
        "app.py:1:34: flask.safe_join, last in Flask 2.0",
        "2 uses of old names in 1 file of the application. '--fix' rewrites 1.",
    ]


def test_it_exits_with_0_where_nothing_is_old(check: Run, tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "from flask import Flask\n"})
    done = check()
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "No old names in 1 file of the application.\n",
        "",
    )


def test_fix_writes_and_reports_what_is_left(check: Run, tmp_path: Path) -> None:
    write(tmp_path, {"app.py": OLD, "b.py": "from flask import Markup\n"})
    done = check("--fix")
    assert done.returncode == 1
    assert done.stderr.splitlines() == ["app.py: 1 rewritten", "b.py: 1 rewritten"]
    assert done.stdout.splitlines()[-1] == "1 use of old names in 2 files of the application."
    assert (tmp_path / "b.py").read_text() == "from markupsafe import Markup\n"
    again = check("--fix")
    assert (again.returncode, again.stdout, again.stderr) == (1, done.stdout, "")


def test_fix_exits_with_0_where_nothing_is_left(check: Run, tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "from flask import escape\n"})
    assert check("--fix").returncode == 0


def test_diff_writes_nothing(check: Run, tmp_path: Path) -> None:
    write(tmp_path, {"app.py": OLD})
    done = check("--diff")
    assert done.returncode == 1
    assert "+from markupsafe import escape\n" in done.stdout
    assert done.stderr == "More to change by hand: 1. 'erlen check --legacy' lists what.\n"
    assert (tmp_path / "app.py").read_text() == OLD


def test_fix_and_diff_exclude_each_other(check: Run, tmp_path: Path) -> None:
    write(tmp_path, {"app.py": OLD})
    done = check("--diff", "--fix")
    assert done.returncode == 2
    assert "give one of them" in done.stderr


def test_without_libcst_it_says_how_to_get_it(check: Run, tmp_path: Path) -> None:
    write(tmp_path, {"app.py": OLD, "hide/sitecustomize.py": "import sys\nsys.modules['libcst'] = None\n"})
    done = check("--fix", PYTHONPATH=str(tmp_path / "hide"))
    assert done.returncode == 2
    assert "pip install erlen[legacy]" in done.stderr
    assert check(PYTHONPATH=str(tmp_path / "hide")).returncode == 1


def test_a_file_that_cannot_be_read_is_named(check: Run, tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "from flask import escape\n"})
    (tmp_path / "link.py").symlink_to(tmp_path.parent / "nowhere.py")
    done = check("--fix")
    assert "link.py:1: not read: No such file or directory" in done.stdout
    assert done.returncode == 1


def test_json_and_github(check: Run, tmp_path: Path) -> None:
    write(tmp_path, {"app.py": OLD})
    assert len(json.loads(check("--format", "json").stdout)["findings"]) == 2
    assert check("--format", "github").stdout.count("::warning file=app.py,line=1,") == 2


@pytest.mark.parametrize(
    ("arguments", "before", "files"),
    [
        (["shop"], (), 1),
        (["shop/app.py"], (), 1),
        ([], ("--app", "shop/app.py:app"), 1),
        ([], (), 2),
        (["--exclude", "shop"], (), 1),
    ],
)
def test_where_it_looks(
    check: Run, tmp_path: Path, arguments: list[str], before: tuple[str, ...], files: int
) -> None:
    write(tmp_path, {"shop/app.py": "", "tests/test_app.py": ""})
    done = check(*arguments, before=before)
    plural = "file" if files == 1 else "files"
    assert done.stdout == f"No old names in {files} {plural} of the application.\n"


def test_where_there_is_nothing_it_says_so(check: Run, tmp_path: Path) -> None:
    done = check()
    assert done.returncode == 2
    assert "There are no Python files in" in done.stderr


def test_extensions_are_read_and_can_be_left_out(check: Run, tmp_path: Path) -> None:
    """This environment's Flask-Login copes with old and new Flask by itself."""
    write(tmp_path, {"app.py": "from flask_login import LoginManager\n"})
    assert "and in Flask-Login" in check().stdout
    assert "Flask-Login" not in check("--no-extensions").stdout


def test_names_that_the_terminal_cannot_show_are_escaped(check: Run, tmp_path: Path) -> None:
    write(tmp_path, {"grüße.py": OLD})
    done = check(PYTHONIOENCODING="ascii")
    assert done.returncode == 1
    assert "gr\\xfc\\xdfe.py:1:26: flask.escape" in done.stdout
