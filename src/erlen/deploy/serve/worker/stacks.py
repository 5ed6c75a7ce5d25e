"""The stacks of all threads and of the tasks of requests, as text."""

from __future__ import annotations

import faulthandler
import gc
import inspect
import signal
import sys
import threading
import traceback
import types
import typing as t

if t.TYPE_CHECKING:
    import asyncio

    from .granian_server import Server
    from .requests_under_way import Request

# How many coroutines that wait for each other are shown.
_DEEPEST = 100


def write_on_signal() -> None:
    """Let SIGQUIT write the stacks to standard error, even while a thread holds the interpreter's lock."""
    faulthandler.register(signal.SIGQUIT, all_threads=True, chain=False)


def stacks(server: Server | None) -> str:
    """Return the stacks of all threads but the calling one, with the requests that they answer.

    Under ASGI the tasks of requests follow, each with what it waits for.
    """
    requests = [] if server is None else server.requests.all()
    by_thread = {request.thread: request for request in requests}
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    own = threading.get_ident()
    parts = [
        _part(f"Thread {names.get(ident, ident)}", by_thread.get(ident), traceback.extract_stack(frame))
        for ident, frame in sys._current_frames().items()
        if ident != own
    ]
    parts += [
        _part(f"Task {task.get_name()}", request, _stack_of_task(task))
        for request, task in ([] if server is None else server.tasks())
    ]
    return "\n".join(parts)


def _part(title: str, request: Request | None, stack: traceback.StackSummary) -> str:
    if request is not None:
        title = f"{title}, for {request.seconds:.1f} s at {request.line}"
    return f"{title}:\n{''.join(stack.format())}"


def _stack_of_task(task: asyncio.Task[t.Any]) -> traceback.StackSummary:
    """Return where *task* waits.

    asyncio itself tells only the outermost of the coroutines that await each other.
    """
    frames: list[tuple[types.FrameType, int]] = []
    waiting: t.Any = task.get_coro()
    while (frame := _frame_of(waiting)) is not None and len(frames) < _DEEPEST:
        frames.append((frame, frame.f_lineno))
        waiting = _awaited_by(waiting) or _driven_in(frame)
    return traceback.StackSummary.extract(iter(frames))


def _frame_of(waiting: t.Any) -> types.FrameType | None:
    """Return the frame of a coroutine, a generator or an asynchronous generator; None for anything else."""
    frames = (getattr(waiting, f"{prefix}_frame", None) for prefix in ("cr", "gi", "ag"))
    return next((frame for frame in frames if frame is not None), None)


def _awaited_by(waiting: t.Any) -> t.Any:
    names = ("cr_await", "gi_yieldfrom", "ag_await")
    awaited = next((each for name in names if (each := getattr(waiting, name, None)) is not None), None)
    if type(awaited).__name__.startswith("async_generator_"):
        # A step of an asynchronous generator, which has no attribute for what it is a step of.
        return next(filter(inspect.isasyncgen, gc.get_referents(awaited)), None)
    return awaited


def _driven_in(frame: types.FrameType) -> t.Any:
    """Return the coroutine that a generator drives by hand instead of awaiting it."""
    if not frame.f_code.co_flags & inspect.CO_GENERATOR:
        return None
    return next((value for value in frame.f_locals.values() if isinstance(value, types.CoroutineType)), None)
