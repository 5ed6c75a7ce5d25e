"""Who looks for the tests of a module finds them by its name."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.layers import modules, tree_of

TESTS = Path(__file__).parents[1]

# Modules whose tests are elsewhere, and why.
ELSEWHERE = {
    "__main__": "cli/test_main.py",  # it is the command line, as a process
    "declare.contract": "architecture/test_contracts.py",  # annotations, held for all layers at once
    "plan.contract": "architecture/test_contracts.py",
    "serve.contract": "architecture/test_contracts.py",
    "alias_import": "alias",  # what the import system sees is asked of processes
    "as_flask": "alias",  # turns the alias on; without it there is nothing to test
}


def defines_something(module: str) -> bool:
    """Tell whether a module has functions or classes; signposts and packages often have none."""
    definitions = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return any(isinstance(node, definitions) for node in tree_of(module).body)


def mirrors_of(module: str) -> tuple[Path, Path]:
    """Return the file and the folder of which one has the module's tests."""
    *rooms, name = module.split(".")
    room = TESTS.joinpath(*rooms)
    if modules()[module].name == "__init__.py":
        return room / name / f"test_{name}.py", room / name / f"test_{name}"
    return room / f"test_{name}.py", room / name


def has_tests(path: Path) -> bool:
    return path.is_file() or any(path.glob("test_*.py"))


@pytest.mark.parametrize("module", [name for name in modules() if name and defines_something(name)])
def test_each_module_has_its_tests_where_its_name_says(module: str) -> None:
    if module in ELSEWHERE:
        assert has_tests(TESTS / ELSEWHERE[module])
    else:
        assert any(map(has_tests, mirrors_of(module)))


def test_the_exceptions_are_still_needed() -> None:
    assert ELSEWHERE.keys() <= modules().keys()
    assert [name for name in ELSEWHERE if any(map(has_tests, mirrors_of(name)))] == []
