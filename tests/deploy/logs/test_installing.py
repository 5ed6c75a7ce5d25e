"""The logs are there once, beside what Flask and the user have set up."""

from __future__ import annotations

import logging
import logging.config
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from erlen import Erlen
from erlen.deploy import logs
from erlen.deploy.logs.handlers import FileHandler, StderrHandler
from erlen.deploy.logs.installing import Logs
from erlen.deploy.logs.mail import MailHandler
from erlen.logging import default_handler
from tests.architecture.walks import follow

Make = Callable[..., Erlen]
MAIL = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": 9, "ADMINS": ["ada@example.org"]}


def ours() -> list[logging.Handler]:
    kinds = (StderrHandler, FileHandler, MailHandler)
    return [handler for handler in logging.getLogger().handlers if isinstance(handler, kinds)]


@pytest.fixture
def root() -> Iterator[logging.Logger]:
    """The root logger, which is left as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield root
    logs.remove()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_a_second_call_changes_nothing(make: Make) -> None:
    app = make(**MAIL)
    entries, handlers = (app.wsgi_app, app.asgi_app), ours()
    logs.init_app(app)
    assert (app.wsgi_app, app.asgi_app) == entries
    assert [type(handler) for handler in ours()] == [StderrHandler, MailHandler]
    assert ours()[1] is handlers[1]  # it goes on counting
    assert app.test_client().get("/").headers.get_all("X-Request-ID") != []


def test_a_second_call_takes_over_what_has_changed(make: Make, tmp_path: Path) -> None:
    app = make(**MAIL)
    app.config.update(LOG_REQUEST_ID_HEADER="X-Trace", LOG_FILE=str(tmp_path / "shop.log"), MAIL_PORT=10)
    mails = ours()[1]
    logs.init_app(app)
    assert [type(handler) for handler in ours()] == [FileHandler, MailHandler]
    assert ours()[1] is not mails
    assert "X-Trace" in app.test_client().get("/").headers


def test_an_option_of_the_call_goes_before_a_variable(
    make: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LOG_FORMAT", "text")
    app = make()
    logs.init_app(app, LOG_FORMAT="json", LOG_ACCESS=True)
    app.test_client().get("/")
    assert capsys.readouterr().err.startswith('{"time": ')
    logs.configure(LOG_FORMAT="json")
    app.logger.error("x")
    assert capsys.readouterr().err.startswith('{"time": ')


def test_a_wrong_key_leaves_everything_as_it_is(make: Make, tmp_path: Path) -> None:
    app, other = make(), Erlen("other")
    before = ours()
    for wrong in ({"LOG_FORMAT": "xml"}, {"LOG_FILE": str(tmp_path)}):
        other.config.update(wrong)
        with pytest.raises((ValueError, OSError), match=r"^.*LOG_"):
            logs.init_app(other)
        other.config.clear()
    assert ours() == before
    assert "erlen.deploy.logs" not in other.extensions
    assert app.extensions


def test_a_process_without_an_application_may_have_them(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, make: Make
) -> None:
    monkeypatch.setenv("LOG_FORMAT", "json")
    logs.configure()
    logging.getLogger("parent").info("started")
    assert capsys.readouterr().err.startswith('{"time": ')
    make()  # later in the same process
    assert len(ours()) == 1


def test_they_are_taken_out_again() -> None:
    root = logging.getLogger()
    before = (root.level, list(root.handlers))
    logs.configure({"LOG_LEVEL": "DEBUG"})
    assert root.level == logging.DEBUG
    logs.remove()
    logs.remove()
    assert (root.level, root.handlers) == before


@pytest.mark.parametrize("first", [True, False])
def test_flasks_own_handler_writes_no_second_line(capsys: pytest.CaptureFixture[str], first: bool) -> None:
    app = Erlen(f"shop_flask_{first}")
    if first:
        # As under a server: pytest's handlers take every record.
        app.logger.addHandler(default_handler)
    logs.init_app(app)
    app.logger.warning("once")
    assert capsys.readouterr().err.count("once") == 1
    assert default_handler not in app.logger.handlers


def test_in_debug_mode_the_application_logs_debug_and_others_info(
    capsys: pytest.CaptureFixture[str], make: Make
) -> None:
    app = make(DEBUG=True)
    app.logger.debug("of the application")
    logging.getLogger("library").debug("of a library")
    assert "of the application" in (err := capsys.readouterr().err)
    assert "of a library" not in err


def test_caplog_sees_what_it_always_sees(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    app = make(LOG_ACCESS=True, LOG_LEVEL="ERROR")
    app.add_url_rule("/", view_func=lambda: (app.logger.error("seen"), "x")[1])
    app.test_client().get("/")
    assert [record.name for record in caplog.records] == [app.name, "erlen.access"]
    with caplog.at_level("DEBUG"):
        app.logger.debug("more")
    assert caplog.messages[-1] == "more"


def test_what_dict_config_has_set_up_stays_and_no_line_is_written_twice(
    root: logging.Logger, capsys: pytest.CaptureFixture[str], make: Make
) -> None:
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"id": {"()": "erlen.deploy.logs.RequestIdFilter"}},
            "formatters": {"short": {"format": "user's: %(request_id)s %(message)s"}},
            "handlers": {
                "console": {
                    "class": "logging.StreamHandler",
                    "stream": "ext://flask.logging.wsgi_errors_stream"
                    if "flask.logging" in sys.modules
                    else "ext://erlen.logging.wsgi_errors_stream",
                    "formatter": "short",
                    "filters": ["id"],
                }
            },
            "root": {"level": "WARNING", "handlers": ["console"]},
        }
    )
    app = make(LOG_FORMAT="json")
    assert ours() == []
    assert root.level == logging.WARNING
    app.add_url_rule("/", view_func=lambda: (app.logger.warning("hello"), "x")[1])
    response = app.test_client().get("/")
    assert capsys.readouterr().err == f"user's: {response.headers['X-Request-ID']} hello\n"


def test_handlers_of_the_user_may_write_the_id(
    root: logging.Logger, capsys: pytest.CaptureFixture[str], make: Make
) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(logging.Formatter("%(request_id)s"))
    root.addHandler(handler)
    app = make()
    app.logger.error("x")
    assert capsys.readouterr().out == "-\n"
    logs.remove()
    assert handler.filters == []


def test_a_record_may_have_an_id_of_its_own(make: Make, capsys: pytest.CaptureFixture[str]) -> None:
    make().logger.error("x", extra={"request_id": "own"})
    assert " [own]: x" in capsys.readouterr().err


@pytest.mark.parametrize("level", ["WARNING", "ERROR"])
def test_the_access_log_is_written_whatever_the_level_is(
    make: Make, capsys: pytest.CaptureFixture[str], level: str
) -> None:
    make(LOG_ACCESS=True, LOG_LEVEL=level).test_client().get("/")
    assert " erlen.access " in capsys.readouterr().err


def test_without_the_logs_a_request_calls_nothing_of_them() -> None:
    app = Erlen("without")
    app.add_url_rule("/", view_func=lambda: "x")
    client = app.test_client()
    assert [file for file in follow(lambda: client.get("/")).files if file.startswith("deploy")] == []


@pytest.mark.parametrize(
    ("config", "most"), [({}, 6), ({"LOG_ACCESS": False, "LOG_REQUEST_ID_HEADER": ""}, 6)]
)
def test_with_them_it_calls_little(make: Make, config: dict[str, Any], most: int) -> None:
    app = make(**config)
    app.add_url_rule("/", view_func=lambda: "x")
    client = app.test_client()
    walk = follow(lambda: client.get("/"))
    assert len([file for file in walk.files if file.startswith("deploy")]) <= most, walk.story()


def test_what_the_middleware_reads_is_worked_out_before() -> None:
    from erlen.deploy.logs.settings import Settings

    found = Logs({}, Settings(request_id_header="X-Trace-Id"))
    assert (found.header_key, found.header_bytes) == ("HTTP_X_TRACE_ID", b"x-trace-id")
    assert Logs({}, Settings(request_id_header="")).header_key == ""
