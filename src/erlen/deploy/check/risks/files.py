"""Risks of files that others can read: environment files, and what is served as static."""

from __future__ import annotations

import contextlib
import os
import shlex
import typing as t
from pathlib import Path

from erlen import environment_files
from erlen.deploy.logs.hidden import Hidden

from ...env.ignored import ignore_line
from ...env.statements import Statement
from ..finding import Finding, Kind, Level, Place
from . import written
from .access import READ, WRITE, files_below, is_for_others
from .environment import values_in
from .folders import upload_folders
from .key_quality import weakness_of

if t.TYPE_CHECKING:
    from ..examined import Examined

ENV_TRACKED = Kind(
    "env-file-tracked",
    Level.ERROR,
    "Everybody with the repository can read the secrets in it, and its history keeps them.",
)
ENV_NOT_IGNORED = Kind(
    "env-file-not-ignored",
    Level.WARNING,
    "One `git add .` takes the secrets in it into the repository, and its history keeps them.",
)
ENV_READABLE = Kind(
    "env-file-readable",
    Level.WARNING,
    "Every program on the machine can read the secrets in it.",
)
STATIC_SECRET = Kind(
    "static-secret",
    Level.ERROR,
    "Everybody can fetch it: static files are sent to whoever knows or guesses the name.",
)
STATIC_SOURCE = Kind(
    "static-source",
    Level.WARNING,
    "Everybody can fetch it, and read how the application works.",
)
STATIC_CODE = Kind(
    "static-folder-is-code",
    Level.ERROR,
    "Everybody can fetch the programs, the settings and the data of the application.",
)
UPLOADS = Kind(
    "uploads-in-static",
    Level.WARNING,
    "A page or a drawing that somebody uploads runs its scripts as a part of this site.",
)
WRITABLE = Kind(
    "code-writable-by-all",
    Level.WARNING,
    "Every program on the machine can change what the application does.",
)

_HIDDEN = Hidden()
_EXAMPLES = (".example", ".sample", ".template", ".dist", ".default", ".test", ".tmpl")
_SECRET_NAMES = (".env", ".htpasswd", ".netrc", ".pgpass", "id_rsa", "id_ed25519")
_SECRET_FOLDERS = (".git", ".svn", ".hg", ".ssh")
_SECRET_SUFFIXES = (".p12", ".pfx", ".keystore")
# What a file begins with, or has in its first lines.
_SECRET_CONTENTS = (b"SQLite format 3\0", b"PRIVATE KEY-----")
_LOOKED_AT = 4_096
_SNIFFED = (".sqlite", ".sqlite3", ".db", ".pem", ".key")
_SOURCE_SUFFIXES = (
    ".py",
    ".pyc",
    ".ini",
    ".cfg",
    ".toml",
    ".log",
    ".sql",
    ".dump",
    ".bak",
    ".orig",
    ".swp",
    ".jinja",
    ".j2",
)


def check_environment_files(examined: Examined) -> t.Iterator[Finding]:
    """Find environment files with secrets that git has, would take, or that others on the machine read."""
    repository = examined.repository
    for path in sorted(_environment_files(examined)):
        line = next((line for each, line in values_in(path) if _is_secret(each)), None)
        if line is None:
            continue
        place, name = Place(path, line), path.name
        if repository.tracks(path):
            command = f"git rm --cached {shlex.quote(name)}"
            yield ENV_TRACKED.found(f"git tracks {name!r}, which has secrets.", place, write=command)
        elif not repository.ignores(path):
            what = f"git does not ignore {name!r}, which has secrets."
            yield ENV_NOT_IGNORED.found(what, place, write=f"{ignore_line(name)}  # in .gitignore")
        if os.name == "posix" and is_for_others(path, READ):
            yield ENV_READABLE.found(
                f"Others can read {name!r}.", place, write=f"chmod 600 {shlex.quote(name)}"
            )


def check_static_folders(examined: Examined) -> t.Iterator[Finding]:
    """Find files in static folders that are not for everybody."""
    code = [_real(examined.app.root_path), _real(examined.app.instance_path)]
    for folder in _static_folders(examined):
        if any(each.is_relative_to(folder) for each in code):
            what = f"The static folder {folder.name!r} has the application in it."
            yield STATIC_CODE.found(what, _place_of_static(examined), write='static_folder="static"')
            continue
        for path in files_below(folder):
            kind = _kind_of(path)
            if kind is not None:
                what = f"{path.relative_to(folder).as_posix()!r} is in the static folder {folder.name!r}."
                yield kind.found(what, Place(path), write=f"Move {shlex.quote(path.name)} out of it.")
        for key, uploads in upload_folders(examined):
            if uploads.is_relative_to(folder):
                place = written.place_of_setting(examined, key)
                line = f'app.config["{key}"] = os.path.join(app.instance_path, "uploads")'
                yield UPLOADS.found(f"{key} is in the static folder {folder.name!r}.", place, write=line)


def check_writable(examined: Examined) -> t.Iterator[Finding]:
    """Find programs and settings that everybody on the machine can write to."""
    if os.name != "posix":
        return
    paths = [source.path for source in written.programs(examined) if is_for_others(source.path, WRITE)]
    if paths:
        more = f" (and {len(paths) - 1} more)" if len(paths) > 1 else ""
        what = f"Everybody can write to {paths[0].name!r}{more}."
        yield WRITABLE.found(what, Place(paths[0]), write=f"chmod -R o-w {shlex.quote(examined.root.name)}")


def _environment_files(examined: Examined) -> set[Path]:
    """Return the environment files of the project, and those that have been read from elsewhere."""
    folders = {examined.root, Path(examined.app.root_path), examined.repository.root or examined.root}
    found = {Path(file.path) for file in environment_files.files_read()}
    for folder in folders:
        # One that cannot be listed has nothing that could be read.
        with contextlib.suppress(OSError):
            found |= {folder / name for name in os.listdir(folder) if _is_environment_file(name)}
    return {_real(each) for each in found if os.path.isfile(each)}


def _is_secret(statement: Statement) -> bool:
    """Tell whether a line of an environment file has a secret, and not something in place of one."""
    name, value = statement.name or "", statement.value or ""
    return _HIDDEN.names_setting(name) and weakness_of(value) != "placeholder"


def _is_environment_file(name: str) -> bool:
    is_one = name in (".env", ".flaskenv") or name.startswith(".env.")
    return is_one and not name.endswith(_EXAMPLES)


def _static_folders(examined: Examined) -> list[Path]:
    owners = (examined.app, *examined.app.blueprints.values())
    folders = {_real(each.static_folder) for each in owners if each.static_folder}
    installed = ("site-packages", "dist-packages")
    return sorted(each for each in folders if not set(installed).intersection(each.parts))


def _place_of_static(examined: Examined) -> Place | None:
    calls = written.calls(examined, "Flask", "Erlen", "Blueprint")
    return next(
        (at for at, call in calls if any(word.arg == "static_folder" for word in call.keywords)), None
    )


def _kind_of(path: Path) -> Kind | None:
    name = path.name.lower()
    if path.is_dir():
        return STATIC_SECRET if name in _SECRET_FOLDERS else None
    if not path.is_file():
        return None
    is_secret = name in _SECRET_NAMES or name.startswith(".env.") or name.endswith(_SECRET_SUFFIXES)
    # A certificate is for everybody, its key is not.
    if is_secret or (name.endswith(_SNIFFED) and any(part in _head(path) for part in _SECRET_CONTENTS)):
        return STATIC_SECRET
    return STATIC_SOURCE if name.endswith(_SOURCE_SUFFIXES) else None


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LOOKED_AT)
    except OSError:
        return b""


def _real(path: str | Path) -> Path:
    # `Path.resolve` raises for a link that leads to itself.
    return Path(os.path.realpath(path))
