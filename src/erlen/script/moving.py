"""`erlen script promote` and `retire`: scripts change their place, their tests and their records go along."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from . import git, names
from .errors import ScriptError
from .places import Script, find, scripts_in


def promote(folder: Path, name: str, new_name: str | None, anyway: bool = False) -> tuple[Script, Script]:
    """Move a script to those that are used again; return what it was and what it is."""
    old = find(folder, name)
    if old.place == names.RECYCLE:
        raise ScriptError(f"{old.path} is among those that are used again already.")
    words = new_name or old.words
    names.require_words(words)
    others = [each.name for each in scripts_in(folder) if each != old and not each.is_temporary]
    close = None if anyway else names.near(words, others)
    if close is not None:
        raise ScriptError(
            f"{words!r} comes near to {close!r}. Extend that one; or give another name:"
            f" 'erlen script promote {old.name} NEW_NAME', or --anyway."
        )
    return old, _move(old, Script(folder, names.RECYCLE, words))


def retire(folder: Path, name: str) -> tuple[Script, Script]:
    """Move a script to those that were not used again; return what it was and what it is."""
    old = find(folder, name)
    if old.is_temporary:
        raise ScriptError(
            f"{old.path} is a temporary script: delete it when it has done its work"
            f" ('git rm' keeps it in the history), or 'erlen script promote {old.name}' first."
        )
    if old.place == names.UNRECYCLE:
        raise ScriptError(f"{old.path} is among those that are not used again already.")
    return old, _move(old, Script(folder, names.UNRECYCLE, old.name))


def _move(old: Script, new: Script) -> Script:
    moves = [(old.path, new.path), *([(old.test, new.test)] if old.test.exists() else [])]
    for _, target in moves:
        if target.exists():
            raise ScriptError(f"{target} is there already, and is kept.")
    for source, target in moves:
        _move_file(source, target)
    if old.name != new.name and new.test.exists():
        text = new.test.read_text(encoding="utf-8")
        new.test.write_text(re.sub(rf"\b{re.escape(old.name)}\b", new.name, text), encoding="utf-8")
    return new


def _move_file(source: Path, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (git.is_tracked(source) and git.move(source, target)):
            source.rename(target)
    except OSError as error:
        raise ScriptError(f"{source} cannot be moved to {target}: {error.strerror}.") from error
    if {each.name for each in source.parent.iterdir()} <= {"__pycache__"}:
        shutil.rmtree(source.parent)
