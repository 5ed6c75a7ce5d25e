from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from erlen.logging import default_handler
from erlen.script.script_log import logged


@contextmanager
def unconfigured(*handlers: logging.Handler) -> Iterator[logging.Logger]:
    """Make the root logger what it is where nobody has configured logging: pytest has handlers there."""
    root = logging.getLogger()
    before, root.handlers = root.handlers, list(handlers)
    level = root.level
    root.setLevel(logging.WARNING)
    try:
        yield root
    finally:
        root.handlers = before
        root.setLevel(level)


def test_each_line_comes_once_on_stderr_and_once_in_the_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    application = logging.getLogger("log_of_an_application")
    application.addHandler(default_handler)
    with unconfigured() as root:
        with logged(tmp_path / "log", application):
            application.info("hello")
            application.debug("nothing")
        application.info("not heard")
        assert (root.handlers, root.level) == ([], logging.WARNING)
    lines = (tmp_path / "log").read_text().splitlines()
    assert [line.partition("] ")[2] for line in lines] == ["INFO in log_of_an_application: hello"]
    assert capsys.readouterr().err.splitlines() == lines
    assert application.handlers == [default_handler]
    application.removeHandler(default_handler)


def test_an_application_that_has_configured_logging_keeps_its_handlers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with unconfigured(logging.NullHandler()), logged(tmp_path / "log", logging.getLogger("log_of_a_script")):
        logging.getLogger("log_of_a_script").warning("hello")
        logging.getLogger("log_of_a_script").info("nothing")
        logging.getLogger("erlen.script").info("begins")
    lines = (tmp_path / "log").read_text().splitlines()
    assert [line.partition(": ")[2] for line in lines] == ["hello", "begins"]
    assert capsys.readouterr().err == ""


def test_a_log_that_cannot_be_written_is_said_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "log").mkdir()
    with unconfigured(), logged(tmp_path / "log", logging.getLogger("log_of_a_script")):
        logging.getLogger("log_of_a_script").warning("one")
        logging.getLogger("log_of_a_script").warning("two")
    printed = capsys.readouterr().err
    assert printed.count("the log cannot be written: Is a directory.") == 1
    assert printed.count("WARNING in log_of_a_script: ") == 2
