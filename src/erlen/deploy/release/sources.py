"""What a release is made of: a folder, a checkout of git, an archive, or a wheel."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import typing as t
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from ..targets.files import printable
from . import archives
from .entries import Entry
from .errors import USAGE, ReleaseError

# Of a folder: what tools have left there, and what belongs to another place.
_NOT_COPIED = {".git", ".hg", ".svn", "__pycache__", ".venv", ".tox", ".nox"}
_NOT_COPIED |= {".pytest_cache", ".mypy_cache", ".ruff_cache"}
_WHEEL = re.compile(r"[\w.!+]+(-[\w.!+]+){4,5}\.whl", re.ASCII)


@dataclass(frozen=True)
class Source:
    """What a release is made of."""

    description: str
    opened: t.Callable[[], t.ContextManager[t.Iterable[Entry]]]
    """Gives what is in it, for the time of a block."""
    wheel: str | None = None
    """The file name of a wheel, which is to be installed."""


def open_source(path: Path, releases: Path) -> Source:
    """Find out what a path is. Raises ReleaseError for what no release can be made of."""
    shown = printable(str(path))
    try:
        mode = path.stat().st_mode
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{shown}: {getattr(error, 'strerror', error)}.", USAGE) from None
    if stat.S_ISDIR(mode):
        if Path(os.path.realpath(releases)).is_relative_to(os.path.realpath(path)):
            raise ReleaseError(f"{shown} has the releases in it: name the folder of the code.", USAGE)
        return _checkout(path) or Source(f"the folder {shown}", lambda: nullcontext(_walk(path)))
    if not stat.S_ISREG(mode):
        raise ReleaseError(f"{shown} is neither a folder nor a file.", USAGE)
    if path.suffix == ".whl":
        return _wheel(path)
    if archives.is_archive(path):
        return Source(f"the archive {shown}", lambda: archives.opened(path))
    raise ReleaseError(f"{shown} is no archive that can be read: a folder, .tar.gz, .zip or .whl is.", USAGE)


def _wheel(path: Path) -> Source:
    if not _WHEEL.fullmatch(path.name):
        raise ReleaseError(
            f"{printable(path.name)!r} is no name of a wheel: name-1.0-py3-none-any.whl is.", USAGE
        )
    entry = Entry(path.name, "file", 0o644, lambda: path.open("rb"))
    return Source(f"the wheel {printable(str(path))}", lambda: nullcontext([entry]), path.name)


# folders


def _walk(root: Path) -> t.Iterator[Entry]:
    for folder, folders, files in os.walk(root, onerror=_raise):
        folders[:] = sorted(name for name in folders if not _is_left(os.path.join(folder, name), name))
        for name in [*folders, *sorted(files)]:
            entry = _entry(root, os.path.relpath(os.path.join(folder, name), root))
            if entry is not None:
                yield entry


def _is_left(path: str, name: str) -> bool:
    is_environment = os.path.isfile(os.path.join(path, "pyvenv.cfg"))
    return name in _NOT_COPIED or (is_environment and not os.path.islink(path))


def _raise(error: OSError) -> t.NoReturn:
    raise error


def _entry(root: Path, path: str) -> Entry | None:
    """Return a file, folder or link; None for sockets and the like, and for what has gone meanwhile."""
    where = root / path
    try:
        mode = where.lstat().st_mode
        if stat.S_ISLNK(mode):
            return Entry(path, "link", target=os.readlink(where))
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(mode):
        return Entry(path, "folder", mode)
    return Entry(path, "file", mode, lambda: _open(where)) if stat.S_ISREG(mode) else None


def _open(path: Path) -> t.IO[bytes]:
    # SECURITY: what was a file a moment ago may be a link to somebody's secrets now.
    return open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NOFOLLOW | os.O_NONBLOCK))


# git


def _checkout(path: Path) -> Source | None:
    """Return the tracked files of a checkout; None for a folder that is none, or has none of them."""
    if not any(os.path.lexists(above / ".git") for above in (path.absolute(), *path.absolute().parents)):
        return None
    listed = _git(path, "ls-files", "-z", "--cached", "--recurse-submodules")
    tracked = sorted(filter(None, listed.split("\0")))
    if not tracked:
        return None

    def opened() -> t.ContextManager[t.Iterable[Entry]]:
        found = (_entry(path, name) for name in tracked)
        return nullcontext(entry for entry in found if entry is not None and entry.kind != "folder")

    return Source(f"the tracked files of {printable(str(path))}, {_state_of(path)}", opened)


def _state_of(path: Path) -> str:
    commit = _git(
        path, "rev-list", "--max-count=1", "--abbrev-commit", "--ignore-missing", "HEAD", "--"
    ).strip()
    status = _git(path, "status", "--porcelain", "--untracked-files=no", "-z", "--", ".")
    changed = len(list(filter(None, status.split("\0"))))
    about = f"commit {commit}" if commit else "no commit yet"
    return f"{about}, and {changed} that are changed since" if changed else about


def _git(folder: Path, *words: str) -> str:
    # In a hook of git, the variables of the repository that was pushed to are set.
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # SECURITY: a repository of somebody else's may name a program here; git itself refuses those of others.
    command = ["git", "-c", "core.fsmonitor=false", "-C", str(folder), *words]
    try:
        told = subprocess.run(
            command,
            capture_output=True,
            stdin=subprocess.DEVNULL,
            env={**variables, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8"},
        )
    except OSError as error:
        raise ReleaseError(
            f"{printable(str(folder))} is a checkout of git, and git does not start: {error}"
        ) from None
    if told.returncode:
        said = os.fsdecode(told.stderr).strip()
        raise ReleaseError(f"git does not say which files of {printable(str(folder))} it has:\n{said}")
    return os.fsdecode(told.stdout)
