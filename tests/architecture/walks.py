"""Follow a request through Erlen's own code: calls, files, and jumps from one file to another."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import erlen

SOURCE = Path(erlen.__file__).parent


class Walk(NamedTuple):
    """How far something travels in Erlen's own code."""

    calls: int
    files: int
    jumps: int


class Recorder:
    """What writes down the file of each call of Erlen's own functions, on all threads."""

    def __init__(self) -> None:
        self.files: list[str] = []
        self.names: list[str] = []
        self._is_on = False
        self._lock = threading.Lock()

    def profile(self, frame: FrameType, event: str, _: object) -> None:
        """Write one call down: a profile function of :mod:`sys` and :mod:`threading`."""
        if event != "call" or not self._is_on:
            return
        code = frame.f_code
        path = Path(code.co_filename)
        if path.is_relative_to(SOURCE) and not code.co_name.startswith("<"):
            with self._lock:
                self.files.append(str(path.relative_to(SOURCE)))
                self.names.append(code.co_name)

    @contextmanager
    def on_threads(self) -> Iterator[None]:
        """Follow threads that start in here."""
        threading.setprofile(self.profile)
        try:
            yield
        finally:
            threading.setprofile(None)

    @contextmanager
    def recording(self) -> Iterator[None]:
        """Write down what is called in here."""
        with without_collector():
            self._is_on = True
            sys.setprofile(self.profile)
            try:
                yield
            finally:
                sys.setprofile(None)
                self._is_on = False

    def walk(self) -> Walk:
        """Return what was written down."""
        jumps = sum(before != after for before, after in pairwise(self.files))
        return Walk(len(self.files), len(set(self.files)), jumps)

    def story(self) -> str:
        """Return the walk, a line for each call."""
        lines = (f"{file} {name}" for file, name in zip(self.files, self.names, strict=True))
        return "\n".join([str(self.walk()), *lines])


@contextmanager
def without_collector() -> Iterator[None]:
    """Keep the garbage collector from running in here: what it collects may call something."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


# A thread that waits, or a second that begins, calls something more: the shortest of several walks counts.
_TIMES = 5


def follow(call: Callable[[], object], *, warm: int = 3) -> Recorder:
    """Follow a call that has been made before."""
    for _ in range(warm):
        call()
    recorders = [Recorder() for _ in range(_TIMES)]
    for recorder in recorders:
        with recorder.recording():
            call()
    return min(recorders, key=Recorder.walk)


def follow_async(call: Callable[[], Awaitable[Any]], *, warm: int = 3) -> Recorder:
    """Follow a coroutine function, and the threads that work for it."""
    recorders = [Recorder() for _ in range(_TIMES)]

    async def run(recorder: Recorder) -> None:
        for _ in range(warm):
            await call()
        with recorder.recording():
            await call()

    for recorder in recorders:
        with recorder.on_threads():
            asyncio.run(run(recorder))
    return min(recorders, key=Recorder.walk)
