"""The command `erlen deploy`: files for what stands around the application, and releases."""

from __future__ import annotations

import os
import traceback
import typing as t
from pathlib import Path

import click
from click.core import ParameterSource

from erlen.cli import ScriptInfo

from .release.command import release_command
from .targets.files import printable
from .targets.site import SERVERS
from .targets.table import TARGETS, Target, find

if t.TYPE_CHECKING:
    from erlen import Erlen

    from .targets.files import File
    from .targets.site import Site
    from .targets.writing import Output


class _Targets(click.Group):
    """The group of targets, which names them where somebody asks for another."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0] if args else ""
        if name and not name.startswith("-") and self.get_command(ctx, name) is None:
            # SECURITY: a terminal is not to be written to as somebody else likes.
            ctx.fail(f"There is no target {name!a}. There are: {', '.join(self.commands)}.")
        return super().resolve_command(ctx, args)


@click.group(
    "deploy", cls=_Targets, short_help="Write the files for servers, fronts and platforms; make releases."
)
def deploy() -> None:
    """Write what stands around the application in production, for this application.

    The files depend on the application and the options alone. Nothing is overwritten without '--force', and
    never what somebody has changed.
    """


_PORT = click.IntRange(1, 65535)
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
    click.option("--port", type=_PORT, help="Let the server listen on a port, not a Unix socket."),
    click.option("--prefix", metavar="PATH", help="Serve below this path. [default: APPLICATION_ROOT]"),
    click.option("--folder", metavar="DIR", help="Where the code will be. [default: /srv/NAME/current]"),
    click.option(
        "--environment", metavar="DIR", help="The virtual environment. [default: .venv in the folder]"
    ),
    click.option(
        "--settings", metavar="DIR", help="Where what the server reads will be. [default: /etc/NAME]"
    ),
    click.option("--socket", metavar="PATH", help="The Unix socket. [default: /run/NAME/NAME.sock]"),
    click.option(
        "--front-group",
        metavar="GROUP",
        default="www-data",
        show_default=True,
        help="The group of the front, which connects to the socket.",
    ),
    click.option("--media", multiple=True, nargs=2, metavar="URL DIR", help="Uploads that the front sends."),
    click.option("--https/--no-https", default=True, help="Whether the front speaks HTTPS; on by default."),
    click.option("--cert", metavar="FILE", help="The certificate, with its chain. [default: certbot's]"),
    click.option("--key", metavar="FILE", help="The key of the certificate. [default: certbot's]"),
    click.option(
        "--challenges",
        metavar="DIR",
        default="/var/www/letsencrypt",
        show_default=True,
        help="Where certbot puts its challenges.",
    ),
    click.option("--only-domains", is_flag=True, help="Let the front refuse requests for other hosts."),
    click.option("--http-port", type=_PORT, default=80, show_default=True, help="The front's port for HTTP."),
    click.option(
        "--https-port", type=_PORT, default=443, show_default=True, help="The front's port for HTTPS."
    ),
    click.option(
        "--ipv6/--no-ipv6", default=True, help="Whether the front listens on IPv6, too; on by default."
    ),
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
    from .targets.options import Options, Unreadable
    from .targets.quoting import Unquotable
    from .targets.reading import read_site
    from .targets.site import Impossible

    out, diff, force = choices.pop("out"), choices.pop("diff"), choices.pop("force")
    if name in SERVERS and ctx.get_parameter_source("server") is ParameterSource.DEFAULT:
        choices["server"] = name
    info = ctx.ensure_object(ScriptInfo)
    app = _load(info)
    try:
        site = read_site(app, info.app_import_path, Options(**choices))
        made, left_out = _files(name, site)
    except (Unreadable, Unquotable, Impossible) as error:
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
        click.echo(f"{'wrote' if output.path in written else 'same '}  {printable(str(output.path))}")
        for step in file.apply:
            click.echo(f"         {printable(step)}")
    for message in left_out:
        click.echo(message)
    if not site.application.startswith("wsgi:") and os.path.isfile("wsgi.py"):
        application = printable(site.application)
        click.echo(f"Written for {application}. Is wsgi.py what serves? Then: erlen --app wsgi deploy …")


def _load(info: ScriptInfo) -> Erlen:
    """Import or make the application; its errors say that nothing was written."""
    try:
        return info.load_app()
    except click.ClickException:
        raise
    except Exception as error:  # whatever a program does as it is imported
        traceback.print_exc()
        text = " ".join(f"{type(error).__name__}: {error}".split())
        raise click.ClickException(
            f"The application could not be loaded, and nothing was written. {text}"
        ) from None


def _files(name: str, site: Site) -> tuple[list[tuple[Target, File]], list[str]]:
    """Return the files of a target, or of `all`; and a line for each target that this site is none for."""
    from .targets.site import Impossible

    made: list[tuple[Target, File]] = []
    left_out: list[str] = []
    for target in find(name):
        try:
            made += [(target, file) for file in target.files(site)]
        except Impossible as error:
            if name != "all":
                raise
            left_out.append(f"no {target.name}: {error}")
    return made, left_out


def _output(out: Path, target: Target, file: File, site: Site) -> Output:
    from .targets.files import with_head
    from .targets.writing import Output

    return Output(out / file.path, with_head(file, target.name, site), file.mode)


for _target in TARGETS:
    deploy.add_command(_target_command(_target.name, _target.short_help))
deploy.add_command(_target_command("all", "The files of all targets."))
deploy.add_command(release_command)
