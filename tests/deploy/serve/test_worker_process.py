"""A worker as its parent sees it."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path

import pytest

from erlen.deploy.serve import errors
from erlen.deploy.serve.errors import ServeError
from erlen.deploy.serve.listening import listen_tcp
from erlen.deploy.serve.settings import Order, Settings
from erlen.deploy.serve.worker_process import WorkerProcess
from tests.deploy.serve.running import PLAIN, environment, write

pytestmark = pytest.mark.servers


def run(folder: Path, story: object, **settings: object) -> None:
    """Run *story* with a worker that serves the program of *folder*, and kill the worker."""

    async def main() -> None:
        listener = listen_tcp("127.0.0.1", 0, 10)
        chosen = Settings(app="shop", chdir=str(folder), threads=2, **settings)  # type: ignore[arg-type]
        worker = WorkerProcess(Order(chosen, 1, [(listener.socket.fileno(), False)]), 1)
        try:
            await story(worker)  # type: ignore[operator]
        finally:
            worker.kill()
            if worker.pid:
                await worker.ended.wait()
            listener.close()

    asyncio.run(main())


def test_it_is_started_asked_and_stopped(tmp_path: Path) -> None:
    write(tmp_path, PLAIN)

    async def story(worker: WorkerProcess) -> None:
        assert (worker.pid, worker.exit_status, worker.state) == (0, None, "starting")
        await worker.start(environment())
        assert worker.state == "ready"
        assert worker.facts["interface"] == "wsgi"
        assert worker.facts["app"] == "shop"
        report = await worker.report()
        assert report is not None
        assert (report["requests"], report["under_way"], report["oldest"], report["waiting"]) == (
            0,
            0,
            None,
            None,
        )
        assert "erlen-control" not in await worker.stacks()
        assert "MainThread" in await worker.stacks()
        worker.close()
        assert worker.state == "closing"
        worker.stop()
        await asyncio.wait_for(worker.closed.wait(), 20)
        await asyncio.wait_for(worker.ended.wait(), 20)
        assert (worker.exit_status, worker.state) == (0, "ended")
        # Whoever asks it now does not wait.
        assert await worker.report(60) is None

    run(tmp_path, story)


@pytest.mark.parametrize(
    ("code", "status", "says"),
    [
        ("import nothing_there", errors.APPLICATION, "nothing_there"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", errors.APPLICATION, "ended by SIGKILL"),
        ("import time; time.sleep(60)", errors.START_TIMEOUT, "within 1 seconds"),
    ],
)
def test_one_that_does_not_come_to_serve_is_an_error_and_gone(
    code: str, status: int, says: str, tmp_path: Path
) -> None:
    write(tmp_path, code)

    async def story(worker: WorkerProcess) -> None:
        with pytest.raises(ServeError, match=says) as raised:
            await worker.start(environment())
        assert raised.value.status == status
        await asyncio.wait_for(worker.ended.wait(), 20)

    run(tmp_path, story, start_timeout=1.0 if "sleep" in code else 60)


def test_a_start_that_is_given_up_leaves_no_process(tmp_path: Path) -> None:
    write(tmp_path, "import time; time.sleep(60)")

    async def story(worker: WorkerProcess) -> None:
        starting = asyncio.create_task(worker.start(environment()))
        while not worker.pid:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
        await asyncio.wait_for(worker.ended.wait(), 20)

    run(tmp_path, story)


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    async def story(worker: WorkerProcess) -> None:
        with pytest.raises(ServeError, match=r"A worker could not be started: .*No such file"):
            await worker.start(environment())

    run(tmp_path / "nowhere", story)


def test_a_stopped_process_does_not_answer_and_is_not_waited_for(tmp_path: Path) -> None:
    write(tmp_path, PLAIN)

    async def story(worker: WorkerProcess) -> None:
        await worker.start(environment())
        os.kill(worker.pid, signal.SIGSTOP)
        status = Path(f"/proc/{worker.pid}/status")
        while "State:\tT" not in status.read_text():  # noqa: ASYNC240, ASYNC110
            await asyncio.sleep(0.01)
        assert await worker.report(0.2) is None
        assert not worker.answers
        os.kill(worker.pid, signal.SIGCONT)
        assert await worker.report(30) is not None
        assert worker.answers

    run(tmp_path, story)
