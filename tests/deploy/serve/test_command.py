"""The options of the command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from erlen.cli import ScriptInfo
from erlen.deploy.serve import programs
from erlen.deploy.serve.command import serve, size
from erlen.deploy.serve.errors import ServeError


@pytest.mark.parametrize(
    ("text", "number"),
    [("1", 1), ("4k", 4096), ("300M", 300 * 2**20), ("300MB", 300 * 2**20), ("2GiB", 2**31), (" 1g ", 2**30)],
)
def test_a_size_is_a_number_with_a_unit(text: str, number: int) -> None:
    assert size(text) == number


@pytest.mark.parametrize("text", ["", "M", "0", "0M", "-1M", "1.5G", "1T", "M1", "٣M"])
def test_another_size_is_refused(text: str) -> None:
    with pytest.raises(click.BadParameter, match="is no size: write 300M or 1G"):
        size(text)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the command asks for."""
    found: dict[str, Any] = {}

    def run(app: str | None, choices: dict[str, Any]) -> int:
        found.update(choices, app=app)
        return 0

    monkeypatch.setattr(programs, "run", run)
    return found


def test_the_choices_reach_the_program_and_the_application_is_not_imported(asked: dict[str, Any]) -> None:
    words = ["--workers", "3", "--port", "8000", "--max-memory", "1G", "--grace", "0", "--status", "9100"]
    done = CliRunner().invoke(serve, words, obj=ScriptInfo("nothing_there:app"))
    assert (done.exit_code, done.output) == (0, "")
    assert asked["app"] == "nothing_there:app"
    assert (asked["workers"], asked["port"], asked["max_memory"], asked["grace"]) == (3, 8000, 2**30, 0)
    assert (asked["status_address"], asked["host"], asked["check"]) == ("9100", None, False)


@pytest.mark.parametrize(
    "words",
    [
        ["--workers", "0"],
        ["--threads", "0"],
        ["--backlog", "0"],
        ["--port", "65536"],
        ["--grace", "-1"],
        ["--start-timeout", "0"],
        ["--request-timeout", "0"],
        ["--max-requests", "0"],
        ["--interface", "rsgi"],
        ["--server", "waitress"],
    ],
)
def test_a_value_that_can_not_be_is_refused_by_name(words: list[str], asked: dict[str, Any]) -> None:
    done = CliRunner().invoke(serve, words, obj=ScriptInfo())
    assert done.exit_code == 2
    assert words[0] in done.output
    assert asked == {}


def test_an_error_is_one_line_and_the_exit_status(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(app: str | None, choices: dict[str, Any]) -> int:
        raise ServeError("The port is taken.", 4)

    monkeypatch.setattr(programs, "run", fail)
    done = CliRunner().invoke(serve, [], obj=ScriptInfo())
    assert (done.exit_code, done.stderr) == (4, "erlen serve: The port is taken.\n")


def test_the_page_has_each_option() -> None:
    """Whoever adds an option says on the page what it is for."""
    page = (Path(__file__).parents[3] / "docs/how-to/serve-in-production.md").read_text()
    options = {option for param in serve.params for option in param.opts if option.startswith("--")}
    assert {option for option in options if option not in page} == set()
