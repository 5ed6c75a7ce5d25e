"""Run ``worker_program.py`` and ask it by HTTP."""

from __future__ import annotations

import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPResponse
from pathlib import Path
from typing import Any

PROGRAM = Path(__file__).with_name("worker_program.py")
SOURCE = Path(__file__).parents[4] / "src"
SECONDS = 30.0
"""For what happens at once unless something is wrong."""


class Worker:
    """A process with a worker's server in it."""

    def __init__(self, interface: str, folder: Path, choices: Mapping[str, Any], variables: Any) -> None:
        self.folder = folder
        paths = [*variables.pop("PYTHONPATH", "").split(os.pathsep), str(SOURCE)]
        environ = {**os.environ, "FOLDER": str(folder), **variables}
        environ["PYTHONPATH"] = os.pathsep.join(filter(None, paths))
        self.stderr = folder / "stderr"
        with self.stderr.open("wb") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, str(PROGRAM), interface, json.dumps(choices)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=environ,
                text=True,
            )
        self._said: queue.Queue[Any] = queue.Queue()
        threading.Thread(target=self._hear, daemon=True).start()
        self.first = self.said()
        self.port: int = self.first.get("ready", 0)

    def _hear(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._said.put(json.loads(line))
        self._said.put({"gone": self.stderr.read_text()})

    def said(self) -> dict[str, Any]:
        """Wait for the next thing that it says."""
        told: dict[str, Any] = self._said.get(timeout=SECONDS)
        return told

    def tell(self, *words: object) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{' '.join(map(str, words))}\n")
        self.process.stdin.flush()

    def ask(self, *words: object) -> dict[str, Any]:
        self.tell(*words)
        return self.said()

    @property
    def log(self) -> list[str]:
        """What the application has noted."""
        path = self.folder / "log"
        return path.read_text().splitlines() if path.exists() else []

    def wait_for(self, what: str, times: int = 1) -> None:
        wait_until(lambda: self.log.count(what) >= times)

    def touch(self, name: str) -> None:
        (self.folder / name).touch()

    def connection(self) -> HTTPConnection:
        return HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)

    def get(self, path: str) -> tuple[HTTPResponse, bytes]:
        connection = self.connection()
        try:
            return get(connection, path)
        finally:
            connection.close()

    def begin(self, path: str) -> InBackground:
        return InBackground(self, path)

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


class InBackground:
    """A request that another thread makes."""

    def __init__(self, worker: Worker, path: str) -> None:
        self.connection = worker.connection()
        self.answer: tuple[HTTPResponse, bytes] | None = None
        self.error: Exception | None = None
        self._path = path
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        try:
            self.answer = get(self.connection, self._path)
        except Exception as error:
            self.error = error
        finally:
            self.connection.close()

    def result(self) -> tuple[HTTPResponse, bytes]:
        self._thread.join(SECONDS)
        if self.error is not None:
            raise self.error
        assert self.answer is not None, "It is not answered."
        return self.answer


def get(connection: HTTPConnection, path: str) -> tuple[HTTPResponse, bytes]:
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer, answer.read()


def wait_until(has_come: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not has_come():
        assert time.monotonic() < deadline, "It does not come."
        time.sleep(0.01)


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=SECONDS).close()
    except OSError:
        return False
    return True


@contextmanager
def working(interface: str, folder: Path, **choices: Any) -> Iterator[Worker]:
    """Run a worker; `variables` among the choices are variables of its environment."""
    worker = Worker(interface, folder, choices, choices.pop("variables", {}))
    try:
        yield worker
    finally:
        worker.end()
