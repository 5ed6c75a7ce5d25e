"""How a record is written: as text, or as one line of JSON.

SECURITY: text from a request must not begin another record, nor move a terminal's cursor. A message is one
line, with its control characters as escapes; the lines of a traceback are indented. JSON is ASCII.
"""

from __future__ import annotations

import json
import logging
import math
import typing as t
from datetime import datetime, timezone

from ...logging import escaped
from .exchange import request_id
from .redaction import Redaction

# PERF: what a record of the access log has instead of secrets: they were left out when it was made. Looking
# for them takes 50 us (one cookie, CPython 3.11).
CLEAN = "erlen_is_clean"
# The attributes of every record; all others were given as ``extra``.
_OF_RECORDS = frozenset(
    (*vars(logging.makeLogRecord({})), "message", "asctime", "taskName", "request_id", CLEAN)
)
_DEEPEST = 6
_MOST = 200


def time_of(record: logging.LogRecord) -> str:
    """Return when a record was made: in UTC, to the millisecond, as ISO 8601 has it."""
    moment = datetime.fromtimestamp(record.created, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"


def id_of(record: logging.LogRecord) -> str | None:
    """Return the id of the request that a record belongs to."""
    found: str | None = getattr(record, "request_id", None) or request_id()
    return None if found == "-" else found


def message_of(record: logging.LogRecord) -> str:
    """Return the message of a record; one that does not fit its arguments is not lost."""
    try:
        return record.getMessage()
    except Exception as error:
        return f"{record.msg!r} % {record.args!r} ({type(error).__name__}: {error})"


class _Formatter(logging.Formatter):
    """A formatter that hides what a request has to hide."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__()
        self.redaction = redaction

    def traceback_of(self, record: logging.LogRecord) -> str:
        """Return the traceback and the stack of a record; it has the lines of the source, and no values."""
        parts = []
        if record.exc_info and record.exc_info[0] is not None:
            # Not kept on the record: other formatters write it in their way.
            parts.append(self.formatException(record.exc_info))
        elif record.exc_text:
            parts.append(record.exc_text)
        if record.stack_info:
            parts.append(self.formatStack(record.stack_info))
        return "\n".join(parts)


class TextFormatter(_Formatter):
    """One line for a record, and below it, indented, its traceback."""

    def format(self, record: logging.LogRecord) -> str:
        found = id_of(record)
        head = f"{time_of(record)} {record.levelname} {record.name}" + (f" [{found}]" if found else "")
        if hasattr(record, CLEAN):
            return escaped(f"{head}: {record.msg}")
        secrets = self.redaction.secrets()
        hide = self.redaction.hidden.text
        lines = [escaped(f"{head}: {hide(message_of(record), secrets)}")]
        traceback = self.traceback_of(record)
        if traceback:
            lines.extend(f"    {escaped(line)}" for line in hide(traceback, secrets).split("\n"))
        return "\n".join(lines)


class JsonFormatter(_Formatter):
    """One JSON object for a record, in one line; ``extra`` values are items of their own."""

    def format(self, record: logging.LogRecord) -> str:
        item: dict[str, t.Any] = {
            "time": time_of(record),
            "level": record.levelname,
            "logger": record.name,
            "request_id": id_of(record),
        }
        extra = {name: value for name, value in vars(record).items() if name not in _OF_RECORDS}
        if hasattr(record, CLEAN):
            item["message"] = record.msg
        else:
            extra = self._hide(record, item, extra)
        for name, value in extra.items():
            item.setdefault(name, value)
        # What is not ASCII is written as an escape, and so are control characters; json leaves one.
        return json.dumps(item).replace("\x7f", "\\u007f")

    def _hide(
        self, record: logging.LogRecord, item: dict[str, t.Any], extra: dict[str, t.Any]
    ) -> dict[str, t.Any]:
        """Add message and traceback to *item*, and return *extra*, without what has to be hidden."""
        secrets = self.redaction.secrets()
        item["message"] = self.redaction.hidden.text(message_of(record), secrets)
        traceback = self.traceback_of(record)
        if traceback:
            item["traceback"] = self.redaction.hidden.text(traceback, secrets)
        plain: dict[str, t.Any] = _plain(self.redaction, extra, secrets, 0)
        return plain


def _plain(redaction: Redaction, value: t.Any, secrets: tuple[str, ...], depth: int) -> t.Any:
    """Return *value* as JSON can write it, without what has to be hidden."""
    if value is None or isinstance(value, (bool, int)):
        return value if not isinstance(value, int) or abs(value) < 1 << 63 else str(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, dict) and depth < _DEEPEST:
        return {
            str(name): redaction.replacement
            if isinstance(name, str) and redaction.hidden.names(name)
            else _plain(redaction, inner, secrets, depth + 1)
            for name, inner in list(value.items())[:_MOST]
        }
    if isinstance(value, (list, tuple)) and depth < _DEEPEST:
        return [_plain(redaction, inner, secrets, depth + 1) for inner in value[:_MOST]]
    try:
        text = str(value)
    except Exception as error:
        text = f"<{type(value).__name__}: {type(error).__name__}>"
    return redaction.hidden.text(text, secrets)
