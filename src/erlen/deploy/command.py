"""The command `erlen deploy`: files for what stands around the application, and releases."""

from __future__ import annotations

import typing as t
from pathlib import Path

import click

from erlen.cli import ScriptInfo

from .targets.site import SERVERS
from .targets.table import TARGETS, Target, find

if t.TYPE_CHECKING:
    from .targets.writing import Output


@click.group("deploy", short_help="Write the files for servers, fronts and platforms; make releases.")
def deploy() -> None:
    """Write what stands around the application in production, for this application.

    The files depend on the application and the options alone. Nothing is overwritten without '--force', and
    never what somebody has changed.
    """


_OPTIONS = (
    click.option(
        "--out",
        type=click.Path(file_okay=False, path_type=Path),
        default="deploy",
        show_default=True,
        help="The folder that the files are written to.",
    ),
    click.option("--name", help="The name of unit, user, folder and image. [default: the application's]"),
    click.option(
        "--domain",
        "domains",
        multiple=True,
        metavar="HOST",
        help="A name of the site, the main one first. [default: TRUSTED_HOSTS, SERVER_NAME]",
    ),
    click.option("--user", help="The user that serves. [default: the name]"),
    click.option(
        "--server",
        type=click.Choice(SERVERS),
        default="erlen",
        show_default=True,
        help="What serves the application.",
    ),
    click.option("--workers", type=click.IntRange(min=1), help="How many processes serve."),
    click.option("--threads", type=click.IntRange(min=1), help="How many threads each of them has."),
    click.option("--interface", type=click.Choice(("wsgi", "asgi")), help="How the application is called."),
    click.option(
        "--port", type=click.IntRange(1, 65535), help="Let the server listen on a port, not a Unix socket."
    ),
    click.option("--prefix", metavar="PATH", help="Serve below this path. [default: APPLICATION_ROOT]"),
    click.option("--folder", metavar="DIR", help="Where the code will be. [default: /srv/NAME/current]"),
    click.option("--media", multiple=True, nargs=2, metavar="URL DIR", help="Uploads that the front sends."),
    click.option("--https/--no-https", default=True, help="Whether the front speaks HTTPS; on by default."),
    click.option("--diff", is_flag=True, help="Show what would change, and write nothing."),
    click.option("--force", is_flag=True, help="Replace files that nobody has changed since."),
)


def _target_command(name: str, short_help: str) -> click.Command:
    @click.pass_context
    def write_target(ctx: click.Context, /, **choices: t.Any) -> None:
        _run(ctx, name, choices)

    write_target.__doc__ = f"{short_help}\n\nWrites the files and says what to do with them."
    for option in reversed(_OPTIONS):
        write_target = option(write_target)
    return click.command(name, short_help=short_help)(write_target)


def _run(ctx: click.Context, name: str, choices: dict[str, t.Any]) -> None:
    from .targets import writing
    from .targets.quoting import Unquotable
    from .targets.reading import Options, Unreadable, read_site

    out, diff, force = choices.pop("out"), choices.pop("diff"), choices.pop("force")
    info = ctx.ensure_object(ScriptInfo)
    try:
        site = read_site(info.load_app(), info.app_import_path, Options(**choices))
        made = [(target, file) for target in find(name) for file in target.files(site)]
    except (Unreadable, Unquotable) as error:
        raise click.ClickException(str(error)) from None
    outputs = [_output(out, target, file, site) for target, file in made]
    if diff:
        for line in writing.diff(outputs):
            click.echo(line.rstrip("\n"))
        return
    try:
        written = writing.write(outputs, force=force)
    except writing.NotWritten as error:
        raise click.ClickException(str(error)) from None
    for (_, file), output in zip(made, outputs, strict=True):
        click.echo(f"{'wrote' if output.path in written else 'same '}  {output.path}")
        for step in file.apply:
            click.echo(f"         {step}")


def _output(out: Path, target: Target, file: t.Any, site: t.Any) -> Output:
    from .targets.files import with_head
    from .targets.writing import Output

    return Output(out / file.path, with_head(file, target.name, site), file.mode)


for _target in TARGETS:
    deploy.add_command(_target_command(_target.name, _target.short_help))
deploy.add_command(_target_command("all", "The files of all targets."))
