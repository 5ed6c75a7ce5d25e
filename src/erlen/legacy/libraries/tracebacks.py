"""``werkzeug.debug.tbtools`` as it was, as far as template engines derive from it.

Today's debugger asks none of it.
"""

from __future__ import annotations

import sys
import traceback
import typing as t
from types import TracebackType


class Line:
    """A line of a source, with its number."""

    __slots__ = ("code", "current", "in_frame", "lineno")

    def __init__(self, lineno: int, code: str) -> None:
        self.lineno = lineno
        self.code = code
        self.in_frame = False
        self.current = False


class Frame:
    """A frame of a traceback."""

    def __init__(self, exc_type: type[BaseException], exc_value: BaseException, tb: TracebackType) -> None:
        self.lineno = tb.tb_lineno
        self.function_name = tb.tb_frame.f_code.co_name
        self.locals = tb.tb_frame.f_locals
        self.globals = tb.tb_frame.f_globals
        self.filename = tb.tb_frame.f_code.co_filename
        self.module = self.globals.get("__name__")
        self.loader = self.globals.get("__loader__")
        self.code = tb.tb_frame.f_code
        self.hide = self.locals.get("__traceback_hide__", False)
        self.info: t.Any = None

    @property
    def sourcelines(self) -> list[str]:
        """The lines of the file."""
        import linecache

        return [line.rstrip("\n") for line in linecache.getlines(self.filename, self.globals)]

    def get_annotated_lines(self) -> list[Line]:
        """Return the lines of the file, the current one marked."""
        lines = [Line(number, code) for number, code in enumerate(self.sourcelines, 1)]
        if 0 < self.lineno <= len(lines):
            lines[self.lineno - 1].current = True
        return lines


class Traceback:
    """A traceback as a list of frames."""

    def __init__(
        self, exc_type: type[BaseException], exc_value: BaseException, tb: TracebackType | None
    ) -> None:
        self.exc_type = exc_type
        self.exc_value = exc_value
        self.exception_type = exc_type.__name__
        self.tb = tb
        self.frames: list[Frame] = []
        while tb is not None:
            self.frames.append(Frame(exc_type, exc_value, tb))
            tb = tb.tb_next

    @property
    def exception(self) -> str:
        """The last line of the traceback."""
        return "".join(traceback.format_exception_only(self.exc_type, self.exc_value)).strip()

    @property
    def plaintext(self) -> str:
        """The traceback as Python prints it."""
        return "".join(traceback.format_exception(self.exc_type, self.exc_value, self.tb)).rstrip("\n")


def get_current_traceback(
    ignore_system_exceptions: bool = False, show_hidden_frames: bool = False, skip: int = 0
) -> Traceback:
    """Return the traceback of the exception that is being handled."""
    exc_type, exc_value, tb = sys.exc_info()
    if exc_type is None or exc_value is None:
        raise RuntimeError("No exception is being handled.")
    if ignore_system_exceptions and isinstance(exc_value, (SystemExit, KeyboardInterrupt, GeneratorExit)):
        raise exc_value
    for _ in range(skip):
        if tb is None or tb.tb_next is None:
            break
        tb = tb.tb_next
    return Traceback(exc_type, exc_value, tb)
