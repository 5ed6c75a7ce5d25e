"""How an old name is used: what decides whether the new one can take its place."""

from __future__ import annotations

import ast

Chain = tuple[ast.AST, ...]
"""The nodes around a use, outermost first; the last is the name itself."""

_OF_ARGUMENTS = ("args", "varargs", "defaults")
_OF_URLS = ("scheme", "netloc", "path", "query", "fragment")
_MAKES_BYTES = ("encode", "digest")


def has_its_own_line(around: Chain) -> bool:
    """Tell whether the statement that ends a chain shares its lines with no other."""
    *outer, statement = around
    if not isinstance(statement, ast.stmt) or not outer:
        return False
    parent = outer[-1]
    if not isinstance(parent, ast.Module) and getattr(parent, "lineno", 0) == statement.lineno:
        return False
    lines = {statement.lineno, statement.end_lineno}
    for block in ("body", "orelse", "finalbody"):
        for other in getattr(parent, block, None) or ():
            if other is not statement and lines & {other.lineno, other.end_lineno}:
                return False
    return True


def _call(chain: Chain) -> ast.Call | None:
    """Return the call of the name at the end of a chain."""
    for outer, inner in zip(reversed(chain[:-1]), reversed(chain), strict=False):
        if isinstance(outer, ast.Call):
            return outer if outer.func is inner else None
        if not isinstance(outer, ast.Attribute):
            return None
    return None


def _around_call(chain: Chain) -> ast.AST | None:
    call = _call(chain)
    return None if call is None else chain[chain.index(call) - 1]


def has_one_argument(chain: Chain) -> bool:
    """Tell whether it is called with one argument and no options."""
    call = _call(chain)
    return (
        call is not None
        and len(call.args) == 1
        and not call.keywords
        and not isinstance(call.args[0], ast.Starred)
    )


def reads_a_part_of_a_url(chain: Chain) -> bool:
    """Tell whether it is called with a URL, and one of the five parts is read from the result."""
    outer = _around_call(chain)
    return has_one_argument(chain) and isinstance(outer, ast.Attribute) and outer.attr in _OF_URLS


def reads_arguments(chain: Chain) -> bool:
    """Tell whether one of the fields is read that old and new result have in common."""
    outer = _around_call(chain)
    if isinstance(outer, ast.Attribute):
        return outer.attr in _OF_ARGUMENTS
    return (
        isinstance(outer, ast.Subscript)
        and isinstance(outer.slice, ast.Constant)
        and outer.slice.value in (0, 1, 3)
    )


def compares_bytes(chain: Chain) -> bool:
    """Tell whether it is called with two arguments that are bytes for certain."""
    call = _call(chain)
    return call is not None and len(call.args) == 2 and not call.keywords and all(map(_is_bytes, call.args))


def _is_bytes(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return isinstance(node.value, bytes)
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _MAKES_BYTES
    )
