"""Turn the layer on and off."""

from __future__ import annotations

import threading
import typing as t
from importlib import import_module

from .changes import Changes
from .removed import LEVELS

# The parts of the layer. Each has a function ``add(changes, level)``.
PARTS = (
    "old_modules",
    "helpers",
    "files",
    "json_classes",
    "configuration",
    "application",
    "preserved",
    "first_request",
    "blueprints",
    "requests",
    "cookies",
    "templates",
    "command_line",
    "names",
)
_LIBRARIES = "+libraries"


class _State:
    """What is on in this process."""

    level: str | None = None
    changes: Changes | None = None


# Who looks for a name while another thread turns the layer on waits for it (``names``).
lock = threading.RLock()


def current_level() -> str | None:
    """Return what was asked for, such as "1.1" or "2.2+libraries"; None where the layer is off."""
    return _State.level


def install(level: str) -> t.Callable[[], None]:
    """Bring back the names and the behaviour of *level*; return the function that removes them again.

    "1.1" stands for Flask 1.1, "2.2" for what Flask 2.2 still had; with "+libraries" the names that other
    packages removed come back as well. "1", as in ``ERLEN_LEGACY=1``, is "1.1". Raises ValueError for another
    level, and RuntimeError where the layer is on with a different one.
    """
    wanted = _read(level)
    flask, plus, _ = wanted.partition("+")
    parts = [import_module(f"{__package__}.{name}") for name in (*PARTS, *(["libraries"] if plus else []))]
    with lock:
        if _State.level is None:
            changes = Changes()
            try:
                for part in parts:
                    part.add(changes, flask)
            except BaseException:
                changes.undo()
                raise
            _State.level, _State.changes = wanted, changes
        elif _State.level != wanted:
            raise RuntimeError(
                f"The legacy layer was asked for as {wanted!r}, and it is on as {_State.level!r} already: a"
                " process has one. Ask for it once (ERLEN_LEGACY, 'install(legacy=…)', 'erlen --legacy'), or"
                " with the same level everywhere."
            )
    return uninstall


def uninstall() -> None:
    """Remove what :func:`install` brought back; objects that were made meanwhile keep what they have."""
    with lock:
        changes, _State.level, _State.changes = _State.changes, None, None
        if changes is not None:
            changes.undo()


def _read(level: str) -> str:
    text = level.strip()
    flask, plus, libraries = text.partition("+")
    flask = LEVELS[0] if flask in ("1", "") else flask
    if flask not in LEVELS or plus + libraries not in ("", _LIBRARIES):
        raise ValueError(
            f"There is no legacy layer {level!r}. There are {' and '.join(map(repr, LEVELS))}, and each of"
            f" them with {_LIBRARIES!r} behind it, for the names that other packages removed."
        )
    return flask + plus + libraries
