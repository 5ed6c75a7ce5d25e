"""One release at a time."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import typing as t
from pathlib import Path

from ..targets.files import printable
from .errors import BUSY, FAILED, ReleaseError

if sys.platform != "win32":
    import fcntl


@contextlib.contextmanager
def locked(releases: Path) -> t.Iterator[None]:
    """Keep out other releases of the same site for the time of a block. Raises ReleaseError if there is one.

    The kernel unlocks the file when the process ends, however it ends.
    """
    if sys.platform == "win32":
        raise ReleaseError("Releases need links and locks of files as Linux and macOS have them.")
    path = releases / ".lock"
    # SECURITY: a link in its place would have another file made.
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, 0o600)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ReleaseError(f"{printable(str(path))} is no file: remove it.", FAILED)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ReleaseError(f"Another release is under way{_by(descriptor)}: wait for it.", BUSY) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _by(descriptor: int) -> str:
    text = os.pread(descriptor, 20, 0).strip()
    return f" (process {int(text)})" if text.isdigit() else ""
