"""A queue of bytes that wait to be read: in memory, and beyond a limit in a temporary file."""

from __future__ import annotations

import io
import tempfile
import threading
import typing as t


class Spool:
    """A queue of bytes that keeps *memory* bytes in memory and the rest on disk.

    One thread may put bytes in while another takes some out.
    """

    def __init__(self, memory: int) -> None:
        self._memory = memory
        self._file: t.IO[bytes] = io.BytesIO()
        # The positions of the next byte to be read and to be written.
        self._start = self._end = 0
        self._is_closed = False
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._end - self._start

    def is_on_disk_with(self, size: int) -> bool:
        """Tell whether *size* more bytes would be written to disk: never the only ones that there are."""
        if not isinstance(self._file, io.BytesIO):
            return True
        return len(self) > 0 and len(self) + size > self._memory

    def put(self, data: bytes) -> None:
        """Append bytes; where it has been closed, only those that fit into memory."""
        with self._lock:
            if self._is_closed and self.is_on_disk_with(len(data)):
                return
            if self._start == self._end:
                self._start = self._end = 0
                self._file.seek(0)
                self._file.truncate()
            elif isinstance(self._file, io.BytesIO) and self._start > len(self):
                # Drops what has been read: it must not be kept because something after it has not been.
                self._move_to(io.BytesIO())
            if isinstance(self._file, io.BytesIO) and self.is_on_disk_with(len(data)):
                self._move_to(tempfile.TemporaryFile())  # noqa: SIM115  # close() closes it
            self._file.seek(self._end)
            self._file.write(data)
            self._end += len(data)

    def _move_to(self, file: t.IO[bytes]) -> None:
        self._file.seek(self._start)
        self._end = file.write(self._file.read())
        self._start, self._file = 0, file

    def take(self, size: int) -> bytes:
        """Remove and return at most *size* bytes; nothing where there are none."""
        if self._start == self._end:
            return b""
        with self._lock:
            self._file.seek(self._start)
            data = self._file.read(min(size, self._end - self._start))
            self._start += len(data)
            return data

    def look(self, at: int, size: int) -> bytes:
        """Return at most *size* bytes from the *at*-th on, and leave them there."""
        with self._lock:
            begin = self._start + at
            self._file.seek(begin)
            return self._file.read(max(0, min(size, self._end - begin)))

    def close(self) -> None:
        """Give back the space on disk; what is in memory may still be read."""
        with self._lock:
            self._is_closed = True
            if not isinstance(self._file, io.BytesIO):
                self._file.close()
