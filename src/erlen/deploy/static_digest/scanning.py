"""Which files of a folder get hashed names, and which are left alone."""

from __future__ import annotations

import os
import stat
import typing as t
from fnmatch import fnmatchcase

from ...declare.static_sources import MANIFEST
from .file_names import new_hash, original_of_copy, split_version, tag_in
from .manifest import Manifest, Places
from .writing import TEMPORARY

_BLOCK = 1 << 20


class Scan:
    """The files of a folder, by their names from there: originals, versions, copies."""

    def __init__(self, folder: str, old: Manifest | None, excluded: t.Sequence[str] = ()) -> None:
        self.folder = folder
        self._places = Places(folder)
        self._old = old
        self._excluded = excluded
        # What was left alone, and why; the files that interrupted runs have left.
        self.notices: list[str] = []
        self.leftovers: list[str] = []
        self.originals: dict[str, os.stat_result] = {}
        self.versions: set[str] = set()
        # By the version that their names say.
        self.copies: dict[str, list[str]] = {}
        for name in sorted(self._names()):
            self._sort(name)

    def path(self, name: str) -> str:
        """Return where a file is."""
        return os.path.join(self.folder, name)

    def _names(self) -> t.Iterator[str]:
        for folder, folders, files in os.walk(self.folder, onerror=_raise):
            below = os.path.relpath(folder, self.folder).replace(os.sep, "/")
            start = "" if below == "." else f"{below}/"
            for name in folders:
                if name[0] != "." and os.path.islink(os.path.join(folder, name)):
                    self.notices.append(f"{start}{name!a} is a symbolic link to a folder: left alone.")
            folders[:] = [name for name in folders if name[0] != "." and self._has_usable_name(start + name)]
            self.leftovers += [f"{start}{name}" for name in files if name.startswith(TEMPORARY)]
            yield from (f"{start}{name}" for name in files if name[0] != "." and name != MANIFEST)

    def _sort(self, name: str) -> None:
        if not self._has_usable_name(name):
            return
        try:
            found = os.stat(self.path(name))
            is_version = self._is_version(name)
        except OSError as error:
            self.notices.append(f"{name!a} cannot be read ({error.strerror}): left alone.")
            return
        if is_version:
            self.versions.add(name)
        elif (version := original_of_copy(name)) is not None:
            self.copies.setdefault(version, []).append(name)
        elif not stat.S_ISREG(found.st_mode):
            self.notices.append(f"{name!a} is no regular file: left alone.")
        elif not self._places.has(os.path.realpath(self.path(name))):
            # SECURITY: what lies elsewhere is not published for good.
            self.notices.append(f"{name!a} is a symbolic link out of the folder: left alone.")
        elif not any(_matches(name, pattern) for pattern in self._excluded):
            self.originals[name] = found

    def _has_usable_name(self, name: str) -> bool:
        # What is not printable: control characters, and bytes that are not UTF-8.
        if name.isprintable() and "\\" not in name and ":" not in name:
            return True
        self.notices.append(f"{name!a} has characters in its name that addresses do not have: left alone.")
        return False

    def _is_version(self, name: str) -> bool:
        """Tell whether a file is what its name says, or was written before and listed."""
        tagged = split_version(name)
        if tagged is None or (self._old is not None and name in self._old.versions):
            return tagged is not None
        return os.path.isfile(self.path(name)) and tagged[1] == tag_of_file(self.path(name))


def tag_of_file(path: str, copy: t.BinaryIO | None = None) -> str:
    """Return the tag of a file's content, whatever its size; write it to *copy* on the way."""
    digest = new_hash()
    with open(path, "rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
            if copy is not None:
                copy.write(block)
    return tag_in(digest)


def _matches(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(name.rpartition("/")[2], pattern)


def _raise(error: OSError) -> t.NoReturn:
    raise error
