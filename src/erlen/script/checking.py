"""`erlen script check`: whether the scripts keep to the convention."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from . import names
from .errors import ScriptError
from .loading import main_of, module_of
from .parameters import options_of
from .places import Script, scripts_in


def findings(folder: Path, *, oldest: int, today: date | None = None) -> Iterator[str]:
    """Yield what is wrong with the scripts in a folder; temporary ones may be *oldest* days old."""
    yield from _misplaced(folder)
    seen: dict[str, Script] = {}
    for script in scripts_in(folder):
        yield from (f"{_shown(script.path)}: {fault}" for fault in _faults_of(script))
        twin = seen.setdefault(script.name, script)
        if twin is not script:
            yield f"{_shown(script.path)}: {_shown(twin.path)} has the same name: call one differently"
        yield from _too_old(script, oldest, today or date.today())


def _misplaced(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if any(part.startswith(".") or part == "__pycache__" for part in parts):
            continue
        if path.name == "__init__.py":
            yield (
                f"{_shown(path)}: delete it: as a package, the scripts would be part of the application,"
                " of wheels and images"
            )
        elif path.suffix == ".py" and len(parts) != 2:
            yield f"{_shown(path)}: a script is in 'recycle', 'unrecycle' or the folder of a developer"
        elif path.is_dir() and len(parts) == 1 and not _is_place(path.name):
            yield f"{_shown(path)}: the folder of a developer is called in small letters, as 'zhangsan'"


def _is_place(name: str) -> bool:
    try:
        return name in (names.RECYCLE, names.UNRECYCLE) or names.folder_of(name, "a folder") == name
    except ScriptError:
        return False


def _faults_of(script: Script) -> Iterator[str]:
    fault = names.fault_of(script.name, script.place)
    if fault is not None:
        yield fault
    try:
        with _back_to_this_folder():
            module = module_of(script)
            main = main_of(module, script)
            options_of(main, str(script.path))
    except ScriptError as error:
        yield error.message.removeprefix(f"{script.path}").lstrip(":, ").rstrip(".")
        return
    if not (module.__doc__ or "").strip():
        yield "it has no docstring: say in one line what it is for"


@contextmanager
def _back_to_this_folder() -> Iterator[None]:
    here = os.getcwd()
    try:
        yield
    finally:
        os.chdir(here)


def _too_old(script: Script, oldest: int, today: date) -> Iterator[str]:
    if not script.is_temporary or script.date is None:
        return
    age = (today - script.date).days
    if age > oldest:
        yield (
            f"{_shown(script.path)}: it is temporary and {age} days old: delete it, or"
            f" 'erlen script promote {script.name}'"
        )
    elif age < -1:  # a day: the developer may live further in the east
        yield f"{_shown(script.path)}: its date is in the future"


def _shown(path: Path) -> str:
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)
