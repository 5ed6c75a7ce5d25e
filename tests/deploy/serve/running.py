"""`erlen serve` as a process, for tests that look at it from outside."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ERLEN = Path(sys.executable).with_name("erlen")
PATIENCE = 60  # seconds until something that must happen is given up
CALM = ["--workers", "1", "--threads", "4"]

PLAIN = """
import os, time
from flask import Flask, request
app = Flask(__name__)
VERSION = "one"

@app.get("/")
def version(): return VERSION

@app.get("/pid")
def pid(): return str(os.getpid())

@app.get("/sleep/<float:seconds>")
def sleep(seconds):
    time.sleep(seconds)
    return "slept"

@app.get("/environ")
def environ(): return {name: str(value) for name, value in request.environ.items()}
"""

COROUTINES = PLAIN.replace("import os, time", "import asyncio, os, time").replace(
    "def sleep(seconds):\n    time.sleep", "async def sleep(seconds):\n    await asyncio.sleep"
)


# A view that an adapter refuses.
REFUSED = """
def refuse(route, view):
    if route.endpoint == "pid":
        raise TypeError("The view 'pid' (/pid) is refused: change it.")
app.view_adapters.append(refuse)
"""


class Serving:
    """A running `erlen serve`; its folder has the application's file `site.py` and the log."""

    def __init__(
        self, folder: Path, *words: str, env: dict[str, str] | None = None, app: str = "shop"
    ) -> None:
        self.folder = folder
        self.log_file = folder.resolve() / "log"
        self.unix = words[words.index("--unix") + 1] if "--unix" in words else None
        where = [] if {"--unix", "--port"} & set(words) else ["--port", "0"]
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [ERLEN, "--app", app, "serve", *where, *words],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment(**(env or {})),
            )

    @property
    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def until(self, condition: Callable[[], Any]) -> Any:
        """Wait until *condition* holds, and return its value."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := condition():
                return found
            time.sleep(0.02)
        raise AssertionError(f"It did not happen. The log:\n{self.log}")

    def logged(self, pattern: str, times: int = 1) -> re.Match[str]:
        """Wait until *pattern* is in the log so many times, and return the last match."""
        found = self.until(
            lambda: (each := list(re.finditer(pattern, self.log))) and len(each) >= times and each
        )
        last: re.Match[str] = found[-1]
        return last

    def wait_until_ready(self) -> Serving:
        self.until(lambda: "Stop: kill" in self.log or self.process.poll() is not None)
        assert self.process.poll() is None, self.log
        return self

    @property
    def port(self) -> int:
        return int(self.logged(r"on https?://\S+:(\d+)").group(1))

    def connect(self) -> http.client.HTTPConnection:
        if self.unix is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        connection = http.client.HTTPConnection("localhost", timeout=PATIENCE)
        connection.sock = socket.socket(socket.AF_UNIX)
        connection.sock.settimeout(PATIENCE)
        connection.sock.connect(str(self.folder / self.unix))
        return connection

    def get(self, path: str = "/") -> str:
        """Return the body of a page."""
        return self.answer(path)[1]

    def answer(self, path: str = "/") -> tuple[int, str, dict[str, str]]:
        """Return status, body and headers of a page."""
        with contextlib.closing(self.connect()) as connection:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode(), {k.lower(): v for k, v in response.getheaders()}

    def status_of(self, path: str) -> int | None:
        """Return the status of a page, or None where the connection was broken off."""
        try:
            return self.answer(path)[0]
        except (OSError, http.client.HTTPException):
            return None

    def told(self) -> dict[str, Any]:
        """Return the status, as the parent tells it to processes of the same user."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(PATIENCE)
            connection.connect(f"\0erlen-serve-{self.process.pid}")
            connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = b"".join(iter(lambda: connection.recv(65536), b""))
        told: dict[str, Any] = json.loads(answer.partition(b"\r\n\r\n")[2])
        return told

    def under_way(self) -> int:
        """Return how many requests the workers answer at the moment."""
        return sum(worker["under_way"] for worker in self.told()["workers"])

    def workers(self) -> list[int]:
        """Return the process ids of its workers."""
        pid = self.process.pid
        found = subprocess.run(["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True)
        return [int(line.split()[0]) for line in found.stdout.splitlines() if "serve.worker" in line]

    def send(self, number: signal.Signals) -> None:
        self.process.send_signal(number)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and return the exit status."""
        if self.process.poll() is None:
            self.send(number)
        return self.process.wait(PATIENCE)


def environment(**more: str) -> dict[str, str]:
    """Return the environment of a shell that has nothing to do with Erlen."""
    ours = ("FLASK_", "ERLEN_", "PORT", "WEB_CONCURRENCY", "LISTEN_", "NOTIFY_SOCKET", "PWD")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    # A file that is changed within a second and keeps its size would be taken for the compiled one.
    return {**kept, "PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", **more}


def write(folder: Path, code: str, name: str = "shop.py") -> None:
    """Write a program."""
    (folder / name).write_text(textwrap.dedent(code))


@contextlib.contextmanager
def serving(folder: Path, code: str, *words: str, **options: Any) -> Iterator[Serving]:
    """Serve the application *code*; it is there when it is ready, and gone at the end."""
    write(folder, code)
    server = Serving(folder, *words, **options)
    try:
        yield server.wait_until_ready()
    finally:
        workers = server.workers()
        server.process.kill()
        server.process.wait()
        for pid in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def failing(folder: Path, *words: str, **options: Any) -> tuple[int, str]:
    """Run a server that is to end by itself; return its exit status and its log."""
    server = Serving(folder, *words, **options)
    try:
        return server.process.wait(PATIENCE), server.log
    finally:
        server.process.kill()
