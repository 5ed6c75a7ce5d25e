"""What is asked inside of a release."""

from __future__ import annotations

import inspect
import json
import platform
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from erlen import Erlen
from erlen.deploy.release import inside
from erlen.deploy.release.inside import MARK, facts_of


def ask(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-", *words],
        input=inspect.getsource(inside),
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=60,
    )


def test_the_text_is_a_program_that_prints_the_facts(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("import flask\nprint('hi', end='')\napp = flask.Flask(__name__)\n")
    told = ask(tmp_path, "shop")
    assert told.stderr == ""
    line = told.stdout.splitlines()[-1]
    assert json.loads(line.removeprefix(MARK)) == {
        "instance": str(tmp_path / "instance"),
        "python": platform.python_version(),
        "migrations": False,
    }


@pytest.mark.slow
def test_environment_files_are_read_first(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("FLASK_APP=shop:make('x')\nNEEDED=1\n")
    (tmp_path / "shop.py").write_text(
        "import os, flask\nos.environ['NEEDED']\n"
        "def make(name):\n    app = flask.Flask(__name__, instance_path=f'/srv/{name}')\n    return app\n"
    )
    assert '"/srv/x"' in ask(tmp_path).stdout


@pytest.mark.slow
def test_an_application_that_does_not_load_is_told(tmp_path: Path) -> None:
    (tmp_path / "shop.py").write_text("raise RuntimeError('broken')\n")
    told = ask(tmp_path, "shop")
    assert told.returncode != 0
    assert "RuntimeError: broken" in told.stderr


@pytest.fixture
def app(tmp_path: Path) -> Erlen:
    return Erlen("shop", root_path=str(tmp_path))


def test_flask_migrate_counts_where_there_are_migrations(
    app: Erlen, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir("/")
    app.extensions["migrate"] = SimpleNamespace(directory="migrations")
    assert not facts_of(app)["migrations"]
    (tmp_path / "migrations" / "versions").mkdir(parents=True)
    assert facts_of(app)["migrations"]
    app.extensions["migrate"].directory = "elsewhere"
    assert not facts_of(app)["migrations"]


def test_a_command_of_the_application_counts(app: Erlen) -> None:
    @app.cli.group("db")
    def db() -> None:
        """Look after the database."""

    assert not facts_of(app)["migrations"]

    @db.command("upgrade")
    def upgrade() -> None:
        """Bring it up to date."""

    assert facts_of(app)["migrations"]


def test_a_command_that_is_no_group_does_not_count(app: Erlen) -> None:
    app.cli.command("db")(lambda: None)
    assert not facts_of(app)["migrations"]
