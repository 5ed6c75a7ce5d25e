"""The application as checks read it: itself, its files and its settings."""

from __future__ import annotations

import ast
import inspect
import typing as t
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from .finding import Place
from .sources import Source, python_files

if t.TYPE_CHECKING:
    from erlen import Erlen


@dataclass(frozen=True)
class Target:
    """Where and how the application is to run, as far as options say it."""

    # The user that serves; None where nobody has said.
    user: str | None = None
    # How many worker processes; None where nobody has said.
    workers: int | None = None


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
    def sources(self) -> list[Source]:
        """The Python files of the project that can be read."""
        return [source for source in map(Source, python_files(self.root)) if source.tree is not None]

    def calls_of(self, *names: str) -> t.Iterator[tuple[Source, ast.Call]]:
        """Yield each call in the project of a function or method of one of these names."""
        for source in self.sources:
            for call in source.calls:
                if _name_of(call.func) in names:
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


def _name_of(called: ast.expr) -> str:
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""
