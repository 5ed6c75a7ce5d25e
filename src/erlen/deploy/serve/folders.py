"""Files in folders that several processes use: sockets and pid files."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import typing as t
from pathlib import Path

if sys.platform != "win32":
    import fcntl

_PATIENCE = 1.0


@contextlib.contextmanager
def alone_in(folder: Path) -> t.Iterator[None]:
    """Keep out whoever else makes, replaces or removes such a file in a folder, for the time of a block.

    Two servers that start at once could each take the other's new file for an old one. It is the folder
    itself that is locked, so no file is left behind. Raises OSError for a folder that is not there.

    SECURITY: whoever may read a folder may lock it, too. So a lock that another process keeps is waited for a
    little, and then done without; so is one that cannot be had.
    """
    if sys.platform == "win32":
        yield
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        yield
        return
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)  # which unlocks it


def _lock(descriptor: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                return
            time.sleep(0.02)
        except OSError:
            return  # a file system without locks
