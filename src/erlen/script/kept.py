"""Files that a run leaves beside the application's instance: where they are, and how they are written."""

from __future__ import annotations

import json
import os
import typing as t
from pathlib import Path

from .errors import ScriptError
from .places import Script


def folder(instance_path: str) -> Path:
    """Return the folder, and make it."""
    path = Path(instance_path) / "script-log"
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ScriptError(
            f"{path}, where logs and records of scripts are kept, cannot be made: {error.strerror}."
        ) from error
    return path


def read(path: Path) -> dict[str, t.Any] | None:
    """Return what is in a file; none where there is none, or where a crash has left half of one."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def write(path: Path, value: dict[str, t.Any]) -> None:
    """Write a file, or leave the one that is there. Raises `OSError`."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        beside.write_text(json.dumps(value), encoding="utf-8")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def rename(where: Path, old: Script, new: Script) -> None:
    """Let everything that is kept about a script go along with it."""
    for file in list(where.iterdir()) if where.is_dir() else []:
        if file.name.startswith(f"{old.key}."):
            target = where / f"{new.key}{file.name[len(old.key) :]}"
            if not target.exists():
                file.rename(target)
