"""The folders that an application writes to, from its settings."""

from __future__ import annotations

import os
import re
import typing as t
from pathlib import Path

if t.TYPE_CHECKING:
    from ..examined import Examined

_UPLOADS = re.compile(
    r"(UPLOADS?|MEDIA|FILES?)_(FOLDER|DIR|DIRECTORY|PATH|ROOT)|UPLOADS_DEFAULT_DEST|UPLOADED_\w+_DEST"
)
_SESSIONS = "SESSION_FILE_DIR"


def upload_folders(examined: Examined) -> list[tuple[str, Path]]:
    """Return the folders for uploads, each with the key that sets it."""
    return [(key, path) for key, path in _paths(examined) if _UPLOADS.fullmatch(key)]


def written_folders(examined: Examined) -> list[tuple[str, Path]]:
    """Return the folders that the application writes to, each with the key that sets it.

    Those of SQLite's files are not among them.
    """
    found = upload_folders(examined)
    config = examined.app.config
    if config.get("SESSION_TYPE") == "filesystem":
        found += [(key, path) for key, path in _paths(examined) if key == _SESSIONS]
    if str(config.get("CACHE_TYPE", "")).lower().startswith("filesystem"):
        found += [(key, path) for key, path in _paths(examined) if key == "CACHE_DIR"]
    log = path_of(config.get("LOG_FILE"))
    if log is not None:
        found.append(("LOG_FILE", Path(os.path.abspath(log)).parent))
    return found


def _paths(examined: Examined) -> t.Iterator[tuple[str, Path]]:
    for key, value in examined.app.config.items():
        path = path_of(value)
        # A relative path counts from the folder of the process, which may be another one then.
        if isinstance(key, str) and path is not None and (path.is_absolute() or os.path.isdir(path)):
            yield key, Path(os.path.realpath(path))


def path_of(value: object) -> Path | None:
    """Return a setting as a path; None for what cannot be one."""
    if not isinstance(value, (str, os.PathLike)):
        return None
    text = os.fsdecode(value)
    return Path(text) if text and "\0" not in text else None
