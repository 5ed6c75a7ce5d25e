"""`erlen script list`."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from pathlib import Path

from . import git
from .places import Script, scripts_in
from .records import Record, records_of

HEADINGS = ("NAME", "PLACE", "AUTHOR", "AGE", "LAST RUN", "WHAT IT DOES")


class Entry(t.NamedTuple):
    """What the list says about a script."""

    script: Script
    author: str
    since: date
    last: Record | None

    def is_stale(self, days: int, today: date) -> bool:
        """Tell whether it was neither made nor run in so many days."""
        used = datetime.fromisoformat(self.last.started).date() if self.last else self.since
        return (today - max(used, self.since)).days >= days


def entries(folder: Path, kept: Path | None) -> Iterator[Entry]:
    """Yield an entry for each script; *kept* is the folder with the records, if it is known."""
    for script in scripts_in(folder):
        begun = git.beginning_of(script.path)
        author = begun.author if begun else (script.place if script.is_temporary else "")
        written = date.fromtimestamp(script.path.stat().st_mtime)
        since = script.date or (begun.day if begun else written)
        last = records_of(kept, script)[-1:] if kept else []
        yield Entry(script, author, since, last[0] if last else None)


def rows_of(found: Iterable[Entry], today: date) -> list[tuple[str, ...]]:
    """Return the lines of the table, the headings first."""
    return [HEADINGS, *(_row(each, today) for each in found)]


def _row(entry: Entry, today: date) -> tuple[str, ...]:
    script = entry.script
    age = f"{max((today - entry.since).days, 0)}d"
    return script.name, script.place, entry.author or "-", age, _last_run(entry.last), script.summary() or "-"


def _last_run(record: Record | None) -> str:
    if record is None:
        return "-"
    day = datetime.fromisoformat(record.started).strftime("%Y-%m-%d %H:%M")
    if record.status is None:
        return f"{day} has not ended"
    how = "dry run" if record.is_dry else "ok"
    return f"{day} {how if record.status == 0 else f'status {record.status}'}"


def as_table(rows: list[tuple[str, ...]]) -> str:
    """Return rows as a table, whose last column is as wide as it likes."""
    widths = [max(_width(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    return "\n".join(
        "  ".join([*(_padded(cell, width) for cell, width in zip(row, widths)), row[-1]]).rstrip()  # noqa: B905
        for row in ([_clean(cell) for cell in row] for row in rows)
    )


def _clean(text: str) -> str:
    # SECURITY: a docstring or an author's name must not write to the terminal what it likes.
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _width(text: str) -> int:
    """Return the columns that a text takes: Chinese characters take two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(letter) in "WF" else 1 for letter in _clean(text))


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
