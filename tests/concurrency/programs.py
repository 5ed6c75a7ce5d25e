"""Programs that run as processes of their own, under gevent and without it."""

from __future__ import annotations

import subprocess
import sys

IMPORTS = """
import asyncio, atexit, contextvars, os, queue, sys, threading
from erlen.concurrency.from_thread import run_on_loop
from erlen.concurrency.loops import Portal, portal_to, process_loop
"""


def told_by(script: str) -> list[str]:
    """Run a script in a process of its own, and return the lines that it prints."""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


ENDS = """
threading.excepthook = lambda args: None

async def wait():
    asyncio.get_running_loop()._selector.close()
    await asyncio.Event().wait()

async def works():
    return "works"

try:
    run_on_loop(wait)()
except RuntimeError as error:
    print(str(error)[:46])
print(run_on_loop(works)())
"""
