"""What is found, and what is done about it: old names, notes on unread files, changes."""

from __future__ import annotations

import ast
import typing as t
from dataclasses import dataclass, field
from pathlib import Path

from ..removed import Removed
from .files import Span

if t.TYPE_CHECKING:
    from .project import Module

KINDS = ("import", "attribute", "argument", "key", "variable", "definition")
"""How a name is used: imported, read from an object, given to a function, as a key, …"""


@dataclass(eq=False)
class Finding:
    """An old name in a file."""

    module: Module | None
    path: Path
    kind: str
    record: Removed
    # The name with all that follows it: `flask.ext.login.LoginManager`, of which the table has `flask.ext`.
    full: str
    node: ast.AST
    span: Span
    # Whether the object is known to be Flask's, or only looks like it, as a parameter named `app` does.
    is_certain: bool = True
    # How many functions are around it.
    depth: int = 0
    # The nodes around it, innermost last.
    around: tuple[ast.AST, ...] = ()
    # The nodes around each use of an imported name.
    uses: list[tuple[ast.AST, ...]] = field(default_factory=list)
    # The statement that imports what the attribute is read from.
    imported_by: ast.stmt | None = None
    # The distribution that the file is part of, if it is not the application's.
    distribution: str | None = None

    @property
    def line(self) -> int:
        """The line, counted from 1."""
        return self.span.line

    @property
    def name(self) -> str:
        """The old name as it is shown to the user."""
        if self.kind in ("import", "attribute") and self.full.startswith(self.record.name):
            return self.full
        return self.record.name

    @property
    def instead(self) -> str:
        """What to write instead."""
        extension = self.full.split(".")[2:3] if self.record.name == "flask.ext" else []
        return f"flask_{extension[0]}" if extension else self.record.instead


class Note(t.NamedTuple):
    """A file that could not be read, and why."""

    path: Path
    line: int
    text: str
    distribution: str | None = None


class Edit(t.NamedTuple):
    """One change: what to do at a place."""

    # "alias": import one name from another module. "import": of `import a.b`. "module": import all names from
    # another one. "modules": import each as a module. "expression": write another one in its place.
    # "attribute": read another one. "argument": give it another name.
    action: str
    span: Span
    text: str
    # An import to add, behind the statement on a line.
    adds: str = ""
    behind: int = 0
