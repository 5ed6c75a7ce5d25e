"""The thread that sends mails by SMTP, one after the other."""

from __future__ import annotations

import contextlib

# Imported now, and not on the thread: a process that forks meanwhile would have half of a module for ever.
import email.policy
import encodings.idna  # noqa: F401
import logging
import os
import queue
import smtplib
import socket
import ssl
import threading
import typing as t
import weakref
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from ...servers import at_exit

if t.TYPE_CHECKING:
    from .settings import Mail

LOGGER = "erlen.deploy.logs.mail"
_logger = logging.getLogger(LOGGER)

# How long the end of a process may wait for mails, in seconds.
LAST_SECONDS = 5.0
# Mails that may wait; beyond it they are lost. A mail is at most 100,000 characters long.
MOST_WAITING = 100

# Gives subject and text of a summary, if one is due; it is told whether the process ends.
Summary: t.TypeAlias = "t.Callable[[bool], tuple[str, str] | None]"


class Mailer:
    """What sends mails on a thread, which starts with the first one."""

    def __init__(self, mail: Mail, name: str, summary: Summary, clock: t.Callable[[], float]) -> None:
        self._mail, self._name, self._summary, self._clock = mail, name, summary, clock
        self._queue: queue.Queue[tuple[str, str] | None] = queue.Queue(MOST_WAITING)
        self._thread: threading.Thread | None = None
        self._pid = os.getpid()
        self._sums_up_at: float | None = None
        self._is_stopping = threading.Event()
        self._lost = 0
        self._has_logged = False

    def put(self, subject: str, text: str) -> None:
        """Let a mail be sent; it is lost where too many wait."""
        try:
            self._queue.put_nowait((subject, text))
        except queue.Full:
            self._lose(f"{MOST_WAITING} others wait")
        self._start()

    def sum_up_at(self, moment: float) -> None:
        """Let a summary be sent at a moment of the clock, or before the end."""
        if self._sums_up_at == moment:
            return
        self._sums_up_at = moment
        self._start()
        # The thread waits without an end where there was nothing to sum up.
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(_WAKE)

    def _start(self) -> None:
        if self._thread is not None or self._is_stopping.is_set():
            return
        thread = threading.Thread(target=self._run, name="erlen-mails", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # the interpreter ends
            self._lose(error)
            return
        self._thread = thread
        _stop_at_exit(self)

    def _lose(self, reason: object) -> None:
        """Count a mail that is not sent; log the first one."""
        self._lost += 1
        if not self._has_logged:
            self._has_logged = True
            _logger.warning("A mail about an error was not sent, and more may not be: %s", reason)

    def stop(self) -> None:
        """Send what waits and the summary, and end; wait for a few seconds at most."""
        if self._is_stopping.is_set() or self._pid != os.getpid():
            return
        self._is_stopping.set()
        thread = self._thread
        if thread is None:
            return
        with contextlib.suppress(queue.Full):
            self._queue.put_nowait(None)
        thread.join(LAST_SECONDS)
        if thread.is_alive():
            self._lose("the process ends")

    # on the thread

    def _run(self) -> None:
        while True:
            try:
                item = self._queue.get(timeout=self._pause())
            except queue.Empty:
                item = _WAKE
            if item is not None and item is not _WAKE:
                self._send(*item)
            is_over = self._is_stopping.is_set() and (item is None or self._queue.empty())
            if is_over or (self._sums_up_at is not None and self._clock() >= self._sums_up_at):
                self._sums_up_at = None
                summary = self._summary(is_over)
                if summary is not None:
                    self._send(*summary)
            if is_over:
                return

    def _pause(self) -> float | None:
        """Return for how many seconds there is nothing to do but wait for a mail."""
        if self._is_stopping.is_set():
            return 0.001
        return None if self._sums_up_at is None else max(self._sums_up_at - self._clock(), 0.001)

    def _send(self, subject: str, text: str) -> None:
        try:
            message = self._message(subject, text)
            with self._connect() as server:
                server.send_message(message, self._mail.sender, self._mail.admins)
        except Exception as error:
            self._lose(repr(error))
            return
        self._has_logged = False
        self._lost = 0

    def _message(self, subject: str, text: str) -> EmailMessage:
        message = EmailMessage(email.policy.SMTP)
        message["Subject"] = subject
        message["From"] = self._mail.sender
        message["To"] = ", ".join(self._mail.admins)
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain="erlen.invalid")
        # So that no out-of-office message comes back (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        if self._lost:
            text = f"({self._lost} mails before this one were not sent.)\n\n{text}"
        message.set_content(text)
        return message

    @contextlib.contextmanager
    def _connect(self) -> t.Iterator[smtplib.SMTP]:
        mail = self._mail
        # Its own name as smtplib writes it, but without asking the DNS for one.
        name = socket.gethostname()
        name = name if "." in name else "[127.0.0.1]"
        if mail.use_ssl:
            context = ssl.create_default_context()
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                mail.server, mail.port, name, timeout=mail.timeout, context=context
            )
        else:
            server = smtplib.SMTP(mail.server, mail.port, name, timeout=mail.timeout)
        with server:
            if mail.use_tls:
                server.starttls(context=ssl.create_default_context())
            if mail.username:
                server.login(mail.username, mail.password or "")
            yield server


# The mailers whose threads run, and the process in which they are stopped at its end.
_running: weakref.WeakSet[Mailer] = weakref.WeakSet()
_registered_in: list[int] = []


def _stop_at_exit(mailer: Mailer) -> None:
    _running.add(mailer)
    pid = os.getpid()
    if pid not in _registered_in:
        _registered_in.append(pid)
        at_exit(_stop_all)


def _stop_all() -> None:
    for mailer in list(_running):
        mailer.stop()


# What only makes the thread look at the clock.
_WAKE = ("", "")
