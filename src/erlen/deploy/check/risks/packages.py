"""Risks of extensions: those that were tried on Erlen, and did not run."""

from __future__ import annotations

import sys
import typing as t
from importlib import metadata

from erlen.doctor.distributions import Installed, extensions, normalized
from erlen.doctor.matrix import load
from erlen.doctor.verdicts import Verdict, judge

from ..finding import Finding, Kind, Level

if t.TYPE_CHECKING:
    from ..examined import Examined

BROKEN = Kind(
    "extension-broken",
    Level.ERROR,
    "Nothing of what the extension does on Flask was right on Erlen.",
)
LOSSES = Kind(
    "extension-with-losses",
    Level.WARNING,
    "Some of what the extension does on Flask is not right on Erlen.",
)


def check_extensions(examined: Examined) -> t.Iterator[Finding]:
    """Find imported extensions that lose something on Erlen."""
    runs = load()
    for extension in extensions(runs):
        if extension.key in runs and _is_imported(extension):
            verdict = judge(extension, runs[extension.key])
            kind = {"broken": BROKEN, "with losses": LOSSES}.get(verdict.result)
            if kind is not None:
                yield kind.found(_said(verdict), write="erlen doctor")


def _said(verdict: Verdict) -> str:
    reason = f": {verdict.reasons[0]}" if verdict.reasons else ""
    return f"{verdict.name} {verdict.installed} {verdict}{reason}."


def _is_imported(extension: Installed) -> bool:
    """Tell whether a module of a distribution has been imported."""
    for module, names in _modules().items():
        if module in sys.modules and extension.key in map(normalized, names):
            return True
    return False


def _modules() -> t.Mapping[str, list[str]]:
    return metadata.packages_distributions()
