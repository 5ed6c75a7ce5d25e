from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from erlen.script.creating import create
from erlen.script.errors import ScriptError
from erlen.script.moving import promote, retire

from .conftest import Project

DAY = date(2024, 6, 10)


def test_a_promoted_script_takes_its_tests_along(project: Project) -> None:
    old = create(project.folder, "export_orders", lasting=False, day=DAY)
    _, new = promote(project.folder, old.name, None)
    assert new.path == project.folder / "recycle/export_orders.py"
    assert new.path.exists()
    assert 'load("export_orders")' in new.test.read_text()
    assert not old.path.parent.exists()
    assert not old.test.exists()


def test_a_promoted_script_may_have_a_new_name(project: Project) -> None:
    old = create(project.folder, "export_orders", lasting=False, day=DAY)
    _, new = promote(project.folder, old.name, "export_all_orders")
    assert 'load("export_all_orders")' in new.test.read_text()


def test_git_sees_a_move(repository: Project, git: object) -> None:
    old = create(repository.folder, "export_orders", lasting=False, day=DAY)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x")
    promote(repository.folder, old.name, None)
    git(repository, "commit", "-q", "-a", "-m", "y")
    history = git(repository, "log", "--follow", "--format=%s", "offline_script/recycle/export_orders.py")
    assert history.split() == ["y", "x"]
    assert git(repository, "status", "--porcelain") == ""


def test_a_retired_script_keeps_its_name(project: Project) -> None:
    create(project.folder, "flush_order_data", lasting=True)
    _, new = retire(project.folder, "flush_order_data")
    assert new.path == project.folder / "unrecycle/flush_order_data.py"
    assert new.test.exists()
    _, back = promote(project.folder, "flush_order_data", None)
    assert back.place == "recycle"


@pytest.mark.parametrize(
    ("move", "name", "message"),
    [
        (lambda folder, name: promote(folder, name, None), "clear_cache", "used again already"),
        (retire, "old_one", "not used again already"),
        (retire, "ts_2024_06_10_x", "delete it when it has done its work"),
        (
            lambda folder, name: promote(folder, name, "clear_caches"),
            "ts_2024_06_10_x",
            "near to 'clear_cache'",
        ),
        (lambda folder, name: promote(folder, name, "../x"), "ts_2024_06_10_x", "cannot be the name"),
        (
            lambda folder, name: promote(folder, name, "clear_cache", True),
            "ts_2024_06_10_x",
            "is there already",
        ),
    ],
)
def test_a_move_that_makes_no_sense_moves_nothing(
    project: Project, move: object, name: str, message: str
) -> None:
    for where in ("recycle/clear_cache", "unrecycle/old_one", "lisi/ts_2024_06_10_x"):
        project.write(where, where)
    with pytest.raises(ScriptError, match=message):
        move(project.folder, name)
    for where in ("recycle/clear_cache", "unrecycle/old_one", "lisi/ts_2024_06_10_x"):
        assert (project.folder / f"{where}.py").read_text() == where


def test_a_script_that_cannot_be_moved_stays(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    old = create(project.folder, "export_orders", lasting=False, day=DAY)
    monkeypatch.setattr(Path, "rename", full)
    with pytest.raises(ScriptError, match=r"cannot be moved to .*: No space left on device"):
        promote(project.folder, old.name, None)
    assert old.path.exists()


def test_a_folder_that_holds_something_stays(project: Project) -> None:
    old = create(project.folder, "export_orders", lasting=False, day=DAY)
    (old.path.parent / "notes.txt").write_text("mine")
    promote(project.folder, old.name, None)
    assert (old.path.parent / "notes.txt").exists()
