"""The reference page of the command line leaves nothing out."""

from __future__ import annotations

from pathlib import Path

import click
import pytest

from erlen.cli import cli

PAGE = (Path(__file__).parents[2] / "docs/reference/cli.md").read_text(encoding="utf-8")
COMMANDS: list[click.Command] = [cli, *cli.commands.values()]


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
def test_every_command_and_option_is_on_the_page(command: click.Command) -> None:
    assert command is cli or f"## `erlen {command.name}`" in PAGE
    for parameter in command.params:
        for name in (*parameter.opts, *parameter.secondary_opts):
            assert f"`{name}`" in PAGE or f"`{name} " in PAGE, name
