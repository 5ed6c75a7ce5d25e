"""One run of a script at a time: a lock on a file, which the system takes back from a process that ends."""

from __future__ import annotations

import json
import os
import socket
import sys
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from . import developer
from .errors import RunsAlready, ScriptError


@contextmanager
def only_one(path: Path, what: str) -> Iterator[None]:
    """Hold the lock of a script, or raise `ScriptError` that says who does.

    The file stays: if it were deleted, two processes could each lock a file of this name.
    """
    try:
        # SECURITY: through a link, this would empty somebody's file.
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o644)
    except OSError as error:
        raise ScriptError(
            f"{path}: this file, which keeps {what} from running twice, cannot be opened: {error.strerror}."
        ) from error
    try:
        if not _lock(descriptor):
            raise RunsAlready(f"{what} is running: {_holder(descriptor)}. Wait until it ends.")
        _write(descriptor, _about_us())
        yield
        _write(descriptor, None)
    finally:
        os.close(descriptor)


def _about_us() -> dict[str, t.Any]:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return {"pid": os.getpid(), "user": developer.login(), "host": socket.gethostname(), "since": now}


def _write(descriptor: int, text: dict[str, t.Any] | None) -> None:
    try:
        os.ftruncate(descriptor, 0)
        if text is not None:
            os.lseek(descriptor, 0, os.SEEK_SET)
            os.write(descriptor, json.dumps(text).encode())
    except OSError:
        pass  # a full disk: the lock itself holds, only the second one cannot say who has it


def _holder(descriptor: int) -> str:
    try:
        os.lseek(descriptor, 0, os.SEEK_SET)
        text = json.loads(os.read(descriptor, 4096))
        return f"{text['user']} runs it on {text['host']} as process {text['pid']}, since {text['since']}"
    except (ValueError, KeyError, TypeError, OSError):
        return "its lock does not say who runs it"


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> bool:
        """Lock a byte far behind the text, which others are to be able to read."""
        os.lseek(descriptor, 2**30, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True
else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
