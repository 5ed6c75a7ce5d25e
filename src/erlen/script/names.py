"""The names of scripts and developers: what they may be, and which come too near to others."""

from __future__ import annotations

import keyword
import re
import sys
import unicodedata
from collections.abc import Iterable
from datetime import date
from difflib import SequenceMatcher

from .errors import ScriptError

RECYCLE = "recycle"
UNRECYCLE = "unrecycle"

_LONGEST = 100
_WORDS = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_TEMPORARY = re.compile(r"ts_(\d{4})_(\d{2})_(\d{2})_([a-z][a-z0-9]*(?:_[a-z0-9]+)*)")
# Words that tell two scripts apart without saying what either is for.
_FILLING = {"again", "bak", "copy", "error", "final", "fix", "new", "old", "temp", "test", "tmp", "v", "data"}
_NEAR = 0.92  # "export_order" and "export_orders" have 0.96, "clear_cache" and "clear_cart" 0.86


def temporary(words: str, day: date) -> str:
    """Return the name of a temporary script: `ts_2024_06_10_export_orders`."""
    return f"ts_{day:%Y_%m_%d}_{words}"


def split(name: str) -> tuple[date | None, str]:
    """Return a name's date, which temporary scripts have, and its words."""
    found = _TEMPORARY.fullmatch(name)
    if found is None:
        return None, name
    try:
        return date(int(found[1]), int(found[2]), int(found[3])), found[4]
    except ValueError:
        return None, name


def fault_of(name: str, place: str) -> str | None:
    """Say what is wrong with the name of a script in a place: which convention it breaks."""
    day, words = split(name)
    if place in (RECYCLE, UNRECYCLE):
        if name.startswith("ts_"):
            return (
                f"names with 'ts_' and a date are for temporary scripts: in '{place}' it would be {words!r}"
            )
        return _fault_of_words(name)
    if day is None:
        return (
            "a temporary script is called ts_YEAR_MONTH_DAY_what_it_does, as in ts_2024_06_10_export_orders"
        )
    return _fault_of_words(words, is_part=True)


def _fault_of_words(words: str, is_part: bool = False) -> str | None:
    if not _WORDS.fullmatch(words):
        return "a name is small letters, digits and single underscores, as in 'export_orders'"
    if len(words) > _LONGEST:
        return f"a name has at most {_LONGEST} letters"
    if keyword.iskeyword(words):
        return "it is a word of Python's own"
    if not is_part and words in sys.stdlib_module_names:
        return f"Python's standard library has a module {words!r}: say more, as in 'flush_{words}'"
    return None


def require_words(words: str) -> None:
    """Raise `ScriptError` for words that cannot be part of a script's name."""
    if words.startswith("ts_"):
        raise ScriptError(
            f"{words!r}: give only what the script does; 'ts_' and the date are put in front of it."
        )
    fault = _fault_of_words(words)
    if fault is not None:
        raise ScriptError(f"{words!r} cannot be the name of a script: {fault}.")


def near(words: str, others: Iterable[str]) -> str | None:
    """Return that of the other names which differs by a number, a date, a filling word or a letter."""
    for other in others:
        if _core(words) == _core(other) or SequenceMatcher(None, words, other).ratio() >= _NEAR:
            return other
    return None


def _core(words: str) -> tuple[str, ...]:
    kept = [word for word in words.split("_") if not word.isdecimal() and word not in _FILLING]
    return tuple(word.removesuffix("s") for word in kept)


def folder_of(developer: str, source: str) -> str:
    """Return a developer's name as the name of a folder, in ASCII; *source* says where the name is from."""
    advice = "Set ERLEN_DEVELOPER to your name in small letters, as in ERLEN_DEVELOPER=zhangsan."
    if re.search(r"[/\\\x00]|^\.", developer):
        raise ScriptError(f"{developer!r} ({source}) cannot be the name of a folder. {advice}")
    plain = unicodedata.normalize("NFKD", developer)
    spelt = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if not spelt.isascii():
        raise ScriptError(f"{developer!r} ({source}) cannot be spelt in ASCII. {advice}")
    folder = re.sub(r"[^a-z0-9]+", "_", spelt.lower()).strip("_")
    if not _WORDS.fullmatch(folder) or folder in (RECYCLE, UNRECYCLE):
        raise ScriptError(f"{developer!r} ({source}) cannot be the name of a developer's folder. {advice}")
    return folder
