"""The worker's end of the socket pair that it shares with its parent."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import threading
import typing as t

Message = dict[str, t.Any]


class Control:
    """Lines of JSON to and from the parent."""

    def __init__(self, fd: int) -> None:
        self._socket = socket.socket(fileno=fd)
        # Programs that the application starts must not keep it open: the parent would wait for them.
        self._socket.set_inheritable(False)
        self._lines = self._socket.makefile("r", encoding="utf-8")
        self._lock = threading.Lock()

    def receive(self) -> Message | None:
        """Wait for the next message; None when the parent has gone."""
        try:
            line = self._lines.readline()
        except OSError:
            return None
        message: Message | None = json.loads(line) if line.endswith("\n") else None
        return message

    def send(self, event: str, **values: t.Any) -> None:
        """Send a message; a parent that has gone does not get it."""
        line = json.dumps({"event": event, **values}).encode() + b"\n"
        with self._lock, contextlib.suppress(OSError):
            self._socket.sendall(line)

    def close(self) -> None:
        """Close it."""
        self._lines.close()
        self._socket.close()


def leave(status: int) -> t.NoReturn:
    """End the process at once, without waiting for its threads."""
    os._exit(status)
