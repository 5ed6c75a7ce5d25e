"""Whether a thread runs a loop is known without importing asyncio."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading

from erlen.concurrency import runs_loop


def test_a_thread_runs_a_loop_only_inside_of_it() -> None:
    async def main() -> tuple[bool, bool]:
        return runs_loop(), await asyncio.to_thread(runs_loop)

    assert not runs_loop()
    assert asyncio.run(main()) == (True, False)
    assert not runs_loop()


def test_a_loop_that_another_thread_runs_does_not_count() -> None:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        inside = asyncio.run_coroutine_threadsafe(_runs_loop(), loop).result(10)
        assert (inside, runs_loop()) == (True, False)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _runs_loop() -> bool:
    return runs_loop()


def test_asking_does_not_import_asyncio() -> None:
    script = "import erlen.concurrency as c, sys; print(c.runs_loop(), 'asyncio' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
