"""Errors by mail: so many in an hour, the rest summed up in one, and no request waits for any of them."""

from __future__ import annotations

import logging
import os
import typing as t
from collections import Counter, deque
from time import monotonic

from ...logging import escaped
from .mailer import LOGGER, Mailer

if t.TYPE_CHECKING:
    from .settings import Mail

HOUR = 3600.0
# How many different errors a summary lists.
_MOST_KINDS = 50
_LONGEST_TEXT = 100_000
_LONGEST_SUBJECT = 150


class MailHandler(logging.Handler):
    """A handler that mails records; beyond the limit of an hour it only counts them.

    The limit is that of one process. *clock* is for tests.
    """

    def __init__(self, mail: Mail, name: str, clock: t.Callable[[], float] = monotonic) -> None:
        super().__init__(mail.level)
        self._mail, self._name, self._clock = mail, name, clock
        self._begin(os.getpid())

    def _begin(self, pid: int) -> None:
        """Begin in this process: a fork has another count, and not the thread."""
        self._pid = pid
        # When the last mails were sent; what was not mailed, and since when.
        self._sent: deque[float] = deque(maxlen=max(self._mail.per_hour, 1))
        self._counts: Counter[str] = Counter()
        self._mailer = Mailer(self._mail, self._name, self._summary, self._clock)

    def sends(self, mail: Mail, name: str) -> bool:
        """Tell whether this is what another handler with these settings would be."""
        return (self._mail, self._name) == (mail, name)

    def emit(self, record: logging.LogRecord) -> None:
        """Hand a record over to the thread that mails it, or count it; called with the handler's lock."""
        if record.name == LOGGER:
            return  # about a mail that was not sent
        try:
            if self._pid != os.getpid():
                self._begin(os.getpid())
            if not self._may_send():
                self._count(record)
                return
            text = self.format(record)
            if len(text) > _LONGEST_TEXT:
                text = f"{text[:_LONGEST_TEXT]}\n... ({len(text)} characters)"
            self._mailer.put(self._subject(record, text), text)
        except Exception:
            self.handleError(record)

    def _may_send(self) -> bool:
        now, sent = self._clock(), self._sent
        if not self._mail.per_hour or (len(sent) == self._mail.per_hour and now - sent[0] < HOUR):
            return False
        sent.append(now)
        return True

    def _subject(self, record: logging.LogRecord, text: str) -> str:
        raised = record.exc_info[0] if record.exc_info else None
        if raised is None:
            # Of the text that is mailed, which has nothing to be hidden; time and level stand before it.
            first = text.partition("\n")[0].partition(": ")[2]
        else:
            first = f"{raised.__name__} in {record.name}"
        return escaped(f"[{self._name}] {record.levelname}: {first}")[:_LONGEST_SUBJECT]

    def _count(self, record: logging.LogRecord) -> None:
        raised = record.exc_info[0] if record.exc_info else None
        kind = f"{record.levelname} in {record.name} ({record.module}:{record.lineno})"
        kind = escaped(kind if raised is None else f"{kind}: {raised.__name__}")
        if kind not in self._counts and len(self._counts) >= _MOST_KINDS:
            kind = "others"
        if not self._counts:
            self._mailer.sum_up_at(self._clock() + HOUR)
        self._counts[kind] += 1

    def _summary(self) -> tuple[str, str] | None:
        """Return subject and text of the mail about what was not mailed, and forget that."""
        self.acquire()
        try:
            counts, self._counts = self._counts, Counter()
        finally:
            self.release()
        if not counts:
            return None
        total = sum(counts.values())
        head = f"{total} further records were not mailed: at most {self._mail.per_hour} an hour are.\n\n"
        lines = (f"{number:>8}  {kind}\n" for kind, number in counts.most_common())
        return f"[{self._name}] {total} further errors", head + "".join(lines)

    def close(self) -> None:
        """Send what is left, within the time limit of a mail."""
        if self._pid == os.getpid():
            self._mailer.stop()
        super().close()
