"""The command `erlen deploy release`."""

from __future__ import annotations

import shlex
import sys
import typing as t
from pathlib import Path

import click

from erlen.cli import ScriptInfo

from .errors import FAILED, USAGE, ReleaseError

if t.TYPE_CHECKING:
    from .making import Making


def _words(ctx: click.Context, param: click.Parameter, value: t.Any) -> tuple[str, ...]:
    """Split what is written as for a shell."""
    try:
        return tuple(
            word
            for each in ([value] if isinstance(value, str) else value or ())
            for word in shlex.split(each)
        )
    except ValueError as error:
        raise click.BadParameter(f"{error}.", ctx, param) from None


@click.command("release", short_help="Let new code serve on this machine, or go back.")
@click.argument("source", required=False, type=click.Path(path_type=Path))
@click.option(
    "--root",
    required=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of the site, as '/srv/NAME'.",
)
@click.option("--app", metavar="IMPORT", help="Which application. [default: as for 'erlen']")
@click.option("--rollback", is_flag=True, help="Let the release before the current one serve again.")
@click.option(
    "--keep", type=click.IntRange(min=1), default=5, show_default=True, help="How many releases stay."
)
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--user", metavar="NAME", help="Who serves. [default: the owner of 'shared/instance']")
@click.option(
    "--python", metavar="PATH", help="The Python that the new release gets. [default: the one that runs this]"
)
@click.option(
    "--with",
    "more",
    multiple=True,
    metavar="REQUIREMENT",
    help="Install this, too, as in 'erlen[serve]'; may be given several times.",
)
@click.option(
    "--pip-option",
    "pip_options",
    multiple=True,
    callback=_words,
    metavar="WORDS",
    help="An option for pip; may be given several times.",
)
@click.option(
    "--check/--no-check", "with_check", default=True, help="Run 'erlen check --deploy'; on by default."
)
@click.option("--unit", metavar="NAME", help="The unit of systemd. [default: the name of the folder]")
@click.option(
    "--reload-command",
    "reload_command",
    callback=_words,
    metavar="WORDS",
    help="Run this in place of systemctl.",
)
@click.option(
    "--ready",
    metavar="ADDRESS",
    help="Wait until this answers 200: 'http://127.0.0.1:8000/readyz', 'unix:PATH'.",
)
@click.option(
    "--ready-timeout",
    type=click.FloatRange(min=0, min_open=True),
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for that.",
)
@click.pass_context
def release_command(ctx: click.Context, /, **choices: t.Any) -> None:
    """Let new code serve on this machine: SOURCE is a folder, a checkout of git, an archive or a wheel.

    A new folder is made below 'releases' with the code and an environment of its own, and the application is
    loaded, checked and migrated. Then the link 'current' is switched to it, and the server reloads. If a step
    fails, nothing is switched; if the reload fails, it is switched back.
    """
    if choices["app"] is None:
        choices["app"] = ctx.ensure_object(ScriptInfo).app_import_path
    making: Making | None = None
    try:
        making = _making(choices)
        _run(making, choices)
    except ReleaseError as error:
        step = f" in the step '{making.step}'" if making is not None and error.status != USAGE else ""
        click.echo(f"erlen deploy release failed{step}: {error.message}", err=True)
        sys.exit(error.status)
    except OSError as error:
        from .steps import explained

        click.echo(f"erlen deploy release failed: {explained(error)}", err=True)
        sys.exit(FAILED)
    except KeyboardInterrupt:
        click.echo("erlen deploy release was interrupted.", err=True)
        sys.exit(130)


def _making(choices: dict[str, t.Any]) -> Making:
    from .layout import Layout
    from .making import Making
    from .serving import Serving

    layout = Layout(choices["root"])
    serving = Serving(
        choices["unit"] or layout.root.name,
        choices["reload_command"],
        choices["ready"],
        choices["ready_timeout"],
    )
    serving.check()
    return Making(layout, serving, click.echo)


def _run(making: Making, choices: dict[str, t.Any]) -> None:
    from .sources import open_source

    source: Path | None = choices["source"]
    if choices["rollback"]:
        if source is not None:
            raise ReleaseError("With --rollback there is no SOURCE: it goes back to what is there.", USAGE)
        if choices["dry_run"]:
            click.echo(f"Would switch to releases/{making.rollback_target()} and reload.")
        else:
            making.rollback()
        return
    found = open_source(Path.cwd() if source is None else source, making.layout.releases)
    if choices["dry_run"]:
        click.echo(making.plan(found, _choices(choices)))
    else:
        making.release(found, _choices(choices))


def _choices(choices: dict[str, t.Any]) -> t.Any:
    from .environment import Installation
    from .making import Choices

    installation = Installation(
        choices["python"] or sys.executable, more=choices["more"], pip_options=choices["pip_options"]
    )
    return Choices(choices["app"], choices["user"], installation, choices["keep"], choices["with_check"])
