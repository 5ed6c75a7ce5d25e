"""Types are mended rather than silenced."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from tests.architecture.layers import modules, tree_of

# For each thousand lines of source.
MOST_IGNORES = 2
MOST_IGNORES_OF_BOTH_CHECKERS = 3


def lines_of(module: str) -> list[str]:
    return modules()[module].read_text(encoding="utf-8").splitlines()


LINES = [line for name in modules() for line in lines_of(name)]


def per_thousand(*comments: str) -> float:
    return sum(any(comment in line for comment in comments) for line in LINES) * 1000 / len(LINES)


def test_few_lines_are_hidden_from_mypy() -> None:
    assert per_thousand("# type: ignore") <= MOST_IGNORES


def test_few_lines_are_hidden_from_either_checker() -> None:
    assert per_thousand("# type: ignore", "# pyright: ignore") <= MOST_IGNORES_OF_BOTH_CHECKERS


def test_an_ignored_error_is_named() -> None:
    assert [line for line in LINES if "type: ignore" in line and "type: ignore[" not in line] == []


def test_a_cast_says_why() -> None:
    """By a comment behind it or above it."""
    silent = [
        f"{name}:{line}"
        for name in modules()
        for line in casts_in(tree_of(name))
        if "#" not in lines_of(name)[line - 1] and not lines_of(name)[line - 2].lstrip().startswith("#")
    ]
    assert silent == []


def casts_in(tree: ast.Module) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("t.cast", "cast", "typing.cast"):
            yield node.lineno
