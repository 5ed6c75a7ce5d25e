"""A worker process as its parent sees it: it is started, asked, told to stop, and waited for."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import signal
import socket
import subprocess
import time
import typing as t

from .errors import APPLICATION, START_TIMEOUT, ServeError
from .interpreter import command_for

if t.TYPE_CHECKING:
    from .settings import Order

State = t.Literal["starting", "ready", "closing", "stopping", "ended"]
Message = dict[str, t.Any]

_MODULE = "erlen.deploy.serve.worker.main"
# A message is one line of JSON; stacks of many threads are the longest.
_LONGEST_MESSAGE = 16 * 1024 * 1024


class WorkerProcess:
    """One worker: a Python interpreter of its own.

    It inherits the listening sockets and one end of a socket pair, by which both sides send lines of JSON.
    The worker ends by itself when its parent's end is closed.
    """

    def __init__(self, order: Order, generation: int) -> None:
        self.order = order
        self.slot = order.slot
        self.generation = generation
        self.state: State = "starting"
        self.started = time.time()
        self.requests = 0
        # What the application was found to be: its interface, and why.
        self.facts: Message = {}
        # The lines of requests that were cut off at the end of the grace.
        self.cut_off: list[str] = []
        # Whether it answered when it was last asked.
        self.answers = True
        # Whether a request waits in it for longer than it may.
        self.is_stuck = False
        # Asked by a signal to end, by somebody else than its parent.
        self.asked_to_end = asyncio.Event()
        loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[None] = loop.create_future()
        self._answers: dict[int, asyncio.Future[Message]] = {}
        self._numbers = itertools.count()
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        # It takes no more connections; it has ended.
        self.closed = asyncio.Event()
        self.ended = asyncio.Event()

    @property
    def pid(self) -> int:
        """The process id; 0 before there is a process."""
        return 0 if self._process is None else self._process.pid

    @property
    def exit_status(self) -> int | None:
        """The exit status, negative for a signal; None while it runs."""
        return None if self._process is None else self._process.returncode

    # start

    async def start(self, environ: t.Mapping[str, str]) -> None:
        """Start the process; return when it serves.

        Raises ServeError if it does not come so far, or not in time. The process is gone then. If this is
        cancelled, the process is told to stop: it may take connections already, and say so a moment later.
        """
        settings = self.order.settings
        spawning = asyncio.ensure_future(self._spawn(environ))
        try:
            await asyncio.shield(spawning)
            await asyncio.wait_for(asyncio.shield(self._ready), settings.start_timeout)
        except asyncio.TimeoutError:
            self.kill()
            await self.ended.wait()
            raise ServeError(
                f"The application did not start within {settings.start_timeout:g} seconds (--start-timeout).",
                START_TIMEOUT,
            ) from None
        except asyncio.CancelledError:
            await spawning
            self.stop()
            raise
        except BaseException:
            self.kill()
            raise
        self.state = "ready"

    async def _spawn(self, environ: t.Mapping[str, str]) -> None:
        ours, theirs = socket.socketpair()
        settings = self.order.settings
        descriptors = [fd for fd, _ in self.order.listeners]
        try:
            self._process = await asyncio.create_subprocess_exec(
                *command_for(_MODULE, str(theirs.fileno()), interpreter=settings.interpreter),
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno(), *descriptors],
                cwd=settings.chdir,
                env=environ,
            )
        except OSError as error:
            ours.close()
            raise ServeError(f"A worker could not be started: {error}", APPLICATION) from error
        finally:
            theirs.close()
        reader, self._writer = await asyncio.open_connection(sock=ours, limit=_LONGEST_MESSAGE)
        self._listening = asyncio.create_task(self._listen(reader))
        self._send(self.order.as_message())

    # messages

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        assert self._process is not None
        try:
            while line := await reader.readline():
                self._handle(json.loads(line))
        except (OSError, ValueError):
            pass  # it died in the middle of a line
        status = await self._process.wait()
        self.state = "ended"
        if not self._ready.done():
            self._fail(_how_it_ended(status), APPLICATION)
        if self._writer is not None:
            self._writer.close()
        for answer in self._answers.values():
            answer.cancel()
        self.closed.set()
        self.ended.set()

    def _handle(self, message: Message) -> None:
        kind = message["event"]
        if kind == "ready":
            self.facts = message
            if not self._ready.done():
                self._ready.set_result(None)
        elif kind == "failed":
            self._fail(message["message"], message["status"])
        elif kind == "answer":
            answer = self._answers.pop(message["number"], None)
            if answer is not None and not answer.done():
                answer.set_result(message)
        elif kind == "asked to end":
            self.asked_to_end.set()
        elif kind == "cut off":
            self.cut_off += message["lines"]
        elif kind == "closed":
            self.closed.set()
        elif kind == "ending":
            self.requests = message["requests"]

    def _fail(self, message: str, status: int) -> None:
        if not self._ready.done():
            self._ready.set_exception(ServeError(message, status))
            self._ready.exception()  # whoever starts it may have been cancelled

    def _send(self, message: Message) -> None:
        if self._writer is not None and not self._writer.is_closing():
            with contextlib.suppress(OSError):
                self._writer.write(json.dumps(message).encode() + b"\n")

    async def _ask(self, what: str, seconds: float) -> Message | None:
        if self.ended.is_set():
            return None
        number = next(self._numbers)
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        self._send({"do": what, "number": number})
        done, _ = await asyncio.wait([answer], timeout=seconds)
        self._answers.pop(number, None)
        return answer.result() if done and not answer.cancelled() else None

    async def report(self, seconds: float = 1) -> Message | None:
        """Ask for its requests; None if it does not answer: something holds the interpreter's lock."""
        found = await self._ask("report", seconds)
        self.answers = found is not None
        if found is not None:
            self.requests = found["requests"]
        return found

    async def stacks(self, seconds: float = 2) -> str:
        """Return the stacks of its threads as text.

        One that does not answer writes them to standard error, without the interpreter's lock.
        """
        found = await self._ask("stacks", seconds)
        if found is not None:
            return str(found["text"])
        self.signal(signal.SIGQUIT)
        return "(it does not answer: the stacks are on standard error)"

    # end

    def drain(self) -> None:
        """Let it say that it is not ready, though it serves."""
        self._send({"do": "drain"})

    def close(self) -> None:
        """Let it say `Connection: close` in its answers, so that clients leave by themselves."""
        if self.state == "ready":
            self.state = "closing"
            self._send({"do": "close"})

    def stop(self) -> None:
        """Let it take no more connections, finish its requests, and end."""
        self.state = "stopping"
        self._send({"do": "stop"})

    def kill(self) -> None:
        """Kill it."""
        self.signal(signal.SIGKILL)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal, if it still runs."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, number)


def _how_it_ended(status: int) -> str:
    if status < 0:
        return f"A worker was ended by {signal.Signals(-status).name} before it served."
    return f"A worker ended with status {status} before it served."
