"""Questions to git about a folder."""

from __future__ import annotations

import os
import subprocess
import typing as t

_SECONDS = 10


class Answer(t.NamedTuple):
    """What git has answered."""

    status: int
    output: bytes


class CannotAsk(Exception):
    """There is no git that could be asked, or it has not answered in time."""


def ask(folder: str | os.PathLike[str], *words: str) -> Answer:
    """Run a command of git in a folder; raise `CannotAsk` where that is not possible."""
    # A hook has variables that mean its own repository.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # SECURITY: a repository may name a program that git would start to look for changes.
    command = ["git", "-C", os.fspath(folder), "-c", "core.fsmonitor=false", *words]
    try:
        done = subprocess.run(
            command,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise CannotAsk(str(error)) from None
    return Answer(done.returncode, done.stdout)
