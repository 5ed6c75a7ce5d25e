"""Risks of extensions: those that were tried on Erlen, and did not run."""

from __future__ import annotations

import sys
import typing as t
from importlib import metadata

from erlen.doctor.distributions import Installed
from erlen.doctor.matrix import Run, load
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
    for name, runs in load().items():
        # PERF: the others are not looked for: all installed distributions take a second.
        verdict = _verdict(name, runs) if any(run.losses for run in runs) else None
        kind = {"broken": BROKEN, "with losses": LOSSES}.get(verdict.result) if verdict else None
        if verdict is not None and kind is not None:
            reason = f": {verdict.reasons[0]}" if verdict.reasons else ""
            what = f"{verdict.name} {verdict.installed} {verdict}{reason}."
            yield kind.found(what, write="erlen doctor")


def _verdict(name: str, runs: t.Sequence[Run]) -> Verdict | None:
    """Judge an extension; None where it is not installed, or not imported."""
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return None
    tops = {file.parts[0].removesuffix(".py") for file in distribution.files or () if file.suffix == ".py"}
    return judge(Installed(name, distribution.version), runs) if not tops.isdisjoint(sys.modules) else None
