"""How far a run came: after each batch it is written down what `--resume` needs."""

from __future__ import annotations

import hashlib
import typing as t
import uuid
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from . import kept
from .errors import NotKept, ScriptError

Key = tuple[t.Any, ...]

_READ: dict[str, t.Callable[[str], t.Any]] = {
    "int": int,
    "str": str,
    "UUID": uuid.UUID,
    "date": date.fromisoformat,
    "datetime": datetime.fromisoformat,
    "Decimal": Decimal,
    "bytes": bytes.fromhex,
}


class Step(t.TypedDict):
    """How far one `progress()` came: the key of its last row, and the lengths of its files."""

    key: list[tuple[str, str]]
    done: int
    files: dict[str, int]
    finished: bool


class Checkpoint:
    """The steps of a run, one for each `progress()` in the order of their calls.

    Without a path nothing is kept.
    """

    def __init__(self, path: Path | None = None, options: str = "") -> None:
        self._path = path
        self._options = options
        self._steps: dict[str, Step] = {}

    def resume(self) -> int:
        """Read what a run that was cut off has written, and return how many rows it did."""
        if self._path is None or not self._path.exists():
            raise ScriptError(
                "There is nothing to resume: no run of this script was cut off. Leave out --resume."
            )
        found = kept.read(self._path)
        if found is None or not isinstance(found.get("steps"), dict):
            raise ScriptError(f"{self._path} cannot be read: start from the beginning, without --resume.")
        if found.get("options") != self._options:
            raise ScriptError(
                "The run that was cut off had other options. Give the same ones, or start without --resume."
            )
        self._steps = found["steps"]
        return sum(step["done"] for step in self._steps.values())

    def step(self, number: int) -> Step | None:
        """Return how far a progress came."""
        return self._steps.get(str(number))

    def save(self, number: int, step: Step) -> None:
        """Write down that a batch has finished."""
        if self._path is None:
            return
        self._steps[str(number)] = step
        try:
            kept.write(self._path, {"options": self._options, "steps": self._steps})
        except OSError as error:
            raise NotKept(
                f"{self._path}: it cannot be written how far the script came: {error.strerror}."
                " Make room, and go on with --resume.",
            ) from error

    def clear(self) -> None:
        """Forget everything: the run starts anew, or has come to its end."""
        self._steps = {}
        if self._path is not None:
            self._path.unlink(missing_ok=True)

    @property
    def has_steps(self) -> bool:
        return bool(self._steps)


def digest_of(options: dict[str, t.Any]) -> str:
    """Return what tells options apart without keeping them: some are secrets."""
    return hashlib.sha256(repr(sorted(options.items())).encode()).hexdigest()


def key_to_keep(key: Key) -> list[tuple[str, str]]:
    """Return a key as it is kept; raise `ScriptError` for types that cannot be read back."""
    return [_kept(value) for value in key]


def _kept(value: t.Any) -> tuple[str, str]:
    kind = type(value).__name__
    if kind not in _READ or isinstance(value, bool):
        raise ScriptError(
            f"progress() cannot keep a key of the type {kind!r} for --resume: choose another with key=…"
        )
    if isinstance(value, date):
        return kind, value.isoformat()
    return kind, value.hex() if isinstance(value, bytes) else str(value)


def key_from(kept_key: list[tuple[str, str]]) -> Key:
    """Return a key that was kept."""
    return tuple(_READ[kind](text) for kind, text in kept_key)
