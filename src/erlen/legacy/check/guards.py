"""Which code copes with a name that is gone: what tries first, asks first, or never runs on Python 3."""

from __future__ import annotations

import ast
import sys
import typing as t

if t.TYPE_CHECKING:
    from .finding import Finding

# What a name that is gone raises, by how it is used.
_RAISED = {
    "import": ("ImportError", "ModuleNotFoundError"),
    "attribute": ("AttributeError",),
    "argument": ("TypeError",),
    "key": ("KeyError", "LookupError"),
}
_EVERYTHING = ("Exception", "BaseException")
_COMPARE: dict[type[ast.cmpop], t.Callable[[t.Any, t.Any], bool]] = {
    ast.Lt: lambda left, right: left < right,
    ast.LtE: lambda left, right: left <= right,
    ast.Gt: lambda left, right: left > right,
    ast.GtE: lambda left, right: left >= right,
    ast.Eq: lambda left, right: left == right,
    ast.NotEq: lambda left, right: left != right,
}


def caught_by(handler: ast.ExceptHandler) -> frozenset[str]:
    """Return the names of the exceptions that a handler takes."""
    if handler.type is None:
        return frozenset(_EVERYTHING)
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return frozenset(
        node.id if isinstance(node, ast.Name) else node.attr
        for node in types
        if isinstance(node, ast.Name | ast.Attribute)
    )


def copes(handler: ast.ExceptHandler, finding: Finding, body: list[ast.stmt]) -> bool:
    """Tell whether a handler takes what the old name raises in the body, and goes on."""
    caught = caught_by(handler)
    # A handler of any failure says nothing about the name, unless there is little else that could fail.
    is_short = len(body) == 1 or all(isinstance(each, ast.Import | ast.ImportFrom) for each in body)
    raised = (*_RAISED.get(finding.kind, ()), *(_EVERYTHING if is_short else ()))
    goes_on = not any(
        isinstance(node, ast.Raise) for statement in handler.body for node in ast.walk(statement)
    )
    return goes_on and any(name in caught for name in raised)


def is_fallback(handler: ast.ExceptHandler, finding: Finding, body: list[ast.stmt]) -> bool:
    """Tell whether an old name in a handler is only reached where the present way is missing."""
    caught = caught_by(handler)
    if "ImportError" in caught or "ModuleNotFoundError" in caught:
        # What stands behind a failed import; not what handles any failure.
        return any(isinstance(statement, ast.Import | ast.ImportFrom) for statement in body)
    return any(name in caught for name in _RAISED.get(finding.kind, ()))


def asked_for(test: ast.expr) -> frozenset[str]:
    """Return the names that a condition asks for with `hasattr`."""
    return frozenset(
        node.args[1].value
        for node in ast.walk(test)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "hasattr"
        and len(node.args) == 2
        and isinstance(node.args[1], ast.Constant)
        and isinstance(node.args[1].value, str)
    )


def asks_for_version(test: ast.expr) -> bool:
    """Tell whether a condition looks at a library's version."""
    for node in ast.walk(test):
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if name != "version_info" and "version" in name.lower():
            return True
    return False


def always(test: ast.expr) -> bool | None:
    """Return what a condition on Python's version is on this Python; None for any other condition."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = always(test.operand)
        return None if inner is None else not inner
    name = test.id if isinstance(test, ast.Name) else test.attr if isinstance(test, ast.Attribute) else ""
    if name in ("PY2", "IS_PY2"):
        return False
    if name in ("PY3", "IS_PY3"):
        return True
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        return _compared(test)
    return None


def _compared(test: ast.Compare) -> bool | None:
    left, right = _of_this_python(test.left), test.comparators[0]
    compare = _COMPARE.get(type(test.ops[0]))
    if left is None or compare is None:
        return None
    try:
        return bool(compare(left, ast.literal_eval(right)))
    except (ValueError, TypeError):
        return None


def _of_this_python(node: ast.expr) -> t.Any:
    """Return the value of `sys.version_info`, of a part of it, or None."""
    text = ast.unparse(node) if isinstance(node, ast.Attribute | ast.Subscript | ast.Name) else ""
    return {
        "sys.version_info": tuple(sys.version_info),
        "version_info": tuple(sys.version_info),
        "sys.version_info[0]": sys.version_info[0],
        "sys.version_info.major": sys.version_info[0],
        "sys.version_info[:2]": tuple(sys.version_info[:2]),
    }.get(text)
