"""The stacks of all threads and of the tasks of requests, as text."""

from __future__ import annotations

import faulthandler
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
    while waiting is not None:
        for prefix in ("cr", "ag", "gi"):
            frame = getattr(waiting, f"{prefix}_frame", None)
            if frame is not None:
                frames.append((frame, frame.f_lineno))
                waiting = getattr(waiting, "gi_yieldfrom" if prefix == "gi" else f"{prefix}_await")
                break
        else:
            waiting = None
    return traceback.StackSummary.extract(iter(frames))
