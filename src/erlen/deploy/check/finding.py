"""What can be wrong, and what is found: kinds and findings."""

from __future__ import annotations

import enum
import typing as t
from dataclasses import dataclass
from pathlib import Path


class Level(enum.IntEnum):
    """How bad a finding is; the exit status of `erlen check` goes by the worst one."""

    INFO = 1
    WARNING = 2
    ERROR = 3


class Place(t.NamedTuple):
    """A line of a file, counted from 1."""

    path: Path
    line: int = 1


@dataclass(frozen=True)
class Kind:
    """A kind of mistake: what all findings of it have in common."""

    # Stands in reports, and silences findings: "rule-hidden", "secret-key-short".
    id: str
    level: Level
    # What happens because of it, as one sentence.
    why: str

    def found(self, what: str, place: Place | None = None, *, write: str = "") -> Finding:
        """Make a finding of this kind: what is wrong, where, and the line to write instead."""
        return Finding(self, what, place, write)


class Finding(t.NamedTuple):
    """A mistake that was found."""

    kind: Kind
    # What is wrong here, as one sentence that names the thing.
    what: str
    # Where it is written; None where no file says it, as with a missing setting.
    place: Place | None
    # The line to write, or the command to run.
    write: str


if t.TYPE_CHECKING:
    from .examined import Examined

Check: t.TypeAlias = t.Callable[["Examined"], t.Iterable[Finding]]
"""A check: it yields what it finds."""
