"""The files of a project: which are its own, and how they are read."""

from __future__ import annotations

import fnmatch
import os
import stat
import typing as t
from pathlib import Path

LARGEST = 2_000_000
"""Bytes of the largest file that is read: nobody writes larger ones by hand."""

_NOT_OURS = frozenset(("__pycache__", "__pypackages__", "node_modules", "site-packages", "dist-packages"))
# What builds leave behind, where it is no package.
_BUILT = frozenset(("build", "dist", "_build"))


class UnreadableFile(Exception):
    """A file that cannot be read as what it should be; with the line where that shows."""

    def __init__(self, text: str, line: int = 1) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


def python_files(root: Path, exclude: t.Sequence[str] = ()) -> t.Iterator[Path]:
    """Yield the Python files of a folder, in order, without environments, caches and built files."""
    for path in files(root, exclude):
        if path.suffix in (".py", ".pyw"):
            yield path


def files(root: Path, exclude: t.Sequence[str] = ()) -> t.Iterator[Path]:
    """Yield all files of a folder, in order: those of hidden folders and of environments are not its own.

    `exclude` has patterns of files and folders to leave out, as seen from *root*. A file is yielded as it is.
    """
    if not root.is_dir():
        yield root
        return
    # Links to folders are not followed: what they lead to is in another place, or a loop.
    for name, folders, names in os.walk(root):
        folder = Path(name)
        kept = (each for each in folders if not is_left_out(folder / each))
        folders[:] = sorted(each for each in kept if not _is_excluded(folder / each, root, exclude))
        for file in sorted(names):
            path = folder / file
            if not _is_excluded(path, root, exclude) and not _is_second_name(path, root):
                yield path


def is_left_out(folder: Path) -> bool:
    """Tell whether a folder has nothing of the project's own: an environment, a cache, built files."""
    name = folder.name
    if name in _NOT_OURS or name.startswith(".") or name.endswith(".egg-info"):
        return True
    if name in _BUILT:
        return not (folder / "__init__.py").exists()
    return (folder / "pyvenv.cfg").exists() or (folder / "conda-meta").exists()


def read(path: Path) -> bytes:
    """Return what a file has; raise `UnreadableFile` for one that is too large, or no regular file."""
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise UnreadableFile("it is not a regular file")
        if found.st_size > LARGEST:
            raise UnreadableFile(f"it is larger than {LARGEST:,} bytes")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(error.strerror or type(error).__name__) from None


def _is_excluded(path: Path, root: Path, exclude: t.Sequence[str]) -> bool:
    relative = path.relative_to(root).as_posix()
    return any(fnmatch.fnmatch(relative, pattern) for pattern in exclude)


def _is_second_name(path: Path, root: Path) -> bool:
    """Tell whether this is a link to a file that is found under its own name anyway."""
    # `Path.resolve` does not take a link that leads to itself.
    return path.is_symlink() and Path(os.path.realpath(path)).is_relative_to(root)
