"""Where settings are written: the line of a program, of a file, of a class, of an environment file."""

from __future__ import annotations

import inspect
import re
import types
import typing as t
from pathlib import Path

from werkzeug.utils import import_string

from erlen import environment_files, project_files

from .finding import Place

if t.TYPE_CHECKING:
    from erlen import Config
    from erlen.deploy.env.recording import Origin, Recording


def places_of(config: Config, recording: Recording) -> dict[str, Place]:
    """Return the place of each key of a configuration that is written in a file."""
    found = {key: _place_of(key, origin) for key, origin in recording.origins(config).items()}
    return {key: place for key, place in found.items() if place is not None}


def _place_of(key: str, origin: Origin) -> Place | None:
    if origin.text.startswith("$"):
        return _in_environment_files(origin.text[1:])
    if origin.given is not None:
        return _in_object(key, origin.given)
    if origin.file is None:
        return None
    path = Path(origin.file).resolve()
    return Place(path, origin.line or _line_of(key, _text_of(path)) or 1)


def _in_environment_files(variable: str) -> Place | None:
    for file in reversed(environment_files.files_read()):
        if variable in file.values:
            path = Path(file.path).resolve()
            return Place(path, _line_of(variable, _text_of(path)) or 1)
    return None


def _in_object(key: str, given: t.Any) -> Place | None:
    """Return where a module or a class, or a class above it, sets a key."""
    held = import_string(given, silent=True) if isinstance(given, str) else given
    holders = held.__mro__ if isinstance(held, type) else [held]
    holder = next((each for each in holders if key in getattr(each, "__dict__", ())), None)
    try:
        if not isinstance(holder, (type, types.ModuleType)):
            return None
        path = Path(inspect.getsourcefile(holder) or "").resolve()
        lines, first = inspect.getsourcelines(holder)
    except (OSError, TypeError, ValueError):
        return None
    first = max(first, 1)  # of a module it is 0
    return Place(path, first - 1 + (_line_of(key, "".join(lines)) or 1))


def _line_of(key: str, text: str) -> int | None:
    """Return the last line that sets a key, in Python, JSON, TOML or an environment file.

    What is set in a class or a block is left out, where it is also set outside.
    """
    sets = re.compile(rf"""^(\s*)(?:export\s+)?["']?{re.escape(key)}["']?\s*(?::[^=]*)?[=:]""")
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        if match := sets.match(line):
            found[len(match[1])] = number
    return found[min(found)] if found else None


def _text_of(path: Path) -> str:
    try:
        return project_files.read(path).decode("utf-8-sig", "replace")
    except project_files.UnreadableFile:
        return ""
