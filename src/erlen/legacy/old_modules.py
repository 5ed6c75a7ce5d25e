"""The modules that Flask had: ``flask._compat``, ``flask.ext``, ``flask.exthook``, ``flask.scaffold``."""

from __future__ import annotations

import sys
import typing as t
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec

from .notices import RECORDS, notice

if t.TYPE_CHECKING:
    from types import ModuleType

    from .changes import Changes

_HERE = f"{__package__}.modules"
_MODULES = {
    "flask._compat": f"{_HERE}.compat",
    "flask.ext": f"{_HERE}.ext",
    "flask.exthook": f"{_HERE}.exthook",
    "flask.scaffold": f"{_HERE}.scaffold",
}
_EXTENSIONS = "flask.ext."


class _Loader(Loader):
    """A loader that returns the module which took the place of an old one."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = import_module(self.name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # It was executed under its own name; the import system has just replaced its spec.
        spec, module.__spec__ = module.__spec__, self._spec
        name = "flask.ext" if spec is not None and spec.name.startswith(_EXTENSIONS) else spec and spec.name
        notice(str(name))


class _Finder(MetaPathFinder):
    """A finder of the old modules that one level has."""

    def __init__(self, names: frozenset[str]) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: t.Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in self._names:
            return ModuleSpec(fullname, _Loader(_MODULES[fullname]), is_package=fullname == "flask.ext")
        if fullname.startswith(_EXTENSIONS) and "flask.ext" in self._names:
            return _spec_of_extension(fullname)
        return None


def _spec_of_extension(fullname: str) -> ModuleSpec:
    """Return the spec of the package that ``flask.ext.name`` stands for, or of a module of it."""
    package, dot, rest = fullname.removeprefix(_EXTENSIONS).partition(".")
    for name in (f"flask_{package}", f"flaskext.{package}"):
        if _exists(name):
            return ModuleSpec(fullname, _Loader(name + dot + rest), is_package=True)
    raise ModuleNotFoundError(
        f"No module named {fullname!r}: neither 'flask_{package}' nor 'flaskext.{package}' is installed.",
        name=fullname,
    )


def _exists(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # there is no 'flaskext'
        return False


def add(changes: Changes, level: str) -> None:
    """Let the old modules be found."""
    finder = _Finder(frozenset(name for name in _MODULES if RECORDS[name].is_of(level)))
    sys.meta_path.insert(0, finder)
    changes.undo_by(lambda: sys.meta_path.remove(finder))
    changes.undo_by(_forget)


def _forget() -> None:
    """Forget the modules that were found by their old names."""
    for name in list(sys.modules):
        if name in _MODULES or name.startswith(_EXTENSIONS):
            del sys.modules[name]
    package = sys.modules.get("erlen")
    for name in _MODULES:
        vars(package).pop(name.partition(".")[2], None)
