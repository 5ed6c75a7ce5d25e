"""The alias: ``import flask`` gives Erlen's own modules.

Each of Flask's modules is found and loaded under Flask's name as the import system expects, with a spec and
a loader of its own, and in the order in which Flask imports them. What is in ``sys.modules`` afterwards is
Erlen's very module, unchanged: ``flask.cli`` is ``erlen.cli``, and what is patched in one is patched in the
other. ``docs/explanation/alias.md`` says how the parts work together.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
import threading
import typing as t
import warnings
from importlib.abc import ExecutionLoader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from types import ModuleType

import erlen_as_flask

from .late_module import LateModule, add_late_module

if t.TYPE_CHECKING:
    from types import CodeType

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
_HIDDEN = {"flask.cli.__main__": "erlen.__main__"}

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


def _is_flasks(fullname: str) -> bool:
    return fullname.partition(".")[0] == "flask"


def _module_of(fullname: str) -> ModuleType:
    name = MODULES.get(fullname) or _HIDDEN[fullname]
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
        return getattr(_module_of(super().__getattribute__("__name__")), name)

    def __setattr__(self, name: str, value: t.Any) -> None:
        if name in _OWN:
            super().__setattr__(name, value)
        else:
            setattr(_module_of(self.__name__), name, value)

    def __delattr__(self, name: str) -> None:
        delattr(_module_of(self.__name__), name)


class AliasLoader(ExecutionLoader):
    """A loader of Erlen's module *name* under a name of Flask's."""

    def __init__(self, name: str) -> None:
        self.name = name

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return AnnouncedModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        _put_in_place(module.__name__)

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


def _put_in_place(fullname: str) -> None:
    """Put Erlen's module in the place of the one that is being imported; import what Flask's imports."""
    sys.modules[fullname] = _module_of(fullname)
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
    module = _module_of(fullname)
    return {} if type(module) is LateModule else dict(vars(module))


def _pass_on(before: dict[str, t.Any], after: dict[str, t.Any], later: t.Iterable[str]) -> None:
    """Give what a post-import hook replaced to the modules that Flask executes later and that import it."""
    replaced = {name: old for name, old in before.items() if after.get(name, old) is not old}
    for fullname in later if replaced else ():
        taken = _names(fullname)
        for name, old in replaced.items():
            if taken.get(name) is old:
                setattr(_module_of(fullname), name, after[name])


def take_name(fullname: str) -> None:
    """Give Flask's name *fullname* to Erlen's module, while a module of that name is being imported."""
    if fullname not in MODULES and fullname not in _HIDDEN:
        raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
    announced = sys.modules[fullname]
    announced.__class__ = AnnouncedModule
    sys.modules[fullname] = _module_of(fullname)
    install()
    _put_in_place(fullname)


def _find(fullname: str) -> ModuleSpec | None:
    """Return the spec of one of Flask's modules, or None where Flask has no such module."""
    name = MODULES.get(fullname) or _HIDDEN.get(fullname)
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
        return _find(fullname) if _is_flasks(fullname) else None


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
        if _is_flasks(fullname):
            return _find(fullname)
        spec: ModuleSpec | None = self._finder.find_spec(fullname, target)
        return spec

    def iter_modules(self, prefix: str = "") -> t.Iterator[tuple[str, bool]]:
        """Yield name and kind of each module, for ``pkgutil.iter_modules`` and ``walk_packages``."""
        if not _is_flasks(prefix):
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

# Layers that change what the alias gives: entry points, called with the level that is asked for. They return
# the function that removes them.
LAYERS = "erlen.alias"
LEGACY_VARIABLE = "ERLEN_LEGACY"
_removals: list[t.Callable[[], object]] = []


def is_installed() -> bool:
    """Tell whether ``import flask`` gives Erlen from now on."""
    return _finder in sys.meta_path


def install(*, replace: bool = False, legacy: str | None = None) -> list[str]:
    """Make ``import flask`` mean Erlen, in this process, from now on.

    *legacy*, or ERLEN_LEGACY in the environment, turns the legacy layer on: "1.1" or "2.2", the Flask whose
    names and behaviour come back. Raises RuntimeError where the real Flask has been imported already. With
    *replace* its modules are dropped instead; the names of the modules that still hold objects of it are
    returned, with a warning.
    """
    real = _real_flask()
    if real and not replace:
        raise RuntimeError(
            f"Flask itself was imported before Erlen took its name ({getattr(real[0], '__file__', real[0])}),"
            " so parts of the program would go on using it. Import 'erlen.as_flask' first, or start the"
            " program by 'python -m erlen.as_flask -m …' or with ERLEN_AS_FLASK=1. If that cannot be,"
            " 'erlen.alias.install(replace=True)' replaces it and says who holds on to the old one."
        )
    holders = _drop(real) if real else []
    with _lock:
        if not is_installed():
            _remove_finders()
            erlen_as_flask.add_finder(_finder)
            sys.path_hooks.insert(0, FolderFinder)
            _forget_finders()
            erlen_as_flask.add_folder()
    level = os.environ.get(LEGACY_VARIABLE) if legacy is None else legacy
    if level not in (None, "", "0"):
        _add_layer("legacy", level)
    return holders


def _add_layer(name: str, level: str | None) -> None:
    """Call what a distribution offers as a layer of the alias: the entry point *name*."""
    from importlib.metadata import entry_points

    for entry_point in entry_points(group=LAYERS, name=name):
        _removals.append(entry_point.load()(level))
        return
    raise RuntimeError(
        f"The layer {name!r} was asked for and is not there: no installed distribution has an entry point"
        f" of that name in the group {LAYERS!r}. Install Erlen: its sources on the path are not enough."
    )


def uninstall() -> None:
    """Undo :func:`install`; modules that were imported by it stay as they are."""
    while _removals:
        _removals.pop()()
    with _lock:
        _remove_finders()
    erlen_as_flask.stop()
    for name in MODULES:
        sys.modules.pop(name, None)


def _real_flask() -> list[ModuleType]:
    """Return the modules of the real Flask that are imported."""
    own = sys.modules.get("erlen")
    top = sys.modules.get("flask")
    if top is None or top is own or _holds_the_place(top):
        return []
    return [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "flask"]


def _holds_the_place(module: ModuleType) -> bool:
    """Tell whether another thread is about to replace *module* by Erlen's."""
    file = getattr(module, "__file__", None) or ""
    return type(module) is AnnouncedModule or file.startswith(erlen_as_flask.FOLDER)


def _drop(real: list[ModuleType]) -> list[str]:
    """Forget the real Flask's modules; return the names of the modules that hold objects of them."""
    for name in [name for name in sys.modules if name.partition(".")[0] == "flask"]:
        del sys.modules[name]
    names = {module.__name__ for module in real}
    holders = sorted(
        name
        for name, module in list(sys.modules.items())
        if any(_is_of(value, names, real) for value in list(vars(module).values()))
    )
    if holders:
        warnings.warn(
            "Erlen replaced Flask after it had been imported. These modules hold objects of the old one,"
            f" and will go on using it: {', '.join(holders)}.",
            RuntimeWarning,
            stacklevel=3,
        )
    return holders


def _is_of(value: object, names: set[str], real: list[ModuleType]) -> bool:
    """Tell whether *value* is one of the *real* modules or was defined in one."""
    if any(value is module for module in real):
        return True
    # Asked of the type and not of the value: a proxy would answer for its object, or raise.
    own = value.__dict__ if isinstance(value, type) else getattr(type(value), "__dict__", {})
    defined_in = own.get("__module__")
    if isinstance(value, type(_is_of)):
        defined_in = value.__module__
    return isinstance(defined_in, str) and defined_in in names
