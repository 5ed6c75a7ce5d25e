"""The modules of an application, by name, so that what one imports from another is found."""

from __future__ import annotations

import ast
import typing as t
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .files import Source
from .scopes import Binder, Binding, Scope

if t.TYPE_CHECKING:
    from collections.abc import Iterable


@dataclass(eq=False)
class Module:
    """A parsed file with its scopes."""

    source: Source
    tree: ast.Module
    name: str
    binder: Binder

    @property
    def scope(self) -> Scope:
        """The module's own scope."""
        return self.binder.scope

    @cached_property
    def knows_flask(self) -> bool:
        """Whether it imports Flask, Erlen or something that is called as Flask's extensions are."""
        return any(name in ("flask", "erlen") or name.startswith("flask_") for name in self.binder.imports)


def parse(source: Source) -> Module:
    """Parse a file and collect its scopes; raises what `ast.parse` raises, and `RecursionError`."""
    tree = source.parse()
    name = _module_name(source.path)
    return Module(source, tree, name, Binder(tree, name, source.path.name == "__init__.py"))


def _module_name(path: Path) -> str:
    """Return the dotted name: folders with an `__init__.py` belong to it."""
    parts = [] if path.name == "__init__.py" else [path.stem]
    folder = path.parent
    while (folder / "__init__.py").is_file():
        parts.append(folder.name)
        if folder == folder.parent:
            break
        folder = folder.parent
    return ".".join(reversed(parts))


class Project:
    """The modules that belong together."""

    def __init__(self, root: Path, modules: Iterable[Module], foreign: frozenset[str]) -> None:
        self._modules: dict[str, Module] = {}
        for module in modules:
            for name in (module.name, _by_folders(root, module.source.path)):
                # A folder "tests/flask" does not stand for Flask.
                if name.partition(".")[0] not in foreign:
                    self._modules.setdefault(name, module)
        self.scopes = {module.scope: module for module in self._modules.values()}

    def find(self, name: str) -> tuple[Module, list[Binding], str] | None:
        """Return the module that a name begins with, what binds the next part, and the parts behind that."""
        module_name, rest = name, ""
        while module_name:
            module = self._modules.get(module_name)
            if module is not None:
                first, _, behind = rest.partition(".")
                return module, module.scope.bindings.get(first, []), behind
            module_name, _, last = module_name.rpartition(".")
            rest = f"{last}.{rest}".rstrip(".")
        return None

    def module(self, name: str) -> Module | None:
        """Return the application's module of a name."""
        return self._modules.get(name)


def _by_folders(root: Path, path: Path) -> str:
    """Return the name that a module has as part of packages without an `__init__.py`."""
    try:
        parts = path.relative_to(root).with_suffix("").parts
    except ValueError:
        return ""
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
