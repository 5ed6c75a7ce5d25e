"""Git is asked about a folder, whatever the environment and the repository say."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from erlen.deploy.env.git import CannotAsk, ask


def test_the_answer_has_status_and_output(folder: Path) -> None:
    assert ask(folder, "ls-files").status == 128
    subprocess.run(["git", "init", "-q"], check=True, timeout=60)
    (folder / "a b").touch()
    subprocess.run(["git", "add", "a b"], check=True, timeout=60)
    assert ask(folder, "ls-files", "-z") == (0, b"a b\0")


def test_variables_of_a_hook_are_not_passed_on(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    subprocess.run(["git", "init", "-q"], check=True, timeout=60)
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    assert ask(folder, "ls-files") == (0, b"")


@pytest.mark.parametrize("word", ["a\0b", "-h"])
def test_a_word_that_cannot_be_passed_on_is_no_crash(folder: Path, word: str) -> None:
    if "\0" in word:
        with pytest.raises(CannotAsk):
            ask(folder, word)
    else:
        assert ask(folder, word).status in (0, 129)


def test_without_git_nobody_can_be_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(folder / "empty"))
    with pytest.raises(CannotAsk):
        ask(folder, "ls-files")
