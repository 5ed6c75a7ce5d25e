"""What was mailed in the last hour, and what was only counted: of all processes together."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import sys
import tempfile
import threading
import typing as t
from collections import Counter
from dataclasses import dataclass, field
from time import monotonic, sleep, time

if sys.platform != "win32":
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

else:

    def _lock(descriptor: int) -> None:
        """Do nothing: each process has a ledger of its own there."""


HOUR = 3600.0
# For how long another process may keep the file, which it does for a few hundred bytes; and for how many
# seconds the file is not asked for when a process keeps it longer, which has been stopped.
_TRIES, _PAUSE = 1_000, 0.001
_AVOIDED = 60.0
# How many different errors a summary lists.
_MOST_KINDS = 50


@dataclass
class _State:
    """The contents of a ledger."""

    # When mails were sent; what was counted since, when that is to be summed up, and which processes count.
    sent: list[float] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    due: float = 0.0
    pids: set[int] = field(default_factory=set)

    @classmethod
    def read(cls, text: str) -> _State:
        """Return the state in a file; a new one for a file that is new or was cut off."""
        try:
            found = json.loads(text)
            return cls(
                sent=[float(moment) for moment in found["sent"]],
                counts={str(kind): int(number) for kind, number in found["counts"].items()},
                due=float(found["due"]),
                pids={int(pid) for pid in found["pids"]},
            )
        except (ValueError, TypeError, AttributeError, KeyError):
            return cls()

    def text(self) -> str:
        """Return what is written to the file."""
        return json.dumps({**vars(self), "pids": sorted(self.pids)})


class Ledger:
    """The mails of an hour, in a file that all processes with the same settings share.

    Without a folder that belongs to this user alone, it is this process's own. *name* says which processes
    belong together.
    """

    def __init__(self, name: str, per_hour: int, clock: t.Callable[[], float] = time) -> None:
        self._per_hour, self._clock = per_hour, clock
        self._path = _path_for(name)
        self._own = _State()
        self._avoided_until = 0.0
        self._lock = threading.Lock()

    def may_send(self, kind: str) -> tuple[bool, float]:
        """Tell whether a mail may be sent now, and count it if not; say when to sum up, 0 for never."""
        with self._open() as state:
            now = self._clock()
            # A clock that was set back must not keep mails from being sent.
            state.sent = [moment for moment in state.sent if now - HOUR < moment <= now]
            if len(state.sent) < self._per_hour:
                state.sent.append(now)
                # Another process may have counted, and have ended.
                return True, state.due if state.counts else 0.0
            if not state.counts or state.due > now + HOUR:
                state.due = now + HOUR
            kind = kind if kind in state.counts or len(state.counts) < _MOST_KINDS else "others"
            state.counts[kind] = state.counts.get(kind, 0) + 1
            state.pids.add(os.getpid())
            return False, state.due

    def take_counts(self, *, ends: bool) -> dict[str, int]:
        """Return what has been counted, if it is time or this is the last process that counts; forget it.

        *ends* says that this process counts no more.
        """
        with self._open() as state:
            if ends:
                state.pids.discard(os.getpid())
            is_last = ends and not any(map(_runs, state.pids))
            if not (is_last or self._clock() >= state.due):
                return {}
            counts, state.counts = Counter(state.counts), {}
            if state is not self._own:
                # What was counted while another process kept the file.
                counts += Counter(self._own.counts)
                self._own.counts = {}
            return counts

    @contextlib.contextmanager
    def _open(self) -> t.Iterator[_State]:
        """Give the state, which nobody else may change meanwhile, and keep what was changed."""
        with self._lock:
            file = self._locked_file()
            if file is None:
                yield self._own
                return
            yield from self._with(file)

    def _with(self, file: t.TextIO) -> t.Iterator[_State]:
        with file:
            state = _State.read(file.read())
            yield state
            with contextlib.suppress(OSError):  # the disk is full
                file.seek(0)
                file.truncate()
                file.write(state.text())
                file.flush()

    def _locked_file(self) -> t.TextIO | None:
        """Return the file, which nobody else has open; None where that cannot be."""
        if self._path is None or monotonic() < self._avoided_until:
            return None
        try:
            file = os.fdopen(_open_file(self._path), "r+", encoding="utf-8", errors="replace")
        except OSError:
            return None
        for _ in range(_TRIES):
            try:
                _lock(file.fileno())
            except OSError:
                sleep(_PAUSE)
            else:
                return file
        file.close()
        self._avoided_until = monotonic() + _AVOIDED
        return None


def _open_file(path: str) -> int:
    # SECURITY: in a folder that others may write to, a name may be a link to another file.
    return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600)


def _path_for(name: str) -> str | None:
    """Return the file for these processes, in a folder of this user alone; None if there is none."""
    if sys.platform == "win32":
        return None
    folder = os.path.join(tempfile.gettempdir(), f"erlen-{os.getuid()}")
    try:
        with contextlib.suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        found = os.lstat(folder)
    except OSError:
        return None
    # SECURITY: somebody else may have made it.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        return None
    return os.path.join(folder, f"mails-{hashlib.sha256(name.encode()).hexdigest()[:24]}.json")


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
