"""The folders of a site: its releases, the link to the one that serves, and what they share."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
from datetime import datetime, timezone
from pathlib import Path

from ..targets.files import printable
from . import records
from .errors import USAGE, ReleaseError
from .records import Record

_STAMP = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"(\d{8}T\d{6}Z)(?:-(\d{1,6}))?")
FAILED_SUFFIX = ".failed"
# Of links that are about to become `current`, and of releases that are about to begin.
_TEMPORARY = ".new-"
# pip writes the path into the first lines of scripts, and ':' separates folders in PATH.
_UNUSABLE = re.compile(r"[^\w /.,+@~-]")


class Layout:
    """The folder of a site, as `/srv/shop`."""

    def __init__(self, root: Path) -> None:
        """Take a folder; raises ReleaseError where it is none, or cannot be used."""
        self.root = Path(os.path.abspath(root))
        self.releases = self.root / "releases"
        self.shared = self.root / "shared"
        self.current = self.root / "current"
        self._check()

    def _check(self) -> None:
        shown = printable(str(self.root))
        if _UNUSABLE.search(str(self.root)):
            raise ReleaseError(
                f"The path {shown!r} has characters that scripts of pip cannot have in it: use letters,"
                " digits, spaces and /.,+@~-_ alone.",
                USAGE,
            )
        if not self.root.is_dir():
            raise ReleaseError(
                f"{shown} is no folder. 'erlen deploy host' writes a script that makes it, or make it.",
                USAGE,
            )
        for folder in (self.releases, self.shared):
            if os.path.lexists(folder) and not folder.is_dir():
                raise ReleaseError(
                    f"{printable(str(folder))} has to be a folder: move away what it is.", USAGE
                )
        if os.path.lexists(self.current) and not self.current.is_symlink():
            raise ReleaseError(
                f"{printable(str(self.current))} is no link, and would have to be replaced: move it away."
                f" If it serves, move it into {printable(str(self.releases))} and make a link to it.",
                USAGE,
            )

    # current

    def link(self) -> str | None:
        """Return where `current` leads to, as it is written; None if there is no link."""
        with contextlib.suppress(FileNotFoundError):
            return os.readlink(self.current)
        return None

    def current_name(self) -> str | None:
        """Return the name of the release that `current` leads to; None if it leads to none."""
        if self.link() is None:
            return None
        target = Path(os.path.realpath(self.current))
        if target.parent == Path(os.path.realpath(self.releases)) and target.is_dir():
            return target.name
        return None

    def switch(self, link: str | None) -> None:
        """Let `current` lead elsewhere, in one step; with None it is removed."""
        if link is None:
            self.current.unlink()
        else:
            temporary = self.root / f"{_TEMPORARY}{os.getpid()}"
            with contextlib.suppress(FileNotFoundError):
                temporary.unlink()
            temporary.symlink_to(link)
            os.replace(temporary, self.current)
        _sync(self.root)

    # releases

    def folder(self, name: str) -> Path:
        """Return the folder of a release."""
        return self.releases / name

    def names(self) -> list[str]:
        """Return the names of all releases, the oldest first; not of those that failed."""
        found = [each.name for each in os.scandir(self.releases) if each.is_dir(follow_symlinks=False)]
        return sorted((name for name in found if _NAME.fullmatch(name)), key=_age)

    def record(self, name: str) -> Record:
        """Return what is remembered of a release."""
        return records.read(self.folder(name))

    def begin(self, source: str, now: datetime | None = None) -> str:
        """Make the folder of a new release, which is younger than all others, and return its name."""
        name = self.next_name(now)
        # The record is there before the folder has its name: a release that was killed is known by it.
        temporary = self.releases / f"{_TEMPORARY}{os.getpid()}"
        temporary.mkdir(mode=0o755)
        temporary.chmod(0o755)
        records.write(temporary, Record("begun", source))
        temporary.rename(self.folder(name))
        return name

    def next_name(self, now: datetime | None = None) -> str:
        """Return a name by the time in UTC; after the last one, even if the clock was set back."""
        stamp = (now or datetime.now(timezone.utc)).strftime(_STAMP)
        taken = [name.removesuffix(FAILED_SUFFIX) for name in os.listdir(self.releases)]
        last = max([("", 0), *(_age(name) for name in taken)])
        return stamp if last < (stamp, 1) else f"{last[0]}-{last[1] + 1}"

    def previous_of(self, name: str) -> str | None:
        """Return the release that served before another one; None if there is none any more."""
        known = self.names()
        before = self.record(name).previous
        if before in known:
            return before
        served = [each for each in known if _age(each) < _age(name) and self.record(each).state == "served"]
        return served[-1] if served and _NAME.fullmatch(name) else None

    # what failed

    def put_aside(self, name: str) -> Path:
        """Rename a release that failed, so that it is not taken for one, and return its path."""
        failed = self.releases / f"{name}{FAILED_SUFFIX}"
        self.folder(name).rename(failed)
        return failed

    def tidy(self) -> list[str]:
        """Remove what earlier runs have left that failed or were killed; return the names."""
        gone = []
        current = self.current_name()
        for each in sorted(os.listdir(self.releases)):
            is_failed = each.endswith(FAILED_SUFFIX) and _NAME.fullmatch(each.removesuffix(FAILED_SUFFIX))
            is_half = _NAME.fullmatch(each) and each != current and self.record(each).state == "begun"
            if is_failed or is_half or each.startswith(_TEMPORARY):
                remove(self.releases / each)
                gone.append(each)
        for link in self.root.glob(f"{_TEMPORARY}*"):
            if link.is_symlink():
                link.unlink()
        return gone


def remove(folder: Path) -> None:
    """Remove a folder; what links in it lead to stays."""
    if stat.S_ISDIR(folder.lstat().st_mode):
        shutil.rmtree(folder)
    else:
        folder.unlink()


def _age(name: str) -> tuple[str, int]:
    """Return what names are sorted by; one that is none comes first."""
    found = _NAME.fullmatch(name)
    return (found[1], int(found[2] or 1)) if found else ("", 0)


def _sync(folder: Path) -> None:
    """Write a folder to the disk, where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
