"""`erlen script new`: a script, and a file for its tests."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from . import developer, names
from .errors import ScriptError
from .places import Script, scripts_in

_SCRIPT = '''\
"""{title}."""

from __future__ import annotations

# Set this to True if the script changes data: in production, it then asks first.
changes_data = False


def main() -> None:
    """{title}."""
    raise NotImplementedError("Write what the script does.")
'''
_TEST = '''\
"""Tests of the script {name}."""

from erlen.script import load


def test_it_can_be_loaded():
    assert callable(load("{name}").main)
'''


def create(
    folder: Path, words: str, *, lasting: bool, anyway: bool = False, day: date | None = None
) -> Script:
    """Make a script and a file for its tests; a temporary one has the date *day*, which is today."""
    names.require_words(words)
    if lasting:
        script = Script(folder, names.RECYCLE, words)
    else:
        script = Script(folder, developer.current(), names.temporary(words, day or date.today()))
    known = list(scripts_in(folder))
    _refuse_taken(script, known)
    if not anyway:
        _refuse_near(script, known)
    title = words.replace("_", " ").capitalize()
    _write(script.path, _SCRIPT.format(title=title))
    if not script.test.exists():
        _write(script.test, _TEST.format(name=script.name))
    return script


def _refuse_taken(script: Script, known: list[Script]) -> None:
    taken = next((each for each in known if each.name == script.name), None)
    if taken is not None:
        raise ScriptError(f"There is a script of this name: {taken.path}.")


def _refuse_near(script: Script, known: list[Script]) -> None:
    lasting = {each.name: each for each in known if not each.is_temporary}
    close = names.near(script.words, lasting)
    if close is not None:
        raise ScriptError(
            f"{script.words!r} comes near to {close!r} ({lasting[close].path}). Extend that one, with a"
            " parameter for what differs; or give a name that says what differs, or --anyway."
        )


def same_before(script: Script) -> Script | None:
    """Return an older temporary script that was made for the same."""
    others = [each for each in scripts_in(script.folder) if each.is_temporary and each != script]
    return next((each for each in others if each.words == script.words), None)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "x", encoding="utf-8", newline="\n") as file:
            file.write(text)
    except OSError as error:
        raise ScriptError(f"{path} cannot be written: {error.strerror}.") from error
