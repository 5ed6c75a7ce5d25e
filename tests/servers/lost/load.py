"""A client that asks at a steady rate, whatever comes back, and tells what became of each request.

Half of the requests go over kept connections, half over new ones; a tenth of them are slow. Nothing is sent
again: a request that meets a connection which the server closes is lost, as it is for a client that may not
repeat it.
"""

from __future__ import annotations

import asyncio
import contextlib
import resource
import ssl
import threading
import time
from types import TracebackType

from .http1 import Address, Answered, Http1, Lost
from .http2 import Http2
from .tally import Closing, Fate, Record, Tally

PATIENCE = 45.0  # seconds: longer than any grace
OPEN_FILES = 8192  # requests wait for a server that is away: each has a connection


class Load:
    """Requests at a steady rate, from a thread of its own, while the block runs."""

    def __init__(
        self,
        address: Address,
        *,
        rate: float = 200,
        requests: int | None = None,
        http: int = 1,
        kept: int = 8,
        patience: float = PATIENCE,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """Prepare; *requests* limits how many are sent, *kept* says how many connections are kept."""
        self.address = address
        self.rate = rate
        self.tally = Tally()
        self.phase = "start"
        """What is done to the server: requests that begin from now on are counted under it."""
        self.under_way: dict[int, Record] = {}
        self._requests = requests
        self._patience = patience
        self._speaks = {1: Http1, 2: Http2}[http]
        self._kept = kept
        self._tls = tls
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)
        self._failure: BaseException | None = None

    def __enter__(self) -> Load:
        _allow_open_files()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self.wait()

    def wait(self) -> Tally:
        """Wait until the load has stopped, and all requests that were sent have ended."""
        self._thread.join(self._patience + 30)
        assert not self._thread.is_alive(), "The load does not end."
        if self._failure is not None:
            raise self._failure
        return self.tally

    def _run(self) -> None:
        try:
            asyncio.run(self._send_all())
        except BaseException as error:
            self._failure = error

    async def _send_all(self) -> None:
        speaker = self._speaks(self.address, self._closed_while_idle, self._kept, self._tls)
        tasks: set[asyncio.Task[None]] = set()
        start = time.monotonic()
        number = 0
        while not self._stop.is_set() and number != self._requests:
            due = start + number / self.rate
            await asyncio.sleep(max(0, due - time.monotonic()))
            self.tally.latest = max(self.tally.latest, time.monotonic() - due)
            task = asyncio.create_task(self._one(speaker, number))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            number += 1
        if tasks:
            await asyncio.wait(tasks)
        speaker.close()
        await asyncio.sleep(0.05)  # connections are closed in the next turns of the loop, TLS in a few

    async def _one(self, speaker: Http1 | Http2, number: int) -> None:
        quick, kept = number // 2 % 10 != 0, number % 2 == 0
        record = Record(number, self.phase, quick, kept, time.monotonic())
        self.under_way[number] = record
        asked = speaker.ask("/quick" if quick else "/slow", kept=kept)
        try:
            _fill(record, await asyncio.wait_for(asked, self._patience))
        except Lost as error:
            record.fate, record.why, record.pid = error.fate, error.why, error.pid
        except asyncio.TimeoutError:  # SILENT is what it has been until now
            record.why = f"given up after {self._patience:g} s"
        record.ended = time.monotonic()
        del self.under_way[number]
        self.tally.records.append(record)

    def _closed_while_idle(self, pid: int, at: float) -> None:
        self.tally.closings.append(Closing(self.phase, at, pid))


def _fill(record: Record, answer: Answered) -> None:
    """Say whether it is what the application answers: its release and its process."""
    record.status, record.sent_again = answer.status, answer.sent_again
    words = answer.body.decode("latin-1").split()
    record.fate = Fate.WRONG
    if answer.status == 200 and len(words) == 2 and words[1].isdigit():
        record.fate = Fate.ANSWERED
        record.version, record.pid = words[0], int(words[1])
    else:
        record.why = answer.body[:100].decode("latin-1")


def _allow_open_files() -> None:
    """Let no request be lost because this process may not open more files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard > soft:
        wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, OPEN_FILES)
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
