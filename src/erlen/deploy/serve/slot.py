"""The place of one worker: a process that serves, its successor, and those that are leaving."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import random
import signal
import time
import typing as t

from .errors import ServeError
from .settings import Order
from .worker_process import WorkerProcess

if t.TYPE_CHECKING:
    from .settings import Settings

logger = logging.getLogger("erlen.serve")

# The pauses before a worker that died again is replaced.
_PAUSES = (0.0, 1.0, 2.0, 5.0, 10.0, 30.0)
# One that served this long has not died again: the pauses begin anew.
_SECONDS_OF_HEALTH = 60.0
# After the grace: for teardowns, functions for the end of serving, and the interpreter's own end.
SECONDS_TO_END = 10.0


class Slot:
    """One of the places in which a worker serves."""

    def __init__(self, number: int, settings: Settings, listeners: list[tuple[int, bool]]) -> None:
        self.number = number
        self.generation = 0
        self.deaths = 0
        self.cut_off = 0
        # How many requests the workers have answered that are gone.
        self.earlier_requests = 0
        self._settings = settings
        self._listeners = listeners
        self.worker: WorkerProcess | None = None
        # The successor that is starting, and the workers that finish their requests.
        self.starting: WorkerProcess | None = None
        self.leaving: set[WorkerProcess] = set()
        self._replacing = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        self._failures = 0
        # Whether the server stops: then no worker is replaced because it was asked to end.
        self.is_stopping = False
        self._is_ending = False

    def workers(self) -> list[WorkerProcess]:
        """Return all its processes, the one that serves first."""
        return [each for each in (self.worker, self.starting, *self.leaving) if each is not None]

    async def start(self, generation: int) -> None:
        """Start a worker that serves in place of the present one. Raises ServeError if it does not serve."""
        async with self._replacing:
            await self._start(generation)

    async def _start(self, generation: int) -> None:
        if self._is_ending:
            return
        order = Order(self._settings, self.number, self._listeners)
        successor = self.starting = WorkerProcess(order, generation)
        try:
            await successor.start(os.environ)
        except asyncio.CancelledError:
            self._give_up(successor)
            raise
        except ServeError:
            if not self._is_ending:
                raise
        finally:
            self.starting = None
        if self._is_ending:
            return  # it was given up before it said that it serves
        self.generation = generation
        before, self.worker = self.worker, successor
        self._spawn(self._watch(successor))
        if before is not None and not before.ended.is_set():
            self.leaving.add(before)
            # One that answers nobody would take connections from its successor meanwhile.
            closing = 0 if before.is_stuck and await _answers_nobody(before) else self._settings.closing
            self._spawn(self._let_go(before, closing))
            await self._until_closed(before)

    async def _until_closed(self, worker: WorkerProcess) -> None:
        """Wait until *worker* takes no more connections: from then on the new code answers."""
        await _happens_within(worker.closed, self._settings.closing + SECONDS_TO_END)

    async def _let_go(self, worker: WorkerProcess, closing: float) -> None:
        """Let *worker* finish its requests and end."""
        try:
            worker.close()
            await _ends_within(worker, closing)
            worker.stop()
            if worker.is_stuck and not worker.answers:
                await _kill(worker, "does not answer its parent")
            elif not await _ends_within(worker, self._settings.grace + SECONDS_TO_END):
                await _kill(worker, "did not end after its grace")
            self._report_cut_off(worker)
        finally:
            self.leaving.discard(worker)
            self.earlier_requests += worker.requests

    def _give_up(self, worker: WorkerProcess) -> None:
        """Let *worker*, which is starting, end: at once, or after its requests if it takes some already."""
        self.leaving.add(worker)
        self._spawn(self._until_given_up(worker))

    async def _until_given_up(self, worker: WorkerProcess) -> None:
        worker.stop()
        if not await _happens_within(worker.closed, SECONDS_TO_END):
            await _kill(worker, "does not answer its parent")
        await self._let_go(worker, 0)

    def _report_cut_off(self, worker: WorkerProcess) -> None:
        lines = worker.cut_off
        self.cut_off += len(lines)
        if lines:
            text = f"{len(lines)} request{'s' * (len(lines) > 1)} of {_name(worker)} cut off after"
            logger.warning("%s %g seconds: %s", text, self._settings.grace, "; ".join(lines[:20]))

    # watch

    async def _watch(self, worker: WorkerProcess) -> None:
        """Replace *worker* when it dies, or when somebody asked it to end."""
        ended = asyncio.ensure_future(worker.ended.wait())
        asked = asyncio.ensure_future(worker.asked_to_end.wait())
        try:
            await asyncio.wait([ended, asked], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ended.cancel()
            asked.cancel()
        if not worker.ended.is_set():
            await asyncio.sleep(1)  # the whole group may have got the signal, the parent too
            if self.worker is worker and not self.is_stopping:
                await self.replace("it was asked to end by a signal")
            return
        if self.worker is not worker or self._is_ending:
            return
        self.deaths += 1
        self.earlier_requests += worker.requests
        self.worker = None
        logger.error("%s died (%s).", _name(worker), _how(worker.exit_status))
        if time.time() - worker.started > _SECONDS_OF_HEALTH:
            self._failures = 0
        await self._revive()

    async def _revive(self) -> None:
        """Start a worker where there is none, at once the first time, then after growing pauses."""
        while not self._is_ending:
            pause = _PAUSES[min(self._failures, len(_PAUSES) - 1)]
            self._failures += 1
            await asyncio.sleep(pause * random.uniform(0.9, 1.1))
            async with self._replacing:
                if self.worker is not None or self._is_ending:
                    return
                try:
                    await self._start(self.generation)
                except ServeError as error:
                    logger.error("Worker %d could not be replaced: %s", self.number, error.message)
                if self.worker is not None:
                    logger.info("%s serves.", _name(self.worker))
                    return

    async def replace(self, why: str) -> bool:
        """Start a successor because *why*; return False if it does not serve, and the present one goes on."""
        worker = self.worker
        logger.info("%s is replaced: %s.", _name(worker), why)
        try:
            await self.start(self.generation)
        except ServeError as error:
            logger.error("%s goes on: its successor failed. %s", _name(worker), error.message)
            return False
        return True

    # end

    async def end(self, closing: float) -> None:
        """Let all its processes finish their requests and end."""
        self._is_ending = True
        if self.starting is not None:
            self._give_up(self.starting)
        worker, self.worker = self.worker, None
        if worker is not None and not worker.ended.is_set():
            self.leaving.add(worker)
            self._spawn(self._let_go(worker, closing))
        while self.leaving:
            await asyncio.wait([asyncio.ensure_future(each.ended.wait()) for each in self.leaving])
            await asyncio.sleep(0)

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """End all its processes at once."""
        self._is_ending = True
        for worker in self.workers():
            worker.signal(number)

    def _spawn(self, coroutine: t.Coroutine[t.Any, t.Any, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _answers_nobody(worker: WorkerProcess) -> bool:
    """Tell whether it has begun no request since it was asked last."""
    begun = worker.requests
    return await worker.report() is None or worker.requests == begun


async def _kill(worker: WorkerProcess, why: str) -> None:
    logger.error("%s %s, and is killed.", _name(worker), why)
    worker.kill()
    await worker.ended.wait()


async def _ends_within(worker: WorkerProcess, seconds: float) -> bool:
    return await _happens_within(worker.ended, seconds)


async def _happens_within(event: asyncio.Event, seconds: float) -> bool:
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    return event.is_set()


def _name(worker: WorkerProcess | None) -> str:
    return "A worker" if worker is None else f"Worker {worker.slot} (pid {worker.pid})"


def _how(status: int | None) -> str:
    if status is not None and status < 0:
        return f"by {signal.Signals(-status).name}"
    return f"with status {status}"
