"""A folder to work in, a runner in this process, and the command line as a process of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
import time
import typing as t
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Empty, Queue

import pytest
from click.testing import CliRunner

# Variables by which the command line is steered; a test starts without them.
_STEERING = ("FLASK_", "ERLEN_", "WERKZEUG_")


@pytest.fixture(autouse=True)
def process_state() -> t.Iterator[None]:
    """Give back the environment, the import path and the imported modules that a test changed."""
    environ, path, modules = dict(os.environ), sys.path[:], set(sys.modules)
    for name in [name for name in os.environ if name.startswith(_STEERING)]:
        del os.environ[name]
    yield
    os.environ.clear()
    os.environ.update(environ)
    sys.path[:] = path
    for name in set(sys.modules) - modules:
        file = getattr(sys.modules[name], "__file__", None) or ""
        if "/site-packages/" not in file and "/erlen/" not in file and "/lib/python" not in file:
            del sys.modules[name]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def runner() -> CliRunner:
    return CliRunner()


@pytest.fixture
def erlen(folder: Path) -> t.Callable[..., subprocess.CompletedProcess[str]]:
    """Call `python -m erlen` in the folder and wait for its end."""

    def call(*args: str, stdin: str = "", **environ: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "erlen", *args],
            cwd=folder,
            env={**os.environ, **environ},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return call


class Server:
    """A development server in its own process group, and what it prints."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.printed: list[str] = []
        self._lines: Queue[str] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def wait_for(self, pattern: str, seconds: float = 60) -> re.Match[str]:
        """Wait until a line that matches is printed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(Empty):
                line = self._lines.get(timeout=0.1)
                self.printed.append(line)
                if found := re.search(pattern, line):
                    return found
        raise AssertionError(f"{pattern!r} was not printed; this was: {''.join(self.printed)}")

    def get(self, path: str = "/", **options: t.Any) -> str:
        with urllib.request.urlopen(self.url + path, timeout=60, **options) as answer:
            return t.cast(bytes, answer.read()).decode()

    @property
    def url(self) -> str:
        return self._url

    def start(self) -> Server:
        self._url = self.wait_for(r"Running on (https?://127\.0\.0\.1:\d+)")[1]
        return self

    def stop(self) -> None:
        # The whole group: with the reloader there are two processes, and both hold the pipe.
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(60)
        self._reader.join(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


@pytest.fixture
def serve(folder: Path) -> t.Callable[..., t.ContextManager[Server]]:
    """Start `python -m erlen … run …` on a free port of the loopback interface; stop it at the end."""

    @contextmanager
    def serving(*args: str, **environ: str) -> t.Iterator[Server]:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "erlen", *args],
            cwd=folder,
            env={**os.environ, "FLASK_RUN_PORT": "0", **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        server = Server(process)
        try:
            yield server.start()
        finally:
            server.stop()

    return serving
