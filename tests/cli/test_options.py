"""The options of the group itself: which application, debug mode, environment file, versions."""

from __future__ import annotations

import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from erlen import Flask, current_app
from erlen.cli import FlaskGroup, cli

SITE = """\
import os
from erlen import Flask, current_app

app = Flask("{name}")
seen_at_import = os.environ.get("FLASK_DEBUG")

@app.cli.command("tell")
def tell():
    print(current_app.name, current_app.debug, seen_at_import)
"""


@pytest.fixture
def sites(folder: Path) -> Path:
    for name in ("red", "blue"):
        (folder / f"site_{name}.py").write_text(SITE.format(name=name))
    return folder


@pytest.mark.parametrize(
    "arguments", [["--app", "site_red"], ["-A", "site_red.py:app"], ["--app=site_red:app"]]
)
def test_the_application_is_given_by_an_option(runner: CliRunner, sites: Path, arguments: list[str]) -> None:
    assert runner.invoke(cli, [*arguments, "tell"]).output == "red False None\n"


@pytest.mark.parametrize("variable", ["FLASK_APP", "ERLEN_APP"])
def test_the_application_is_given_by_a_variable(runner: CliRunner, sites: Path, variable: str) -> None:
    assert runner.invoke(cli, ["tell"], env={variable: "site_red"}).output == "red False None\n"


def test_the_option_goes_before_erlens_variable_and_that_before_flasks(
    runner: CliRunner, sites: Path
) -> None:
    env = {"FLASK_APP": "nowhere", "ERLEN_APP": "site_blue"}
    assert runner.invoke(cli, ["tell"], env=env).output.startswith("blue")
    assert runner.invoke(cli, ["--app", "site_red", "tell"], env=env).output.startswith("red")


@pytest.mark.parametrize("name", [".env", ".flaskenv"])
def test_the_application_is_given_by_a_file(runner: CliRunner, sites: Path, name: str) -> None:
    (sites / name).write_text("FLASK_APP=site_red\n")
    assert runner.invoke(cli, ["tell"]).output == "red False None\n"


@pytest.mark.parametrize("arguments", [["--help"], []])
def test_the_help_lists_the_commands_of_an_application_from_a_file(
    runner: CliRunner, sites: Path, arguments: list[str]
) -> None:
    (sites / "given").write_text("ERLEN_APP=site_red\n")
    output = runner.invoke(cli, arguments, env={"FLASK_ENV_FILE": "given"}).output
    assert "tell" in output.partition("Commands:")[2]


@pytest.mark.parametrize(
    ("arguments", "env", "told"),
    [
        (["--debug"], {}, "red True 1\n"),
        (["--no-debug"], {"FLASK_DEBUG": "1"}, "red False 0\n"),
        ([], {"FLASK_DEBUG": "1"}, "red True 1\n"),
        ([], {"ERLEN_DEBUG": "1"}, "red True 1\n"),
        ([], {"ERLEN_DEBUG": "0", "FLASK_DEBUG": "1"}, "red False 0\n"),
        (["--no-debug"], {"ERLEN_DEBUG": "1"}, "red False 0\n"),
        ([], {}, "red False None\n"),
    ],
)
def test_debug_mode_is_known_before_the_application_is_imported(
    runner: CliRunner, sites: Path, arguments: list[str], env: dict[str, str], told: str
) -> None:
    assert runner.invoke(cli, ["--app", "site_red", *arguments, "tell"], env=env).output == told


@pytest.mark.parametrize("arguments", [["-e", "given"], ["--env-file", "given"]])
def test_an_environment_file_is_read_before_the_other_options(
    runner: CliRunner, sites: Path, arguments: list[str]
) -> None:
    (sites / "given").write_text("FLASK_APP=site_red\nFLASK_DEBUG=1\n")
    assert runner.invoke(cli, [*arguments, "tell"]).output == "red True 1\n"


@pytest.mark.parametrize("variable", ["FLASK_ENV_FILE", "ERLEN_ENV_FILE"])
def test_an_environment_file_is_given_by_a_variable(runner: CliRunner, sites: Path, variable: str) -> None:
    (sites / "given").write_text("FLASK_APP=site_red\n")
    assert runner.invoke(cli, ["tell"], env={variable: "given"}).output == "red False None\n"


def test_a_missing_environment_file_is_an_error(runner: CliRunner, sites: Path) -> None:
    result = runner.invoke(cli, ["--env-file", "absent", "routes"])
    assert result.exit_code == 2
    assert "absent" in result.output


def test_an_environment_file_needs_python_dotenv(
    runner: CliRunner, sites: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sites / "given").touch()
    monkeypatch.setitem(sys.modules, "dotenv", None)
    result = runner.invoke(cli, ["--env-file", "given", "routes"])
    assert result.exit_code == 2
    assert "pip install python-dotenv" in result.output


def test_the_default_files_can_be_left_out_for_a_group(runner: CliRunner, folder: Path) -> None:
    (folder / ".env").write_text("LEFT_OUT=1\n")
    (folder / "given").write_text("GIVEN=1\n")
    group = FlaskGroup(create_app=lambda: Flask("files"), load_dotenv=False)
    assert runner.invoke(group, ["routes"]).exit_code == 0
    assert runner.invoke(group, ["-e", "given", "routes"]).exit_code == 0
    assert ("GIVEN" in os.environ, "LEFT_OUT" in os.environ) == (True, False)


def test_the_versions_are_erlens_pythons_and_werkzeugs(runner: CliRunner) -> None:
    output = runner.invoke(cli, ["--version"]).output
    assert output.splitlines() == [
        f"Python {platform.python_version()}",
        f"Erlen {version('erlen')} (API of Flask 3.1.3)",
        f"Werkzeug {version('werkzeug')}",
    ]


def test_the_options_work_without_a_body_in_the_users_group_and_with_one(
    runner: CliRunner, folder: Path
) -> None:
    app = Flask("own")

    @app.cli.command("tell")
    def tell() -> None:
        click.echo(current_app.debug)

    @click.group(cls=FlaskGroup, create_app=lambda: app)
    def group() -> None:
        click.echo("group")

    assert runner.invoke(group, ["--debug", "tell"]).output == "group\nTrue\n"
