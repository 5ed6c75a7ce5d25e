"""So many errors are mailed in an hour, the rest are summed up, and a subject is one line."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

from erlen import Erlen
from erlen.deploy.logs import mail as mails
from erlen.deploy.logs.formats import TextFormatter
from erlen.deploy.logs.hidden import Hidden
from erlen.deploy.logs.ledger import HOUR
from erlen.deploy.logs.mail import MailHandler
from erlen.deploy.logs.mailer import LOGGER
from erlen.deploy.logs.redaction import Redaction
from erlen.deploy.logs.settings import Mail
from tests.deploy.logs.smtp import smtp_server

Make = Callable[..., Erlen]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Mailer:
    """What would send: mails are kept, and nothing leaves."""

    def __init__(self, mail: Mail, name: str, summary: Any, clock: Any) -> None:
        self.summary = summary
        self.put_in: list[tuple[str, str]] = []
        self.summed_up_at: list[float] = []
        self.is_stopped = False

    def put(self, subject: str, text: str) -> None:
        self.put_in.append((subject, text))

    def sum_up_at(self, moment: float) -> None:
        self.summed_up_at.append(moment)

    def stop(self) -> None:
        self.is_stopped = True


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def start(monkeypatch: pytest.MonkeyPatch, clock: Clock) -> Callable[[int], MailHandler]:
    monkeypatch.setattr(mails, "Mailer", Mailer)

    def start(per_hour: int) -> MailHandler:
        settings = Mail(("ada@example.org",), "shop@example.org", "127.0.0.1", per_hour=per_hour)
        handler = MailHandler(settings, "shop", clock)
        handler.setFormatter(TextFormatter(Redaction(Hidden(), {})))
        return handler

    return start


def mailer_of(handler: MailHandler) -> Mailer:
    mailer: Any = handler._mailer
    return mailer


def record(message: str = "broken", error: BaseException | None = None, line: int = 1) -> logging.LogRecord:
    exc_info = None if error is None else (type(error), error, None)
    return logging.LogRecord("shop", logging.ERROR, "views.py", line, message, (), exc_info)


def test_at_most_so_many_are_mailed_in_any_hour(start: Callable[[int], MailHandler], clock: Clock) -> None:
    handler = start(3)
    sent: list[float] = []
    for _ in range(100):
        before = len(mailer_of(handler).put_in)
        handler.handle(record())
        sent += [clock.now] * (len(mailer_of(handler).put_in) - before)
        clock.now += HOUR / 10
    assert len(sent) == 30
    assert all(later - earlier >= HOUR - 0.001 for earlier, later in zip(sent, sent[3:], strict=False))


def test_the_rest_is_counted_and_summed_up_once(start: Callable[[int], MailHandler], clock: Clock) -> None:
    handler = start(1)
    for _ in range(5):
        handler.handle(record("other", line=7))
    handler.handle(record("x", KeyError("k"), line=9))
    mailer = mailer_of(handler)
    assert len(mailer.put_in) == 1
    assert set(mailer.summed_up_at) == {clock.now + HOUR}
    assert mailer.summary(False) is None
    clock.now += HOUR
    assert mailer.summary(False) == (
        "[shop] 5 further errors",
        "5 further records were not mailed: at most 1 an hour are.\n\n"
        "       4  ERROR in shop (views:7)\n"
        "       1  ERROR in shop (views:9): KeyError\n",
    )
    assert mailer.summary(True) is None
    handler.handle(record())
    assert len(mailer.put_in) == 2


def test_many_kinds_of_errors_are_counted_as_others(start: Callable[[int], MailHandler]) -> None:
    handler = start(0)
    for line in range(1000):
        handler.handle(record(line=line))
    subject, text = mailer_of(handler).summary(True)
    assert subject == "[shop] 1000 further errors"
    assert "     950  others\n" in text
    assert len(text.splitlines()) == 53


def test_with_none_an_hour_only_summaries_are_sent(start: Callable[[int], MailHandler]) -> None:
    handler = start(0)
    handler.handle(record())
    assert mailer_of(handler).put_in == []
    assert len(mailer_of(handler).summed_up_at) == 1


@pytest.mark.parametrize("message", ["a\r\nBcc: eve@example.org", "a\nb", "\x1b[m", "x" * 10_000, "ü\u2028ü"])
def test_a_subject_is_one_short_line(start: Callable[[int], MailHandler], message: str) -> None:
    handler = start(9)
    handler.handle(record(message))
    ((subject, _),) = mailer_of(handler).put_in
    assert subject.isprintable()
    assert len(subject) <= 150
    assert subject.startswith("[shop] ERROR: ")


def test_an_exception_is_the_subject_and_the_text_has_its_traceback(
    start: Callable[[int], MailHandler],
) -> None:
    handler = start(9)
    try:
        raise ValueError("broken")
    except ValueError:
        made = logging.LogRecord("shop", logging.ERROR, "views.py", 1, "Exception on /", (), sys.exc_info())
    handler.handle(made)
    ((subject, text),) = mailer_of(handler).put_in
    assert subject == "[shop] ERROR: ValueError in shop"
    assert "Traceback" in text
    assert "    ValueError: broken" in text


def test_a_long_text_is_cut(start: Callable[[int], MailHandler]) -> None:
    handler = start(9)
    handler.handle(record("x" * 200_000))
    assert len(mailer_of(handler).put_in[0][1]) < 101_000


def test_records_about_mails_are_not_mailed(start: Callable[[int], MailHandler]) -> None:
    handler = start(9)
    handler.handle(logging.LogRecord(LOGGER, logging.CRITICAL, "x.py", 1, "lost", (), None))
    assert mailer_of(handler).put_in == []


def test_what_fails_in_it_reaches_no_caller(
    start: Callable[[int], MailHandler], capsys: pytest.CaptureFixture[str]
) -> None:
    handler = start(9)
    mailer_of(handler).put = None  # type: ignore[assignment,method-assign]
    handler.handle(record())
    assert "TypeError" in capsys.readouterr().err


def test_a_fork_has_a_thread_of_its_own_and_shares_the_limit(
    start: Callable[[int], MailHandler], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = start(2)
    handler.handle(record())
    of_parent, pid = mailer_of(handler), os.getpid()
    monkeypatch.setattr(os, "getpid", lambda: pid + 1)
    handler.close()
    assert not of_parent.is_stopped
    for _ in range(3):
        handler.handle(record())
    assert mailer_of(handler) is not of_parent
    assert len(mailer_of(handler).put_in) == len(of_parent.put_in) == 1
    handler.close()
    assert mailer_of(handler).is_stopped


@pytest.mark.slow
def test_a_thousand_errors_are_so_many_mails_and_one_summary(make: Make) -> None:
    with smtp_server() as (port, inbox):
        app = make(
            MAIL_SERVER="127.0.0.1",
            MAIL_PORT=port,
            MAIL_DEFAULT_SENDER=("Shop", "shop@example.org"),
            ADMINS=["ada@example.org"],
            LOG_MAIL_PER_HOUR=5,
        )
        app.add_url_rule("/", view_func=lambda: 1 / 0)
        client = app.test_client()
        assert {client.get("/").status_code for _ in range(1000)} == {500}
        for handler in logging.getLogger().handlers:
            if isinstance(handler, MailHandler):
                handler.close()
        inbox.wait_for(6)
    assert inbox.subjects == [f"[{app.name}] ERROR: ZeroDivisionError in {app.name}"] * 5 + [
        f"[{app.name}] 995 further errors"
    ]
    assert all("ZeroDivisionError: division by zero" in text for text in inbox.texts[:5])
    assert "     995  ERROR in" in inbox.texts[5]
