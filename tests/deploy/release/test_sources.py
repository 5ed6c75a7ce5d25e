"""What a release is made of."""

from __future__ import annotations

import os
import socket
import subprocess
from pathlib import Path

import pytest

from erlen.deploy.release.entries import Writer
from erlen.deploy.release.errors import USAGE, ReleaseError
from erlen.deploy.release.sources import Source, open_source
from tests.deploy.release.test_archives import MEMBERS, tar

IDENTITY = {"GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com"}
IDENTITY |= {"GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com"}


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    path = tmp_path / "site" / "releases"
    path.mkdir(parents=True)
    return path


@pytest.fixture
def code(tmp_path: Path) -> Path:
    folder = tmp_path / "code 'of' a\nshop"
    (folder / "shop").mkdir(parents=True)
    (folder / "shop" / "__init__.py").touch()
    (folder / "README").touch()
    (folder / "link").symlink_to("README")
    return folder


def git(folder: Path, *words: str) -> None:
    command = ["git", "-c", "init.defaultBranch=main", "-C", str(folder), *words]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, **IDENTITY}, timeout=60)


def files_of(source: Source, tmp_path: Path) -> set[str]:
    folder = tmp_path / "written"
    folder.mkdir()
    with source.opened() as entries:
        Writer(folder, (".venv",), None).write(entries)
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def test_a_folder_is_copied_without_what_tools_left_there(code: Path, releases: Path, tmp_path: Path) -> None:
    for name in (
        ".git/config",
        "shop/__pycache__/x.pyc",
        ".venv/x",
        "env/pyvenv.cfg",
        "env/lib/x",
        ".flaskenv",
    ):
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        (code / name).touch()
    os.rename(code / ".git", code / ".hg")  # a checkout that git does not know
    os.mkfifo(code / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        before = os.getcwd()
        os.chdir(code)
        listening.bind("socket")
        os.chdir(before)
        source = open_source(code, releases)
        assert source.description.endswith(r"code 'of' a\nshop")
        assert files_of(source, tmp_path) == {"README", "link", "shop/__init__.py", ".flaskenv"}


def test_of_a_checkout_the_tracked_files_are_copied(code: Path, releases: Path, tmp_path: Path) -> None:
    git(code, "init")
    (code / 'name with "quotes" and\nline breaks').touch()
    (code / "gone").touch()
    git(code, "add", "--all")
    git(code, "commit", "-m", "First")
    (code / "secret.txt").touch()
    (code / "gone").unlink()
    (code / "README").write_text("changed")
    source = open_source(code, releases)
    assert "the tracked files of" in source.description
    assert source.description.endswith(", and 2 that are changed since")
    expected = {"README", "link", "shop/__init__.py", 'name with "quotes" and\nline breaks'}
    assert files_of(source, tmp_path) == expected


def test_a_folder_of_a_checkout_has_tracked_files_too(code: Path, releases: Path, tmp_path: Path) -> None:
    git(code, "init")
    git(code, "add", "shop")
    (code / "shop" / "notes").touch()
    source = open_source(code / "shop", releases)
    assert source.description.endswith("no commit yet, and 1 that are changed since")
    assert files_of(source, tmp_path) == {"__init__.py"}


def test_a_folder_that_git_does_not_track_is_a_folder(code: Path, releases: Path, tmp_path: Path) -> None:
    git(code, "init")
    (code / "build").mkdir()
    (code / "build" / "x").touch()
    source = open_source(code / "build", releases)
    assert source.description.startswith("the folder ")
    assert files_of(source, tmp_path) == {"x"}


def test_the_variables_of_a_hook_do_not_lead_to_another_repository(
    code: Path, releases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(code, "init")
    git(code, "add", "README")
    monkeypatch.setenv("GIT_DIR", str(tmp_path))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
    assert files_of(open_source(code, releases), tmp_path) == {"README"}


def test_a_program_that_a_repository_names_is_not_run(code: Path, releases: Path, tmp_path: Path) -> None:
    git(code, "init")
    git(code, "add", "README")
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {tmp_path}/was-run\n")
    program.chmod(0o755)
    git(code, "config", "core.fsmonitor", str(program))
    files_of(open_source(code, releases), tmp_path)
    assert not (tmp_path / "was-run").exists()


def test_a_broken_repository_is_told(code: Path, releases: Path) -> None:
    (code / ".git").mkdir()
    with pytest.raises(ReleaseError, match="git does not say which files"):
        open_source(code, releases)


def test_archives_and_wheels_are_told_apart(releases: Path, tmp_path: Path) -> None:
    archive = tar(tmp_path / "shop.tar.gz", *MEMBERS)
    assert files_of(open_source(archive, releases), tmp_path) == {"hello.py", "static/a b.css", "link"}
    wheel = tmp_path / "shop-1.0-py3-none-any.whl"
    wheel.write_text("wheel")
    source = open_source(wheel, releases)
    assert source.wheel == wheel.name
    with source.opened() as entries:
        assert [entry.path for entry in entries] == [wheel.name]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("gone", "No such file or directory"),
        ("text", "is no archive that can be read"),
        ("pipe", "neither a folder nor a file"),
        ("a[b].whl", "is no name of a wheel"),
        ("--index-url=x-1-py3-none-any.whl", "is no name of a wheel"),
        ("site", "has the releases in it"),
        ("site/releases", "has the releases in it"),
        ("a\0b", "null"),
        ("x" * 300, "too long"),
    ],
)
def test_what_no_release_can_be_made_of_is_told(name: str, says: str, releases: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("text")
    (tmp_path / "a[b].whl").touch()
    (tmp_path / "--index-url=x-1-py3-none-any.whl").touch()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ReleaseError, match=says) as raised:
        open_source(tmp_path / name, releases)
    assert raised.value.status == USAGE


def test_the_current_release_can_be_the_source(releases: Path, tmp_path: Path) -> None:
    """Its environment and its links to what is shared are not taken by whoever writes it."""
    release = releases / "20260101T000000Z"
    release.mkdir()
    (release / "hello.py").touch()
    (release / ".venv").mkdir()
    (tmp_path / "site" / "current").symlink_to("releases/20260101T000000Z")
    assert files_of(open_source(tmp_path / "site" / "current", releases), tmp_path) == {"hello.py"}
