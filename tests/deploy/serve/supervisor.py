"""A process that answers like the parent of `erlen serve`, and whose reloads end as the command line says.

Its arguments: the state in which it is found, how often it is asked in a reload before that ends, and an
outcome for each reload: `done`, `failed`, `ended` (the process) or `stopping`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
import typing as t
from dataclasses import replace

from erlen.deploy.serve.status import Reloads, State, Status, StatusServer, WorkerStatus

ERROR = "Traceback (most recent call last):\n  …\nImportError: no \x1b[2Jshop\n\n"


class Supervisor:
    """The status, and what changes it."""

    def __init__(self, state: State, questions: int, outcomes: list[str]) -> None:
        worker = WorkerStatus(0, 1, "ready", 1, time.time())
        self.status = Status(
            "0", os.getpid(), state, time.time(), [], "shop:app", "wsgi", workers=[worker] * 2
        )
        self.questions = questions
        self.left = questions
        self.outcomes = outcomes
        self.is_wanted = False

    async def ask(self) -> Status:
        """Answer; each answer brings the end of what is going on nearer."""
        told = self.status
        if told.state in ("starting", "reloading"):
            self.left -= 1
            if self.left <= 0:
                self.end()
        return told

    def hang_up(self) -> None:
        """Begin a reload, or one more after the one that is under way."""
        print("HUP", flush=True)
        if self.status.state == "serving":
            self.begin()
        else:
            self.is_wanted = True

    def begin(self) -> None:
        self.left = self.questions
        self.status = replace(self.status, state="reloading", generation=self.status.generation + 1)

    def end(self) -> None:
        if self.status.state == "starting":
            self.status = replace(self.status, state="serving")
            return
        outcome, reloads = self.outcomes.pop(0), self.status.reloads
        if outcome == "ended":
            os._exit(3)
        if outcome == "stopping":
            self.status = replace(self.status, state="stopping")
            return
        reloads = self._counted(reloads, outcome)
        self.status = replace(self.status, state="serving", reloads=reloads)
        if self.is_wanted:
            self.is_wanted = False
            self.begin()

    @staticmethod
    def _counted(reloads: Reloads, outcome: str) -> Reloads:
        if outcome == "done":
            return reloads.with_success(time.time())
        return reloads.with_failure(ERROR, time.time())


async def main(state: str, questions: str, *outcomes: str) -> None:
    """Serve the status until the process is killed."""
    supervisor = Supervisor(t.cast("State", state), int(questions), list(outcomes))
    server = StatusServer(["127.0.0.1:0"], supervisor.ask)
    await server.start()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, supervisor.hang_up)
    print(server.addresses[0], flush=True)
    await asyncio.Event().wait()


asyncio.run(main(*sys.argv[1:]))
