"""The names that Flask 3.1.3 offers, read from its source."""

from __future__ import annotations

import ast
import importlib
import typing as t
from collections.abc import Iterator
from pathlib import Path

import flask

# Flask's modules hold what they import as well; of that, this is what others take from there.
TAKEN_FROM_ELSEWHERE = {
    "flask.app": ["Rule"],
    "flask.cli": ["click", "run_simple"],
    "flask.signals": ["Namespace"],
    "flask.wrappers": ["RequestBase", "ResponseBase"],
    "flask.blueprints": ["BlueprintSetupState"],
}

# Private by name, and read or replaced by others all the same.
PRIVATE = {
    "flask.globals": ["_cv_app", "_cv_request"],
    "flask.json": ["_json"],
    "flask.signals": ["_signals"],
    "flask.templating": ["_render", "_default_template_ctx_processor"],
    "flask.sansio.scaffold": ["_endpoint_from_view_func"],
    "flask.ctx": ["_AppCtxGlobals"],
}


def modules() -> list[str]:
    """Return the names of Flask's modules, sorted; without the one that is run as a program."""
    folder = Path(t.cast(str, flask.__file__)).parent
    paths = [path for path in folder.rglob("*.py") if path.stem != "__main__"]
    dotted = [".".join(path.relative_to(folder.parent).with_suffix("").parts) for path in paths]
    return sorted(name.removesuffix(".__init__") for name in dotted)


def names_of(module: str) -> list[str]:
    """Return the public names that a module defines, or, in a package, offers; no type variables."""
    loaded = importlib.import_module(module)
    path = t.cast(str, loaded.__file__)
    names = [
        name
        for node in ast.parse(Path(path).read_text(encoding="utf-8")).body
        for name in _bound_by(node, is_package=path.endswith("__init__.py"))
        if not name.startswith("_")
    ]
    names += TAKEN_FROM_ELSEWHERE.get(module, [])
    values = vars(loaded)
    return [
        name for name in dict.fromkeys(names) if name in values and not isinstance(values[name], t.TypeVar)
    ]


def _bound_by(node: ast.stmt, is_package: bool) -> Iterator[str]:
    if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
        yield node.name
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))
    elif isinstance(node, ast.ImportFrom) and is_package and node.module != "__future__":
        yield from (alias.asname or alias.name for alias in node.names)
