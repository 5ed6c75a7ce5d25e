"""Which files are read, and what becomes of those that cannot be."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

import pytest

from erlen import project_files
from erlen.legacy.check import files
from erlen.legacy.check.files import Source, Span, UnreadableFile

from .conftest import write

OLD = "from flask import escape\n"


def test_a_link_that_leads_nowhere_gives_a_note(look, tmp_path: Path) -> None:
    (tmp_path / "gone.py").symlink_to(tmp_path.parent / "gone.py")
    assert [note.text for note in look({}).notes] == ["No such file or directory"]


@pytest.mark.parametrize(
    ("content", "line", "text"),
    [
        (b"import os\n\nprint 'hello'\n", 3, "it is not written for Python 3"),
        (b"a\nraise E, 'b'\n", 2, "it is not written for Python 3"),
        (b"a\nb = '\xff'\n", 2, "its encoding is not utf-8"),
        (b"# coding: klingon\na\n", 1, "its encoding is not known"),
        (b"# coding: rot13\na\n", 1, "its encoding is not known"),
        (b"\xff\xfea\x00\n", 1, "its encoding is not known"),
        (b"a = 1\0\n", 1, "it"),
        (b"(" * 5000 + b")" * 5000, 1, "it"),
        (b"a" + b".a" * 100_000, 1, "it"),
        (b"-" * 100_000 + b"1", 1, "it"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_a_file_that_cannot_be_read_gives_a_note_with_its_line(
    look, content: bytes, line: int, text: str
) -> None:
    result = look({"app.py": OLD, "broken.py": content})
    assert [finding.path.name for finding in result.findings] == ["app.py"]
    [note] = result.notes
    assert (note.path.name, note.line) == ("broken.py", line)
    assert note.text.startswith(text)
    assert not result.is_clean


@pytest.mark.parametrize("content", ["a = " + "b + " * 3000 + "b\n", "a = " + "[" * 90 + "]" * 90 + "\n"])
def test_a_file_whose_expressions_are_deep_is_read_or_gives_a_note(look, content: str) -> None:
    result = look({"app.py": OLD + content})
    assert len(result.findings) + len(result.notes) == 1


def test_what_is_no_file_is_not_opened(look, tmp_path: Path) -> None:
    """Nobody writes to the pipe: whoever opened it would wait forever."""
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "folder.py").mkdir()
    result = look({"app.py": OLD})
    assert [note.text for note in result.notes] == ["it is not a regular file"]
    assert len(result.findings) == 1


def test_a_huge_file_gives_a_note(look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(project_files, "LARGEST", 1000)
    result = look({"app.py": OLD, "huge.py": "#" * 1001})
    assert [note.text for note in result.notes] == ["it is larger than 1,000 bytes"]


@pytest.mark.parametrize(
    "content",
    [
        b"# coding: latin-1\nfrom flask import escape\nname = '\xe4'; escape(name)\n",
        b"\xef\xbb\xbf# a mark of the byte order\nfrom flask import escape\n",
        b"#\r\nfrom flask import escape\r\n",
        b"#\rfrom flask import escape\r",
        "# \x0c \u2028 end no lines\nfrom flask import escape\n".encode(),
        b"x = '\\d'\nfrom flask import escape\n",
    ],
)
def test_encodings_and_line_ends(look, content: bytes) -> None:
    assert [(finding.line, finding.span.column) for finding in look({"app.py": content}).findings] == [
        (2, 18)
    ]


def test_the_span_of_a_node_is_within_the_file() -> None:
    source = Source(Path("a.py"), "a = 'ü' + b\n".encode())
    assert source.span(source.parse().body[0].value.right) == Span(1, 10, 1, 11)  # type: ignore[attr-defined]
    assert source.span(ast.Pass(lineno=9, col_offset=0, end_lineno=9, end_col_offset=0)) == Span(2, 0, 2, 0)


def test_a_file_that_is_gone_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="No such file"):
        files.read(tmp_path / "gone.py")


def test_environment_files_are_told_by_their_names(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys((".env", ".flaskenv", ".env.local", "a/.env", ".envrc", "env.py"), ""))
    root = tmp_path.resolve()
    names = [path.relative_to(root).as_posix() for path in files.environment_files(root)]
    assert names == [".env", ".env.local", ".flaskenv", "a/.env"]


def test_it_works_where_recursion_is_short(look) -> None:
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(300)
    try:
        result = look(OLD + "a = " + "b(" * 80 + ")" * 80)
    finally:
        sys.setrecursionlimit(limit)
    assert len(result.findings) + len(result.notes) == 1
