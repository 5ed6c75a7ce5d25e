"""Files, folders and links on their way into a release, wherever they come from.

SECURITY: names and links may be anybody's, as those of an archive. Nothing is written outside of the release:
while files are written there is no link in it, and each link that is made leads to something inside.
"""

from __future__ import annotations

import os
import shutil
import typing as t
from pathlib import Path

from ..targets.files import printable
from .errors import ReleaseError

Kind = t.Literal["file", "folder", "link"]


class Entry(t.NamedTuple):
    """A file, a folder or a link."""

    path: str
    """Where it belongs, from the folder of the release, with `/`."""
    kind: Kind
    mode: int = 0o644
    open: t.Callable[[], t.IO[bytes]] | None = None
    """Opens the content of a file."""
    target: str = ""
    """Where a link leads to."""


class Written(t.NamedTuple):
    """What was written."""

    files: int
    left_out: list[str]
    """What was there and was not wanted, by the first part of its path."""


class Writer:
    """Writes entries into a new folder."""

    def __init__(self, folder: Path, left_out: t.Collection[str], reader: int | None) -> None:
        """Take a folder, the names in it that are not wanted, and the user that serves, if it is another one.

        What not everybody may read in the source is for that user alone, to be read.
        """
        self._folder = folder
        self._unwanted = left_out
        self._reader = reader
        self._links: dict[str, str] = {}
        self._left_out: dict[str, None] = {}
        self._files = 0

    def write(self, entries: t.Iterable[Entry]) -> Written:
        """Write all entries; raises ReleaseError for one that leads elsewhere."""
        for entry in entries:
            parts = parts_of(entry.path)
            if parts and parts[0] in self._unwanted:
                self._left_out[parts[0]] = None
            elif parts:
                self._write("/".join(parts), entry)
        self._make_links()
        return Written(self._files, sorted(self._left_out))

    def _write(self, path: str, entry: Entry) -> None:
        if entry.kind == "link":
            self._links[path] = entry.target
            return
        # Of two entries with one name the later one counts, as for tar.
        self._links.pop(path, None)
        if entry.kind == "folder":
            self._make_folder(path, entry.mode)
        else:
            self._make_folder(os.path.dirname(path), None)
            self._write_file(path, entry)
            self._files += 1

    def _make_folder(self, path: str, mode: int | None) -> None:
        try:
            os.makedirs(self._folder / path, mode=0o755, exist_ok=True)
        except (FileExistsError, NotADirectoryError):
            raise ReleaseError(f"{printable(path)!r} is there as a file and as a folder.") from None
        if mode is not None and path:
            self._set_rights(self._folder / path, 0o755, not mode & 0o001)

    def _write_file(self, path: str, entry: Entry) -> None:
        target = self._folder / path
        if target.is_dir():
            raise ReleaseError(f"{printable(path)!r} is there as a file and as a folder.")
        target.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
        assert entry.open is not None
        with entry.open() as content, os.fdopen(os.open(target, flags, 0o600), "wb") as file:
            shutil.copyfileobj(content, file)
        self._set_rights(target, 0o755 if entry.mode & 0o100 else 0o644, not entry.mode & 0o004)

    def _set_rights(self, path: Path, mode: int, is_secret: bool) -> None:
        if not is_secret:
            path.chmod(mode)
        elif self._reader is None:
            path.chmod(mode & 0o700)
        else:
            # By user, not by group: a unit may give the server another group.
            os.chown(path, self._reader, -1)
            path.chmod(mode & 0o500)

    def _make_links(self) -> None:
        for path, target in self._links.items():
            if any(str(above) in self._links for above in Path(path).parents):
                raise ReleaseError(f"{printable(path)!r} is below a link.")
            self._make_folder(os.path.dirname(path), None)
            if os.path.isabs(target) or "\0" in target or not target:
                raise _leads_out(path, target)
            try:
                os.symlink(target, self._folder / path)
            except FileExistsError:
                raise ReleaseError(f"{printable(path)!r} is there twice, as a link and otherwise.") from None
        self._check_links()

    def _check_links(self) -> None:
        """Look where the links really lead to: through other links, too."""
        root = os.path.realpath(self._folder)
        for path, target in self._links.items():
            end = os.path.realpath(self._folder / path)
            if end != root and not end.startswith(f"{root}{os.sep}"):
                raise _leads_out(path, target)


def parts_of(path: str) -> list[str]:
    """Return the parts of a path. Raises ReleaseError where it is none inside of a folder."""
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if path.startswith("/") or ".." in parts or "\0" in path:
        raise ReleaseError(
            f"The name {printable(path)!r} leads out of the release: make the source without it."
        )
    return parts


def _leads_out(path: str, target: str) -> ReleaseError:
    return ReleaseError(
        f"The link {printable(path)!r} leads out of the release, to {printable(target)!r}: remove it, or put"
        " what it leads to into the shared folder, which is linked into each release."
    )
