"""The log of a run: on standard error and in a file."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path

import click

from erlen.logging import default_handler

_FORM = logging.Formatter("[%(asctime)s] %(levelname)s in %(name)s: %(message)s")
_LARGEST = 10 * 2**20
_FILES = 3


class _File(RotatingFileHandler):
    """A log file that says once, and in one line, that it cannot be written."""

    has_failed = False

    def handleError(self, record: logging.LogRecord) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, OSError) and not self.has_failed:
            self.has_failed = True
            click.echo(f"{self.baseFilename}: the log cannot be written: {error.strerror}.", err=True)
        elif not isinstance(error, OSError):
            super().handleError(record)


@contextmanager
def logged(path: Path, application: logging.Logger) -> Iterator[None]:
    """Write what is logged, from INFO on, to standard error and to a file.

    Where the application has configured the root logger, only the file is added, and its level stays; what
    Erlen says of the run is in the file all the same.
    """
    root, own = logging.getLogger(), logging.getLogger("erlen.script")
    own_level = own.level
    own.setLevel(own_level or logging.INFO)
    handlers: list[logging.Handler] = [_File(path, maxBytes=_LARGEST, backupCount=_FILES, delay=True)]
    level = root.level
    if not root.handlers:
        handlers.append(logging.StreamHandler())
        root.setLevel(min(level, logging.INFO))
    # Else each line of the application's logger would come twice.
    had_default = default_handler in application.handlers and len(handlers) > 1
    if had_default:
        application.removeHandler(default_handler)
    for handler in handlers:
        handler.setFormatter(_FORM)
        root.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()
        root.setLevel(level)
        own.setLevel(own_level)
        if had_default:
            application.addHandler(default_handler)
