"""The errors that end `erlen script`, and the exit statuses."""

from __future__ import annotations

import typing as t

import click

FAILED = 1
"""The script raised an exception, or the check found something."""
USAGE = 2
"""What was typed is wrong, or a script is; Click's own status for that."""
RUNS_ALREADY = 4
"""Somebody runs the script at this moment."""
NOT_CONFIRMED = 5
"""The script changes data in production, and nobody confirmed that."""
INTERRUPTED = 130
"""Ctrl-C, as shells report it."""
SIGNALLED = 128
"""A signal, whose number is added, as shells report it: 143 for SIGTERM."""


class ScriptError(click.ClickException):
    """A reason to stop: what is wrong, where, and what to do."""

    exit_code: t.ClassVar[int] = USAGE

    def __init__(self, message: str) -> None:
        # Names of files and values come from outside, and are to stay on one line of a terminal or a log.
        super().__init__(
            "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in message)
        )


class RunsAlready(ScriptError):
    """Somebody runs the script."""

    exit_code = RUNS_ALREADY


class NotConfirmed(ScriptError):
    """Nobody confirmed that data may be changed."""

    exit_code = NOT_CONFIRMED


class NotKept(ScriptError):
    """It cannot be written down how far a run came."""

    exit_code = FAILED
