"""The Python files of a project, parsed."""

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

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Function: t.TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """A Python file."""

    path: Path

    @cached_property
    def text(self) -> str | None:
        """The text; None where it cannot be read."""
        try:
            content = project_files.read(self.path)
            encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
            return content.decode(encoding)
        except (project_files.UnreadableFile, SyntaxError, LookupError, ValueError):
            return None

    @cached_property
    def tree(self) -> ast.Module | None:
        """The parsed text; None where it is no Python of this version."""
        try:
            with warnings.catch_warnings():
                # Those of `"\\d"` are for the author.
                warnings.simplefilter("ignore")
                return ast.parse(self.text) if self.text is not None else None
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All parts of the tree: checks look through them again and again."""
        return list(ast.walk(self.tree)) if self.tree else []

    @cached_property
    def functions(self) -> dict[int, Function]:
        """All functions in it, by their first line: that of their first decorator."""
        return {first_line(node): node for node in self.nodes if isinstance(node, FUNCTIONS)}

    @cached_property
    def calls(self) -> list[ast.Call]:
        """All calls in it."""
        return [node for node in self.nodes if isinstance(node, ast.Call)]


def first_line(function: Function) -> int:
    """Return the line where a function begins, with its decorators."""
    return min((each.lineno for each in function.decorator_list), default=function.lineno)
