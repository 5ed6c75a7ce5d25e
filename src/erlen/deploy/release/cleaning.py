"""Old releases: which of them are removed."""

from __future__ import annotations

import contextlib
import os
import typing as t
from pathlib import Path

from .layout import Layout, remove
from .steps import explained

_PROCESSES = Path("/proc")


class Cleaned(t.NamedTuple):
    """What became of the releases that are not needed any more."""

    removed: list[str]
    used: list[str]
    """Those that a process runs from, as the parent of workers that were replaced."""
    problems: list[str]


def clean(layout: Layout, keep: int) -> Cleaned:
    """Remove the oldest releases until *keep* are left; never the current one, nor the one before it."""
    cleaned = Cleaned([], [], [])
    unwanted = old(layout, keep)
    used = used_releases(layout.releases) if unwanted else set()
    for name in unwanted:
        if name in used:
            cleaned.used.append(name)
            continue
        try:
            remove(layout.folder(name))
            cleaned.removed.append(name)
        except OSError as error:
            cleaned.problems.append(explained(error))
    return cleaned


def old(layout: Layout, keep: int) -> list[str]:
    """Return the names of the releases that are not needed any more, the oldest first."""
    names = layout.names()
    current = layout.current_name()
    needed = {current, layout.previous_of(current) if current else None, *names[-keep:]}
    return [name for name in names if name not in needed]


def used_releases(releases: Path) -> set[str]:
    """Return the names of the releases that a process runs in or from, as far as may be known.

    The parent of the workers of `erlen serve` is not replaced by a reload, and imports some of its modules
    when it needs them.
    """
    roots = {f"{os.fspath(releases)}/".encode(), f"{os.path.realpath(releases)}/".encode()}
    used = set()
    for process in _PROCESSES.glob("[0-9]*"):
        for text in _paths_of(process):
            for root in roots:
                used |= {part.split(b"/")[0] for part in text.split(root)[1:]}
    return {os.fsdecode(name).partition("\n")[0] for name in used}


def _paths_of(process: Path) -> t.Iterator[bytes]:
    """Yield texts that have paths in them: the command line, the folder, the program, what is mapped."""
    for name in ("cwd", "exe"):
        with contextlib.suppress(OSError):
            yield os.readlink(os.fsencode(process / name)) + b"/"
    for name in ("cmdline", "maps"):
        with contextlib.suppress(OSError):
            yield (process / name).read_bytes()
