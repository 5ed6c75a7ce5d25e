"""Whether git would take a file along, and what to do then."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from erlen.deploy.env.ignored import advice_on, ignore_line

NOT_IGNORED = "git does not ignore '.env'. Add this line to .gitignore: .env"
TRACKED = (
    "git tracks '.env': whoever has the repository can read it, and its history keeps it."
    " Take it out ('git rm --cached'), add the line .env to .gitignore, and make another key."
)


def git(*words: str) -> None:
    subprocess.run(["git", *words], check=True, capture_output=True, timeout=60)


@pytest.fixture(autouse=True)
def file(folder: Path) -> None:
    (folder / ".env").write_text("A=1\n")


def test_outside_a_repository_nothing_is_to_be_done() -> None:
    assert advice_on(".env") is None


def test_a_file_that_is_not_ignored_gets_a_line() -> None:
    git("init")
    assert advice_on(".env") == NOT_IGNORED
    Path(".gitignore").write_text(".env\n")
    assert advice_on(".env") is None


def test_a_file_that_is_tracked_is_worse_also_if_it_is_ignored() -> None:
    git("init")
    git("add", ".env")
    Path(".gitignore").write_text(".env\n")
    assert advice_on(".env") == TRACKED


def test_the_repository_of_a_hook_is_not_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    git("init")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert advice_on(".env") == NOT_IGNORED


def test_without_git_the_line_is_said_where_there_is_a_repository(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(folder / "empty"))
    assert advice_on(".env") is None
    (folder / ".git").mkdir()
    (folder / "below").mkdir()
    assert advice_on("below/.env") == (
        "git could not be asked whether it ignores '.env'. See that .gitignore has: .env"
    )


def test_no_program_of_the_repository_is_started(folder: Path) -> None:
    git("init")
    (folder / "spy").write_text(f"#!/bin/sh\ntouch {folder}/started\n")
    (folder / "spy").chmod(0o700)
    git("config", "core.fsmonitor", str(folder / "spy"))
    assert advice_on(".env") == NOT_IGNORED
    assert not (folder / "started").exists()


@pytest.mark.parametrize(
    "name", [".env", "#env", "!env", "a*b", "a?b", "[a]", "a b", "end ", "end  ", "back\\slash", "火腿.env"]
)
def test_the_line_means_the_file_of_this_name_alone(name: str) -> None:
    git("init")
    Path(name).touch()
    Path(".gitignore").write_text(f"{ignore_line(name)}\n")
    assert advice_on(name) is None
    other = "axb" if name != ".env" else "env"
    assert advice_on(other) == f"git does not ignore {other!r}. Add this line to .gitignore: {other}"
    assert os.path.exists(name)
