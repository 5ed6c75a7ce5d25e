"""Modules and functions fit the eye."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache

from tests.architecture.layers import modules, tree_of

Function = ast.FunctionDef | ast.AsyncFunctionDef

LONGEST_MODULE = 400
LONGEST_FUNCTION = 45
USUAL_FUNCTION = 20
MOST_POSITIONAL = 6

# Signatures that are Flask's, Werkzeug's or a command's options, not ours to choose.
GIVEN_SIGNATURES = {
    "Erlen.__init__",
    "Blueprint.__init__",
    "Response.__init__",
    "Response.set_cookie",
    "EnvironBuilder.__init__",
    "FlaskGroup.__init__",
    "send_file",
    "run_command",
}


@cache
def functions() -> tuple[tuple[str, str, Function], ...]:
    return tuple(_functions())


def _functions() -> Iterator[tuple[str, str, Function]]:
    for name in modules():
        tree = tree_of(name)
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                parent = parents[node]
                prefix = f"{parent.name}." if isinstance(parent, ast.ClassDef) else ""
                yield name, f"{prefix}{node.name}", node


def body_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function behind its signature and docstring."""
    first = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return 0 if not first else (first[-1].end_lineno or 0) - first[0].lineno + 1


def test_modules_are_short() -> None:
    long = {
        name: lines
        for name, path in modules().items()
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_MODULE
    }
    assert long == {}


def test_functions_fit_the_eye() -> None:
    long = {
        f"{module}.{name}": body_lines(node)
        for module, name, node in functions()
        if body_lines(node) > LONGEST_FUNCTION
    }
    assert long == {}


def test_most_functions_are_short() -> None:
    lengths = [body_lines(node) for _, _, node in functions()]
    short = sum(length <= USUAL_FUNCTION for length in lengths)
    assert short / len(lengths) > 0.95


def test_functions_take_few_positional_arguments() -> None:
    many = {
        f"{module}.{name}": len(node.args.posonlyargs + node.args.args)
        for module, name, node in functions()
        if name not in GIVEN_SIGNATURES and len(node.args.posonlyargs + node.args.args) > MOST_POSITIONAL
    }
    assert many == {}
