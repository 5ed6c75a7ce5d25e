"""Whether the listening sockets of this process are still open."""

from __future__ import annotations

import os
import time

_TURN = 0.01


class Sockets:
    """The descriptors of listening sockets that somebody else closes."""

    def __init__(self, descriptors: list[int]) -> None:
        # A descriptor that was closed may be another file's soon.
        self._identities = {fd: _identity(fd) for fd in descriptors}

    def are_open(self) -> bool:
        """Tell whether one of them is still open."""
        return any(_identity(fd) == identity for fd, identity in self._identities.items())

    def wait_until_closed(self, seconds: float) -> bool:
        """Wait until all of them are closed, *seconds* at most; return whether they are."""
        deadline = time.monotonic() + seconds
        while self.are_open():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_TURN)
        return True


def _identity(fd: int) -> tuple[int, int] | None:
    try:
        status = os.fstat(fd)
    except OSError:
        return None
    return status.st_dev, status.st_ino
