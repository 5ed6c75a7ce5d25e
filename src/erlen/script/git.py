"""The few things that git is asked for; without git or outside a repository each has an answer, too."""

from __future__ import annotations

import subprocess
from datetime import date
from pathlib import Path
from typing import NamedTuple


class Beginning(NamedTuple):
    """Who made a file, and when."""

    author: str
    day: date


def user_name() -> str | None:
    """Return the name that git puts on commits."""
    return _ask(Path.cwd(), "config", "user.name")


def is_tracked(path: Path) -> bool:
    """Tell whether a file is under version control."""
    return _ask(path.parent, "ls-files", "--error-unmatch", "--", path.name) is not None


def move(old: Path, new: Path) -> bool:
    """Move a file as git does, and tell whether that worked."""
    return _ask(old.parent, "mv", "--", str(old.resolve()), str(new.resolve())) is not None


def beginning_of(path: Path) -> Beginning | None:
    """Return who committed a file first, its former names included, and when."""
    log = _ask(path.parent, "log", "--follow", "--diff-filter=A", "--format=%as %an", "--", path.name)
    if not log:
        return None
    day, _, author = log.splitlines()[-1].partition(" ")
    return Beginning(author, date.fromisoformat(day))


def _ask(folder: Path, *words: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
