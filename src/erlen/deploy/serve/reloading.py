"""What `erlen serve --reload` does: have a running server reload, and say whether the new code serves."""

from __future__ import annotations

import os
import re
import select
import signal
import stat
import time
import typing as t
from contextlib import suppress

from .asking import NotTold, Told, ask, ask_process, no_such_server
from .errors import ServeError
from .status.addresses import internal_address, parse_address
from .status.text import printable

USAGE = 2
TOO_LONG = 7
FAILED = 8

USUAL_DEADLINE = 60.0
"""How long a reload may take for each worker, where the server says nothing."""


def reload(
    *,
    pid_file: str | os.PathLike[str] | None = None,
    address: str | None = None,
    deadline: float | None = None,
) -> str:
    """Have the server reload that a pid file or a status address leads to, and return a line on it.

    A reload that failed, a server that is not there, and one that takes longer than *deadline* seconds are
    each a `ServeError` with a status of its own. No signal is sent before the process has shown that it is a
    server.
    """
    begun = time.monotonic()
    pid = _find(pid_file, address)
    with _Process(pid) as process:
        server = _Server(process, pid, address)
        before = server.ask()
        given_up = begun + (deadline or usual_deadline(before))
        before = _wait_until_it_has_started(server, before, given_up)
        # The next reload that begins is ours. One that has begun before may have read the old code.
        awaited = before.finished + (2 if before.state == "reloading" else 1)
        process.tell()
        after = _wait_until(server, before, lambda told: told.finished >= awaited, given_up)
    if after.last_error is not None:
        reason = printable(after.last_error) or "its log says why."
        raise ServeError(f"The reload failed, the old code serves on: {reason}", FAILED)
    seconds = time.monotonic() - begun
    return f"The new code serves: {_counted(after.workers)}, process {pid}, after {seconds:.1f} s."


# the server


class _Server:
    """The server that was found, however it is asked."""

    def __init__(self, process: _Process, pid: int, address: str | None) -> None:
        self.process = process
        self._pid = pid
        self._address = address

    def ask(self) -> Told:
        """Return its status; an error says that there is no such server."""
        try:
            return self.told()
        except NotTold as error:
            raise no_such_server(
                f"Process {self._pid} is not known to be an `erlen serve`: {error}."
            ) from error

    def told(self) -> Told:
        """Return its status."""
        if internal_address(self._pid) is not None:
            return ask_process(self._pid)
        if self._address is None:
            raise NotTold("without Linux a server is asked at its status address: --status ADDRESS")
        told = ask(parse_address(self._address))
        if told.pid != self._pid:
            raise NotTold("another server answers at that address")
        return told


def _find(pid_file: str | os.PathLike[str] | None, address: str | None) -> int:
    """Return the process id that the pid file says, or what answers at the address, or both."""
    from_file = None if pid_file is None else _read_pid(pid_file)
    from_server = None if address is None else _ask_for_pid(address)
    pid = from_file or from_server
    if pid is None:
        raise ServeError("Say which server: --pid-file FILE or --status ADDRESS.", USAGE)
    if from_server not in (None, pid):
        raise no_such_server(f"The pid file says {pid}, and the server at {address} is {from_server}.")
    return pid


def _ask_for_pid(address: str) -> int:
    try:
        told = ask(parse_address(address))
    except NotTold as error:
        raise no_such_server(f"There is no server with the status address {address}: {error}.") from error
    if told.pid <= 1:
        raise no_such_server(f"What answers at {address} is no `erlen serve`.")
    return told.pid


def _read_pid(pid_file: str | os.PathLike[str]) -> int:
    name = printable(os.fspath(pid_file))
    try:
        # Not blocking: a pipe in the file's place would never be opened.
        descriptor = os.open(pid_file, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise no_such_server(f"No server is known: {name}: {error.strerror}.") from error
    try:
        text = os.read(descriptor, 64) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    finally:
        os.close(descriptor)
    # SECURITY: 0 and negative numbers would mean groups of processes, and 1 is the system's first one.
    if not re.fullmatch(rb"[0-9]{1,10}\s*", text) or not 1 < int(text) < 2**31:
        raise no_such_server(f"{name} is no pid file: there is no process id in it.")
    return int(text)


class _Process:
    """The process that has a number now, also if another one gets the number later."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._descriptor: int | None = None
        try:
            self._descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            raise no_such_server(f"There is no process {pid}; the server has ended.") from None
        except (OSError, AttributeError):  # an old kernel, a sandbox; another system
            pass

    def __enter__(self) -> _Process:
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def tell(self) -> None:
        """Send the signal for a reload."""
        try:
            if self._descriptor is None:
                os.kill(self._pid, signal.SIGHUP)
            else:
                signal.pidfd_send_signal(self._descriptor, signal.SIGHUP)
        except OSError as error:
            raise no_such_server(
                f"Process {self._pid} cannot be told to reload: {error.strerror}."
            ) from error

    def has_ended(self) -> bool:
        """Tell whether it is gone, or would be if its parent asked for its exit status."""
        if self._descriptor is not None:
            return bool(select.select([self._descriptor], [], [], 0)[0])
        try:
            os.kill(self._pid, 0)
        except ProcessLookupError:
            return True
        except OSError:
            pass
        return False


# waiting


def usual_deadline(told: Told) -> float:
    once = told.longest_reload or USUAL_DEADLINE * max(told.workers, 1)
    # One that is under way has to end first.
    return once * (1 if told.state == "serving" else 2)


def _wait_until_it_has_started(server: _Server, told: Told, given_up: float) -> Told:
    if told.state == "starting":
        told = _wait_until(server, told, lambda now: now.state != "starting", given_up)
    if told.state in ("draining", "stopping"):
        raise no_such_server(f"The server ({_named(told)}) is {told.state}; start it anew.")
    return told


def _wait_until(server: _Server, before: Told, is_reached: t.Callable[[Told], bool], given_up: float) -> Told:
    pause = 0.05
    told: Told | None = None
    while time.monotonic() < given_up:
        with suppress(NotTold):
            told = server.told()
            _check_it_is_the_same(told, before)
            if is_reached(told):
                return told
        if server.process.has_ended():
            raise ServeError(f"The server ({_named(before)}) has ended meanwhile; its log says why.", FAILED)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)
    state = printable(told.state) if told else "silent"
    raise ServeError(f"The server ({_named(before)}) is still {state}; its log may say why.", TOO_LONG)


def _check_it_is_the_same(told: Told, before: Told) -> None:
    if (told.pid, told.started) != (before.pid, before.started):
        raise ServeError(f"Another server has taken the place of {_named(before)}.", FAILED)
    if told.state in ("draining", "stopping"):
        raise ServeError(f"The server ({_named(before)}) was told to stop meanwhile.", FAILED)


# what is said


def _named(told: Told) -> str:
    return f"process {told.pid}"


def _counted(workers: int) -> str:
    return "1 worker" if workers == 1 else f"{workers} workers"
