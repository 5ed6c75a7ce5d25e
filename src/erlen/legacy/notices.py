"""The warning that an old name gives, once, with the place of the user's code."""

from __future__ import annotations

import os
import sys
import typing as t
import warnings

from .removed import REMOVED, Removed

if t.TYPE_CHECKING:
    from types import FrameType

RECORDS: dict[str, Removed] = {record.name: record for record in REMOVED}

_ERLEN = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_IMPORT_SYSTEM = (
    "<frozen importlib",
    os.path.dirname(os.__file__) + os.sep + "importlib" + os.sep,
)
# The version that removed what the other one had last.
_REMOVED_IN = {"0.12": "1.0", "1.1": "2.0", "2.0": "2.1", "2.1": "2.2", "2.2": "2.3"}

_given: set[str] = set()


def notice(name: str) -> None:
    """Warn that the code which calls used *name*, unless that was said before."""
    record = RECORDS[name]
    notice_of(name, record, f"Write instead: {record.instead}.")


def notice_of(name: str, record: Removed, advice: str) -> None:
    """Warn of *name*, which went with what *record* says, unless that was said before."""
    if name in _given:
        return
    package = "Flask" if record.library == "flask" else record.library
    gone = (
        f"{package} {_REMOVED_IN[record.last]}"
        if record.library == "flask"
        else f"{package} after {record.last}"
    )
    frame = _frame_of_user()
    warnings.warn_explicit(
        f"'{name}' was removed in {gone}; Erlen's legacy layer has it. {advice}",
        DeprecationWarning,
        frame.f_code.co_filename,
        frame.f_lineno,
        module=frame.f_globals.get("__name__", "<unknown>"),
    )
    # Not before the warning, which may be an exception.
    _given.add(name)


def forget() -> None:
    """Forget which warnings were given."""
    _given.clear()


def _frame_of_user() -> FrameType:
    """Return the innermost frame of code that is neither Erlen's nor the import system's."""
    frame = sys._getframe(2)
    while frame.f_back is not None and _is_ours(frame.f_code.co_filename):
        frame = frame.f_back
    return frame


def _is_ours(filename: str) -> bool:
    return filename.startswith((_ERLEN, *_IMPORT_SYSTEM))
