"""Real servers on loopback, each in a process group of its own that ends with the test."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from .environment import Environment


@dataclass
class Answer:
    status: int
    headers: Mapping[str, str]
    text: str


@dataclass
class Server:
    """A server that answers."""

    port: int
    output: Path
    process: subprocess.Popen[bytes]

    def get(self, path: str = "/", seconds: float = 60) -> Answer:
        """Ask for a path; an error status is an answer, too."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=seconds) as got:
                return Answer(got.status, dict(got.headers), got.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, dict(error.headers), error.read().decode())


class DidNotStart(AssertionError):
    """A server has ended, or does not listen; the message has what it wrote."""


@contextlib.contextmanager
def serving(
    environment: Environment, command: Sequence[str | Path], port: int, cwd: Path, env: Mapping[str, str]
) -> Iterator[Server]:
    """Start a server and wait until its port answers."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # In the background SIGINT is ignored, and what the tests start would inherit that.
        signal.signal(signal.SIGINT, signal.default_int_handler)
    output = cwd / f"server-{port}.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [str(word) for word in command],
            cwd=cwd,
            env=environment.variables(env),
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait(process, port, output)
        yield Server(port, output, process)
    finally:
        _stop(process)


def _wait(process: subprocess.Popen[bytes], port: int, output: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise DidNotStart(f"No server on port {port} (status {process.poll()}):\n{output.read_text()}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
            break
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # children that outlive their parent
