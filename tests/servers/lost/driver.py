"""A server under a load: started, reloaded, hurt, stopped; and nothing is left of it."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from tests.contract.environment import Environment

from .load import Load

PATIENCE = 60.0  # seconds until something that must happen is given up
STEADY = 100  # answers in a row that tell that a state is there to stay
MARK = "ERLEN_TESTED_SERVER"  # in the environment of the server, and of all that it starts


def until(condition: Callable[[], object], seconds: float = PATIENCE) -> bool:
    """Wait until it is true; return whether it has become true."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return bool(condition())
        time.sleep(0.01)
    return True


class Served:
    """A server that runs."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path, mark: str) -> None:
        self.process = process
        self._output = output
        self._mark = mark

    @property
    def log(self) -> str:
        return self._output.read_text(errors="replace")

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def signal(self, number: signal.Signals) -> float:
        """Send the server a signal; return when."""
        at = time.monotonic()
        self.process.send_signal(number)
        return at

    def kill_worker(self, load: Load) -> tuple[int, float]:
        """Kill a process that answers; return its id, and when it was gone."""
        pid = next(record.pid for record in reversed(load.tally.records) if not record.lost)
        os.kill(pid, signal.SIGKILL)
        assert until(lambda: is_gone(pid)), f"Process {pid} does not end."
        return pid, time.monotonic()

    def processes(self) -> list[int]:
        """Return all processes that descend from this server, orphans too."""
        return [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc"))) if self._is_ours(pid)]

    def wait_for_its_end(self, seconds: float = PATIENCE) -> int | None:
        """Return the exit status; None if it goes on."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        return self.process.returncode

    def _is_ours(self, pid: int) -> bool:
        with contextlib.suppress(OSError):
            return f"{MARK}={self._mark}\0".encode() in Path(f"/proc/{pid}/environ").read_bytes()
        return False


def is_gone(pid: int) -> bool:
    """Tell whether a process has ended, its connections included; its parent may not have heard of it.

    Its first thread may be gone while others still hold the connections open.
    """
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        return state in "ZX" and len(os.listdir(f"/proc/{pid}/task")) <= 1
    except (FileNotFoundError, ProcessLookupError):  # it goes while it is read
        return True


@contextlib.contextmanager
def serving(
    words: Sequence[str | Path], folder: Path, more: Mapping[str, str] | None = None, **options: object
) -> Iterator[Served]:
    """Run a server in a folder until the block ends; then nothing of it is left."""
    mark = secrets.token_hex(8)
    program, *rest = map(str, words)
    if "/" not in program:
        program = str(Path(sys.executable).parent / program)
    variables = Environment(Path(sys.prefix)).variables({"HOME": str(folder), MARK: mark, **(more or {})})
    output = folder / f"server-{mark}.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [program, *rest],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            **options,  # type: ignore[call-overload]
        )
    served = Served(process, output, mark)
    try:
        yield served
    finally:
        _end(served)


def _end(served: Served) -> None:
    """End it by its process id, and then each process that is left of it."""
    with contextlib.suppress(ProcessLookupError):
        served.process.terminate()
    if served.wait_for_its_end(10) is None:
        served.process.kill()
        served.process.wait()
    for pid in served.processes():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def steady(load: Load, version: str, seconds: float = PATIENCE) -> bool:
    """Wait until a release answers all the time."""

    def answered() -> bool:
        last = load.tally.records[-STEADY:]
        return len(last) == STEADY and all(record.version == version for record in last)

    return until(answered, seconds)
