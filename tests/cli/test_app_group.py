"""Commands of an application's own group run in its context."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from erlen import Flask, current_app
from erlen.cli import AppGroup, FlaskGroup, ScriptInfo


@pytest.fixture
def app() -> Flask:
    return Flask("grouped")


@pytest.fixture
def group(app: Flask, folder: Path) -> FlaskGroup:
    return FlaskGroup(create_app=lambda: app)


def test_commands_of_an_app_group_run_in_the_applications_context(runner: CliRunner, app: Flask) -> None:
    group = AppGroup("site")

    @group.command()
    def tell() -> None:
        click.echo(current_app.name)

    assert runner.invoke(group, ["tell"], obj=ScriptInfo(create_app=lambda: app)).output == "grouped\n"


def test_a_command_may_do_without_the_context(runner: CliRunner) -> None:
    group = AppGroup("site")

    @group.command(with_appcontext=False)
    def tell() -> None:
        click.echo(bool(current_app))

    assert runner.invoke(group, ["tell"]).output == "False\n"


def test_a_command_takes_a_name_help_and_parameters(runner: CliRunner, app: Flask) -> None:
    @app.cli.command("create-user", short_help="Create a user.")
    @click.argument("name")
    @click.option("--admin", is_flag=True)
    def create_user(name: str, admin: bool) -> None:
        click.echo(f"{name} {admin} {current_app.name}")

    result = app.test_cli_runner().invoke(args=["create-user", "ada", "--admin"])
    assert result.output == "ada True grouped\n"
    assert app.cli.commands["create-user"].short_help == "Create a user."


def test_the_decorator_works_without_parentheses(app: Flask) -> None:
    @app.cli.command
    def tell() -> None:
        click.echo(current_app.name)

    assert isinstance(tell, click.Command)
    assert app.test_cli_runner().invoke(args=["tell"]).output == "grouped\n"


def test_groups_in_an_app_group_are_app_groups_unless_a_class_is_given() -> None:
    group = AppGroup("site")
    inner = group.group("inner")(lambda: None)
    plain = group.group("plain", cls=click.Group)(lambda: None)
    assert type(inner) is AppGroup
    assert type(plain) is click.Group
    assert set(group.commands) == {"inner", "plain"}


def test_parameter_callbacks_have_the_context_too(runner: CliRunner, app: Flask, group: FlaskGroup) -> None:
    @app.cli.command()
    @click.argument("value", callback=lambda ctx, param, value: f"{value} {current_app.name}")
    def check(value: str) -> tuple[bool, str]:
        loaded = click.get_current_context().obj.load_app()
        return current_app._get_current_object() is loaded, value

    result = runner.invoke(group, ["check", "x"], standalone_mode=False)
    assert result.return_value == (True, "x grouped")
    assert not current_app
