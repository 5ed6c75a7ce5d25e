"""The changes to a file, each at a place in it."""

from __future__ import annotations

import typing as t

from .files import Span


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
