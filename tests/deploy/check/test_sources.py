"""The Python files of a project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from erlen.deploy.check.sources import Source


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"a = 1\n", "a = 1\n"),
        (b"\xef\xbb\xbfa = 1\n", "a = 1\n"),
        (b"# coding: latin-1\na = '\xe4'\n", "# coding: latin-1\na = 'ä'\n"),
        (b"\xff", None),
        (b"# coding: klingon\n", None),
    ],
)
def test_the_text_is_read_in_its_encoding(tmp_path: Path, content: bytes, text: str | None) -> None:
    path = tmp_path / "a.py"
    path.write_bytes(content)
    assert Source(path).text == text
    assert (Source(path).tree is None) == (text is None)


@pytest.mark.parametrize("content", [b"print 'a'", b"a\0", b"(" * 3000, b"-" * 100_000 + b"1"])
def test_what_is_no_python_has_no_tree_and_no_calls(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.py").write_bytes(content)
    assert Source(tmp_path / "a.py").tree is None
    assert Source(tmp_path / "a.py").calls == []


def test_what_is_no_file_is_not_opened(tmp_path: Path) -> None:
    """Nobody writes to the pipe: whoever opened it would wait forever."""
    os.mkfifo(tmp_path / "pipe.py")
    assert Source(tmp_path / "pipe.py").text is None
    assert Source(tmp_path / "gone.py").text is None


def test_calls_are_found_everywhere(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("@a()\ndef b(): return [c(d()) for e in f]\n'\\d'\n")
    assert len(Source(tmp_path / "a.py").calls) == 3


def test_functions_are_found_by_their_first_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text(
        "\n@a\n@b.c(1)\nasync def f():\n    def g(): pass\nclass A:\n    def h(self): pass\n"
    )
    functions = Source(tmp_path / "a.py").functions
    assert {line: function.name for line, function in functions.items()} == {2: "f", 5: "g", 7: "h"}
