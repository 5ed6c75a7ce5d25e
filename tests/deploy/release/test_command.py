"""The command `erlen deploy release`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from erlen.deploy.command import deploy
from erlen.deploy.release import errors
from erlen.deploy.release.errors import BUSY, FAILED, USAGE
from erlen.deploy.release.layout import Layout
from erlen.deploy.release.lock import locked
from erlen.deploy.release.making import Making


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code"
    folder.mkdir()
    (folder / "shop.py").write_text("from flask import Flask\napp = Flask(__name__)\n")
    return folder


def release(*words: object) -> Result:
    result = CliRunner().invoke(deploy, ["release", *map(str, words)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.slow
def test_a_release_and_the_way_back(code: Path, layout: Layout, python: str) -> None:
    words = (
        code,
        "--root",
        layout.root,
        "--app",
        "shop",
        "--python",
        python,
        "--no-check",
        "--unit",
        "erlen-none",
    )
    first, second = (release(*words, "--reload-command", "test -e 'shared/instance'") for _ in range(2))
    assert first.exit_code == errors.SWITCHED_BACK  # the command runs in /
    assert "in the step 'reload'" in first.stderr
    assert second.exit_code == errors.SWITCHED_BACK
    for _ in range(2):
        told = release(*words, "--reload-command", f"test -e {layout.shared}/instance")
        assert told.exit_code == 0, told.output
    assert f"reload    test -e {layout.shared}/instance" in told.output
    before = layout.current_name()
    told = release("--rollback", "--root", layout.root, "--reload-command", "true")
    assert told.exit_code == 0, told.output
    assert "Migrations are not undone" in told.output
    assert layout.current_name() != before


def test_a_dry_run_changes_nothing(code: Path, tmp_path: Path) -> None:
    root = tmp_path / "site"
    root.mkdir()
    words = (code, "--root", root, "--app", "shop", "--reload-command", "sv hup 'my shop'", "--dry-run")
    told = release(*words)
    assert told.exit_code == 0, told.output
    assert "Nothing is done." in told.output
    assert "reload    sv hup 'my shop'" in told.output
    assert [line.split()[0] for line in told.output.splitlines()[1:]] == [
        *("copy", "link", "install", "load", "check", "migrate", "switch", "reload", "clean")
    ]
    assert release(*words).output == told.output
    assert list(root.iterdir()) == []


def test_a_dry_run_of_a_rollback_names_the_release(layout: Layout) -> None:
    for name in ("20260101T000000Z", "20260102T000000Z"):
        layout.folder(name).mkdir()
    layout.switch("releases/20260102T000000Z")
    told = release("--rollback", "--root", layout.root, "--dry-run", "--reload-command", "true")
    assert told.output == "Would switch to releases/20260101T000000Z and reload.\n"
    assert layout.current_name() == "20260102T000000Z"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "Missing option '--root'"),
        (["--root", "gone"], "gone is no folder"),
        (["gone", "--root", "."], "No such file or directory"),
        (["code", "--root", ".", "--unit", "a b"], "no name of a unit"),
        (["code", "--root", ".", "--ready", "x"], "no address"),
        (["code", "--root", ".", "--rollback"], "With --rollback there is no SOURCE"),
        (["code", "--root", ".", "--keep", "0"], "--keep"),
        (["code", "--root", ".", "--pip-option", "'"], "No closing quotation"),
        (["code", "--root", ".", "--reload-command", '"'], "No closing quotation"),
        (["code", "--root", ".", "--user", "no-such-user"], "There is no user"),
        ([".", "--root", "."], "has the releases in it"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_words_are_told_and_nothing_is_done(
    words: list[str], says: str, code: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = code.parent
    monkeypatch.chdir(folder)
    told = release(*words)
    assert (told.exit_code, says in told.stderr) == (USAGE, True), told.stderr
    if "--user" not in words:
        assert os.listdir(folder) == ["code"]


def test_what_another_release_keeps_is_told(code: Path, layout: Layout) -> None:
    with locked(layout.releases):
        told = release(code, "--root", layout.root, "--reload-command", "true")
    assert told.exit_code == BUSY
    assert "erlen deploy release failed in the step 'release': Another release is under way" in told.stderr


def test_errors_of_the_system_are_told(code: Path, layout: Layout) -> None:
    (layout.releases / ".lock").symlink_to("elsewhere")
    told = release(code, "--root", layout.root, "--reload-command", "true")
    assert told.exit_code == FAILED
    assert "erlen deploy release failed: " in told.stderr
    assert ".lock" in told.stderr


def test_an_interruption_has_a_status_of_its_own(
    code: Path, layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Making, "release", interrupt)
    told = release(code, "--root", layout.root)
    assert (told.exit_code, told.stderr) == (130, "erlen deploy release was interrupted.\n")
