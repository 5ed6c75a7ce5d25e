"""Errors by mail: so many in an hour, the rest summed up in one, and no request waits for any of them."""

from __future__ import annotations

import logging
import os
import typing as t
from collections import Counter
from time import time

from ...logging import escaped
from .ledger import Ledger
from .mailer import LOGGER, Mailer

if t.TYPE_CHECKING:
    from .settings import Mail

_LONGEST_TEXT = 100_000
_LONGEST_SUBJECT = 150


class MailHandler(logging.Handler):
    """A handler that mails records; beyond the limit of an hour it only counts them.

    *clock* is for tests.
    """

    def __init__(self, mail: Mail, name: str, clock: t.Callable[[], float] = time) -> None:
        super().__init__(mail.level)
        self._mail, self._name, self._clock = mail, name, clock
        self._begin(os.getpid())

    def _begin(self, pid: int) -> None:
        """Begin in this process: a fork does not have the thread, and may have its locks."""
        self._pid = pid
        mail = self._mail
        who = repr((self._name, mail.server, mail.port, mail.admins, mail.per_hour))
        self._ledger = Ledger(who, mail.per_hour, self._clock)
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
            may_send, due = self._ledger.may_send(_kind_of(record))
            if due:
                self._mailer.sum_up_at(due)
            if not may_send:
                return
            text = self.format(record)
            if len(text) > _LONGEST_TEXT:
                text = f"{text[:_LONGEST_TEXT]}\n... ({len(text)} characters)"
            self._mailer.put(self._subject(record, text), text)
        except Exception:
            self.handleError(record)

    def _subject(self, record: logging.LogRecord, text: str) -> str:
        raised = record.exc_info[0] if record.exc_info else None
        if raised is None:
            # Of the text that is mailed, which has nothing to be hidden; time and level stand before it.
            first = text.partition("\n")[0].partition(": ")[2]
        else:
            first = f"{raised.__name__} in {record.name}"
        return escaped(f"[{self._name}] {record.levelname}: {first}")[:_LONGEST_SUBJECT]

    def _summary(self, ends: bool) -> tuple[str, str] | None:
        """Return subject and text of the mail about what was not mailed, if that is due."""
        counts = self._ledger.take_counts(ends=ends)
        if not counts:
            return None
        total = sum(counts.values())
        head = f"{total} further records were not mailed: at most {self._mail.per_hour} an hour are.\n\n"
        lines = (f"{number:>8}  {kind}\n" for kind, number in Counter(counts).most_common())
        return f"[{self._name}] {total} further errors", head + "".join(lines)

    def close(self) -> None:
        """Send what is left, within the time limit of a mail."""
        if self._pid == os.getpid():
            self._mailer.stop()
        super().close()


def _kind_of(record: logging.LogRecord) -> str:
    """Return what a summary counts a record as: its place, and what was raised."""
    raised = record.exc_info[0] if record.exc_info else None
    kind = f"{record.levelname} in {record.name} ({record.module}:{record.lineno})"
    return escaped(kind if raised is None else f"{kind}: {raised.__name__}")
