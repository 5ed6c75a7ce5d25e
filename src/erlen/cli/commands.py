"""The built-in commands: `run`, `shell` and `routes`."""

from __future__ import annotations

import os
import signal
import sys
import traceback
import typing as t

import click

import erlen.cli as cli

from .. import environment_files
from . import environment
from .certificates import CertParamType, _validate_key
from .options import _debug_option
from .script_info import ScriptInfo, pass_script_info, with_appcontext

if t.TYPE_CHECKING:
    import ssl

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from werkzeug.routing import Map, Rule


class SeparatedPathType(click.Path):
    """Several paths in one value, separated as in PATH: by `:`, on Windows by `;`."""

    def convert(self, value: t.Any, param: click.Parameter | None, ctx: click.Context | None) -> t.Any:
        """Return the list of paths."""
        convert = super().convert
        return [convert(path, param, ctx) for path in self.split_envvar_value(value)]


def show_server_banner(debug: bool, app_import_path: str | None) -> None:
    """Print what is served and whether debug mode is on; once, and not again at each reload."""
    if cli.is_running_from_reloader():
        return
    if app_import_path is not None:
        cli.click.echo(f" * Serving Erlen app '{app_import_path}'")
    if debug is not None:
        cli.click.echo(f" * Debug mode: {'on' if debug else 'off'}")
    if (files := environment_files.summary()) is not None:
        cli.click.echo(f" * {files}")
    environment.mention_flask_env()


@click.command("run", short_help="Serve the application while you develop it.", params=[_debug_option])
@click.option("--host", "-h", default="127.0.0.1", help="Listen on this address; '0.0.0.0' is all of them.")
@click.option("--port", "-p", default=5000, help="Listen on this port.")
@click.option(
    "--cert",
    type=CertParamType(),
    is_eager=True,
    help="Serve HTTPS: a certificate's file, 'adhoc' for one made up now, or an ssl.SSLContext to import.",
)
@click.option(
    "--key",
    type=click.Path(exists=True, dir_okay=False, resolve_path=True),
    callback=_validate_key,
    expose_value=False,
    help="The file with the certificate's key.",
)
@click.option("--reload/--no-reload", default=None, help="Restart when a file changes; on in debug mode.")
@click.option(
    "--debugger/--no-debugger", default=None, help="Show tracebacks in the browser; on in debug mode."
)
@click.option("--with-threads/--without-threads", default=True, help="Serve each request in its own thread.")
@click.option(
    "--extra-files",
    default=None,
    type=SeparatedPathType(),
    help=f"Restart when one of these files changes, too; several are separated by {os.pathsep!r}.",
)
@click.option(
    "--exclude-patterns",
    default=None,
    type=SeparatedPathType(),
    help=f"Do not restart for files like these ('*/cache/*'); several are separated by {os.pathsep!r}.",
)
@pass_script_info
def run_command(
    info: ScriptInfo,
    *,
    host: str,
    port: int,
    reload: bool | None,
    debugger: bool | None,
    with_threads: bool,
    cert: ssl.SSLContext | tuple[str, str | None] | t.Literal["adhoc"] | None,
    extra_files: list[str] | None,
    exclude_patterns: list[str] | None,
) -> None:
    """Serve the application on this machine while you develop it.

    With '--debug', the server restarts when a file changes and shows tracebacks in the browser.

    Do not put this server in front of the public: it is neither fast nor hardened.
    """
    app = _load_for_serving(info)
    debug = cli.get_debug_flag()
    cli.show_server_banner(debug, info.app_import_path)
    if not debug and _runs_in_the_background() and not cli.is_running_from_reloader():
        environment.say(
            "There is no terminal. For the background there is 'erlen serve': it replaces processes that die,"
            " reloads without losing a request, and is hardened."
        )
    cli.run_simple(
        host,
        port,
        app,
        use_reloader=debug if reload is None else reload,
        use_debugger=debug if debugger is None else debugger,
        threaded=with_threads,
        ssl_context=cert,
        extra_files=extra_files,
        exclude_patterns=exclude_patterns,
    )


def _runs_in_the_background() -> bool:
    """Tell whether it was started by nohup, or has nothing to do with a terminal."""
    hang_up = getattr(signal, "SIGHUP", None)  # not on Windows
    if hang_up is not None and signal.getsignal(hang_up) is signal.SIG_IGN:
        return True
    return not any(stream and stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def _load_for_serving(info: ScriptInfo) -> WSGIApplication:
    """Load the application. After a reload, serve the error of a broken one until a change mends it."""
    try:
        app: t.Any = info.load_app()
        _compile_plan(app)
        application: WSGIApplication = app
        return application
    except Exception as error:
        if not cli.is_running_from_reloader():
            raise
        traceback.print_exc()
        return _raising(error)


def _compile_plan(app: t.Any) -> None:
    """Work out the plan now: what cannot be served is an error before there is a request."""
    planner = getattr(app, "request_planner", None)  # a factory may return any WSGI application
    if planner is not None:
        planner.current(app)


def _raising(error: Exception) -> WSGIApplication:
    def broken_app(environ: WSGIEnvironment, start_response: StartResponse) -> t.NoReturn:
        raise error from None

    return broken_app


@click.command("shell", short_help="Open a Python shell in the application.")
@with_appcontext
def shell_command() -> None:
    """Open a Python shell with the application at hand.

    The application context is active, 'app' and 'g' are there, and what the application's shell
    context processors add. A file named by PYTHONSTARTUP runs first.
    """
    import code

    names = _startup_names()
    names.update(cli.current_app.make_shell_context())
    _enable_completion(names)
    banner = (
        f"Python {sys.version} on {sys.platform}",
        f"App: {cli.current_app.import_name}",
        f"Instance: {cli.current_app.instance_path}",
    )
    code.interact(banner="\n".join(banner), local=names)


def _startup_names() -> dict[str, t.Any]:
    """Run the file that PYTHONSTARTUP names, as Python's own shell does, and return what it defines."""
    names: dict[str, t.Any] = {}
    path = os.environ.get("PYTHONSTARTUP", "")
    if os.path.isfile(path):
        with open(path, "rb") as file:
            exec(compile(file.read(), path, "exec"), names)
    return names


def _enable_completion(names: dict[str, t.Any]) -> None:
    """Start line editing as the interpreter does, with completion of these names in place of `__main__`'s."""
    start = getattr(sys, "__interactivehook__", None)
    if start is None:
        return
    try:
        import readline
        from rlcompleter import Completer
    except ImportError:
        pass
    else:
        readline.set_completer(Completer(names).complete)
    start()


@click.command("routes", short_help="List the application's routes.")
@click.option(
    "--sort",
    "-s",
    type=click.Choice(("endpoint", "methods", "domain", "rule", "match")),
    default="endpoint",
    help="Sort by this column; 'match' is the order in which rules are tried.",
)
@click.option("--all-methods", is_flag=True, help="Show HEAD and OPTIONS as well.")
@with_appcontext
def routes_command(sort: str, all_methods: bool) -> None:
    """List the routes of the application with their endpoints and methods."""
    try:
        _compile_plan(cli.current_app._get_current_object())
    except Exception as error:
        raise click.ClickException(f"The application cannot be served: {error}") from error
    columns = _route_columns(cli.current_app.url_map, all_methods)
    if not columns:
        cli.click.echo("No routes were registered.")
        return
    rows = list(zip(*columns.values(), strict=True))
    order = [_SORT_KEYS[title] for title in columns]
    if sort in order:
        rows.sort(key=lambda row: row[order.index(sort)])
    widths = [max(map(len, (title, *cells))) for title, cells in columns.items()]
    for row in (tuple(columns), tuple("-" * width for width in widths), *rows):
        cli.click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)))


_SORT_KEYS = {
    "Endpoint": "endpoint",
    "Methods": "methods",
    "Host": "domain",
    "Subdomain": "domain",
    "Rule": "rule",
}


def _route_columns(url_map: Map, all_methods: bool) -> dict[str, list[str]]:
    """Return the table by columns, in the order of matching; without rules it is empty."""
    rules = list(url_map.iter_rules())
    if not rules:
        return {}
    hidden = frozenset() if all_methods else frozenset(("HEAD", "OPTIONS"))
    columns = {
        "Endpoint": [rule.endpoint for rule in rules],
        "Methods": [", ".join(sorted((rule.methods or set()) - hidden)) for rule in rules],
    }
    domains = [_domain(rule, url_map) for rule in rules]
    if any(domains):
        columns["Host" if url_map.host_matching else "Subdomain"] = domains
    return columns | {"Rule": [rule.rule for rule in rules]}


def _domain(rule: Rule, url_map: Map) -> str:
    return (rule.host if url_map.host_matching else rule.subdomain) or ""
