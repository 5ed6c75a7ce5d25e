"""How far a run is: a bar on a terminal, a line in the log every ten seconds elsewhere."""

from __future__ import annotations

import logging
import sys
import time
import typing as t
from contextlib import ExitStack

import click

_log = logging.getLogger("erlen.script")
_BAR_EVERY = 0.1  # seconds
_LINE_EVERY = 10.0


class Display:
    """The progress of one loop; `advance` may be called for each row."""

    def __init__(
        self,
        label: str,
        total: int | None,
        done: int = 0,
        *,
        is_terminal: bool | None = None,
        clock: t.Callable[[], float] = time.monotonic,
    ) -> None:
        self._label = label
        self._total = total
        self._shown = self._begun_with = done
        self._clock = clock
        self._stack = ExitStack()
        self._bar: t.Any = None
        on_terminal = sys.stderr.isatty() if is_terminal is None else is_terminal
        if on_terminal and total is not None:
            bar: t.Any = click.progressbar(length=total, label=label, file=sys.stderr, show_pos=True)
            self._bar = self._stack.enter_context(bar)
            self._bar.update(done)
        self._every = _LINE_EVERY if self._bar is None else _BAR_EVERY
        self._begun = clock()
        self._next = self._begun + self._every

    def advance(self, done: int) -> None:
        """Say how many rows are done, where that is due."""
        now = self._clock()
        if now >= self._next:
            self._next = now + self._every
            self._show(done, now)

    def _show(self, done: int, now: float) -> None:
        if self._bar is not None:
            self._bar.update(done - self._shown)
        elif self._total is None:
            _log.info("%s: %d", self._label, done)
        else:
            _log.info("%s: %d of %d%s", self._label, done, self._total, self._left(done, now))
        self._shown = done

    def _left(self, done: int, now: float) -> str:
        here = done - self._begun_with
        if here < 1 or self._total is None or done >= self._total:
            return ""
        seconds = round((now - self._begun) / here * (self._total - done))
        return f", about {seconds // 60}:{seconds % 60:02d} minutes left"

    def close(self, done: int) -> None:
        """Show where it ended."""
        if self._bar is not None:
            self._bar.update(done - self._shown)
        else:
            self._total = None if self._total is None else max(self._total, done)
            self._show(done, self._clock())
        self._stack.close()
