"""The pid file: who reads it can send a signal to this server."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
import tempfile
import typing as t
from pathlib import Path

from .errors import PID_FILE, ServeError
from .folders import alone_in

if t.TYPE_CHECKING:
    import typing_extensions as te

# More than any pid has, and little enough to read from whatever the file is.
_LONGEST = 64
_LARGEST_PID = 2**31 - 1


class PidFile:
    """A file with the pid of this process, for the time of a block.

    A file that a process left behind which has ended is replaced. Entering the block raises ServeError where
    another process is in the file, or something else than a pid.
    """

    def __init__(self, path: str) -> None:
        # It is removed at the end, when the current folder may be another.
        self.path = Path(os.path.abspath(path))
        self._identity: tuple[int, int] | None = None

    def __enter__(self) -> te.Self:
        try:
            with alone_in(self.path.parent):
                self._refuse_others()
                self._identity = self._write()
        except (OSError, ValueError) as error:  # ValueError: a NUL in the path
            raise self._not_to_be_had(error) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the file, if it is still the one that this process wrote."""
        with contextlib.suppress(OSError), alone_in(self.path.parent):
            found = self.path.lstat()
            if (found.st_dev, found.st_ino) == self._identity and _pid_in(self.path) == os.getpid():
                self.path.unlink()

    def _write(self) -> tuple[int, int]:
        """Write the file and put it in its place: readers see all of it, or the file before."""
        descriptor, name = tempfile.mkstemp(dir=self.path.parent, prefix=".pid-")
        try:
            with open(descriptor, "w", encoding="ascii") as file:
                file.write(f"{os.getpid()}\n")
                os.fchmod(descriptor, 0o644)
                made = os.fstat(descriptor)
            os.replace(name, self.path)
        except BaseException:
            os.unlink(name)
            raise
        return made.st_dev, made.st_ino

    def _refuse_others(self) -> None:
        """Raise ServeError unless the path is free, or has the pid of nobody."""
        try:
            mode = self.path.lstat().st_mode
        except FileNotFoundError:
            return
        pid = _pid_in(self.path) if stat.S_ISREG(mode) else None
        if pid is None:
            raise ServeError(
                f"{self.path} is there and is no pid file. It was left alone: remove it, or take another path"
                " with --pid-file.",
                PID_FILE,
            )
        # In a container, the process before this one often had the same number.
        if pid and pid != os.getpid() and is_alive(pid):
            raise ServeError(
                f"The process {pid}{_name_of(pid)} runs, and is in the pid file {self.path}: stop it, or"
                " remove the file if it is no server, or take another path with --pid-file.",
                PID_FILE,
            )

    def _not_to_be_had(self, error: OSError | ValueError) -> ServeError:
        if isinstance(error, ValueError):
            reason = str(error)
        elif error.errno == errno.ENOENT:
            reason = f"the folder {self.path.parent} does not exist"
        else:
            reason = error.strerror or str(error)
        return ServeError(
            f"Cannot write the pid file {self.path} ({reason}): take another path with --pid-file.", PID_FILE
        )


def is_alive(pid: int) -> bool:
    """Tell whether there is a process with this number: no thread, and none that has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    has_ended = re.search(r"^State:\s+[ZX]", status, re.MULTILINE)
    leader = re.search(r"^Tgid:\s+(\d+)$", status, re.MULTILINE)
    return not has_ended and (leader is None or int(leader[1]) == pid)


def _pid_in(path: Path) -> int | None:
    """Return the pid in a file, 0 if it is empty, None if it is something else."""
    with path.open("rb") as file:
        content = file.read(_LONGEST + 1)
    text = content.strip()
    if not text:
        return 0 if len(content) <= _LONGEST else None
    # 0 is no process, and a signal to it goes to all of a group.
    if len(content) > _LONGEST or not re.fullmatch(rb"[1-9][0-9]{0,9}", text) or int(text) > _LARGEST_PID:
        return None
    return int(text)


def _name_of(pid: int) -> str:
    """Return what a process was started with, in parentheses; nothing where that is not known."""
    try:
        command = (
            Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
        )
    except OSError:
        return ""
    return f" ({command[:60]})" if command else ""
