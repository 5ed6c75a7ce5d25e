"""Runs checks, one after another; one that raises is a finding itself."""

from __future__ import annotations

import sys
import typing as t
from pathlib import Path

from .examined import Examined
from .finding import Check, Finding, Kind, Level, Place

_NOWHERE = Path()

CHECK_FAILED = Kind("check-failed", Level.ERROR, "What this check looks for was not looked for to the end.")


def run(checks: t.Iterable[Check], examined: Examined) -> list[Finding]:
    """Return what all checks find, each once, sorted by file and line."""
    found = dict.fromkeys(finding for check in checks for finding in _run(check, examined))
    return sorted(found, key=_order)


def kinds_of(checks: t.Iterable[Check]) -> list[Kind]:
    """Return the kinds that are constants of the modules of these checks."""
    modules = dict.fromkeys(getattr(check, "__module__", None) or "" for check in checks)
    constants = [value for name in modules for value in vars(sys.modules.get(name, object)).values()]
    return list(dict.fromkeys(value for value in constants if isinstance(value, Kind)))


def _run(check: Check, examined: Examined) -> t.Iterator[Finding]:
    try:
        for finding in check(examined):
            if not isinstance(finding, Finding):
                raise TypeError(f"it yields something of the type {type(finding).__name__!r}, not findings")
            yield finding
    except (Exception, SystemExit) as error:
        name = f"{getattr(check, '__module__', '?')}.{getattr(check, '__qualname__', repr(check))}"
        yield CHECK_FAILED.found(f"The check '{name}' raises {type(error).__name__}: {error}")


def _order(finding: Finding) -> tuple[bool, Place, str, str]:
    """Sort by file and line; what is in no file comes last."""
    place = finding.place
    if place is None:
        return True, Place(_NOWHERE), finding.kind.id, finding.what
    return False, place, finding.kind.id, finding.what
