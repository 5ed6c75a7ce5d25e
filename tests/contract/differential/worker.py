"""Runs steps on one framework: `python -m tests.contract.differential.worker flask` (or `erlen`).

One line of JSON in is a list of steps, one line out the list of what came of them. A step is an object; `do`
names the method of `Worker` that takes it, the rest are its arguments.
"""

from __future__ import annotations

import contextvars
import json
import os
import sys
from collections.abc import Iterator
from typing import Any

from . import clock


def main(framework: str) -> None:
    """Answer lines from standard input until it ends."""
    clock.stop()
    if framework == "erlen":
        import erlen.as_flask  # noqa: F401
    clock.stop_datetime("flask.sessions", "werkzeug.http")
    from .steps import Worker

    replies = _take_stdout()
    for line in sys.stdin:
        # Each list of steps has a Context of its own: what one leaves behind is told and does not spread.
        told = contextvars.copy_context().run(_run, Worker(), json.loads(line))
        replies.write(json.dumps(told) + "\n")
        replies.flush()


def _run(worker: Any, steps: list[dict[str, Any]]) -> list[Any]:
    return list(_each(worker, steps))


def _each(worker: Any, steps: list[dict[str, Any]]) -> Iterator[Any]:
    for step in steps:
        arguments = dict(step)
        yield worker.told(arguments.pop("do"), arguments)


def _take_stdout() -> Any:
    """Keep standard output for replies: whatever else is printed goes to standard error."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return replies


if __name__ == "__main__":
    main(sys.argv[1])
