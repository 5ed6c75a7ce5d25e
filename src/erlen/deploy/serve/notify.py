"""Tell systemd how the server is (sd_notify): ready, reloading, stopping, alive."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import time
import typing as t
from contextlib import suppress

_NOT_ON_A_LINE = re.compile("[\x00-\x1f\x7f]+")
_LONGEST = 1000
_SOCKET, _WATCHDOG, _WATCHDOG_OF = "NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"


class Notifier:
    """What speaks to the supervisor at a socket; without one, or if it is broken, nothing happens."""

    def __init__(self, address: str | None = None, watchdog: float | None = None) -> None:
        self._address = address
        self._watchdog = watchdog

    @classmethod
    def from_environment(cls, environ: t.MutableMapping[str, str] | None = None) -> Notifier:
        """Return the notifier for the socket that the environment names.

        The names are taken out of the environment: what this process starts, workers and what they start,
        would otherwise speak for the server.
        """
        variables = os.environ if environ is None else environ
        address = variables.pop(_SOCKET, None)
        microseconds = variables.pop(_WATCHDOG, "")
        pid = variables.pop(_WATCHDOG_OF, "")
        is_meant = pid in ("", str(os.getpid()))
        return cls(_as_name(address), _seconds(microseconds) if is_meant else None)

    @property
    def watchdog_interval(self) -> float | None:
        """After how many seconds the supervisor is told again that the server is alive: half of its limit."""
        return self._watchdog / 2 if self._address and self._watchdog else None

    def ready(self, status: str = "") -> None:
        """Say that the server serves: after the start, and after a reload, whether or not it was done."""
        self._send("READY=1", f"MAINPID={os.getpid()}", *_status(status))

    def reloading(self, status: str = "") -> None:
        """Say that a reload has begun. `ready` ends it."""
        # A unit with Type=notify-reload takes it for an answer to its signal if it is later than that.
        now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self._send("RELOADING=1", f"MONOTONIC_USEC={now}", *_status(status))

    def stopping(self, status: str = "") -> None:
        """Say that the server is about to end."""
        self._send("STOPPING=1", *_status(status))

    def status(self, status: str) -> None:
        """Say in a line what the server does; `systemctl status` shows it."""
        self._send(*_status(status))

    def alive(self) -> None:
        """Say that the server is not stuck."""
        self._send("WATCHDOG=1")

    async def keep_alive(self, is_well: t.Callable[[], bool] = lambda: True) -> None:
        """Say again and again that the server is alive, as long as *is_well* says so; needs to be cancelled.

        It returns at once when nobody wants to know.
        """
        interval = self.watchdog_interval
        while interval is not None:
            if is_well():
                self.alive()
            await asyncio.sleep(interval)

    def _send(self, *lines: str) -> None:
        if not self._address or not lines:
            return
        # Whoever listens may be gone or be busy. That is no reason to serve worse.
        with suppress(OSError, ValueError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as connection:
            connection.setblocking(False)
            connection.sendto("\n".join(lines).encode("utf-8", "replace"), self._address)


def _as_name(address: str | None) -> str | None:
    if not address or not hasattr(socket, "AF_UNIX"):
        return None
    if address.startswith("@") and len(address) > 1:
        return f"\0{address[1:]}"
    # Others, such as vsock, are for virtual machines.
    return address if address.startswith("/") else None


def _seconds(microseconds: str) -> float | None:
    if not re.fullmatch("[0-9]{1,18}", microseconds) or not int(microseconds):
        return None
    return int(microseconds) / 1_000_000


def _status(text: str) -> list[str]:
    # SECURITY: a line break in an error's message would start another statement, such as MAINPID=.
    line = _NOT_ON_A_LINE.sub(" ", text).strip()[:_LONGEST]
    return [f"STATUS={line}"] if line else []
