"""Files that a run writes, and that `--resume` goes on with after the last finished batch."""

from __future__ import annotations

import io
import os
import typing as t
from contextlib import ExitStack, nullcontext, suppress
from pathlib import Path

from .errors import ScriptError


class Output:
    """The files of one progress: what is written behind the last batch that finished is cut off again."""

    def __init__(self, lengths: dict[str, int], *, is_dry: bool) -> None:
        self._before = lengths
        self._is_dry = is_dry
        self._files: dict[str, t.TextIO] = {}

    def open(self, path: str | os.PathLike[str], encoding: str) -> t.TextIO:
        """Open a file anew, or where a run that was cut off left it. In a dry run nothing is written."""
        name = str(Path(path).absolute())
        raw: t.BinaryIO
        if self._is_dry:
            name = os.devnull
            raw = open(os.devnull, "wb")  # noqa: SIM115
        elif name in self._before:
            raw = _at(name, self._before[name])
        else:
            raw = open(name, "wb")  # noqa: SIM115
        self._files[name] = file = io.TextIOWrapper(raw, encoding=encoding, newline="")
        return file

    def save(self) -> dict[str, int]:
        """Bring everything to the disk, and return how long the files are."""
        return {name: _length(file) for name, file in self._files.items() if name != os.devnull}

    def close(self, *, is_lost: bool = False) -> None:
        """Close the files; where the run has failed, what is still in memory need not reach them."""
        files, self._files = list(self._files.values()), {}
        with ExitStack() as stack:
            for file in files:
                stack.enter_context(suppress(OSError) if is_lost else nullcontext())
                stack.callback(file.close)


def _at(name: str, length: int) -> t.BinaryIO:
    try:
        file = open(name, "r+b")  # noqa: SIM115
    except OSError as error:
        raise ScriptError(
            f"{name} cannot be gone on with: {error.strerror}. Start from the beginning, without --resume."
        ) from error
    if os.fstat(file.fileno()).st_size < length:
        file.close()
        raise ScriptError(f"{name} is shorter than it was. Start from the beginning, without --resume.")
    file.truncate(length)
    file.seek(length)
    return file


def _length(file: t.TextIO) -> int:
    file.flush()
    os.fsync(file.fileno())
    return file.buffer.tell()
