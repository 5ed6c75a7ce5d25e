"""When a script ran, how long it took and how it ended."""

from __future__ import annotations

import time
import typing as t
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

import click

from . import developer, kept
from .places import Script

_MOST = 50  # runs of a script that are kept


@dataclass
class Record:
    """One run. The status is None while it goes on, and stays so when the process is killed."""

    started: str
    user: str
    is_dry: bool
    status: int | None = None
    seconds: float | None = None


def path_of(folder: Path, script: Script) -> Path:
    """Return the file with the records of a script."""
    return folder / f"{script.key}.json"


def records_of(folder: Path, script: Script) -> list[Record]:
    """Return the runs of a script, the last one last."""
    found = (kept.read(path_of(folder, script)) or {}).get("runs", [])
    return [record for each in found if (record := _record_from(each)) is not None]


def _record_from(value: t.Any) -> Record | None:
    try:
        record = Record(**value)
        datetime.fromisoformat(record.started)
    except (TypeError, ValueError):
        return None
    return record


@contextmanager
def recorded(folder: Path, script: Script, *, is_dry: bool) -> Iterator[Record]:
    """Record a run, the caller sets its status; whoever calls this holds the script's lock."""
    started = datetime.now().astimezone().isoformat(timespec="seconds")
    record = Record(started, developer.login(), is_dry)
    before = records_of(folder, script)[1 - _MOST :]
    begun = time.monotonic()
    _write(folder, script, [*before, record])
    try:
        yield record
    finally:
        record.seconds = round(time.monotonic() - begun, 3)
        _write(folder, script, [*before, record])


def _write(folder: Path, script: Script, records: list[Record]) -> None:
    """Write the records; a full disk keeps nobody from running a script that frees it."""
    path = path_of(folder, script)
    try:
        kept.write(path, {"runs": [asdict(each) for each in records]})
    except OSError as error:
        click.echo(f"{path}: the run could not be recorded: {error.strerror}.", err=True)
