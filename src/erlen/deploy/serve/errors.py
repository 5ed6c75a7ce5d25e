"""What keeps a server from serving, as one line and an exit status."""

from __future__ import annotations


class ServeError(Exception):
    """An error that ends the command: one line with the way out, and the exit status."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
