"""What git has of a project."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from erlen.deploy.check.finding import Place
from erlen.deploy.check.repository import Repository

KEY = "mV3kq0Zt8uXbW2rLsYpN7cHdJ5fGaE1oQiUvTx9zRwA"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        del os.environ[name]
    subprocess.run(["git", "init", "-q", tmp_path], check=True, timeout=60)
    (tmp_path / "shop").mkdir()
    return tmp_path / "shop"


def add(*paths: Path) -> None:
    for path in paths:
        subprocess.run(["git", "-C", path.parent, "add", "-f", path.name], check=True, timeout=60)


def test_without_a_repository_nothing_is_tracked_and_nothing_would_be(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    repository = Repository(tmp_path)
    assert repository.root is None
    assert not repository.tracks(tmp_path / "a")
    assert repository.ignores(tmp_path / "a")
    assert list(repository.lines_with(KEY)) == []


def test_files_above_the_folder_belong_to_it(project: Path) -> None:
    tracked, new, ignored = project.parent / "a\nb", project / "new", project / "ignored"
    for path in (tracked, new, ignored):
        path.touch()
    (project / ".gitignore").write_text("ignored\n")
    add(tracked)
    repository = Repository(project)
    assert repository.root == project.parent
    assert [repository.tracks(path) for path in (tracked, new, ignored)] == [True, False, False]
    assert [repository.ignores(path) for path in (tracked, new, ignored)] == [False, False, True]
    assert repository.ignores(Path("/etc/passwd"))


def test_an_ignored_file_that_is_tracked_is_not_ignored(project: Path) -> None:
    (project / ".env").touch()
    (project / ".gitignore").write_text(".env\n")
    add(project / ".env")
    assert not Repository(project).ignores(project / ".env")


@pytest.mark.parametrize("secret", [KEY, KEY.encode(), b"\x01\xffa\n'\"", "line\nbreak and 'quotes'"])
def test_lines_with_a_secret_are_found_as_text_and_as_a_program_writes_it(
    project: Path, secret: str | bytes
) -> None:
    file = project / "settings.py"
    file.write_text(f"# one\nKEY = {secret!r}\n")
    add(file)
    assert list(Repository(project).lines_with(secret)) == [Place(file, 2)]
    assert list(Repository(project).lines_with("another secret key")) == []


def test_a_link_and_a_pipe_and_a_large_file_are_not_read(project: Path) -> None:
    secret, link, pipe, large = (project / name for name in ("secret", "link", "pipe", "large"))
    secret.write_text(KEY)
    link.symlink_to(secret)
    pipe.touch()
    large.write_text("x" * 600_000 + KEY)
    add(link, pipe, large)
    pipe.unlink()
    os.mkfifo(pipe)
    assert list(Repository(project).lines_with(KEY)) == []
