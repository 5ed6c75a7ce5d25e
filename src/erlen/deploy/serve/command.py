"""The command `erlen serve`."""

from __future__ import annotations

import sys
import typing as t

import click

from erlen.cli import ScriptInfo, pass_script_info

from .errors import ServeError

if t.TYPE_CHECKING:
    pass

_SIZES = {"K": 2**10, "M": 2**20, "G": 2**30}


def size(value: str | int) -> int:
    """Read a number of bytes, as `300M` or `1G`."""
    text = str(value).strip().upper().removesuffix("B").removesuffix("I")
    factor = _SIZES.get(text[-1:], 1)
    digits = text[:-1] if factor > 1 else text
    if not digits.isascii() or not digits.isdecimal() or int(digits) == 0:
        raise click.BadParameter(f"{value!r} is no size: write 300M or 1G.")
    return int(digits) * factor


_SECONDS = click.FloatRange(min=0, min_open=True)


def _group(*options: t.Callable[[t.Any], t.Any]) -> t.Callable[[t.Any], t.Any]:
    def decorate(function: t.Any) -> t.Any:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


_ADDRESS = _group(
    click.option(
        "--host", "-h", help="Listen on this address; '0.0.0.0' is all of them. [default: 127.0.0.1]"
    ),
    click.option(
        "--port", "-p", type=click.IntRange(0, 65535), help="Listen on this port. [default: PORT, or 5000]"
    ),
    click.option(
        "--unix", type=click.Path(), metavar="PATH", help="Listen on a Unix socket in place of a port."
    ),
    click.option("--mode", default="660", show_default=True, help="The rights of the Unix socket, in octal."),
    click.option("--group", help="The group of the Unix socket, by name or number."),
    click.option(
        "--backlog",
        default=1024,
        show_default=True,
        type=click.IntRange(min=1),
        help="How many connections may wait.",
    ),
    click.option("--cert", type=click.Path(), help="Serve HTTPS with the certificate in this file."),
    click.option("--key", type=click.Path(), help="The file with the certificate's key."),
    click.option(
        "--root-path", default="", metavar="PATH", help="Serve under this path, as in '/shop'; 404 elsewhere."
    ),
)

_WORKERS = _group(
    click.option(
        "--interface",
        type=click.Choice(("auto", "wsgi", "asgi")),
        default="auto",
        show_default=True,
        help="ASGI where there are coroutine views or WebSockets, else WSGI.",
    ),
    click.option(
        "--workers",
        "-w",
        type=click.IntRange(min=1),
        help="How many processes. [default: WEB_CONCURRENCY, or the CPUs that may be used]",
    ),
    click.option(
        "--threads",
        type=click.IntRange(min=1),
        help="How many threads each worker has for plain views. [default: 16; with ASGI, ASGI_THREADS]",
    ),
    click.option(
        "--backpressure",
        type=click.IntRange(min=1),
        help="How many connections each worker takes at a time. [default: the backlog by the workers]",
    ),
    click.option(
        "--chdir",
        type=click.Path(),
        metavar="DIR",
        help="Start workers in this folder; looked up at each reload.",
    ),
    click.option(
        "--server",
        type=click.Choice(("granian", "gunicorn")),
        default="granian",
        show_default=True,
        help="What speaks HTTP.",
    ),
)

_TIMES = _group(
    click.option(
        "--start-timeout",
        type=_SECONDS,
        default=60.0,
        show_default=True,
        help="How long a worker may take to start.",
    ),
    click.option(
        "--grace",
        type=click.FloatRange(min=0),
        default=30.0,
        show_default=True,
        help="How long requests may take to finish when a worker stops; then they are cut off.",
    ),
    click.option(
        "--drain",
        type=click.FloatRange(min=0),
        default=0.0,
        help="Before stopping, be not ready for so many seconds and still serve.",
    ),
    click.option(
        "--request-timeout",
        type=_SECONDS,
        help="Replace a worker in which a request waits longer for its answer.",
    ),
    click.option(
        "--max-requests", type=click.IntRange(min=1), help="Replace a worker after so many requests."
    ),
    click.option("--max-lifetime", type=_SECONDS, help="Replace a worker after so many seconds."),
    click.option("--max-memory", type=size, metavar="SIZE", help="Replace a worker that uses more memory."),
)

_WATCH = _group(
    click.option("--pid-file", type=click.Path(), help="Write the process id to this file."),
    click.option(
        "--status",
        "status_address",
        metavar="ADDRESS",
        help="Tell here what the workers do, as JSON and for Prometheus: 9100, 127.0.0.1:9100, unix:PATH.",
    ),
    click.option(
        "--log-format",
        type=click.Choice(("text", "json")),
        help="Write the logs of server and application in this form, with request ids.",
    ),
    click.option("--access-log", is_flag=True, help="Write a line for each request."),
    click.option(
        "--check", is_flag=True, help="Only start one worker and stop it: the exit status says how it went."
    ),
    click.option("--reload", is_flag=True, help="Let the running server reload, and wait for it."),
)


@click.command("serve", short_help="Serve the application in production.")
@_ADDRESS
@_WORKERS
@_TIMES
@_WATCH
@pass_script_info
def serve(info: ScriptInfo, /, **choices: t.Any) -> None:
    """Serve the application in production: several processes, replaced without losing a request.

    SIGHUP reloads: each worker is replaced by a new interpreter when that serves. SIGTERM stops when the
    requests that are under way have finished.
    """
    from . import programs

    try:
        sys.exit(programs.run(info.app_import_path, choices))
    except ServeError as error:
        click.echo(f"erlen serve: {error.message}", err=True)
        sys.exit(error.status)
