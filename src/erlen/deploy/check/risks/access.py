"""What a user may do with a file, by its mode, its owner and its group; access control lists are not read."""

from __future__ import annotations

import os
import stat
import typing as t
from dataclasses import dataclass
from pathlib import Path

READ, WRITE, PASS = 4, 2, 1
_WORDS = {READ: "read", WRITE: "write to", PASS: "go through"}


class UnknownUser(Exception):
    """A user that this machine does not have."""


@dataclass(frozen=True)
class User:
    """A user of the machine, as files know it."""

    name: str
    uid: int
    groups: frozenset[int]

    def may(self, path: Path, want: int) -> bool:
        """Tell whether the mode of a file or folder lets this user do something; raise OSError without it."""
        found = path.stat()
        if self.uid == 0:
            return True
        if found.st_uid == self.uid:
            return bool(found.st_mode >> 6 & want)
        if found.st_gid in self.groups:
            return bool(found.st_mode >> 3 & want)
        return bool(found.st_mode & want)

    def obstacle(self, path: Path, want: int) -> str | None:
        """Return what keeps this user from a file or folder, as words; None for nothing.

        *want* is `READ`, `WRITE` or `PASS`. All folders above have to let the user through.
        """
        path = Path(os.path.realpath(path))
        for each, wanted in (*((folder, PASS) for folder in reversed(path.parents)), (path, want)):
            try:
                if not self.may(each, wanted):
                    return f"{self.name} may not {_WORDS[wanted]} {str(each)!r} ({_mode(each)})"
            except OSError as error:
                return f"{str(each)!r}: {error.strerror}"
        return None


def user_of(name: str | None) -> User:
    """Return the user of a name or number; without one, the user of this process. Raise `UnknownUser`."""
    import pwd

    if name is None:
        return User("This user", os.geteuid(), frozenset((os.getegid(), *os.getgroups())))
    try:
        entry = pwd.getpwuid(int(name)) if name.isascii() and name.isdecimal() else pwd.getpwnam(name)
    except (KeyError, ValueError, OverflowError):
        raise UnknownUser(name) from None
    groups = frozenset(os.getgrouplist(entry.pw_name, entry.pw_gid))
    return User(f"User {entry.pw_name!r}", entry.pw_uid, groups)


def files_below(folder: Path, most: int = 10_000) -> t.Iterator[Path]:
    """Yield the files and folders below a folder, up to a number; links to folders are not followed."""
    left = most
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in (*folders, *sorted(names)):
            if left <= 0:
                return
            left -= 1
            yield Path(here, name)


def is_for_others(path: Path, want: int) -> bool:
    """Tell whether everybody on the machine may do something with a file; no for one that is not there."""
    nobody = User("others", -1, frozenset())
    return nobody.obstacle(path, want) is None


def _mode(path: Path) -> str:
    found = path.stat()
    return f"{stat.filemode(found.st_mode)}, owner {found.st_uid}, group {found.st_gid}"
