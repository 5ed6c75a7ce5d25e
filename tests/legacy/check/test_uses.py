"""What decides whether the new name can take the place of the old one."""

from __future__ import annotations

import ast

import pytest

from erlen.legacy.check import uses


def chain_to(code: str, name: str) -> tuple[ast.AST, ...]:
    """Return the nodes around the first use of a name."""

    def search(node: ast.AST, around: tuple[ast.AST, ...]) -> tuple[ast.AST, ...]:
        around = (*around, node)
        if getattr(node, "id", getattr(node, "attr", None)) == name:
            return around
        return next(filter(None, (search(child, around) for child in ast.iter_child_nodes(node))), ())

    return search(ast.parse(code), ())


@pytest.mark.parametrize(
    ("code", "own"),
    [
        ("import a", True),
        ("b = 1\nimport a\nc = 1", True),
        ("if x:\n    import a", True),
        ("try:\n    import a\nexcept E: pass", True),
        ("if x: import a", False),
        ("import a; b = 1", False),
        ("b = 1; import a", False),
        ("b = (\n1); import a", False),
    ],
)
def test_lines_of_their_own(code: str, own: bool) -> None:
    tree = ast.parse(code)
    [around] = [
        (tree, parent, node) if parent is not tree else (tree, node)
        for parent in ast.walk(tree)
        for node in ast.iter_child_nodes(parent)
        if isinstance(node, ast.Import)
    ]
    assert uses.has_its_own_line(around) is own


@pytest.mark.parametrize(
    ("condition", "code", "holds"),
    [
        (uses.has_one_argument, "f(1)", True),
        (uses.has_one_argument, "m.f(1)", True),
        (uses.has_one_argument, "f(1, 2)", False),
        (uses.has_one_argument, "f(1, a=2)", False),
        (uses.has_one_argument, "f(*a)", False),
        (uses.has_one_argument, "g(f)", False),
        (uses.has_one_argument, "f", False),
        (uses.reads_a_part_of_a_url, "f(a).netloc", True),
        (uses.reads_a_part_of_a_url, "not m.f(a).path == b", True),
        (uses.reads_a_part_of_a_url, "f(a).host", False),
        (uses.reads_a_part_of_a_url, "a = f(a)", False),
        (uses.reads_a_part_of_a_url, "f(a, b).path", False),
        (uses.reads_arguments, "f(a).args", True),
        (uses.reads_arguments, "f(a)[0]", True),
        (uses.reads_arguments, "f(a)[2]", False),
        (uses.reads_arguments, "f(a).keywords", False),
        (uses.reads_arguments, "f(a)[:2]", False),
        (uses.reads_arguments, "a, b, c, d = f(a)", False),
        (uses.compares_bytes, "f(a.encode(), b'b')", True),
        (uses.compares_bytes, "f(h.digest(), a.encode('utf-8'))", True),
        (uses.compares_bytes, "f(a, b'b')", False),
        (uses.compares_bytes, "f('a', 'b')", False),
        (uses.compares_bytes, "f(b'b')", False),
    ],
)
def test_conditions(condition, code: str, holds: bool) -> None:
    assert condition(chain_to(code, "f")) is holds
