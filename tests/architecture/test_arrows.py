"""Imports only point down the layers."""

from __future__ import annotations

import ast
import sys
from functools import cache

from tests.architecture.layers import RANK, imports, modules, top, tree_of

# Arrows that go up, and why each may. Annotations only, all of them.
UPWARD_ANNOTATIONS = {"globals": "the proxies say what they stand for"}


def test_every_module_has_a_layer() -> None:
    assert {top(name) for name in modules()} == set(RANK)


def test_no_import_goes_up() -> None:
    up = [
        str(arrow)
        for arrow in imports()
        if RANK[top(arrow.imported)] > RANK[top(arrow.importer)]
        and not (arrow.typing_only and arrow.importer in UPWARD_ANNOTATIONS)
    ]
    assert up == []


def test_the_exceptions_are_still_needed() -> None:
    used = {a.importer for a in imports() if a.typing_only and RANK[top(a.imported)] > RANK[top(a.importer)]}
    assert used == set(UPWARD_ANNOTATIONS)


def test_modules_import_each_other_in_one_direction() -> None:
    """Within a layer too: what is imported when a module is loaded forms no circle."""
    graph: dict[str, set[str]] = {name: set() for name in modules()}
    for arrow in imports():
        if not arrow.typing_only and _at_top_level(arrow.importer, arrow.line):
            graph[arrow.importer].add(arrow.imported)
    assert _circle(graph) is None


def _at_top_level(module: str, line: int) -> bool:
    return not any(line in lines for lines in _functions_of(module))


@cache
def _functions_of(module: str) -> list[range]:
    """Return the lines of each function of a module."""
    tree = tree_of(module)
    return [
        range(node.lineno, (node.end_lineno or node.lineno) + 1)
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _circle(graph: dict[str, set[str]]) -> list[str] | None:
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return None
        for below in graph[name]:
            # A package and its own modules belong together.
            if below != name and not (name.startswith(f"{below}.") or below.startswith(f"{name}.")):
                circle = visit(below, [*path, name])
                if circle is not None:
                    return circle
        done.add(name)
        return None

    for name in graph:
        circle = visit(name, [])
        if circle is not None:
            return circle
    return None


# What the project itself installs.
OWN = {"erlen", "erlen_as_flask"}


def test_the_core_needs_only_what_flask_needs() -> None:
    allowed = {"werkzeug", "jinja2", "itsdangerous", "click", "blinker", "markupsafe", "_typeshed"}
    # Imported where it is needed and installed, or by type checkers only.
    optional = {"dotenv", "cryptography", "redis", "gevent", "typing_extensions", "uwsgi"}
    optional |= {"libcst", "cachelib", "uvloop", "sqlalchemy", "alembic"}
    optional |= {"brotli", "zstandard"}
    # What `erlen.api` needs or takes, and Python 3.14 has.
    optional |= {"msgspec", "pydantic", "annotationlib"}
    roots: dict[str, str] = {}
    for module, path in modules().items():
        for node in ast.walk(tree_of(module)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            roots.update((name.partition(".")[0], str(path)) for name in names)
    foreign = {
        name: path for name, path in roots.items() if name not in sys.stdlib_module_names and name not in OWN
    }
    assert set(foreign) - allowed - optional == set(), foreign


def test_few_modules_know_of_each_other() -> None:
    """Annotations included: the largest group in which each leads to each. The number only falls."""
    graph: dict[str, set[str]] = {name: set() for name in modules()}
    for arrow in imports():
        graph[arrow.importer].add(arrow.imported)
    reached = {name: _reachable(graph, name) for name in graph}
    largest = max(sum(name in reached[other] for other in reached[name]) for name in graph)
    assert largest <= 13


def _reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    found: set[str] = set()
    left = [start]
    while left:
        for name in graph[left.pop()] - found:
            found.add(name)
            left.append(name)
    return found
