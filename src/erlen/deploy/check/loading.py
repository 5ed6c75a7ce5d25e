"""The application that is checked: imported, with what was noted meanwhile."""

from __future__ import annotations

import contextlib
import re
import sys
import sysconfig
import traceback
import typing as t
from pathlib import Path

from erlen.cli import NoAppException
from erlen.deploy.env.recording import Recording
from erlen.reporting import printable, shown_path

from .examined import Examined, Target
from .settings import places_of

if t.TYPE_CHECKING:
    from erlen import Erlen
    from erlen.cli import ScriptInfo


def examine(info: ScriptInfo, target: Target, *, for_deploy: bool) -> Examined:
    """Import the application of the command line; raise `NoAppException` where that cannot be done."""
    recording = Recording()
    # Debug mode is checked as the application sets it, not as the command line does.
    info.set_debug_flag = False
    # What the application prints as it is imported would be in the way of a report for programs.
    with recording.running(), contextlib.redirect_stdout(sys.stderr):
        app = _load(info)
    settings = places_of(app.config, recording)
    return Examined(app, root_of(app), for_deploy=for_deploy, target=target, settings=settings)


def root_of(app: Erlen) -> Path:
    """Return the folder that the application is imported from; of an installed package, its own folder."""
    folder = Path(app.root_path).resolve()
    above = folder
    while (above / "__init__.py").exists() and above != above.parent:
        above = above.parent
    return folder if above.name in ("site-packages", "dist-packages") else above


def _load(info: ScriptInfo) -> Erlen:
    try:
        return info.load_app()
    except NoAppException as error:
        cause = error.__context__
        if not isinstance(cause, ImportError) or "Traceback" not in error.message:
            raise
        hint = re.search(r"^Is it written for .*$", error.message, re.MULTILINE)
        raise NoAppException(_explain(cause) + (f"\n\n{hint[0]}" if hint else "")) from cause
    except (Exception, SystemExit) as error:
        raise NoAppException(_explain(error)) from error


def _explain(error: BaseException) -> str:
    """Say what the application raises as it is imported, where, and what to do."""
    where = _place_of(error)
    said = printable(str(error)) or "no message"
    return (
        f"The application does not load: {type(error).__name__} in {where}: {said}\n\n"
        "Nothing was checked. Mend this first; with '--traceback' you see how it came there."
    )


def _place_of(error: BaseException) -> str:
    """Return the last line of the application's own that an exception went through."""
    here = Path.cwd()
    if isinstance(error, SyntaxError) and error.filename:
        return f"{shown_path(Path(error.filename), here)}:{error.lineno}"
    lines = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    own = [each for each in lines if _is_own(each[0])] or lines
    path, line = own[-1]
    return f"{shown_path(path, here)}:{line}"


def _is_own(path: Path) -> bool:
    """Tell whether a file is neither Python's own, nor installed, nor Erlen's."""
    outside = (Path(sysconfig.get_path("stdlib")), Path(__file__).parents[2])
    installed = {"site-packages", "dist-packages"}.intersection(path.parts)
    return path.is_absolute() and not installed and not any(map(path.is_relative_to, outside))
