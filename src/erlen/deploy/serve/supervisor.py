"""The parent of the workers: it starts them, watches them, replaces them, and ends with them.

It imports neither the application nor the server that workers use, so that whatever a worker loads is
loaded anew at each reload. All of it runs on one loop of asyncio.
"""

from __future__ import annotations

import asyncio
import logging
import signal
import time
import typing as t

from erlen import environment_files

from .errors import APPLICATION, ServeError
from .slot import SECONDS_TO_END, Slot
from .status.fields import Reloads, State

if t.TYPE_CHECKING:
    from .listening import Listener
    from .notify import Notifier
    from .settings import Settings

logger = logging.getLogger("erlen.serve")


class Supervisor:
    """The workers of one server, and their lives."""

    def __init__(self, settings: Settings, listeners: list[Listener], notifier: Notifier) -> None:
        self.settings = settings
        self.listeners = listeners
        self._notifier = notifier
        self.state: State = "starting"
        self.started = time.time()
        self.generation = 1
        self.reloads = Reloads()
        descriptors = [(listener.socket.fileno(), listener.is_unix) for listener in listeners]
        self.slots = [Slot(number, settings, descriptors) for number in range(1, settings.workers + 1)]
        self._reload = asyncio.Event()
        self._stop = asyncio.Event()
        self._stop_at_once = asyncio.Event()
        # SIGINT is a person at a terminal, who does not wait for clients to leave by themselves.
        self._is_interrupted = False

    async def run(self, when_ready: t.Callable[[], None]) -> None:
        """Serve until a signal says to stop. Raises ServeError if the application does not start."""
        self._listen_to_signals()
        # To the very end: requests may take longer to finish than the watchdog of a supervisor waits.
        alive = asyncio.create_task(self._notifier.keep_alive())
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait([starting, stopping], return_when=asyncio.FIRST_COMPLETED)
        try:
            if starting.done():
                starting.result()
                self.state = "serving"
                when_ready()
                self._notifier.ready(self._summary())
                await self._serve(stopping)
            else:
                starting.cancel()
                await asyncio.wait([starting])
        finally:
            stopping.cancel()
            await self._end()
            alive.cancel()

    async def _start(self) -> None:
        """Start the workers: one, and the others when that serves."""
        first, *others = self.slots
        await first.start(self.generation)
        done = await asyncio.gather(*(slot.start(self.generation) for slot in others), return_exceptions=True)
        for each in done:
            if isinstance(each, BaseException):
                raise each

    async def _serve(self, stopping: asyncio.Task[t.Any]) -> None:
        from .upkeep import keep_up

        # None of them ends by itself, unless it fails.
        jobs = [asyncio.create_task(each) for each in (self._reload_when_asked(), keep_up(self))]
        done, _ = await asyncio.wait([stopping, *jobs], return_when=asyncio.FIRST_COMPLETED)
        for task in jobs:
            task.cancel()
        await asyncio.wait(jobs)
        for task in done:
            task.result()

    # signals

    def _listen_to_signals(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGHUP, self.ask_for_reload)
        loop.add_signal_handler(signal.SIGTERM, self.ask_to_stop)
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        loop.add_signal_handler(signal.SIGQUIT, self._show_stacks)

    def ask_for_reload(self) -> None:
        """Start the workers anew, after what is going on; called at SIGHUP."""
        self._reload.set()

    def ask_to_stop(self) -> None:
        """Stop, with time for the requests that are under way; called at SIGTERM."""
        self._stop.set()

    def _interrupt(self) -> None:
        if self._stop.is_set():
            self._stop_at_once.set()
        self._is_interrupted = True
        self._stop.set()

    def _show_stacks(self) -> None:
        for slot in self.slots:
            for worker in slot.workers():
                worker.signal(signal.SIGQUIT)

    # reload

    async def _reload_when_asked(self) -> None:
        while True:
            await self._reload.wait()
            self._reload.clear()
            self.state = "reloading"
            self._notifier.reloading("reloading")
            logger.info("Reloading: each worker is replaced by a new one.")
            try:
                await self._reload_workers()
            except ServeError as error:
                self.reloads = self.reloads.with_failure(error.message, time.time())
                logger.error("The reload failed, and the workers that were serving go on: %s", error.message)
            except Exception as error:  # a fault of this program must not end the server
                self.reloads = self.reloads.with_failure(repr(error), time.time())
                logger.exception("The reload failed, and the workers that were serving go on.")
            else:
                self.reloads = self.reloads.with_success(time.time())
                logger.info("Reloaded: %d workers serve.", len(self.slots))
            # Not where the server is told to stop meanwhile: then it does not serve on.
            self.state = "serving"
            self._notifier.ready(self._summary())

    def _summary(self) -> str:
        error = self.reloads.last_error
        return f"serving, {len(self.slots)} workers" + (f"; the last reload failed: {error}" if error else "")

    async def _reload_workers(self) -> None:
        self.generation += 1
        if self.settings.environment_folder is not None:
            _read_environment_files(self.settings.environment_folder)
        for slot in self.slots:
            await slot.start(self.generation)

    # end

    async def _end(self) -> None:
        """End all workers: first those who ask are told to go elsewhere, then nobody is let in any more."""
        ending = asyncio.create_task(self._end_gently())
        at_once = asyncio.create_task(self._stop_at_once.wait())
        await asyncio.wait([ending, at_once], return_when=asyncio.FIRST_COMPLETED)
        at_once.cancel()
        if not ending.done():
            logger.warning("Stopping at once.")
            for slot in self.slots:
                slot.kill()
        await ending
        for listener in self.listeners:
            listener.close()

    async def _end_gently(self) -> None:
        self._notifier.stopping("stopping")
        workers = [slot.worker for slot in self.slots if slot.worker is not None]
        for slot in self.slots:
            slot.is_stopping = True
        if workers:
            if self.settings.drain and not self._is_interrupted:
                self.state = "draining"
                logger.info("Draining for %g seconds: not ready, and still serving.", self.settings.drain)
                for worker in workers:
                    worker.drain()
                await self._pause(self.settings.drain)
            self.state = "stopping"
            logger.info("Stopping: requests have %g seconds to finish.", self.settings.grace)
            for worker in workers:
                worker.close()
            if not self._is_interrupted:
                await self._pause(self.settings.closing)
            await self._unless_at_once(self._close_gently())
        self.state = "stopping"
        await asyncio.gather(*(slot.end(0) for slot in self.slots))
        cut_off = sum(slot.cut_off for slot in self.slots)
        if workers or self._stop.is_set():
            logger.info("Stopped; %d requests were cut off.", cut_off)

    async def _close_gently(self) -> None:
        await asyncio.gather(*(each.close_gently(SECONDS_TO_END) for each in self.listeners))

    async def _pause(self, seconds: float) -> None:
        """Wait, but not if everything is to end at once."""
        await self._unless_at_once(asyncio.sleep(seconds))

    async def _unless_at_once(self, waiting: t.Coroutine[t.Any, t.Any, object]) -> None:
        """Wait for this, and cancel it where everything is to end at once."""
        task = asyncio.create_task(waiting)
        at_once = asyncio.create_task(self._stop_at_once.wait())
        await asyncio.wait([task, at_once], return_when=asyncio.FIRST_COMPLETED)
        at_once.cancel()
        if not task.cancel():
            task.result()


def _read_environment_files(folder: str) -> None:
    """Read environment files anew, for the workers that are started from now on. Raises ServeError."""
    before = environment_files.files_read()
    try:
        environment_files.load_again(folder)
    except ImportError:
        return  # python-dotenv has been removed: what was read stays
    except (OSError, ValueError) as error:
        raise ServeError(f"An environment file could not be read: {error}", APPLICATION) from error
    if environment_files.files_read() != before:
        logger.info("%s", environment_files.summary() or "Environment: there are no files any more")
