"""The steps of a release, each of which is printed when it begins."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import signal
import threading
import typing as t
from pathlib import Path

from ..targets.files import printable
from .errors import ReleaseError

Say = t.Callable[[str], None]

_WIDTH = 9
_LITTLE = 16 * 2**20  # bytes
_SIGNALS = ("SIGTERM", "SIGHUP")
_ADVICE = {
    errno.ENOSPC: "the disk is full; make room, and run this again",
    errno.EDQUOT: "the quota is used up; make room, and run this again",
    errno.EACCES: "there is no right to do that; run this as root or as the owner of the folder",
    errno.EPERM: "there is no right to do that; run this as root or as the owner of the folder",
    errno.EROFS: "the file system can only be read",
}


class Steps:
    """Prints steps, and knows the one that is under way."""

    def __init__(self, say: Say) -> None:
        self.current = "start"
        self._say = say

    @contextlib.contextmanager
    def step(self, name: str, text: str) -> t.Iterator[None]:
        """Print a step and do it in a block; errors of the system become errors of the step."""
        self.current = name
        self._say(f"{name:{_WIDTH}} {printable(text)}")
        try:
            yield
        except OSError as error:
            raise ReleaseError(explained(error)) from error

    def tell(self, text: str) -> None:
        """Print what the step says, in lines of their own."""
        for line in text.splitlines():
            self._say(f"{'':{_WIDTH}} {printable(line)}")


def explained(error: OSError) -> str:
    """Return what an error of the system means, and what to do."""
    names = [os.fsdecode(name) for name in (error.filename, error.filename2) if isinstance(name, str | bytes)]
    where = f"{printable(' -> '.join(names))}: " if names else ""
    reason = _ADVICE.get(error.errno or 0) or error.strerror or str(error)
    return f"{where}{reason}."


def is_full(error: BaseException, folder: Path) -> bool:
    """Tell whether something failed because the disk of a folder is full, as far as can be known."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, OSError) and cause.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        if os.strerror(errno.ENOSPC) in str(cause):  # as pip says it
            return True
        cause = cause.__cause__
    # Not all programs say it, and most remove what they have written last.
    with contextlib.suppress(OSError):
        return shutil.disk_usage(folder).free < _LITTLE
    return False


@contextlib.contextmanager
def interrupted_by_signals() -> t.Iterator[None]:
    """Let the signals that end a program raise KeyboardInterrupt in a block, so that it can tidy up."""
    # One that is ignored, as by nohup, stays so.
    numbers = [each for each in _numbers(*_SIGNALS) if signal.getsignal(each) is not signal.SIG_IGN]
    with _handled(numbers, _interrupt):
        yield


@contextlib.contextmanager
def uninterrupted() -> t.Iterator[None]:
    """Keep signals away from a block that undoes something."""
    with _handled(_numbers("SIGINT", *_SIGNALS), signal.SIG_IGN):
        yield


def _numbers(*names: str) -> list[signal.Signals]:
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


@contextlib.contextmanager
def _handled(numbers: list[signal.Signals], handler: t.Any) -> t.Iterator[None]:
    """Handle signals in another way in a block; other threads than the main one cannot."""
    is_main = threading.current_thread() is threading.main_thread()
    before = {number: signal.signal(number, handler) for number in numbers if is_main}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _interrupt(number: int, _: object) -> t.NoReturn:
    raise KeyboardInterrupt(signal.Signals(number).name)
