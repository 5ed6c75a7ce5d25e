"""Listening on a Unix socket, whose file has exactly the rights that were asked for."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import socket
import stat
from pathlib import Path

from . import errors
from .errors import ServeError
from .folders import alone_in
from .listening import Listener

DEFAULT_MODE = 0o660
"""Owner and group may connect: a front such as nginx has to be in the group, which can be chosen."""

_PATIENCE = 1.0


def listen_unix(
    path: str, mode: int = DEFAULT_MODE, group: str | None = None, backlog: int = 1024
) -> Listener:
    """Listen on the Unix socket *path*, which *mode* and *group* (a name or a number) give access to.

    A socket file that nobody listens on any more is replaced; everything else at *path* is left alone. Raises
    ServeError.
    """
    if not hasattr(socket, "AF_UNIX"):
        raise ServeError("There are no Unix sockets on this system: use --host and --port.", errors.USAGE)
    if not path or "\0" in path:
        raise ServeError(
            f"{path!r} is no path for a Unix socket: --unix takes one as /run/shop.sock.", errors.USAGE
        )
    gid = None if group is None else _group_id(group)
    # The file is removed at the end, when the current folder may be another.
    file = Path(os.path.abspath(path))
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        with alone_in(file.parent):
            _make_room(file)
            identity = _bind(sock, file, mode, gid)
            sock.listen(backlog)
    except OSError as error:
        sock.close()
        raise _not_to_be_had(error, file) from error
    except BaseException:
        sock.close()
        raise
    return Listener(sock, f"unix:{file}", remove_file=lambda: _remove(file, identity))


def parse_mode(text: str) -> int:
    """Return file rights that are written as octal digits: `660`, `0660`, `0o660`. Raises ServeError."""
    match = re.fullmatch(r"(?:0o)?0*([0-7]{1,3})", text.strip(), re.IGNORECASE)
    if match is None:
        raise ServeError(
            f"The mode {text[:40]!r} is none of a socket: write three octal digits, as 660 (owner and group)"
            " or 666 (everybody).",
            errors.USAGE,
        )
    return int(match[1], 8)


def _group_id(group: str) -> int:
    import grp

    with contextlib.suppress(KeyError, ValueError):
        return grp.getgrnam(group).gr_gid
    if group.isascii() and group.isdecimal() and len(group) <= 10 and int(group) < 2**32 - 1:
        return int(group)
    raise ServeError(
        f"There is no group {group[:80]!r}: take the name or the number of one that exists (getent group"
        " shows them).",
        errors.USAGE,
    )


def _make_room(file: Path) -> None:
    """Remove a socket file that nobody listens on. Raises ServeError for what is not to be removed."""
    try:
        found = file.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(found.st_mode):
        raise ServeError(
            f"{file} is there, and is {_kind(found)}, no socket. It was left alone: remove it, or take"
            " another path with --unix.",
            errors.ADDRESS,
        )
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_PATIENCE)
        try:
            probe.connect(os.fspath(file))
        except ConnectionRefusedError:
            file.unlink()
            return
        except FileNotFoundError:
            return
        except OSError as error:
            # A full queue, no right to connect, a datagram socket: whoever it is, it is not for us to remove.
            reason = f" ({error.strerror or error})"
        else:
            reason = ""
    raise ServeError(
        f"Another process listens on {file}{reason}: stop it, or take another path with --unix.",
        errors.ADDRESS,
    )


def _kind(found: os.stat_result) -> str:
    if stat.S_ISREG(found.st_mode):
        return "a file"
    if stat.S_ISDIR(found.st_mode):
        return "a folder"
    return "a symbolic link" if stat.S_ISLNK(found.st_mode) else "something else"


def _bind(sock: socket.socket, file: Path, mode: int, gid: int | None) -> tuple[int, int]:
    """Make the socket file; return its device and number.

    SECURITY: it is made with the rights that it is to have, or with none until its group is set. A file that
    is made first and restricted after it can be connected to in between.
    """
    before = os.umask(0o777 if gid is not None else 0o777 & ~mode)
    try:
        sock.bind(os.fspath(file))
    finally:
        os.umask(before)
    made = file.lstat()
    identity = made.st_dev, made.st_ino
    if gid is not None:
        try:
            os.chown(file, -1, gid, follow_symlinks=False)
            os.chmod(file, mode)
        except OSError as error:
            _unlink(file, identity)
            raise ServeError(
                f"Cannot give {file} to the group {gid} ({error.strerror}): only root"
                " and members of the group, may do that.",
                errors.ADDRESS,
            ) from error
    return identity


def _remove(file: Path, identity: tuple[int, int]) -> None:
    """Remove the socket file if it is the one that was made; another server may have replaced it."""
    with contextlib.suppress(OSError), alone_in(file.parent):
        _unlink(file, identity)


def _unlink(file: Path, identity: tuple[int, int]) -> None:
    found = file.lstat()
    if (found.st_dev, found.st_ino) == identity:
        file.unlink()


def _not_to_be_had(error: OSError, file: Path) -> ServeError:
    if error.errno == errno.ENOENT:
        message = f"The folder of {file} does not exist: make it first, or take another path with --unix."
    elif error.errno == errno.ENOTDIR:
        message = f"{file.parent} is no folder: take another path with --unix."
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        message = (
            f"This user may not make a socket in {file.parent}: give it the right to write there, or take"
            " another path with --unix."
        )
    elif error.errno == errno.EADDRINUSE:
        message = f"Another process has just made {file}: stop it, or take another path with --unix."
    elif error.errno in (None, errno.ENAMETOOLONG):
        # Python's own error about the length has no number.
        length = len(os.fsencode(file))
        message = (
            f"The path of the Unix socket is too long with {length} bytes (a system allows about 100): take a"
            f" shorter one with --unix, as /run/shop.sock. It is {os.fspath(file)[:60]!r}…"
        )
    else:
        message = f"Cannot listen on {file}: {error.strerror}. Take another path with --unix."
    return ServeError(message, errors.ADDRESS)
