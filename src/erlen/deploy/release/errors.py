"""What a release can fail with, and the exit statuses of the command."""

from __future__ import annotations

FAILED = 1
USAGE = 2
SWITCHED_BACK = 3
NOT_RELOADED = 4
BUSY = 5


class ReleaseError(Exception):
    """A step that cannot be done; the message says what to do, and the status is that of the command."""

    def __init__(self, message: str, status: int = FAILED) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
