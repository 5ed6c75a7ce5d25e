"""Risks of rights on files: what the user who serves cannot read or write, or can do too much of."""

from __future__ import annotations

import os
import shlex
import sys
import typing as t
from pathlib import Path

from ..finding import Finding, Kind, Level, Place
from . import written
from .access import PASS, READ, WRITE, UnknownUser, User, files_below, user_of
from .databases import databases_of
from .folders import written_folders

if t.TYPE_CHECKING:
    from ..examined import Examined

UNKNOWN = Kind(
    "user-unknown",
    Level.ERROR,
    "No process can be started as that user.",
)
ROOT = Kind(
    "user-root",
    Level.WARNING,
    "A mistake in the application, or in anything that it uses, is one with all rights on the machine.",
)
UNREADABLE = Kind(
    "files-unreadable",
    Level.ERROR,
    "The application does not start, or answers with 500 or 404 where it needs the file.",
)
DATABASE = Kind(
    "database-unwritable",
    Level.ERROR,
    "Reading works, and the first request that writes is answered with a 500.",
)
FOLDER = Kind(
    "folder-unwritable",
    Level.ERROR,
    "The first request that writes a file is answered with a 500.",
)


def check_rights(examined: Examined) -> t.Iterator[Finding]:
    """Find files and folders that the serving user lacks rights for; access control lists are not read."""
    if os.name != "posix":
        return
    try:
        user = user_of(examined.target.user)
    except UnknownUser as error:
        line = "useradd --system --shell /usr/sbin/nologin " + str(error)
        yield UNKNOWN.found(f"This machine has no user {str(error)!r}.", write=line)
        return
    if user.uid == 0:
        if examined.target.user is not None:
            yield ROOT.found("The application is to be served by root.", write="--user www-data")
        return
    yield from _unreadable(examined, user)
    yield from _unwritable_databases(examined, user)
    for key, folder in written_folders(examined):
        obstacle = _folder_obstacle(user, folder)
        if obstacle is not None:
            place = written.place_of_setting(examined, key)
            yield FOLDER.found(f"{key}: {obstacle}.", place, write=_give(examined, folder))


def _unreadable(examined: Examined, user: User) -> t.Iterator[Finding]:
    """Yield one finding for each folder in which something cannot be read."""
    python = Path(sys.executable)
    for folder in (Path(sys.prefix), python):
        obstacle = user.obstacle(folder, PASS)
        if obstacle is not None:
            line = "Make the virtual environment in a folder that the user can read."
            yield UNREADABLE.found(f"Python: {obstacle}.", write=line)
            break
    for folder in _read_folders(examined):
        found = next((each for each in _obstacles(user, folder)), None)
        if found is not None:
            path, obstacle = found
            line = f"chmod -R a+rX {shlex.quote(str(folder))}"
            yield UNREADABLE.found(f"{obstacle}.", Place(path), write=line)


def _read_folders(examined: Examined) -> list[Path]:
    app = examined.app
    folders = [Path(app.root_path)]
    for each in (app, *app.blueprints.values()):
        folders += [Path(each.static_folder)] if each.static_folder else []
        if each.template_folder:
            folders.append(Path(each.root_path, each.template_folder))
    found = {Path(os.path.realpath(folder)) for folder in folders if os.path.isdir(folder)}
    # What is below another one is looked through with that.
    return sorted(
        each for each in found if not any(each != one and each.is_relative_to(one) for one in found)
    )


def _obstacles(user: User, folder: Path) -> t.Iterator[tuple[Path, str]]:
    obstacle = user.obstacle(folder, READ) or user.obstacle(folder, PASS)
    if obstacle is not None:
        yield folder, obstacle
        return
    for path in files_below(folder):
        if _is_needed(path.relative_to(folder)) and not path.is_symlink():
            obstacle = user.obstacle(path, READ) or (user.obstacle(path, PASS) if path.is_dir() else None)
            if obstacle is not None:
                yield path, obstacle


def _is_needed(path: Path) -> bool:
    """Tell whether an application reads a file: hidden ones and compiled ones may be left out."""
    return not any(part.startswith(".") or part in ("__pycache__", "node_modules") for part in path.parts)


def _unwritable_databases(examined: Examined, user: User) -> t.Iterator[Finding]:
    for key, database in databases_of(examined):
        file = database.file
        if file is None or database.is_read_only:
            continue
        # SQLite makes its journal beside the file.
        obstacle = user.obstacle(file.parent, WRITE) or user.obstacle(file.parent, PASS)
        if obstacle is None and os.path.exists(file):
            obstacle = user.obstacle(file, WRITE) or user.obstacle(file, READ)
        if obstacle is not None:
            place = written.place_of_setting(examined, key)
            yield DATABASE.found(f"SQLite: {obstacle}.", place, write=_give(examined, file.parent))


def _folder_obstacle(user: User, folder: Path) -> str | None:
    """Return what keeps a user from writing into a folder, or from making it."""
    existing = folder
    while not os.path.exists(existing) and existing != existing.parent:
        existing = existing.parent
    return user.obstacle(existing, WRITE) or user.obstacle(existing, PASS)


def _give(examined: Examined, folder: Path) -> str:
    return f"chown -R {shlex.quote(examined.target.user or '$USER')} {shlex.quote(str(folder))}"
