"""Files that are there as a whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
import typing as t

# Names that begin with a dot are left alone by everything here.
TEMPORARY = ".static-digest-"


def write(path: str, content: bytes, like: os.stat_result | None = None) -> None:
    """Write a file, and put it into its place when it is complete; it has time and rights of *like*."""
    with replacing(path, like) as file:
        file.write(content)


@contextlib.contextmanager
def replacing(path: str, like: os.stat_result | None = None) -> t.Iterator[t.BinaryIO]:
    """Give a file to write to, which takes the place of *path* at the end, unless there is an exception."""
    with temporary_beside(path) as (name, file):
        yield file
        put(name, file, path, like)


@contextlib.contextmanager
def temporary_beside(path: str) -> t.Iterator[tuple[str, t.BinaryIO]]:
    """Give a new file in the folder of *path*; where it is still there at the end, it is removed."""
    name = os.path.join(os.path.dirname(path), f"{TEMPORARY}{os.getpid()}-{secrets.token_hex(4)}")
    file = open(name, "xb")  # noqa: SIM115
    try:
        with file:
            yield name, file
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def put(temporary: str, file: t.BinaryIO, path: str, like: os.stat_result | None) -> None:
    """Close a temporary file, and give it its name."""
    file.flush()
    if like is None:
        os.fsync(file.fileno())
    file.close()
    if like is not None:
        # Nobody may execute it: whoever may read the original may read it.
        os.chmod(temporary, stat.S_IMODE(like.st_mode) & 0o666)
        set_time(temporary, like)
    os.replace(temporary, path)


def set_time(path: str, like: os.stat_result) -> None:
    """Give a file the time of another."""
    os.utime(path, ns=(like.st_mtime_ns, like.st_mtime_ns))
