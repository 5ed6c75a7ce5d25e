"""`progress()`: rows in batches, with a bar, and with what `--resume` needs."""

from __future__ import annotations

import os
import typing as t
from collections.abc import Iterable, Iterator

from .checkpoint import Key, Step, key_from, key_to_keep
from .current import current_run
from .display import Display
from .errors import ScriptError
from .keyset import Batches, batches_of
from .output import Output

if t.TYPE_CHECKING:
    from sqlalchemy import Select

T = t.TypeVar("T")


@t.overload
def progress(
    source: Select[T], *, key: t.Any = ..., batch: int = ..., label: str = ..., session: t.Any = ...
) -> Rows[t.Any]: ...
@t.overload
def progress(
    source: Iterable[T], *, key: t.Any = ..., batch: int = ..., label: str = ..., session: t.Any = ...
) -> Rows[T]: ...
def progress(
    source: t.Any, *, key: t.Any = None, batch: int = 1000, label: str = "rows", session: t.Any = None
) -> Rows[t.Any]:
    """Return the rows of a query, to be used as `with progress(db.select(Order)) as rows:`.

    They are read *batch* at a time, in the order of the primary key or of the columns in *key*, so memory
    does not grow with their number. After each batch the session is committed, and `--resume` goes on behind
    the last one that finished. The session is Flask-SQLAlchemy's unless another is given. Another iterable
    than a query is counted; it needs the same items in the same order for `--resume`.

    Raises `ScriptError` for a query with an order or a limit of its own, and for columns without *key*.
    """
    if batch < 1:
        raise ScriptError(f"progress() takes a batch of at least one row, and not {batch}.")
    return Rows(batches_of(source, key=key, size=batch, session=session), label)


class Rows(t.Generic[T]):
    """The rows of a `progress()`, to be iterated over once."""

    def __init__(self, batches: Batches, label: str) -> None:
        self._batches = batches
        self._label = label
        self._run = current_run()
        self._number = self._run.progresses
        self._run.progresses += 1
        self._before: Step | None = self._run.checkpoint.step(self._number)
        lengths = self._before["files"] if self._before else {}
        self._output = Output(lengths, is_dry=self._run.is_dry)
        self._done = self._before["done"] if self._before else 0
        self._display: Display | None = None

    @property
    def is_resumed(self) -> bool:
        """Whether a run that was cut off has done the first batches: a table's head is written already."""
        return self._before is not None

    def open(self, path: str | os.PathLike[str], encoding: str = "utf-8") -> t.TextIO:
        """Open a file to write to, without a translation of line breaks, as `csv` wants it.

        With `--resume` it is cut to what the finished batches have written. It is closed with the rows; in
        a dry run nothing is written.
        """
        return self._output.open(path, encoding)

    def __enter__(self) -> Rows[T]:
        self._display = Display(self._label, self._batches.total, self._done)
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        try:
            self._output.close(is_lost=kind is not None)
        finally:
            if self._display is not None:
                self._display.close(self._done)

    def __iter__(self) -> Iterator[T]:
        if self._display is None:
            raise ScriptError("progress() is to be used with 'with': 'with progress(…) as rows:'.")
        before = self._before
        if before is not None and before["finished"]:
            return
        key: Key | None = key_from(before["key"]) if before else None
        for rows, key in self._batches.behind(key):  # noqa: B020
            for row in rows:
                yield row
                self._done += 1
                self._display.advance(self._done)
            self._finish(key)
        self._finish(key, is_all=True)

    def _finish(self, key: Key | None, *, is_all: bool = False) -> None:
        """Make a batch lasting. Whoever is killed between the two lines does this batch again."""
        self._batches.commit()
        files = self._output.save()
        step = Step(key=key_to_keep(key or ()), done=self._done, files=files, finished=is_all)
        self._run.checkpoint.save(self._number, step)
