"""Without any configuration the application logs to the server's error log, or to stderr."""

from __future__ import annotations

import io
import logging
import sys
import typing as t

import pytest

from erlen import Erlen
from erlen.logging import create_logger, default_handler, has_level_handler, wsgi_errors_stream


@pytest.fixture
def parent(monkeypatch: pytest.MonkeyPatch) -> t.Iterator[logging.Logger]:
    """The logger above the application's, cut off from the root that pytest listens at."""
    parent, child = logging.getLogger("logged"), logging.getLogger("logged.application")
    monkeypatch.setattr(parent, "parent", None)
    yield parent
    for logger in (parent, child):
        logger.handlers.clear()
        logger.setLevel(logging.NOTSET)
        logger.propagate = True


@pytest.fixture
def app(parent: logging.Logger) -> Erlen:
    return Erlen("logged.application")


def test_the_logger_has_the_name_of_the_application_and_the_default_handler(app: Erlen) -> None:
    assert app.logger is logging.getLogger("logged.application")
    assert app.logger.level == logging.NOTSET
    assert app.logger.handlers == [default_handler]


def test_in_debug_mode_it_works_at_level_debug_unless_it_has_one(app: Erlen) -> None:
    app.debug = True
    assert create_logger(app).level == logging.DEBUG
    app.logger.setLevel(logging.ERROR)
    assert create_logger(app).level == logging.ERROR


def test_a_handler_that_takes_its_records_is_enough(app: Erlen, parent: logging.Logger) -> None:
    parent.addHandler(logging.StreamHandler())
    assert app.logger.handlers == []


def test_making_it_twice_adds_no_second_handler(app: Erlen) -> None:
    create_logger(app)
    assert create_logger(app).handlers == [default_handler]


def test_a_handler_counts_up_to_where_records_go(parent: logging.Logger) -> None:
    child = logging.getLogger("logged.application")
    assert not has_level_handler(child)
    handler = logging.StreamHandler()
    parent.addHandler(handler)
    assert has_level_handler(child)
    child.propagate = False
    assert not has_level_handler(child)
    child.propagate = True
    handler.setLevel(logging.ERROR)
    assert not has_level_handler(child)
    child.setLevel(logging.CRITICAL)
    assert has_level_handler(child)


def test_records_go_to_the_servers_log_while_a_request_is_active(app: Erlen) -> None:
    @app.get("/")
    def index() -> str:
        app.logger.error("it failed")
        return ""

    log = io.StringIO()
    app.test_client().get("/", errors_stream=log)
    assert log.getvalue().endswith("ERROR in test_logging: it failed\n")
    with app.test_request_context(errors_stream=log):
        assert wsgi_errors_stream._get_current_object() is log  # type: ignore[attr-defined]
    assert wsgi_errors_stream._get_current_object() is sys.stderr  # type: ignore[attr-defined]


def test_stderr_is_looked_up_at_each_record(app: Erlen, capsys: pytest.CaptureFixture[str]) -> None:
    app.logger.warning("no request here")
    assert "WARNING in test_logging: no request here" in capsys.readouterr().err


def test_an_error_in_a_view_is_logged_with_its_traceback(app: Erlen) -> None:
    @app.get("/fail")
    def fail() -> str:
        return str(1 / 0)

    log = io.StringIO()
    assert app.test_client().get("/fail", errors_stream=log).status_code == 500
    assert "Exception on /fail [GET]" in log.getvalue()
    assert "ZeroDivisionError" in log.getvalue()
