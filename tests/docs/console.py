"""Does what a reader would do with a page: writes its files, types its commands, looks at what they print."""

from __future__ import annotations

import doctest
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from .pages import Block

PATIENCE = 60  # seconds that a server may take to start on a busy machine
SERVER = re.compile(
    r"\b(erlen( --app \S+)? run|gunicorn|uwsgi|granian|uvicorn|hypercorn|waitress(-serve)?)\b"
)
PORT = re.compile(r"(?<=127\.0\.0\.1:)\d+|(?<=http-socket = 127\.0\.0\.1:)\d+|(?<=--port )\d+")
DOCTESTS = """
import doctest, sys
sys.exit(doctest.testfile("block.txt", False, optionflags=doctest.ELLIPSIS).failed)
"""


@dataclass
class Reader:
    """Somebody who follows a page in a folder of their own."""

    folder: Path
    port: int = field(default_factory=lambda: free_port())
    server: subprocess.Popen[bytes] | None = None

    def follow(self, block: Block) -> None:
        if block.title:
            self.write(block.title, block.text)
        elif block.append:
            known = (self.folder / block.append).read_text()
            self.write(block.append, f"{known}\n\n{block.text}")
        elif block.language == "python":
            self.run_here([sys.executable, "-c", block.text])
        elif block.language == "pycon":
            self.write("block.txt", block.text)
            self.run_here([sys.executable, "-c", DOCTESTS])
        elif block.language == "console":
            for command, expected in commands_in(block.text):
                self.type(command, expected)
        else:
            raise AssertionError(f"Nobody knows how to run a block of {block.language or 'no language'}.")

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}"))

    def type(self, command: str, expected: str) -> None:
        if SERVER.search(command):
            self.serve(PORT.sub(str(self.port), command))
            return
        printed = re.sub(r" +$", "", self.run_here(["bash", "-c", command]), flags=re.MULTILINE)
        same = doctest.OutputChecker().check_output(expected, printed, doctest.ELLIPSIS)
        assert same, f"{command}\nis said to print\n{expected}\nand prints\n{printed}"

    def run_here(self, command: list[str]) -> str:
        done = subprocess.run(
            command, cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        return done.stdout

    def environment(self) -> dict[str, str]:
        """Return the variables of a shell in which the page's virtual environment is active."""
        mine = ("FLASK_", "ERLEN_", "PYTEST_", "WERKZEUG_")
        variables = {name: value for name, value in os.environ.items() if not name.startswith(mine)}
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return variables | {"PATH": path, "FLASK_RUN_PORT": str(self.port), "PYTHONDONTWRITEBYTECODE": "1"}

    def serve(self, command: str) -> None:
        """Start a server, and see that it answers."""
        self.stop()
        with open(self.folder / "server.log", "wb") as log:
            self.server = subprocess.Popen(
                ["bash", "-c", f"exec env {command}"],
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        status, text = self.answer()
        assert status == 200, f"{command}\nanswers {status}: {text}"
        # The page that says which framework runs must be right about it.
        if "Hello from" in text:
            assert text == "Hello from Erlen!"

    def answer(self) -> tuple[int, str]:
        """Return status and text of the server's first page, once it listens."""
        assert self.server is not None
        given_up = time.monotonic() + PATIENCE
        while time.monotonic() < given_up:
            assert self.server.poll() is None, (self.folder / "server.log").read_text()
            try:
                with urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer:
                    return answer.status, answer.read().decode()
            except HTTPError as error:
                with error:
                    return error.code, error.read().decode()
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"Nobody listens: {(self.folder / 'server.log').read_text()}")

    def stop(self) -> None:
        """End the server with all its children."""
        if self.server is None:
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            with suppress(ProcessLookupError, subprocess.TimeoutExpired):
                os.killpg(self.server.pid, number)
                self.server.wait(10)
        self.server = None


def commands_in(text: str) -> list[tuple[str, str]]:
    """Return the commands of a console block, each with what it is said to print."""
    first, *rest = re.split(r"^\$ ", text, flags=re.MULTILINE)
    assert not first.strip(), f"A console block starts with a command: {text}"
    return [(command, printed) for command, _, printed in (each.partition("\n") for each in rest)]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
