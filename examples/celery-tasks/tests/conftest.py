from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1]
PATIENCE = 60  # seconds that a process may take on a busy machine


def wait_until(is_so: Callable[[], object], *processes: subprocess.Popen[bytes]) -> None:
    """Wait until something is so, and fail if a process has ended before."""
    given_up = time.monotonic() + PATIENCE
    while not is_so():
        assert all(process.poll() is None for process in processes), "A process has ended."
        assert time.monotonic() < given_up, "It took too long."
        time.sleep(0.05)


@pytest.fixture(name="wait_until")
def wait_until_fixture() -> Callable[..., None]:
    return wait_until


@pytest.fixture
def redis_url(tmp_path: Path) -> Iterator[str]:
    """Start a Redis server of the test's own."""
    program = shutil.which("redis-server")
    if program is None:
        pytest.fail("This test needs redis-server: apt-get install redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--save", "", "--dir", str(tmp_path)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)

    def answers() -> bool:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            return False
        return True

    try:
        wait_until(answers, server)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        server.kill()
        server.wait()


@pytest.fixture
def start_worker(
    redis_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a Celery worker as one would in a terminal."""
    monkeypatch.setenv("REDIS_URL", redis_url)
    workers: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "celery", "--app", "worker", "worker", "--pool", "solo"]
        with open(tmp_path / "worker.log", "ab") as log:
            workers.append(subprocess.Popen(command, cwd=FOLDER, stdout=log, stderr=log))
        return workers[-1]

    try:
        yield start
    finally:
        for worker in workers:
            worker.kill()
            worker.wait()
