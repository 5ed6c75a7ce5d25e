"""Files of an application: their text, their syntax tree, and where in them something is."""

from __future__ import annotations

import ast
import io
import tokenize
import typing as t
import warnings
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from erlen import project_files
from erlen.project_files import UnreadableFile


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
    return Source(path, project_files.read(path))


def environment_files(root: Path, exclude: t.Sequence[str] = ()) -> t.Iterator[Path]:
    """Yield the files with environment variables: `.env`, `.flaskenv`, `.env.production` and so on."""
    for path in project_files.files(root, exclude):
        if path.name in (".env", ".flaskenv") or path.name.startswith((".env.", ".flaskenv.")):
            yield path
