"""The server of the releases: it is told to reload, and waited for."""

from __future__ import annotations

import http.client
import os
import re
import socket
import time
import typing as t
from dataclasses import dataclass
from pathlib import Path
from urllib import parse

from ..targets.files import printable
from . import programs
from .errors import USAGE, ReleaseError

_UNIT = re.compile(r"[A-Za-z0-9:_.\\@-]{1,200}")
_SYSTEMD = Path("/run/systemd/system")
_PROPERTIES = ("LoadState", "ActiveState", "ExecReload", "TriggeredBy")
_PAUSE = 0.1
_USUAL_PATH = "/readyz"


@dataclass(frozen=True)
class Serving:
    """How the server is reached."""

    unit: str
    command: tuple[str, ...] = ()
    """What to run in place of systemctl."""
    ready: str | None = None
    """An address that answers 200 when the server is ready."""
    patience: float = 60.0

    def check(self) -> None:
        """Raise ReleaseError for names and addresses that are none."""
        if not _UNIT.fullmatch(self.unit):
            raise ReleaseError(f"{printable(self.unit)!r} is no name of a unit: use --unit NAME.", USAGE)
        if self.ready is not None:
            _target(self.ready)

    def action(self) -> tuple[str, ...]:
        """Return the command that lets the new code serve; none where there is no unit."""
        if self.command:
            return self.command
        state = self._state()
        if state is None:
            return ()
        is_running = state.get("ActiveState") in ("active", "reloading")
        # Other servers than `erlen serve` go on with the environment that they were started in.
        can_change = "--reload" in state.get("ExecReload", "")
        verb = "start" if state.get("ActiveState") == "inactive" else "restart"
        return _systemctl("reload" if is_running and can_change else verb, self.unit)

    def reload(self, action: tuple[str, ...]) -> None:
        """Let the new code serve, and wait until it does. Raises ReleaseError."""
        if action:
            try:
                self._run(action)
            except programs.Failed as error:
                hint = (
                    "" if self.command else f"\nThe log of the unit says why: journalctl --unit {self.unit}"
                )
                raise ReleaseError(f"{error.message}{hint}") from error
        if self.ready is not None:
            self._wait()

    def stop(self) -> None:
        """Stop the unit, which has been started for the first time and does not serve.

        What would start it again is stopped as well: its socket, on which somebody may be waiting.
        """
        state = None if self.command else self._state()
        if state is not None:
            self._run(_systemctl("stop", *state.get("TriggeredBy", "").split(), self.unit))

    def _state(self) -> dict[str, str] | None:
        """Return what systemd knows of the unit; None without systemd or such a unit."""
        if not _SYSTEMD.is_dir():
            return None
        said = self._run(_systemctl("show", f"--property={','.join(_PROPERTIES)}", self.unit))
        state = dict(line.split("=", 1) for line in said.splitlines() if "=" in line)
        if state.get("LoadState") == "not-found":
            return None
        if state.get("LoadState") != "loaded":
            raise ReleaseError(f"systemd cannot read {self.unit}: 'systemctl status {self.unit}' says why.")
        return state

    def _run(self, words: tuple[str, ...]) -> str:
        return programs.run(words, cwd=Path("/"), env=os.environ)

    # ready

    def _wait(self) -> None:
        deadline = time.monotonic() + self.patience
        assert self.ready is not None
        while (answer := _ask(self.ready)) != "200":
            if time.monotonic() > deadline:
                raise ReleaseError(
                    f"{printable(self.ready)} answers {answer} after {self.patience:g} seconds, not 200."
                )
            time.sleep(_PAUSE)


def _systemctl(*words: str) -> tuple[str, ...]:
    return ("systemctl", "--no-ask-password", *words)


class _Target(t.NamedTuple):
    scheme: str
    host: str
    port: int | None
    path: str


def _target(address: str) -> _Target:
    """Return where an address leads to: a URL, or `unix:` and the path of a socket."""
    if address.startswith("unix:/"):
        return _Target("unix", address.removeprefix("unix:"), None, _USUAL_PATH)
    try:
        url = parse.urlsplit(address)
        if url.scheme in ("http", "https") and url.hostname and address.isascii() and address.isprintable():
            query = f"?{url.query}" if url.query else ""
            return _Target(
                url.scheme, url.hostname, url.port, f"{url.path or _USUAL_PATH}{query}".replace(" ", "")
            )
    except ValueError:
        pass
    raise ReleaseError(
        f"{printable(address)!r} is no address: write http://127.0.0.1:8000/readyz or"
        " unix:/run/shop/shop.sock.",
        USAGE,
    )


def _ask(address: str) -> str:
    target = _target(address)
    connection = _connection(target)
    try:
        connection.request("GET", target.path, headers={"Connection": "close"})
        return str(connection.getresponse().status)
    except (OSError, http.client.HTTPException) as error:
        return f"nothing ({getattr(error, 'strerror', None) or type(error).__name__})"
    finally:
        connection.close()


def _connection(target: _Target) -> http.client.HTTPConnection:
    if target.scheme == "unix":
        return _UnixConnection(target.host)
    kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
    return kind(target.host, target.port, timeout=5)


class _UnixConnection(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=5)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
