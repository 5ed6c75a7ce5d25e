"""Which files belong to an application, and how they are read."""

from __future__ import annotations

import ast
import fnmatch
import io
import os
import stat
import tokenize
import typing as t
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

LARGEST = 2_000_000
"""Bytes of the largest file that is read: nobody writes larger ones by hand."""

_NOT_OURS = frozenset(("__pycache__", "__pypackages__", "node_modules", "site-packages", "dist-packages"))
# What builds leave behind, where it is no package.
_BUILT = frozenset(("build", "dist", "_build"))


class UnreadableFile(Exception):
    """A file that is no text of Python; with the line where that shows."""

    def __init__(self, text: str, line: int = 1) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


class Span(t.NamedTuple):
    """From where to where something goes: lines are counted from 1, columns from 0, in characters."""

    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(eq=False)
class Source:
    """A file's content as it was read."""

    path: Path
    content: bytes

    @cached_property
    def text(self) -> str:
        """The text, with the line ends of the file; raises `UnreadableFile`."""
        try:
            encoding, _ = tokenize.detect_encoding(io.BytesIO(self.content).readline)
            return self.content.decode(encoding)
        except UnicodeDecodeError as error:
            line = self.content.count(b"\n", 0, error.start) + 1
            raise UnreadableFile(f"its encoding is not {error.encoding}", line) from None
        except (SyntaxError, LookupError, ValueError) as error:
            raise UnreadableFile(f"its encoding is not known: {error}") from None

    @cached_property
    def lines(self) -> list[str]:
        """The lines as Python counts them: it knows fewer line ends than `str.splitlines`."""
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def span(self, node: ast.AST) -> Span:
        """Return where a node is; Python before 3.12 is not sure of it within f-strings."""
        line = min(getattr(node, "lineno", 1), len(self.lines))
        end = min(getattr(node, "end_lineno", None) or line, len(self.lines))
        column = _characters(self.lines[line - 1], getattr(node, "col_offset", 0))
        return Span(line, column, end, _characters(self.lines[end - 1], getattr(node, "end_col_offset", 0)))

    def parse(self) -> ast.Module:
        """Return the syntax tree; raises `UnreadableFile`."""
        try:
            with warnings.catch_warnings():
                # Those of `"\d"` are for the author.
                warnings.simplefilter("ignore")
                return ast.parse(self.text)
        except SyntaxError as error:
            text = f"it is not written for Python 3: {error.msg}"
            raise UnreadableFile(text, error.lineno or 1) from None
        except (ValueError, RecursionError, MemoryError) as error:
            raise UnreadableFile(f"it cannot be parsed: {error or type(error).__name__}") from None


def _characters(line: str, in_bytes: int) -> int:
    """Return how many characters the first bytes of a line are: `ast` counts bytes of UTF-8."""
    return in_bytes if line.isascii() else len(line.encode()[:in_bytes].decode(errors="replace"))


def read(path: Path) -> Source:
    """Read a file; raises `UnreadableFile` where that cannot be done."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableFile("it is not a regular file")
        if found.st_size > LARGEST:
            raise UnreadableFile(f"it is larger than {LARGEST:,} bytes")
        return Source(path, path.read_bytes())
    except OSError as error:
        raise UnreadableFile(error.strerror or type(error).__name__) from None


def python_files(root: Path, exclude: t.Sequence[str] = ()) -> t.Iterator[Path]:
    """Yield the Python files in a folder, in order, without environments, caches and built files."""
    for path in _files(root, exclude):
        if path.suffix in (".py", ".pyw"):
            yield path


def environment_files(root: Path, exclude: t.Sequence[str] = ()) -> t.Iterator[Path]:
    """Yield the files with environment variables: `.env`, `.flaskenv`, `.env.production` and so on."""
    for path in _files(root, exclude):
        if path.name in (".env", ".flaskenv") or path.name.startswith((".env.", ".flaskenv.")):
            yield path


def _files(root: Path, exclude: t.Sequence[str]) -> t.Iterator[Path]:
    if not root.is_dir():
        yield root
        return
    # Links to folders are not followed: what they lead to is in another place, or a loop.
    for name, folders, files in os.walk(root):
        folder = Path(name)
        kept = (each for each in folders if not _is_left_out(folder / each))
        folders[:] = sorted(each for each in kept if not _is_excluded(folder / each, root, exclude))
        for file in sorted(files):
            path = folder / file
            if not _is_excluded(path, root, exclude) and not _is_second_name(path, root):
                yield path


def _is_left_out(folder: Path) -> bool:
    name = folder.name
    if name in _NOT_OURS or name.startswith(".") or name.endswith(".egg-info"):
        return True
    if name in _BUILT:
        return not (folder / "__init__.py").exists()
    return (folder / "pyvenv.cfg").exists() or (folder / "conda-meta").exists()


def _is_excluded(path: Path, root: Path, exclude: t.Sequence[str]) -> bool:
    relative = path.relative_to(root).as_posix()
    return any(fnmatch.fnmatch(relative, pattern) for pattern in exclude)


def _is_second_name(path: Path, root: Path) -> bool:
    """Tell whether this is a link to a file that is found under its own name anyway."""
    # `Path.resolve` does not take a link that leads to itself.
    return path.is_symlink() and Path(os.path.realpath(path)).is_relative_to(root)
