"""A process that answers many requests and says what that left in its memory.

Run by `measure`: python -m bench.footprint.worker FRAMEWORK traced|untraced CLOCK COUNT...
Prints the kilobytes of the process and the bytes that tracemalloc knows after each COUNT of further requests.
CLOCK is "real", or how many seconds each request takes on a clock that counts requests: what is kept for
a second, as the text of a date is, is then no matter of how fast the machine is.
"""

from __future__ import annotations

import gc
import json
import sys
import time
import tracemalloc
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..apps import load
from .mix import Worker

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def main(framework: str, tracing: str, clock: str, *counts: str) -> None:
    if tracing == "traced":
        tracemalloc.start()
    app = load(framework)
    if clock != "real":
        app = counting_time(app, int(clock))
    print(json.dumps(watch(app, [int(count) for count in counts])))


def counting_time(app: WSGIApplication, seconds: int) -> WSGIApplication:
    """Return *app* behind a clock that goes on by so many seconds with each request."""
    now = time.time()
    time.time = lambda: now

    def counting(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        nonlocal now
        now += seconds
        return app(environ, start_response)

    return counting


def watch(app: WSGIApplication, counts: Sequence[int]) -> list[dict[str, int]]:
    """Return what is in memory after each number of further requests."""
    worker = Worker(app)
    told = []
    for count in counts:
        worker.answer(count)
        gc.collect()
        told.append({"kilobytes": resident_kilobytes(), "traced_bytes": tracemalloc.get_traced_memory()[0]})
    return told


def resident_kilobytes() -> int:
    """Return how much of the machine's memory this process holds now."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    raise RuntimeError("/proc/self/status has no VmRSS")


if __name__ == "__main__":
    main(*sys.argv[1:])
