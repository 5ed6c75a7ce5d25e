"""Another interpreter gets the options of this one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from erlen.deploy.serve.interpreter import command_for, followed, options_of, path_called


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("python script.py -x", ""),
        ("python -m erlen -W error", ""),
        ("python -c code", ""),
        ("python - -X dev", ""),
        ("python", ""),
        ("python -I -O script.py", "-I -O"),
        ("python -W error -X dev -u script.py -W ignore", "-W error -X dev -u"),
        ("python -Werror -Xdev -m erlen", "-Werror -Xdev"),
        ("python --check-hash-based-pycs never script.py", "--check-hash-based-pycs never"),
        ("python -W", "-W"),
    ],
)
def test_the_options_end_where_the_program_begins(words: str, options: str) -> None:
    assert options_of(words.split()) == options.split()


def test_a_module_is_run_by_this_interpreter() -> None:
    assert command_for("shop", "7")[0] == sys.executable
    assert command_for("shop", "7")[-3:] == ["-m", "shop", "7"]


@pytest.mark.slow
def test_the_options_have_their_effect() -> None:
    code = "import subprocess; from erlen.deploy.serve.interpreter import command_for; "
    code += "subprocess.run(command_for('sysconfig_of_nobody'))"
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-O", "-c", code], capture_output=True, text=True
    )
    # The time of imports is told by both.
    assert done.stderr.count("site\n") == 2
    assert "No module named sysconfig_of_nobody" in done.stderr


@pytest.fixture
def release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a release with an interpreter, that runs this; the link `current` leads to it."""
    folder = tmp_path / "releases" / "1"
    (folder / "bin").mkdir(parents=True)
    for name in ("python", "erlen", "other"):
        (folder / "bin" / name).touch()
    (tmp_path / "current").symlink_to(folder)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(folder / "bin" / "python"))
    return folder


@pytest.mark.parametrize(
    ("words", "path"),
    [
        (["python", "{0}/current/bin/erlen", "serve"], "{0}/current/bin/python"),
        (["python", "-X", "dev", "-O", "{0}/current/bin/erlen"], "{0}/current/bin/python"),
        (["python", "current/bin/erlen"], "{0}/current/bin/python"),
        (["python", "{0}/releases/1/bin/erlen"], "{0}/releases/1/bin/python"),
        (["python", "-m", "erlen"], "{0}/releases/1/bin/python"),
        (["python", "-c", "current/bin/erlen"], "{0}/releases/1/bin/python"),
        (["python"], "{0}/releases/1/bin/python"),
        (["python", "elsewhere/erlen"], "{0}/releases/1/bin/python"),
        (["python", "current/bin/absent"], "{0}/releases/1/bin/python"),
        (["python", "elsewhere/bin/erlen"], "{0}/releases/1/bin/python"),
        (["python", "current"], "{0}/releases/1/bin/python"),
    ],
    ids=lambda value: " ".join(value).format("ROOT") if isinstance(value, list) else "",
)
def test_the_path_by_which_the_program_was_called_counts(
    words: list[str], path: str, release: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere" / "bin").mkdir(parents=True)
    for name in ("erlen", "bin/erlen", "bin/python"):
        (tmp_path / "elsewhere" / name).touch()
    monkeypatch.setattr(sys, "orig_argv", [word.format(tmp_path) for word in words])
    assert path_called() == path.format(tmp_path)


def test_links_to_folders_are_followed_when_it_is_started(release: Path, tmp_path: Path) -> None:
    other = tmp_path / "releases" / "2"
    (other / "bin").mkdir(parents=True)
    (other / "bin" / "python").symlink_to(sys.executable)
    called = str(tmp_path / "current" / "bin" / "python")
    assert followed(called) == str(release / "bin" / "python")
    assert command_for("shop", interpreter=called)[0] == str(release / "bin" / "python")
    (tmp_path / "current").unlink()
    (tmp_path / "current").symlink_to(other)
    assert command_for("shop", interpreter=called)[0] == str(other / "bin" / "python")
