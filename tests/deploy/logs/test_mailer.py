"""Mails go by real SMTP, on a thread of their own, and a server that hangs delays nobody."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from erlen.deploy.logs import mailer as mailers
from erlen.deploy.logs.mailer import Mailer
from erlen.deploy.logs.settings import Mail
from tests.deploy.logs.smtp import GUARD, make_certificate, smtp_server


def mail_to(port: int, **given: Any) -> Mail:
    return Mail(
        ("ada@example.org", "grace@example.org"), "Shop <shop@example.org>", "127.0.0.1", port, **given
    )


@pytest.fixture
def start() -> Iterator[Callable[..., Mailer]]:
    made: list[Mailer] = []

    def start(port: int, summary: Any = lambda ends: None, clock: Any = monotonic, **given: Any) -> Mailer:
        made.append(Mailer(mail_to(port, **given), "shop", summary, clock))
        return made[-1]

    yield start
    for mailer in made:
        mailer.stop()
        if mailer._thread is not None:
            mailer._thread.join(GUARD)
            assert not mailer._thread.is_alive()


@pytest.fixture
def silent() -> Iterator[int]:
    """The port of a server that takes connections, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_mail_has_all_that_a_mail_needs(start: Callable[..., Mailer]) -> None:
    with smtp_server() as (port, inbox):
        start(port).put("Fehler: ü", "It is broken: ü\nsecond line")
        (mail,) = inbox.wait_for(1)
    assert mail["Subject"] == "Fehler: ü"
    assert mail["From"] == "Shop <shop@example.org>"
    assert mail["To"] == "ada@example.org, grace@example.org"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"]
    assert mail["Message-ID"]
    assert inbox.texts == ["It is broken: ü\nsecond line\n"]
    assert inbox.recipients == [["ada@example.org", "grace@example.org"]]


# aiosmtpd warns of passwords without STARTTLS, and of its own ways.
knows_passwords = pytest.mark.filterwarnings("ignore:Requiring AUTH", "ignore:Session.login_data")


@knows_passwords
@pytest.mark.parametrize("at_once", [False, True], ids=["STARTTLS", "TLS"])
def test_it_logs_in_over_tls(
    start: Callable[..., Mailer], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: bool
) -> None:
    path, context = make_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    logins: list[tuple[str, str]] = []

    def login(name: str, password: str) -> bool:
        logins.append((name, password))
        return password == "hunter2"

    with smtp_server(context, at_once=at_once, login=login) as (port, inbox):
        secure = {"use_ssl": True} if at_once else {"use_tls": True}
        start(port, **secure, username="shop", password="hunter2").put("a", "b")
        inbox.wait_for(1)
    assert logins == [("shop", "hunter2")]


def test_a_certificate_of_somebody_else_gets_no_mail_and_no_password(
    start: Callable[..., Mailer], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    _, context = make_certificate(tmp_path)
    with smtp_server(context) as (port, inbox):
        mailer = start(port, use_tls=True, username="shop", password="hunter2")
        mailer.put("a", "b")
        mailer.stop()
    assert inbox.mails == []
    assert "CERTIFICATE_VERIFY_FAILED" in caplog.text
    assert "hunter2" not in caplog.text


@knows_passwords
def test_a_wrong_password_is_logged_without_it(
    start: Callable[..., Mailer], caplog: pytest.LogCaptureFixture
) -> None:
    with smtp_server(login=lambda name, password: False) as (port, inbox):
        mailer = start(port, username="shop", password="hunter2")
        mailer.put("a", "b")
        mailer.stop()
    assert inbox.mails == []
    assert "SMTPAuthenticationError" in caplog.text
    assert "hunter2" not in caplog.text


def test_lost_mails_are_counted_logged_once_and_told_of_in_the_next(
    start: Callable[..., Mailer], caplog: pytest.LogCaptureFixture
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    mailer = start(port)  # nobody listens there now
    for number in range(3):
        mailer.put(str(number), "lost")
    wait_until(lambda: mailer._lost == 3)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "ConnectionRefusedError" in caplog.text
    with smtp_server() as (port, inbox):
        mailer._mail = mail_to(port)
        mailer.put("there", "again")
        mailer.put("and", "again")
        inbox.wait_for(2)
    assert inbox.texts == ["(3 mails before this one were not sent.)\n\nagain\n", "again\n"]


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = monotonic() + GUARD
    while not holds():
        assert monotonic() < deadline
        threading.Event().wait(0.005)


def test_a_server_that_hangs_delays_nobody(
    start: Callable[..., Mailer],
    silent: int,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mailers, "MOST_WAITING", 5)
    mailer = start(silent, timeout=0.3)
    begun: list[int] = []
    for number in range(20):
        mailer.put(str(number), "text")  # returns at once: the server never says a word
        begun.append(number)
    assert begun == list(range(20))
    wait_until(lambda: mailer._lost == 20)
    assert len([record for record in caplog.records if record.name == mailers.LOGGER]) == 1


def test_the_end_of_a_process_waits_for_a_bounded_time(
    start: Callable[..., Mailer],
    silent: int,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mailers, "LAST_SECONDS", 0.01)
    mailer = start(silent, timeout=1)
    mailer.put("a", "b")
    mailer.stop()
    mailer.stop()
    assert "the process ends" in caplog.text


def test_what_waits_is_sent_before_the_end_and_the_summary_last(start: Callable[..., Mailer]) -> None:
    with smtp_server() as (port, inbox):
        mailer = start(port, summary=lambda ends: ("summary", "of the rest"))
        for number in range(3):
            mailer.put(str(number), "text")
        mailer.stop()
        assert inbox.subjects == ["0", "1", "2", "summary"]


def test_the_summary_is_sent_at_its_moment(start: Callable[..., Mailer]) -> None:
    now = [0.0]
    with smtp_server() as (port, inbox):
        mailer = start(port, summary=lambda ends: ("summary", "of the rest"), clock=lambda: now[0])
        mailer.sum_up_at(3600)
        mailer.put("one", "text")
        inbox.wait_for(1)
        now[0] = 3600.0
        mailer.put("two", "text")
        inbox.wait_for(3)
    assert sorted(inbox.subjects) == ["one", "summary", "two"]


def test_a_thread_starts_with_the_first_mail_and_not_before(start: Callable[..., Mailer]) -> None:
    before = threading.active_count()
    mailer = start(9)
    assert threading.active_count() == before
    mailer.stop()
    mailer.put("after", "the end")  # no thread starts any more
    assert threading.active_count() == before


def test_an_interpreter_that_ends_loses_the_mail(
    start: Callable[..., Mailer], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: threading.Thread) -> None:
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    start(9).put("a", "b")
    assert "interpreter shutdown" in caplog.text


PROGRAM = """
import logging, multiprocessing, os, sys
from erlen import Erlen
from erlen.deploy import logs

app = Erlen("shop")
app.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=int(sys.argv[1]), ADMINS="ada@example.org")
app.config["LOG_MAIL_PER_HOUR"] = 2
logs.init_app(app)

def fail(name):
    for number in range(3):
        app.logger.error("%s %s", name, number)

if __name__ == "__main__":
    if sys.argv[2] == "process":
        fail("one")
    elif sys.argv[2] == "fork":
        fail("parent")
        child = os.fork()
        if child == 0:
            fail("child")
            sys.exit()
        os.waitpid(child, 0)
    else:
        child = multiprocessing.get_context("fork").Process(target=fail, args=("child",))
        child.start()
        child.join()
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "name", "counted"),
    [("process", "one", 1), ("fork", "parent", 4), ("multiprocessing", "child", 1)],
)
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_each_process_sends_what_it_has_before_it_ends(
    tmp_path: Path, way: str, name: str, counted: int
) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    with smtp_server() as (port, inbox):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", program, str(port), way],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
    assert inbox.subjects == [
        f"[shop] ERROR: {name} 0",
        f"[shop] ERROR: {name} 1",
        f"[shop] {counted} further errors",
    ]
