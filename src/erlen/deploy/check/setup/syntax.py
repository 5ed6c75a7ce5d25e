"""Questions to the syntax tree of a Python file: what a name stands for, and what is around a place."""

from __future__ import annotations

import ast
import typing as t

from ..examined import name_of
from ..sources import FUNCTIONS, Function, Source

FRAMEWORK = ("flask", "erlen")

Around: t.TypeAlias = tuple[ast.AST, ...]


def walk(tree: ast.AST) -> t.Iterator[tuple[ast.AST, Around]]:
    """Yield each node with those around it, the innermost last, in the order of the text."""
    left: list[tuple[ast.AST, Around]] = [(tree, ())]
    while left:
        node, around = left.pop()
        yield node, around
        within = (*around, node)
        left.extend((child, within) for child in reversed(list(ast.iter_child_nodes(node))))


def calls_of_framework(source: Source, *names: str) -> t.Iterator[tuple[ast.Call, Around]]:
    """Yield the calls of functions of these names that are imported from Flask or Erlen."""
    if source.tree is None or not any(name in (source.text or "") for name in names):
        return
    imported = framework_names(source.tree)
    for node, around in walk(source.tree):
        if isinstance(node, ast.Call) and _target(node.func, imported) in names:
            yield node, around


def framework_names(tree: ast.Module) -> dict[str, str]:
    """Return what names stand for that are imported from Flask or Erlen; modules have an empty text."""
    found: dict[str, str] = {}
    defined = {node.name for node in ast.walk(tree) if isinstance(node, (*FUNCTIONS, ast.ClassDef))}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level and _is_framework(node.module or ""):
            found.update((alias.asname or alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            found.update((alias.asname or alias.name, "") for alias in node.names if alias.name in FRAMEWORK)
    return {name: target for name, target in found.items() if name not in defined}


def _is_framework(module: str) -> bool:
    return module.partition(".")[0] in FRAMEWORK


def _target(called: ast.expr, imported: t.Mapping[str, str]) -> str:
    if isinstance(called, ast.Name):
        return imported.get(called.id, "")
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name):
        return called.attr if imported.get(called.value.id) == "" else ""
    return ""


def text_of(node: ast.expr | None) -> str | None:
    """Return the text that an expression is, if it is one."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """Return what is given for a keyword of a call."""
    return next((each.value for each in call.keywords if each.arg == name), None)


def first_text(call: ast.Call, name: str) -> str | None:
    """Return the text that is the first argument of a call, or the one of this name."""
    return text_of(call.args[0]) if call.args else text_of(keyword(call, name))


def depends_on_settings(around: Around) -> bool:
    """Tell whether something stands below a condition on the configuration, or where errors are caught."""
    return any(
        isinstance(node, ast.Try) or (isinstance(node, ast.If | ast.IfExp) and _names_settings(node.test))
        for node in around
    )


def _names_settings(condition: ast.expr) -> bool:
    names = (
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(condition)
        if isinstance(node, ast.Name | ast.Attribute)
    )
    return any("config" in name.lower() for name in names)


def function_around(around: Around) -> Function | None:
    """Return the innermost function around a place."""
    return next((node for node in reversed(around) if isinstance(node, FUNCTIONS)), None)


def decorators(function: Function) -> t.Iterator[tuple[ast.expr, str]]:
    """Yield each decorator with its last name, from the top."""
    for decorator in function.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else decorator
        yield decorator, name_of(called)
