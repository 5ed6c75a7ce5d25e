"""How the import system finds Erlen's modules under Flask's names.

Each of Flask's modules is found and loaded under Flask's name as the import system expects, with a spec and
a loader of its own, and in the order in which Flask imports them. What is in ``sys.modules`` afterwards is
Erlen's very module, unchanged. ``docs/explanation/alias.md`` says how the parts work together.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import threading
import typing as t
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

import erlen_as_flask

from .late_module import LateModule, add_late_module

if t.TYPE_CHECKING:
    from importlib.abc import ExecutionLoader, MetaPathFinder
    from types import CodeType
else:
    # PERF: up to Python 3.13, importlib.abc imports importlib.resources and pathlib: 2 ms.
    ExecutionLoader = MetaPathFinder = object

_SUBMODULES = (
    "__main__ app blueprints cli config ctx debughelpers globals helpers json json.provider json.tag"
    " logging sansio sessions signals templating testing typing views wrappers"
)
# Flask's modules, each with Erlen's module. Modules that Flask does not have cannot be imported as Flask's:
# extensions look for some of them to learn which version they are on.
MODULES = {
    "flask": "erlen",
    **{f"flask.{name}": f"erlen.{name}" for name in _SUBMODULES.split()},
    "flask.sansio.app": "erlen.app",
    "flask.sansio.blueprints": "erlen.declare.blueprint",
    "flask.sansio.scaffold": "erlen.declare.scaffold",
}
PACKAGES = ("flask", "flask.json", "flask.sansio")

# `python -m flask.cli` runs a module in Flask; here it is a package, and Python looks for this one in it.
HIDDEN = {"flask.cli.__main__": "erlen.__main__"}

# What Flask's packages import while they are imported, in the order in which the modules are complete.
_IMPORTED_BY = {
    "flask": (
        *("flask.globals", "flask.json", "flask.signals", "flask.helpers", "flask.cli", "flask.typing"),
        *("flask.ctx", "flask.sansio", "flask.config", "flask.logging", "flask.templating"),
        *("flask.sansio.scaffold", "flask.sansio.app", "flask.json.tag", "flask.sessions", "flask.wrappers"),
        *("flask.app", "flask.sansio.blueprints", "flask.blueprints"),
    ),
    "flask.json": ("flask.json.provider",),
}
# PERF: the command line is not executed before somebody looks at it: `import flask` takes a tenth less time.
_LATE = ("erlen.cli",)


def is_flasks(fullname: str) -> bool:
    return fullname.partition(".")[0] == "flask"


def module_of(fullname: str) -> ModuleType:
    name = MODULES.get(fullname) or HIDDEN[fullname]
    return add_late_module(name) if name in _LATE else importlib.import_module(name)


_OWN = frozenset(("__class__", "__name__", "__spec__", "__loader__", "__package__"))


class AnnouncedModule(ModuleType):
    """One of Erlen's modules under Flask's name, as those see it that follow an import.

    Whoever wraps a loader to be told of an import is given this object. Its name and its spec are Flask's,
    and everything else is read from and written to Erlen's module.
    """

    def __getattribute__(self, name: str) -> t.Any:
        if name in _OWN:
            return super().__getattribute__(name)
        return getattr(module_of(super().__getattribute__("__name__")), name)

    def __setattr__(self, name: str, value: t.Any) -> None:
        if name in _OWN:
            super().__setattr__(name, value)
        else:
            setattr(module_of(self.__name__), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(module_of(self.__name__), name)


class AliasLoader(ExecutionLoader):
    """A loader of Erlen's module *name* under a name of Flask's."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return AnnouncedModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        put_in_place(module.__name__)

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the module's code: ``python -m flask`` asks for it."""
        code: CodeType | None = self._loader().get_code(self.name)
        return code

    def get_source(self, fullname: str) -> str | None:
        source: str | None = self._loader().get_source(self.name)
        return source

    def get_filename(self, fullname: str) -> str:
        filename: str = self._loader().get_filename(self.name)
        return filename

    def is_package(self, fullname: str) -> bool:
        return fullname in PACKAGES

    def _loader(self) -> t.Any:
        spec = _spec_of(self.name)
        if spec is None:
            raise ModuleNotFoundError(f"No module named {self.name!r}", name=self.name)
        return spec.loader


def put_in_place(fullname: str) -> None:
    """Put Erlen's module in the place of the one that is being imported; import what Flask's imports."""
    sys.modules[fullname] = module_of(fullname)
    children = _IMPORTED_BY.get(fullname, ())
    for index, child in enumerate(children):
        before = _names(child)
        _import_unless_another_thread_does(child)
        _pass_on(before, _names(child), (*children[index + 1 :], fullname))


def _import_unless_another_thread_does(fullname: str) -> None:
    """Import a module that a package imports.

    A thread that is about to import ``flask.json.tag`` waits for ``flask.json``, which may be what this one
    has begun with. Waiting for each other ends in an error for one of the two, as it does on Flask; here it
    need not wait, because Erlen's modules are complete.
    """
    try:
        importlib.import_module(fullname)
    except RuntimeError as error:
        if type(error).__name__ != "_DeadlockError":
            raise


def _names(fullname: str) -> dict[str, t.Any]:
    module = module_of(fullname)
    return {} if type(module) is LateModule else dict(vars(module))


def _pass_on(before: dict[str, t.Any], after: dict[str, t.Any], later: t.Iterable[str]) -> None:
    """Give what a post-import hook replaced to the modules that Flask executes later and that import it."""
    replaced = {name: old for name, old in before.items() if after.get(name, old) is not old}
    for fullname in later if replaced else ():
        taken = _names(fullname)
        for name, old in replaced.items():
            if taken.get(name) is old:
                setattr(module_of(fullname), name, after[name])


def _find(fullname: str) -> ModuleSpec | None:
    """Return the spec of one of Flask's modules, or None where Flask has no such module."""
    name = MODULES.get(fullname) or HIDDEN.get(fullname)
    own = None if name is None else _spec_of(name)
    if name is None or own is None:
        return None
    spec = ModuleSpec(fullname, AliasLoader(name), origin=own.origin)
    if fullname in PACKAGES:
        spec.submodule_search_locations = own.submodule_search_locations
    spec.has_location = own.has_location
    return spec


def _spec_of(name: str) -> ModuleSpec | None:
    """Return the spec of a module of Erlen without importing anything, its package included.

    Python asks finders while it holds its import lock: one that waits for a module that another thread
    imports waits for ever.
    """
    module = sys.modules.get(name)
    if module is not None and module.__spec__ is not None:
        return module.__spec__
    package = name.split(".")[:-1]
    return PathFinder.find_spec(name, [os.path.join(os.path.dirname(_ERLENS_FOLDER), *package)])


class AliasFinder(MetaPathFinder):
    """A finder that returns Erlen's modules for Flask's names."""

    def find_spec(
        self, fullname: str, path: t.Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return _find(fullname) if is_flasks(fullname) else None


class FolderFinder:
    """The finder for one of Erlen's folders, which is also where modules of Flask's packages are looked for.

    ``flask.__path__`` is Erlen's folder. Without this, a finder that looks there finds a file of Erlen's for
    a name of Flask's, and loads it a second time. Other names are left to the folder's usual finder.
    """

    def __init__(self, folder: str) -> None:
        if not folder.startswith(_ERLENS_FOLDER):
            raise ImportError("only for Erlen's folders", path=folder)
        self._finder = _usual_finder(folder)

    def find_spec(self, fullname: str, target: ModuleType | None = None) -> ModuleSpec | None:
        if is_flasks(fullname):
            return _find(fullname)
        spec: ModuleSpec | None = self._finder.find_spec(fullname, target)
        return spec

    def iter_modules(self, prefix: str = "") -> t.Iterator[tuple[str, bool]]:
        """Yield name and kind of each module, for ``pkgutil.iter_modules`` and ``walk_packages``."""
        if not is_flasks(prefix):
            yield from _iter_modules(self._finder, prefix)
        for fullname in MODULES:
            package, _, _ = fullname.rpartition(".")
            if package and f"{package}." == prefix:
                yield fullname, fullname in PACKAGES

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._finder, name)


_ERLENS_FOLDER = os.path.dirname(__file__)


# It is public, and unknown to those who wrote the types.
_iter_modules = vars(pkgutil)["iter_importer_modules"]


def _usual_finder(folder: str) -> t.Any:
    for hook in sys.path_hooks:
        if not _is_a(FolderFinder, hook):
            try:
                return hook(folder)
            except ImportError:
                continue
    raise ImportError(f"nothing finds modules in {folder!r}", path=folder)


def _is_a(kind: type, found: object) -> bool:
    """Tell whether *found* is that class or of it, or its like from an earlier import of this module."""
    own = found if isinstance(found, type) else type(found)
    return (own.__module__, own.__qualname__) == (kind.__module__, kind.__qualname__)


def _remove_finders() -> None:
    """Remove the finders, and those of an earlier import: a test may drop Erlen's modules and begin anew."""
    sys.meta_path[:] = [finder for finder in sys.meta_path if not _is_a(AliasFinder, finder)]
    sys.path_hooks[:] = [hook for hook in sys.path_hooks if not _is_a(FolderFinder, hook)]
    _forget_finders()


def _forget_finders() -> None:
    """Make the import system ask the path hooks again for a finder for Erlen's folders."""
    for folder in list(sys.path_importer_cache):
        if folder.startswith(_ERLENS_FOLDER):
            sys.path_importer_cache.pop(folder, None)


_finder = AliasFinder()
# Several threads may be the first to import Flask.
_lock = threading.Lock()


def finds_erlen() -> bool:
    """Tell whether the finders are in place."""
    return _finder in sys.meta_path


def add_finders() -> None:
    """Put the finders in place."""
    with _lock:
        if not finds_erlen():
            _remove_finders()
            erlen_as_flask.add_finder(_finder)
            sys.path_hooks.insert(0, FolderFinder)
            _forget_finders()
            erlen_as_flask.add_folder()


def remove_finders() -> None:
    """Remove the finders, and forget what they found."""
    with _lock:
        _remove_finders()
    erlen_as_flask.stop()
    for name in MODULES:
        sys.modules.pop(name, None)
