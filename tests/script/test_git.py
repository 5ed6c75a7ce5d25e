from __future__ import annotations

from datetime import date

import pytest

from erlen.script import git

from .conftest import Project


def test_a_file_is_moved_with_its_history(repository: Project, git: object) -> None:
    from erlen.script.git import beginning_of, is_tracked, move, user_name

    old = repository.write("lisi/ts_2024_06_10_x", "x = 1\n" * 10).path
    assert not is_tracked(old)
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "x", "--date", "2024-06-10T12:00:00+0000")
    assert is_tracked(old)
    new = repository.write("recycle/y", "").path
    new.unlink()
    assert move(old, new)
    git(repository, "commit", "-q", "-m", "y")
    assert beginning_of(new) == ("Ada Lovelace", date(2024, 6, 10))
    assert user_name() == "Ada Lovelace"


def test_outside_a_repository_nothing_is_known(project: Project) -> None:
    path = project.write("recycle/a", "").path
    assert (git.is_tracked(path), git.beginning_of(path)) == (False, None)
    assert not git.move(path, path.with_name("b.py"))


def test_without_git_nothing_is_known(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(project.root))
    path = project.write("recycle/a", "").path
    assert (git.user_name(), git.is_tracked(path), git.beginning_of(path)) == (None, False, None)
