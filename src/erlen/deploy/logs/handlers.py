"""Where lines go: to stderr, or to a file that several processes may write to and rotate."""

from __future__ import annotations

import contextlib
import logging
import logging.handlers
import os
import sys
import typing as t

if t.TYPE_CHECKING:
    from .settings import Settings

if sys.platform != "win32":
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX)

else:

    def _lock(descriptor: int) -> None:
        """Do nothing: an open file is not moved there."""


class StderrHandler(logging.Handler):
    """A handler for what ``sys.stderr`` is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a record; a process without a console has nothing to write it to."""
        stream: t.TextIO | None = sys.stderr
        if stream is None:
            return
        try:
            stream.write(f"{self.format(record)}\n")
            stream.flush()
        except Exception:
            self.handleError(record)


class FileHandler(logging.handlers.RotatingFileHandler):
    """A handler for a file that begins anew at a size, in one process or in many.

    Others may have moved the file away, another worker or logrotate: then the one that is there now is
    written to. Only one process moves it, while it has the lock.
    """

    def __init__(self, name: str, max_bytes: int, backups: int) -> None:
        os.makedirs(os.path.dirname(name) or ".", exist_ok=True)
        super().__init__(
            name, maxBytes=max_bytes, backupCount=backups, encoding="utf-8", errors="backslashreplace"
        )

    def emit(self, record: logging.LogRecord) -> None:
        self._follow()
        super().emit(record)

    def doRollover(self) -> None:
        """Move the file away, unless another process has just done so."""
        with _locked(self.baseFilename):
            if not self._follow():
                super().doRollover()

    def _follow(self) -> bool:
        """Open the file that has the name now, if that is another one; tell whether it is."""
        stream = self.stream
        if stream is None:
            return False
        here = os.fstat(stream.fileno())
        try:
            there = os.stat(self.baseFilename)
            if (there.st_ino, there.st_dev) == (here.st_ino, here.st_dev):
                return False
        except FileNotFoundError:
            pass
        stream.close()
        self.stream = None  # what comes next opens it
        return True


@contextlib.contextmanager
def _locked(name: str) -> t.Iterator[None]:
    """Lock the file of this name.

    By a descriptor of its own: those of a process that forked are shared, and so are their locks.
    """
    try:
        descriptor = os.open(name, os.O_RDONLY)
    except FileNotFoundError:
        yield
        return
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)


def make_handler(settings: Settings) -> logging.Handler:
    """Return the handler for the lines of the log. Raises OSError for a file that cannot be written to."""
    if settings.file is None:
        return StderrHandler()
    try:
        return FileHandler(settings.file, settings.max_bytes, settings.backups)
    except OSError as error:
        error.strerror = (
            f"LOG_FILE: {error.strerror}; name a file that this user may write to, or none for stderr"
        )
        raise


def writes_to_same(handler: logging.Handler, settings: Settings) -> bool:
    """Tell whether a handler of somebody else writes to where ours would."""
    if settings.file is not None:
        return isinstance(handler, logging.FileHandler) and handler.baseFilename == settings.file
    stream: t.Any = handler.stream if isinstance(handler, logging.StreamHandler) else None
    # Flask's stream is a proxy for stderr where no request is active.
    return stream is not None and any(stream == other for other in (sys.stderr, sys.__stderr__))
