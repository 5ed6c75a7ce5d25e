"""What Python loads as it starts where ``ERLEN_AS_FLASK`` is set, so that ``import flask`` finds Erlen.

Nothing of Erlen and nothing that a program may want to patch first is imported here: only when something
imports Flask, the module in ``path/flask`` imports Erlen and gives it the name (see ``erlen.alias``).
"""

from __future__ import annotations

import sys
from importlib.machinery import BuiltinImporter, ModuleSpec, PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from importlib.abc import Loader
    from types import ModuleType
    from typing import Any
else:
    Loader = object

# The folder that holds Erlen under Flask's name. It is an entry of `sys.path`, too: tools put finders before
# this one, and most of those look through `sys.path`.
FOLDER = f"{__path__[0]}/path"


class StartFinder:
    """A finder of ``flask`` that imports nothing to find it.

    Python asks finders while it holds its import lock: one that waits for a module that another thread
    imports waits for ever.
    """

    @staticmethod
    def find_spec(fullname: str, path: object = None, target: object = None) -> ModuleSpec | None:
        if fullname == "flask":
            return PathFinder.find_spec(fullname, [FOLDER])
        if fullname.startswith("flask."):
            # Another thread has begun to import Flask, and the alias is not complete yet. A third one may
            # look for a module in this one until it is.
            return ModuleSpec(fullname, StartLoader(), is_package=True)
        return None


class StartLoader(Loader):
    """A loader that turns the alias on, which then gives the module's name to Erlen's module."""

    def create_module(self, spec: ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        from erlen import alias

        alias.take_name(module.__name__)


def start() -> None:
    """Let ``import flask`` find Erlen from now on."""
    add_folder()
    if StartFinder not in sys.meta_path:
        add_finder(StartFinder)


def stop() -> None:
    """Undo :func:`start` and :func:`add_folder`."""
    if StartFinder in sys.meta_path:
        sys.meta_path.remove(StartFinder)
    if FOLDER in sys.path:
        sys.path.remove(FOLDER)


def add_finder(finder: Any) -> None:
    """Put a finder before Python's own, and behind those that only watch what others find.

    It takes the place of :class:`StartFinder` where that is there.
    """
    if StartFinder in sys.meta_path:
        sys.meta_path[sys.meta_path.index(StartFinder)] = finder
        return
    own = [index for index, other in enumerate(sys.meta_path) if other is BuiltinImporter]
    sys.meta_path.insert(own[0] if own else 0, finder)


def add_folder() -> None:
    """Make the folder an entry of ``sys.path``, before one that may hold the real Flask."""
    if FOLDER not in sys.path:
        sys.path.insert(0, FOLDER)
