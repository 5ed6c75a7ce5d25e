"""The application as checks read it: itself, its files and its settings."""

from __future__ import annotations

import ast
import inspect
import os
import sys
import types
import typing as t
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from erlen import project_files

from .finding import Place
from .repository import Repository
from .sources import Source
from .templates import TemplateFile, templates_of

if t.TYPE_CHECKING:
    from erlen import Erlen

_INSTALLED = ("site-packages", "dist-packages")


@dataclass(frozen=True)
class Target:
    """Where and how the application is to run, as far as options say it."""

    # The user that serves; None where nobody has said.
    user: str | None = None
    # How many worker processes; None where nobody has said.
    workers: int | None = None
    # Whether a proxy is in front of the server.
    behind_proxy: bool = False


@dataclass
class Examined:
    """An application that has been imported, with what its checks ask for."""

    app: Erlen
    # The folder of the project: paths are shown from here, and its Python files are read.
    root: Path
    # Whether `--deploy` was given.
    for_deploy: bool = False
    target: Target = field(default_factory=Target)
    # By key of the configuration: the line or file that has set it, where that is known.
    settings: t.Mapping[str, Place] = field(default_factory=dict)

    @cached_property
    def repository(self) -> Repository:
        """What git has of the project."""
        return Repository(self.root)

    @cached_property
    def sources(self) -> list[Source]:
        """The Python files of the project that can be read."""
        if self.root.name in _INSTALLED:
            # A module that is installed beside all the others.
            return self.loaded
        found = map(Source, project_files.python_files(self.root))
        return [source for source in found if source.tree is not None]

    @cached_property
    def modules(self) -> dict[Path, types.ModuleType]:
        """The modules of the project that the application has imported, by file."""
        found = {}
        # PERF: judged once for each folder: 1,600 modules take 9 ms, and 21 where each file is judged.
        folders: dict[str, Path | None] = {}
        for module in list(sys.modules.values()):
            file = getattr(module, "__dict__", {}).get("__file__")
            if not isinstance(file, str):
                continue
            folder = os.path.dirname(file)
            if folder not in folders:
                resolved = Path(os.path.realpath(folder))
                folders[folder] = resolved if resolved.is_relative_to(self.root) else None
            within = folders[folder]
            if within is not None and self._is_own(within / os.path.basename(file)):
                found[Path(os.path.realpath(file))] = module
        return dict(sorted(found.items()))

    @cached_property
    def loaded(self) -> list[Source]:
        """Those of the Python files that the application has imported."""
        return [source for source in map(Source, self.modules) if source.tree is not None]

    def loaded_at(self, path: Path) -> Source | None:
        """Return the Python file of this path, if the application has imported it."""
        return self._loaded_by_path.get(path)

    @cached_property
    def _loaded_by_path(self) -> dict[Path, Source]:
        return {source.path: source for source in self.loaded}

    @cached_property
    def templates(self) -> list[TemplateFile]:
        """The templates of the project, those of its blueprints too."""
        return list(templates_of(self.app, self.root))

    def calls_of(self, *names: str) -> t.Iterator[tuple[Source, ast.Call]]:
        """Yield each call in the project of a function or method of one of these names."""
        for source in self.sources:
            for call in source.calls:
                if name_of(call.func) in names:
                    yield source, call

    def place_of(self, function: t.Any) -> Place | None:
        """Return where a function or class is written; None where that is no file of the project."""
        try:
            unwrapped = inspect.unwrap(function)
            path = Path(inspect.getsourcefile(unwrapped) or "").resolve()
            line = inspect.getsourcelines(unwrapped)[1]
        except (OSError, TypeError, ValueError):
            return None
        return Place(path, line or 1) if path.is_relative_to(self.root) else None

    def _is_own(self, path: Path) -> bool:
        if not path.is_relative_to(self.root) or path.suffix != ".py":
            return False
        if self.root.name in _INSTALLED:
            return path.stem == self.app.import_name.partition(".")[0]
        between = (
            folder for folder in path.parents if folder != self.root and folder.is_relative_to(self.root)
        )
        return not any(map(project_files.is_left_out, between))


def name_of(called: ast.expr) -> str:
    """Return the last name of what is called: `route` of `app.route`."""
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""
