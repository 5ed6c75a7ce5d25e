"""A server as a tree of processes: started on one core, watched through /proc, ended by its process id."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, NamedTuple

from ..machine import ROOT, environment
from ..measure import CannotMeasure

PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")
SECONDS_TO_START = 30
SWITCHES = re.compile(r"voluntary_ctxt_switches:\s*(\d+)")


class Answer(NamedTuple):
    status: int
    content_type: str | None
    content_length: str | None
    body: bytes


def two_cores() -> tuple[int, int]:
    """Return a core for the server and another for the client.

    Raise CannotMeasure when there is only one, or no /proc to watch processes in.
    """
    if not hasattr(os, "sched_getaffinity") or not PROC.joinpath("self/stat").exists():
        raise CannotMeasure("processes are pinned and watched in Linux' ways, and this is not Linux")
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) < 2:
        raise CannotMeasure("server and client need a core each, and this machine has one")
    return cores[0], cores[1]


@contextmanager
def running(
    command: Sequence[str], port: int, core: int, variables: Mapping[str, str] | None = None
) -> Iterator[int]:
    """Run a server on one core until the block ends. Give its process id when its port answers.

    *variables* are added to its environment.

    Raise CannotMeasure with what the server wrote when it does not come up.
    """
    with TemporaryFile() as log:
        try:
            process = subprocess.Popen(
                ["taskset", "--cpu-list", str(core), *command],
                cwd=ROOT,
                env=environment() | dict(variables or {}),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        except FileNotFoundError:
            raise CannotMeasure("taskset is missing. On Debian and Ubuntu: apt install util-linux") from None
        try:
            wait_until_it_answers(process, port, log)
            yield process.pid
        finally:
            stop(process)


def wait_until_it_answers(process: subprocess.Popen[bytes], port: int, log: IO[bytes]) -> None:
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        try:
            get(port)
        except (OSError, HTTPException):  # some servers listen before they have an application
            time.sleep(0.05)
        else:
            return
    log.seek(0)
    raise CannotMeasure(f"{process.args} did not start:\n{log.read().decode(errors='replace')[-2000:]}")


def get(port: int) -> Answer:
    """Ask a server on this machine for `/`, over a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", "/")
        got = connection.getresponse()
        return Answer(got.status, got.getheader("Content-Type"), got.getheader("Content-Length"), got.read())
    finally:
        connection.close()


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a server and its workers, each by its own process id."""
    family = tree(process.pid)
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        for pid in family:
            kill(pid)
        process.wait()


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):  # it went with its parent
        os.kill(pid, 9)


def tree(pid: int) -> list[int]:
    """Return a process and all that descend from it."""
    found = [pid]
    for parent in found:  # grows meanwhile
        for children in PROC.glob(f"{parent}/task/*/children"):
            found += map(int, children.read_text().split())
    return found


def cpu_seconds(pid: int) -> float:
    """Return the time that a process has worked, its threads included."""
    fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def switches(pid: int) -> int:
    """Return how often the threads of a process had to give the core to another one."""
    statuses = (status.read_text() for status in PROC.glob(f"{pid}/task/*/status"))
    return sum(int(count) for status in statuses for count in SWITCHES.findall(status))
