"""The layers of the house, lowest first, and how to read which module imports which.

Modules of one layer may import each other; every other import points down.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

SOURCE = Path(__file__).parents[2] / "src" / "erlen"

LAYERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "vocabulary",
        (
            "observe",
            "originals",
            "servers",
            "bounded",
            "late_module",
            "typing",
            "signals",
            "environment_files",
            "project_files",
            "reporting",
            "config",
            "active",
            "context_proxies",
            "globals",
        ),
    ),
    ("concurrency", ("concurrency",)),
    (
        "concepts",
        (
            "json",
            "helpers",
            "http_errors",
            "wrappers",
            "sessions",
            "templating",
            "views",
            "logging",
            "debughelpers",
            "eventstream",
            "channels",
        ),
    ),
    ("cli", ("cli",)),
    ("declare", ("declare",)),
    ("plan", ("plan",)),
    ("serve", ("serve",)),
    ("gateway", ("gateway",)),
    ("app", ("app", "testing")),
    # Signposts: Flask's import paths, which lead to modules of several layers.
    ("signposts", ("blueprints", "ctx", "sansio")),
    ("front", ("", "__main__", "alias", "alias_import", "as_flask", "stubs")),
    # Built on the public API; found by entry points, and never imported by what is below.
    ("features", ("api", "legacy", "doctor", "deploy", "script")),
)
RANK = {name: rank for rank, (_, names) in enumerate(LAYERS) for name in names}


class Import(NamedTuple):
    """One import: who, of whom, where; and whether only type checkers see it."""

    importer: str
    imported: str
    line: int
    typing_only: bool

    def __str__(self) -> str:
        return f"{self.importer}:{self.line} imports {self.imported or 'erlen'}"


@cache
def modules() -> dict[str, Path]:
    """Return every module's name below ``erlen`` (the package itself is ``""``) and its file."""
    found = {}
    for path in sorted(SOURCE.rglob("*.py")):
        parts = path.relative_to(SOURCE).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def tree_of(module: str) -> ast.Module:
    """Return what a module's source is parsed to."""
    return ast.parse(modules()[module].read_text(encoding="utf-8"))


def top(module: str) -> str:
    """Return what a module is ranked by: the first part of its name."""
    return module.partition(".")[0]


@cache
def imports() -> tuple[Import, ...]:
    """Return every import between Erlen's modules, those inside functions and for typing included."""
    return tuple(_imports())


def _imports() -> Iterator[Import]:
    known = modules()
    for name, path in known.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        tree = tree_of(name)
        hidden = {id(node) for block in _typing_blocks(tree) for node in ast.walk(block)}
        for node in ast.walk(tree):
            for imported in _imported(node, package, known):
                yield Import(name, imported, node.lineno, id(node) in hidden)


def _typing_blocks(tree: ast.Module) -> Iterator[ast.If]:
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("t.TYPE_CHECKING", "TYPE_CHECKING"):
            yield node


def _imported(node: ast.AST, package: str, known: dict[str, Path]) -> Iterator[str]:
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.name.partition(".")[0] == "erlen":
                yield alias.name.partition(".")[2]
    elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").startswith("erlen")):
        base = _base(node, package)
        for alias in node.names:
            child = f"{base}.{alias.name}".lstrip(".")
            yield child if child in known else base


def _base(node: ast.ImportFrom, package: str) -> str:
    if not node.level:
        return (node.module or "").partition(".")[2]
    parts = package.split(".") if package else []
    parts = parts[: len(parts) - (node.level - 1)]
    return ".".join([*parts, *([node.module] if node.module else [])])
