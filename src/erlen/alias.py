"""The alias: ``import flask`` gives Erlen's own modules.

A finder is placed before Python's own. It returns Erlen's modules, unchanged, so ``flask.cli`` is
``erlen.cli``, and what is patched in one is patched in the other.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
import typing as t
import warnings
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec

if t.TYPE_CHECKING:
    from types import CodeType, ModuleType

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
PACKAGES = ("flask", "flask.cli", "flask.json", "flask.sansio")


def _origin(name: str) -> str | None:
    """Return the file of a module: ``python -m flask`` makes it ``sys.argv[0]``."""
    spec = importlib.util.find_spec(name)
    return None if spec is None else spec.origin


class AliasLoader(Loader):
    """A loader that returns a module with another name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._spec: ModuleSpec | None = None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        module = importlib.import_module(self.name)
        self._spec = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        # It was executed under its own name; the import system has just replaced its spec.
        module.__spec__ = self._spec

    def get_code(self, fullname: str) -> CodeType | None:
        """Return the module's code: ``python -m flask`` asks for it."""
        spec = importlib.util.find_spec(self.name)
        loader: t.Any = None if spec is None else spec.loader
        code: CodeType | None = loader.get_code(self.name)
        return code


class AliasFinder(MetaPathFinder):
    """A finder that returns Erlen's modules for Flask's names."""

    def find_spec(
        self, fullname: str, path: t.Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname.partition(".")[0] != "flask":
            return None
        name = MODULES.get(fullname)
        if name is None:
            # The search must end here: Erlen's folder would be searched next.
            raise ModuleNotFoundError(
                f"No module named {fullname!r}: 'flask' is Erlen here, with the modules of Flask 3.1.",
                name=fullname,
            )
        return ModuleSpec(fullname, AliasLoader(name), origin=_origin(name), is_package=fullname in PACKAGES)


_finder = AliasFinder()

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
    if not is_installed():
        sys.meta_path.insert(0, _finder)
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


def start(fullname: str, path: t.Sequence[str] | None, target: ModuleType | None) -> ModuleSpec | None:
    """Install the alias, and find *fullname*; the start file calls this at the first import of Flask.

    Before that, nothing of Erlen is imported: a program may want to patch the standard library first.
    """
    install()
    return _finder.find_spec(fullname, path, target)


def uninstall() -> None:
    """Undo :func:`install`; modules that were imported by it stay as they are."""
    while _removals:
        _removals.pop()()
    if is_installed():
        sys.meta_path.remove(_finder)
    for name in MODULES:
        sys.modules.pop(name, None)


def _real_flask() -> list[ModuleType]:
    """Return the modules of the real Flask that are imported."""
    own = sys.modules.get("erlen")
    top = sys.modules.get("flask")
    if top is None or top is own:
        return []
    return [module for name, module in list(sys.modules.items()) if name.partition(".")[0] == "flask"]


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
