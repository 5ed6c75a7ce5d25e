"""The alias: ``import flask`` gives Erlen's own modules.

``flask.cli`` is ``erlen.cli``, and what is patched in one is patched in the other. ``alias_import`` has the
finders; here the alias is turned on and off, and put in the place of a Flask that was imported before.
"""

from __future__ import annotations

import os
import sys
import typing as t
import warnings
from types import ModuleType

import erlen_as_flask

from .alias_import import (
    HIDDEN,
    AnnouncedModule,
    add_finders,
    finds_erlen,
    is_flasks,
    module_of,
    put_in_place,
    remove_finders,
)
from .alias_import import MODULES as MODULES
from .alias_import import PACKAGES as PACKAGES

# Layers that change what the alias gives: entry points, called with the level that is asked for. They return
# the function that removes them.
LAYERS = "erlen.alias"
LEGACY_VARIABLE = "ERLEN_LEGACY"
# By the layer's name: it may be asked for several times, with the same level.
_removals: dict[str, t.Callable[[], object]] = {}


def is_installed() -> bool:
    """Tell whether ``import flask`` gives Erlen from now on."""
    return finds_erlen()


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
    add_finders()
    level = os.environ.get(LEGACY_VARIABLE) if legacy is None else legacy
    if level not in (None, "", "0"):
        _add_layer("legacy", level)
    return holders


def _add_layer(name: str, level: str | None) -> None:
    """Call what a distribution offers as a layer of the alias: the entry point *name*."""
    from importlib.metadata import entry_points

    for entry_point in entry_points(group=LAYERS, name=name):
        _removals[name] = entry_point.load()(level)
        return
    raise RuntimeError(
        f"The layer {name!r} was asked for and is not there: no installed distribution has an entry point"
        f" of that name in the group {LAYERS!r}. Install Erlen: its sources on the path are not enough."
    )


def uninstall() -> None:
    """Undo :func:`install`; modules that were imported by it stay as they are."""
    while _removals:
        _, remove = _removals.popitem()
        remove()
    remove_finders()


def take_name(fullname: str) -> None:
    """Give Flask's name *fullname* to Erlen's module, while a module of that name is being imported."""
    if fullname not in MODULES and fullname not in HIDDEN:
        raise ModuleNotFoundError(f"No module named {fullname!r}", name=fullname)
    announced = sys.modules[fullname]
    announced.__class__ = AnnouncedModule
    sys.modules[fullname] = module_of(fullname)
    install()
    put_in_place(fullname)


def _real_flask() -> list[ModuleType]:
    """Return the modules of the real Flask that are imported."""
    own = sys.modules.get("erlen")
    top = sys.modules.get("flask")
    if top is None or top is own or _holds_the_place(top):
        return []
    return [module for name, module in list(sys.modules.items()) if is_flasks(name)]


def _holds_the_place(module: ModuleType) -> bool:
    """Tell whether another thread is about to replace *module* by Erlen's."""
    file = getattr(module, "__file__", None) or ""
    return type(module) is AnnouncedModule or file.startswith(erlen_as_flask.FOLDER)


def _drop(real: list[ModuleType]) -> list[str]:
    """Forget the real Flask's modules; return the names of the modules that hold objects of them."""
    for name in [name for name in sys.modules if is_flasks(name)]:
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
