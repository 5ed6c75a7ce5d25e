"""Which files of a folder are a project's own, and what is not read of them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from erlen import project_files
from tests.legacy.check.conftest import write


def found(folder: Path, *exclude: str) -> list[str]:
    root = folder.resolve()
    return [path.relative_to(root).as_posix() for path in project_files.python_files(root, exclude)]


def test_what_is_not_the_application_s_is_left_out(tmp_path: Path) -> None:
    write(
        tmp_path,
        dict.fromkeys(
            (
                *("app.py", "shop/views.py", "tests/test_app.py", "tool.pyw", "build/__init__.py"),
                *(
                    ".venv/lib/a.py",
                    "env/pyvenv.cfg",
                    "env/lib/a.py",
                    ".git/hooks/a.py",
                    "shop/__pycache__/a.py",
                ),
                *(
                    "node_modules/a/a.py",
                    "dist/a.py",
                    "docs/_build/a.py",
                    "a.egg-info/a.py",
                    "lib/site-packages/a.py",
                ),
                *("notes.txt", "data.pyc"),
            ),
            "",
        ),
    )
    assert found(tmp_path) == [
        "app.py",
        "tool.pyw",
        "build/__init__.py",
        "shop/views.py",
        "tests/test_app.py",
    ]
    assert found(tmp_path, "tests", "*/views.py", "build*") == ["app.py", "tool.pyw"]


def test_one_file(tmp_path: Path) -> None:
    write(tmp_path, {"app.py": "", "b.py": ""})
    assert list(project_files.python_files(tmp_path / "app.py")) == [tmp_path / "app.py"]


def test_links_are_followed_to_files_elsewhere_and_not_in_circles(tmp_path: Path) -> None:
    write(tmp_path, {"here/app.py": "", "elsewhere/other.py": ""})
    here = tmp_path / "here"
    (here / "again").symlink_to(here)
    (here / "loop.py").symlink_to(here / "loop.py")
    (here / "second.py").symlink_to(here / "app.py")
    (here / "other.py").symlink_to(tmp_path / "elsewhere/other.py")
    assert found(here) == ["app.py", "other.py"]


@pytest.mark.parametrize(
    ("name", "text"),
    [("gone.py", "No such file"), ("pipe.py", "not a regular file"), ("large.py", "larger than 10 bytes")],
)
def test_what_cannot_be_read_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, text: str
) -> None:
    """Nobody writes to the pipe: whoever opened it would wait forever."""
    monkeypatch.setattr(project_files, "LARGEST", 10)
    os.mkfifo(tmp_path / "pipe.py")
    write(tmp_path, {"large.py": "#" * 11, "app.py": "#" * 10})
    assert project_files.read(tmp_path / "app.py") == b"#" * 10
    with pytest.raises(project_files.UnreadableFile, match=text):
        project_files.read(tmp_path / name)
