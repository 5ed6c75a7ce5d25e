"""The command `erlen check`."""

from __future__ import annotations

import traceback
import typing as t

import click

from erlen.cli import NoAppException, ScriptInfo
from erlen.reporting import format_option, say

from . import plugins, reports, risks, running, setup, silencing
from .examined import Examined, Target
from .finding import Check, Finding, Kind, Level
from .loading import examine
from .reports import Listed, Report


class CheckGroup(click.Group):
    """The command `check`, whose `--name` chooses the check of that name; its options stand beside it."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the checks that are commands, as they are typed."""
        return plugins.command_names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load the check of a name."""
        found = plugins.command(cmd_name)
        if found is None:
            return None
        entry_point, command = found
        # Without it, the variables of its options would have the hyphens in their names.
        prefix = ctx.auto_envvar_prefix
        if prefix:
            name = f"{prefix}_{entry_point.name}".upper().replace("-", "_")
            command.context_settings["auto_envvar_prefix"] = name
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take the first option that is the name of a check as the command, wherever it stands."""
        own = {option for param in self.get_params(ctx) for option in param.opts}
        known = set(plugins.names()) - own
        chosen = next((index for index, word in enumerate(args) if word in known), None)
        if chosen is not None and "--" not in args[:chosen]:
            args = ["--", args[chosen], *args[:chosen], *args[chosen + 1 :]]
        return super().parse_args(ctx, args)


@click.group(
    "check",
    cls=CheckGroup,
    invoke_without_command=True,
    subcommand_metavar="",
    short_help="Find mistakes in how the application is set up, and risks before it is deployed.",
)
@click.option(
    "--deploy", is_flag=True, help="Also look for what is a risk where the application is deployed."
)
@click.option(
    "--user", metavar="NAME", help="The user that will serve: can it read and write what it has to?"
)
@click.option("--workers", type=click.IntRange(min=1), metavar="N", help="How many processes will serve.")
@click.option("--behind-proxy", is_flag=True, help="A proxy will be in front: is it believed?")
@format_option
@click.option(
    "--fail-level",
    type=click.Choice([level.name.lower() for level in Level]),
    default="error",
    help="The exit status is 1 for findings of this level and of worse ones; 'error' by default.",
)
@click.option("--list", "only_list", is_flag=True, help="Only list what can be found.")
@click.option(
    "--traceback", "with_traceback", is_flag=True, help="Show where an application that does not load fails."
)
@click.pass_context
def check_command(
    ctx: click.Context,
    *,
    deploy: bool,
    user: str | None,
    workers: int | None,
    behind_proxy: bool,
    form: str,
    fail_level: str,
    only_list: bool,
    with_traceback: bool,
) -> None:
    """Find mistakes in how the application is set up, and with '--deploy' risks before it is deployed.

    The application is imported, and no request is sent. The checks that are listed below as commands are
    others: one of them runs alone.
    """
    if ctx.invoked_subcommand is not None:
        return
    if only_list:
        for line in reports.list_kinds(listed_kinds(), form):
            say(line)
        return
    examined = _examine(ctx, Target(user, workers, behind_proxy), deploy, with_traceback)
    report = check(examined)
    for line in reports.lines(report, form):
        say(line)
    ctx.exit(1 if report.fails_at(Level[fail_level.upper()]) else 0)


def check(examined: Examined) -> Report:
    """Run all checks on an application, and leave out what is silenced."""
    foreign, failed = plugins.functions()
    checks = _own_checks(examined.for_deploy) + tuple(foreign)
    silences = silencing.Silences(examined)
    known = {listed.kind.id for listed in listed_kinds()} | {kind.id for kind in running.kinds_of(foreign)}

    def silences_themselves(_: Examined) -> t.Iterator[Finding]:
        yield from failed
        yield from silences.problems(known)

    findings = running.run((*checks, silences_themselves), examined)
    reasons = [(finding, silences.reason_for(finding)) for finding in findings]
    return Report(
        examined.app.import_name,
        examined.root,
        [finding for finding, reason in reasons if reason is None],
        [(finding, reason) for finding, reason in reasons if reason is not None],
        kinds=len(_own_kinds(examined.for_deploy)) + len(running.kinds_of(foreign)),
    )


def listed_kinds() -> list[Listed]:
    """Return all kinds of Erlen's own findings, sorted by id."""
    always = _own_kinds(for_deploy=False)
    found = [Listed(kind, kind not in always) for kind in _own_kinds(for_deploy=True)]
    return sorted(found, key=lambda listed: listed.kind.id)


def _own_kinds(for_deploy: bool) -> list[Kind]:
    of_the_frame = [value for module in (plugins, running, silencing) for value in vars(module).values()]
    kinds = [value for value in of_the_frame if isinstance(value, Kind)]
    return list(dict.fromkeys([*running.kinds_of(_own_checks(for_deploy)), *kinds]))


def _own_checks(for_deploy: bool) -> tuple[Check, ...]:
    return (*setup.CHECKS, *risks.CHECKS) if for_deploy else setup.CHECKS


def _examine(ctx: click.Context, target: Target, deploy: bool, with_traceback: bool) -> Examined:
    try:
        return examine(ctx.ensure_object(ScriptInfo), target, for_deploy=deploy)
    except NoAppException as error:
        if with_traceback and error.__cause__ is not None:
            say("".join(traceback.format_exception(error.__cause__)), err=True)
        raise
