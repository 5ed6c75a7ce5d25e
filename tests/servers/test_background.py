"""Servers in the background go on when the terminal is closed. About 20 seconds."""

from __future__ import annotations

import contextlib
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deploy.serve.running import environment
from tests.ports import free_port

pytestmark = pytest.mark.servers

PATIENCE = 60
BIN = Path(sys.executable).parent
APP = """
import os
from flask import Flask
app = Flask(__name__)

@app.get("/")
def pids(): return f"{os.getpid()} {os.getpgrp()}"

if __name__ == "__main__":
    app.run(port=int(os.environ["PORT"]))
"""
ALIAS = "python -m erlen.as_flask"


class Terminal:
    """A terminal of script(1), in which a line is typed."""

    def __init__(self, line: str, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        (folder / "app.py").write_text(APP)
        script = shutil.which("script")
        if script is None:
            pytest.fail("This test needs script(1): apt-get install bsdutils")
        # The shell says its process id; it leads the session, and so gets the signal for the hang-up.
        shell = (
            f"echo $$ > shell.pid; {line.replace('5000', str(self.port))} echo $! > started.pid; sleep 600"
        )
        variables = environment(PORT=str(self.port), PATH=f"{BIN}{os.pathsep}{os.environ['PATH']}")
        self.process = subprocess.Popen(
            [script, "-qec", f"bash -c {shlex.quote(shell)}", "/dev/null"],
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    def log(self) -> str:
        with contextlib.suppress(FileNotFoundError):
            return (self.folder / "log").read_text(errors="replace")
        return "(no log)"

    def until(self, condition: Callable[[], object]) -> None:
        given_up = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < given_up, self.log
            time.sleep(0.05)

    def get(self) -> str | None:
        """Return what the server answers, or None."""
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/", timeout=10) as answer,
        ):
            text: str = answer.read().decode()
            return text
        return None

    def pid_in(self, name: str) -> int:
        with contextlib.suppress(OSError, ValueError):
            return int((self.folder / name).read_text())
        return 0

    def hang_up(self) -> None:
        """Close the terminal, and wait until its shell has noticed."""
        shell = self.pid_in("shell.pid")
        self.process.kill()
        self.process.wait(PATIENCE)
        self.until(lambda: not is_running(shell))

    def clean_up(self) -> None:
        self.process.kill()
        self.process.wait(PATIENCE)
        # Without job control all of it is one group, with the number of its first process, the shell.
        shell = self.pid_in("shell.pid")
        if shell:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(shell, signal.SIGKILL)
        for each in (self.get() or "").split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(each), signal.SIGKILL)


def is_running(pid: int) -> bool:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@contextlib.contextmanager
def terminal(line: str, folder: Path) -> Iterator[Terminal]:
    opened = Terminal(line, folder)
    try:
        opened.until(opened.get)
        yield opened
    finally:
        opened.clean_up()


@pytest.mark.parametrize(
    "line",
    [
        f"nohup {ALIAS} app.py > log 2>&1 &",
        "FLASK_APP=app.py nohup erlen run --port 5000 --host 127.0.0.1 --reload --with-threads > log 2>&1 &",
        f"FLASK_APP=app.py nohup {ALIAS} -m flask run --port 5000 --host 127.0.0.1 > log 2>&1 &",
        "nohup erlen --app app serve --workers 1 --port 5000 --pid-file serve.pid > log 2>&1 &",
        "erlen --app app serve --workers 1 --port 5000 --pid-file serve.pid > log 2>&1 &",
    ],
    ids=["nohup python", "nohup erlen run", "nohup flask run", "nohup erlen serve", "erlen serve"],
)
def test_it_goes_on_when_the_terminal_is_closed(line: str, tmp_path: Path) -> None:
    with terminal(line, tmp_path) as opened:
        opened.hang_up()
        assert opened.get()
        if "serve" in line:
            os.kill(opened.pid_in("serve.pid"), signal.SIGHUP)
            opened.until(lambda: "Reloaded: 1 workers serve." in opened.log)
            os.kill(opened.pid_in("serve.pid"), signal.SIGTERM)
            opened.until(lambda: "Stopped; 0 requests were cut off." in opened.log)
        elif "run" in line:
            assert "There is no terminal. For the background there is 'erlen serve'" in opened.log


def test_without_nohup_it_ends_with_the_terminal(tmp_path: Path) -> None:
    """So the others show something."""
    with terminal(f"{ALIAS} app.py > log 2>&1 &", tmp_path) as opened:
        started = opened.pid_in("started.pid")
        opened.hang_up()
        opened.until(lambda: not is_running(started))
        assert opened.get() is None


def test_the_line_of_the_notes_writes_both_streams_to_the_log(tmp_path: Path) -> None:
    line = "FLASK_APP=app.py erlen run --port 5000 --host 127.0.0.1 --reload --with-threads > log 2>&1 &"
    with terminal(line, tmp_path) as opened:
        opened.until(lambda: '"GET / HTTP/1.1" 200' in opened.log)
        assert " * Serving Erlen app 'app.py'" in opened.log
