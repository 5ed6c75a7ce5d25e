"""Commands of installed distributions: real ones, made in a folder on the import path."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from erlen import Flask
from erlen.cli import FlaskGroup


@pytest.fixture
def install(folder: Path, request: pytest.FixtureRequest):  # type: ignore[no-untyped-def]
    """Install a distribution with entry points and one module."""
    sys.path.insert(0, str(folder))

    def install(name: str, entry_points: str, code: str) -> None:
        info = folder / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(entry_points)
        (folder / f"{name.replace('-', '_')}.py").write_text(code)

    return install


PLUGIN = """\
import click
from erlen import current_app
from erlen.cli import with_appcontext

@click.group()
def group(): ...

@group.command()
@click.option("--sql", is_flag=True)
@with_appcontext
def upgrade(sql):
    click.echo(f"{current_app.name} upgraded {sql}")

@group.command()
def plain():
    click.echo("without an application")
"""


@pytest.fixture
def group() -> FlaskGroup:
    return FlaskGroup(create_app=lambda: Flask("plugged"))


@pytest.mark.parametrize("entry_points", ["flask.commands", "erlen.commands"])
def test_commands_of_plugins_of_either_group_are_found(
    install, runner: CliRunner, group: FlaskGroup, entry_points: str
) -> None:
    install("plugin-one", f"[{entry_points}]\nstore = plugin_one:group\n", PLUGIN)
    assert runner.invoke(group, ["store", "upgrade"]).output == "plugged upgraded False\n"
    assert "store" in runner.invoke(group, ["--help"]).output


@pytest.mark.parametrize("prefix", ["FLASK", "ERLEN"])
def test_options_of_plugins_have_variables(
    install, runner: CliRunner, group: FlaskGroup, prefix: str
) -> None:
    install("plugin-two", "[flask.commands]\nstore = plugin_two:group\n", PLUGIN)
    result = runner.invoke(group, ["store", "upgrade"], env={f"{prefix}_STORE_UPGRADE_SQL": "1"})
    assert result.output == "plugged upgraded True\n"


def test_a_plugins_command_without_an_application_needs_none(install, runner: CliRunner) -> None:  # type: ignore[no-untyped-def]
    install("plugin-three", "[flask.commands]\nstore = plugin_three:group\n", PLUGIN)
    assert runner.invoke(FlaskGroup(), ["store", "plain"]).output == "without an application\n"


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("import nowhere_to_be_found", "No module named 'nowhere_to_be_found'"),
        ("1 / 0", "division by zero"),
        ("other = 1", "has no attribute 'group'"),
        ("group = 1", "no Click command"),
    ],
)
def test_a_plugin_that_cannot_be_loaded_is_named_and_leaves_the_others_usable(
    install,
    runner: CliRunner,
    group: FlaskGroup,
    code: str,
    error: str,
) -> None:
    install("plugin-four", "[flask.commands]\nbroken = plugin_four:group\n", code)
    result = runner.invoke(group, ["routes"])
    assert result.exit_code == 0
    assert "Endpoint" in result.stdout
    for part in ("'broken'", "'plugin-four'", "plugin_four:group", error):
        assert part in result.stderr
    assert "broken" in runner.invoke(group, ["--help"]).stdout


def test_the_command_of_a_plugin_that_cannot_be_loaded_raises_its_error(
    install, runner: CliRunner, group: FlaskGroup
) -> None:
    install("plugin-five", "[flask.commands]\nbroken = plugin_five:group\n", "1 / 0")
    for arguments in (["broken"], ["broken", "upgrade", "--sql"], ["broken", "--help"]):
        assert isinstance(runner.invoke(group, arguments).exception, ZeroDivisionError)


CHECK = 'import click\n@click.command("check")\ndef group():\n    click.echo("theirs")\n'


def test_a_command_of_erlen_itself_does_not_load_the_plugins(install, runner: CliRunner) -> None:  # type: ignore[no-untyped-def]
    install("plugin-six", "[flask.commands]\nsix = plugin_six:group\n", "1 / 0")
    result = runner.invoke(FlaskGroup(), ["check", "--list"], prog_name="erlen")
    assert "plugin-six" not in result.output
    assert "rule-hidden" in result.output


@pytest.mark.parametrize(
    ("program", "whose"), [("erlen", "Erlen"), ("python -m flask", "app"), ("manage.py", "app")]
)
def test_an_application_s_command_goes_before_one_of_erlen_s_features_but_in_the_program_erlen(
    runner: CliRunner, program: str, whose: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = Flask("with_commands")
    app.cli.command("check")(lambda: click.echo("the app's"))
    result = runner.invoke(FlaskGroup(create_app=lambda: app), ["check"], prog_name=program)
    assert ("the app's" if whose == "app" else "Nothing found in 'with_commands'") in result.output


@pytest.mark.parametrize("program", ["erlen", "python -m flask"])
def test_a_feature_s_command_runs_where_the_application_fails(runner: CliRunner, program: str) -> None:
    result = runner.invoke(FlaskGroup(create_app=lambda: 1 / 0), ["check", "--list"], prog_name=program)
    assert "rule-hidden" in result.output


@pytest.mark.parametrize("entry_points", ["flask.commands", "erlen.commands"])
def test_a_plugin_s_command_goes_before_one_of_erlen_itself(
    install, runner: CliRunner, entry_points: str
) -> None:
    install("plugin-seven", f"[{entry_points}]\ncheck = plugin_seven:group\n", CHECK)
    assert runner.invoke(FlaskGroup(), ["check"]).output == "theirs\n"
    assert runner.invoke(FlaskGroup(), ["check", "--help"]).exit_code == 0
