"""The file that says which name stands for which: written last, and believed only where it can be true."""

from __future__ import annotations

import json
import os
import stat
import typing as t

from ...declare.static_sources import MANIFEST
from .file_names import SUFFIXES, split_version
from .writing import write

FORMAT = 1


class ManifestError(ValueError):
    """An error: the manifest cannot be used."""


class Manifest(t.NamedTuple):
    """The names of a folder's files: by plain name the version of now, and all versions with their copies.

    The copies are content codings, the smallest copy first. Where a version has other references than its
    file, *rewritten* has the tag of the file.
    """

    names: dict[str, str]
    versions: dict[str, tuple[str, ...]]
    rewritten: dict[str, str]

    def tag_of(self, name: str) -> str:
        """Return the tag of the file that the version of a name was made from."""
        found = split_version(self.names[name])
        return self.rewritten.get(name, "" if found is None else found[1])

    def save(self, folder: str) -> bool:
        """Write the file where it would be another one, and tell whether it was."""
        path = os.path.join(folder, MANIFEST)
        content = self._text().encode()
        try:
            with open(path, "rb") as file:
                if file.read() == content:
                    return False
        except FileNotFoundError:
            pass
        write(path, content)
        return True

    def _text(self) -> str:
        table = {
            "format": FORMAT,
            "names": dict(sorted(self.names.items())),
            "versions": {name: list(codings) for name, codings in sorted(self.versions.items())},
            "rewritten": dict(sorted(self.rewritten.items())),
        }
        return f"{json.dumps(table, indent=1)}\n"


def read(folder: str) -> Manifest:
    """Read a folder's manifest. Raises FileNotFoundError, OSError, ManifestError.

    SECURITY: whoever may write into the folder may have written the manifest. A name that is none of a
    version of its own file, beside it, makes all of it invalid: no other file can be passed off.
    """
    with open(os.path.join(folder, MANIFEST), "rb") as file:
        raw = file.read()
    try:
        table: t.Any = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"{MANIFEST} is no JSON ({type(error).__name__})") from None
    if not isinstance(table, dict) or table.get("format") != FORMAT:
        raise ManifestError(f"{MANIFEST} is not of this format")
    versions, names, rewritten = (table.get(part) for part in ("versions", "names", "rewritten"))
    if not (isinstance(versions, dict) and isinstance(names, dict) and isinstance(rewritten, dict)):
        raise ManifestError(f"{MANIFEST} is not complete")
    known = {name: _codings(name, codings) for name, codings in versions.items()}
    for name, version in names.items():
        if not isinstance(version, str) or version not in known or _plain(version) != name:
            raise ManifestError(f"{MANIFEST} has {version!a} for {name!a}")
    return Manifest(names, known, rewritten)


def _codings(name: str, codings: t.Any) -> tuple[str, ...]:
    plain = _plain(name)
    if plain is None or not _is_inside(plain):
        raise ManifestError(f"{MANIFEST} has the version {name!a}")
    if not isinstance(codings, list) or not all(isinstance(c, str) and c in SUFFIXES for c in codings):
        raise ManifestError(f"{MANIFEST} has the copies {codings!a} of {name!a}")
    return tuple(codings)


def _plain(name: str) -> str | None:
    found = split_version(name)
    return None if found is None else found[0]


def _is_inside(name: str) -> bool:
    """Tell whether a name is one of a file in the folder, and one that an address can have."""
    if not name.isprintable() or "\\" in name or ":" in name:
        return False
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return all(part and part[0] != "." for part in name.split("/"))


class Places:
    """Where files really are: versions behind symbolic links that lead out of the folder are none."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._real = os.path.realpath(folder)
        self._folders: dict[str, bool] = {}

    def status(self, name: str) -> os.stat_result | None:
        """Return the status of a regular file that is in the folder; None for anything else."""
        below = name.rpartition("/")[0]
        if below not in self._folders:
            self._folders[below] = self.has(os.path.realpath(os.path.join(self.folder, below)))
        try:
            found = os.lstat(os.path.join(self.folder, name))
        except (OSError, ValueError):
            return None
        return found if self._folders[below] and stat.S_ISREG(found.st_mode) else None

    def has(self, real_path: str) -> bool:
        """Tell whether a path without symbolic links is in the folder."""
        return os.path.join(real_path, "").startswith(os.path.join(self._real, ""))
