"""What is remembered of a release, in a file of its folder."""

from __future__ import annotations

import contextlib
import json
import os
import typing as t
from dataclasses import asdict, dataclass
from pathlib import Path

NAME = ".erlen-release.json"

State = t.Literal["begun", "complete", "served"]


@dataclass(frozen=True)
class Record:
    """What is remembered of a release."""

    state: State
    """Whether it is being made, is complete, or has been reloaded successfully once."""
    source: str = ""
    """What it was made of."""
    previous: str | None = None
    """The release that served before; a rollback goes there."""


def read(folder: Path) -> Record:
    """Return the record of a release.

    One that was made by other means has none, and counts as one that has served. One that cannot be read was
    being written when the machine stopped: it is not complete.
    """
    try:
        text = (folder / NAME).read_text("utf-8")
    except FileNotFoundError:
        return Record("served")
    except (OSError, ValueError):
        return Record("begun")
    with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError, RecursionError):
        told = json.loads(text)
        state, source, previous = told["state"], told["source"], told["previous"]
        if state in t.get_args(State) and isinstance(source, str) and isinstance(previous, str | None):
            return Record(state, source, previous)
    return Record("begun")


def write(folder: Path, record: Record) -> None:
    """Write the record of a release; it is there as a whole, or as it was."""
    temporary = folder / f"{NAME}.new"
    with contextlib.suppress(FileNotFoundError):
        temporary.unlink()
    with temporary.open("x", encoding="utf-8") as file:
        # Names that are no text are escaped, and readable all the same.
        json.dump(asdict(record), file, indent=1)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    os.replace(temporary, folder / NAME)
