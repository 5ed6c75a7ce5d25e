"""Groups of commands: in an application's context, and from an application that has to be found."""

from __future__ import annotations

import os
import typing as t
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from erlen import Blueprint, Flask, current_app
from erlen.cli import FlaskGroup, ScriptInfo


@pytest.fixture
def app() -> Flask:
    return Flask("grouped")


@pytest.fixture
def group(app: Flask, folder: Path) -> FlaskGroup:
    return FlaskGroup(create_app=lambda: app)


def test_the_context_of_another_application_is_put_aside(
    runner: CliRunner, app: Flask, group: FlaskGroup
) -> None:
    app.cli.command("tell")(lambda: click.echo(current_app.name))
    with Flask("other").app_context():
        assert runner.invoke(group, ["tell"]).output == "grouped\n"
        assert current_app.name == "other"


def test_the_groups_own_commands_go_before_the_applications(
    runner: CliRunner, app: Flask, group: FlaskGroup
) -> None:
    app.cli.command("routes")(lambda: click.echo("the application's"))
    app.cli.command("own")(lambda: click.echo("the application's"))
    group.command("own")(lambda: click.echo("the group's"))
    assert runner.invoke(group, ["own"]).output == "the group's\n"
    assert "Endpoint" in runner.invoke(group, ["routes"]).output


def test_the_help_lists_all_commands_sorted(runner: CliRunner, app: Flask, group: FlaskGroup) -> None:
    app.cli.command("apple")(lambda: None)
    app.cli.command("zebra")(lambda: None)
    with group.make_context("erlen", ["routes"]) as ctx:
        names = group.list_commands(ctx)
    assert names == sorted(names)
    assert {"apple", "zebra", "run", "shell", "routes"} <= set(names)


def test_default_commands_and_the_version_can_be_left_out(runner: CliRunner, folder: Path) -> None:
    group = FlaskGroup(add_default_commands=False, add_version_option=False, create_app=lambda: Flask("bare"))
    assert group.commands == {}
    assert runner.invoke(group, ["--version"]).exit_code == 2


def test_a_group_nests_in_a_click_group(runner: CliRunner, group: FlaskGroup) -> None:
    outer = click.Group("outer")
    outer.add_command(group, "inner")
    group.command()(tell)
    assert runner.invoke(outer, ["inner", "tell"]).output == "grouped\n"


def tell() -> None:
    click.echo(current_app.name)


@pytest.mark.parametrize("arguments", [["--help"], ["absent"]])
def test_an_application_that_is_not_found_is_said_and_the_group_goes_on(
    runner: CliRunner, folder: Path, arguments: list[str]
) -> None:
    result = runner.invoke(FlaskGroup(), arguments)
    assert "FLASK_APP" in result.stderr
    assert "Usage:" in result.output


def test_an_application_that_fails_is_shown_with_its_traceback_above_the_help(
    runner: CliRunner, folder: Path
) -> None:
    def create_app() -> t.NoReturn:
        raise LookupError("oh no")

    group = FlaskGroup(create_app=create_app)
    result = runner.invoke(group, ["--help"])
    assert result.exit_code == 0
    assert "LookupError: oh no" in result.stderr
    assert "Usage:" in result.stdout
    # No command of the application's can be looked up.
    assert isinstance(runner.invoke(group, ["absent"]).exception, LookupError)


@pytest.mark.parametrize("arguments", [[], ["--help"], ["routes", "--help"], ["absent"], ["--bad-option"]])
def test_no_context_is_left_behind(
    runner: CliRunner, app: Flask, group: FlaskGroup, arguments: list[str]
) -> None:
    app.cli.command("tell")(tell)
    runner.invoke(group, arguments)
    assert not current_app


@pytest.mark.parametrize("flag", [True, False])
def test_debug_mode_is_set_from_the_environment_unless_turned_off(
    runner: CliRunner, app: Flask, folder: Path, flag: bool
) -> None:
    app.debug = True
    app.cli.command("tell")(lambda: click.echo(current_app.debug))
    group = FlaskGroup(create_app=lambda: app, set_debug_flag=flag)
    assert runner.invoke(group, ["tell"]).output == f"{not flag}\n"


def test_a_script_info_given_to_the_group_is_used(runner: CliRunner, folder: Path) -> None:
    other = ScriptInfo(create_app=lambda: Flask("given"))
    group = FlaskGroup(create_app=lambda: Flask("own"))
    group.command("tell")(tell)
    assert runner.invoke(group, ["tell"], obj=other).output == "given\n"
    settings = FlaskGroup(create_app=lambda: Flask("own"), context_settings={"obj": other})
    settings.command("tell")(tell)
    assert runner.invoke(settings, ["tell"]).output == "given\n"


def test_a_module_that_starts_a_server_when_imported_does_not(
    runner: CliRunner, folder: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (folder / "app.py").write_text("from erlen import Flask\napp = Flask('eager')\napp.run()\n")
    result = runner.invoke(FlaskGroup(), ["routes"])
    assert result.exit_code == 0
    assert "app.run()" in result.output
    assert os.environ["FLASK_RUN_FROM_CLI"] == "true"


def test_commands_of_blueprints_are_in_a_group_of_the_blueprints_name_or_another(app: Flask) -> None:
    named = Blueprint("named", __name__)
    renamed = Blueprint("renamed", __name__, cli_group="other")
    merged = Blueprint("merged", __name__, cli_group=None)
    late = Blueprint("late", __name__)
    for blueprint in (named, renamed, merged, late):
        blueprint.cli.command(f"tell-{blueprint.name}")(lambda: click.echo(current_app.name))
    for blueprint in (named, renamed, merged):
        app.register_blueprint(blueprint)
    app.register_blueprint(late, cli_group="later")
    calls = [["named", "tell-named"], ["other", "tell-renamed"], ["tell-merged"], ["later", "tell-late"]]
    for arguments in calls:
        assert app.test_cli_runner().invoke(args=arguments).output == "grouped\n"


def test_a_blueprint_without_commands_brings_no_group(app: Flask) -> None:
    app.register_blueprint(Blueprint("empty", __name__))
    assert "empty" not in app.cli.commands
