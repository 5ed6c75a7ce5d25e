"""How a library's module comes to have its old names, whether it is imported already or will be later.

A module that is there gets a ``__getattr__``, which Python asks for names that the module does not have. One
that comes later gets it when its code has run: a finder, put before the others, has its loader say when
that is. Modules that are gone as a whole are found by a second finder, put behind the others: where an older
release of a library still has one, that one is found.
"""

from __future__ import annotations

import sys
import typing as t
from functools import partial
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

from ..notices import notice_of
from .removed import OLD, OLD_MODULES

if t.TYPE_CHECKING:
    from types import ModuleType

    from ..changes import Changes

_PACKAGES = frozenset(name.rpartition(".")[0] for name in OLD_MODULES)


def value_of(name: str) -> t.Any:
    """Return what an old name, written in full, stands for."""
    place = OLD[name].place
    module, _, attribute = place.rpartition(".")
    return getattr(import_module(module), attribute) if module else import_module(place)


class _Names:
    """The ``__getattr__`` of a module: its old names, and what it answered for other names before."""

    def __init__(self, module: str, own: t.Callable[[str], t.Any] | None) -> None:
        self.module = module
        self.own = own

    def __call__(self, name: str) -> t.Any:
        full = f"{self.module}.{name}"
        if full in OLD:
            record = OLD[full].record
            value = value_of(full)
            notice_of(full, record, f"Write instead: {record.instead}.")
            return value
        if self.own is not None:
            return self.own(name)
        raise AttributeError(f"module {self.module!r} has no attribute {name!r}")


class Modules:
    """The modules that have old names, and what happens to each."""

    def __init__(self) -> None:
        self.actions: dict[str, list[t.Callable[[ModuleType], object]]] = {}

    def when_there(self, name: str, action: t.Callable[[ModuleType], object]) -> None:
        """Call *action* with a module: now, if it is imported, else when that has happened."""
        self.actions.setdefault(name, []).append(action)
        module = sys.modules.get(name)
        if module is not None:
            action(module)

    def arrived(self, module: ModuleType) -> None:
        for action in self.actions.get(module.__name__, ()):
            action(module)


class _Announcing(MetaPathFinder):
    """A finder that finds nothing itself: it has the loader of a module say that the module is there."""

    def __init__(self, modules: Modules) -> None:
        self.modules = modules

    def find_spec(
        self, fullname: str, path: t.Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self.modules.actions:
            return None
        for finder in sys.meta_path:
            if finder is self:
                continue
            find = getattr(finder, "find_spec", None)
            spec: ModuleSpec | None = find(fullname, path, target) if find is not None else None
            if spec is not None:
                _announce(spec.loader)
                return spec
        return None


def _announce(loader: t.Any) -> None:
    """Have a loader say when it has run a module's code; it stays the loader it is."""
    run = getattr(loader, "exec_module", None)
    if run is None or getattr(run, "func", None) is _run:
        return
    try:
        loader.exec_module = partial(_run, run)
    except (AttributeError, TypeError):  # a loader that takes no attribute: its modules get no old names
        return


def _run(run: t.Callable[[ModuleType], object], module: ModuleType) -> None:
    run(module)
    for finder in sys.meta_path:
        if isinstance(finder, _Announcing):
            finder.modules.arrived(module)


class _Empty(Loader):
    """A loader of modules that have only old names."""

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        vars(module)["__getattr__"] = _Names(module.__name__, None)


class _OldModules(MetaPathFinder):
    """A finder of the modules that are gone."""

    def find_spec(
        self, fullname: str, path: t.Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname in OLD_MODULES:
            return ModuleSpec(fullname, _Empty(), is_package=fullname in _PACKAGES)
        return None


def add(changes: Changes) -> Modules:
    """Give all modules their old names, now or when they are there."""
    modules = Modules()
    for owner in sorted({name.rpartition(".")[0] for name in OLD} - set(OLD_MODULES)):
        modules.when_there(owner, partial(_give_names, changes))
    announcing, old_modules = _Announcing(modules), _OldModules()
    sys.meta_path.insert(0, announcing)
    sys.meta_path.append(old_modules)
    changes.undo_by(lambda: sys.meta_path.remove(announcing))
    changes.undo_by(lambda: sys.meta_path.remove(old_modules))
    changes.undo_by(_forget)
    return modules


def _give_names(changes: Changes, module: ModuleType) -> None:
    own = vars(module).get("__getattr__")
    if not isinstance(own, _Names):  # a module that is reloaded has it already
        changes.set(module, "__getattr__", _Names(module.__name__, own))


def _forget() -> None:
    """Forget the modules that were found by their old names."""
    for name in OLD_MODULES:
        module = sys.modules.get(name)
        if module is not None and isinstance(module.__loader__, _Empty):
            del sys.modules[name]
            package, _, attribute = name.rpartition(".")
            vars(sys.modules.get(package, sys)).pop(attribute, None)
