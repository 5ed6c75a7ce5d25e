"""`erlen check`: what it checks are commands of installed distributions, entry points `erlen.checks`."""

from __future__ import annotations

import typing as t
from importlib import metadata

import click


class Checks(click.Group):
    """The command `check`, whose `--name` chooses the check of that name; its options stand beside it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all checks, as they are typed."""
        return sorted(f"--{entry_point.name}" for entry_point in metadata.entry_points(group="erlen.checks"))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the check of a name."""
        for entry_point in metadata.entry_points(group="erlen.checks", name=cmd_name.removeprefix("--")):
            command = entry_point.load()
            if not isinstance(command, click.Command):
                raise click.UsageError(
                    f"The check {cmd_name!r} ({entry_point.value}) is no Click command.", ctx
                )
            # Without it, the variables of its options would have the hyphens in their names.
            prefix = ctx.auto_envvar_prefix
            if prefix:
                name = f"{prefix}_{entry_point.name}".upper().replace("-", "_")
                command.context_settings["auto_envvar_prefix"] = name
            return command
        return None

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the first option that is the name of a check as the command, wherever it stands."""
        known = self.list_commands(ctx)
        chosen = next((index for index, word in enumerate(args) if word in known), None)
        if chosen is not None and "--" not in args[:chosen]:
            args = ["--", args[chosen], *args[:chosen], *args[chosen + 1 :]]
        return super().parse_args(ctx, args)


@click.group(
    "check",
    cls=Checks,
    invoke_without_command=True,
    subcommand_metavar="CHECK [OPTIONS]",
    short_help="Check the application without running it.",
)
@click.pass_context
def check_command(ctx: click.Context) -> t.Any:
    """Check the application without running it: say what to look for."""
    if ctx.invoked_subcommand is None:
        names = ", ".join(f"'{name}'" for name in check_command.list_commands(ctx))
        raise click.UsageError(f"Say what to check. There is: {names}.", ctx)
