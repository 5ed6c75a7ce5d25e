"""`erlen serve --server gunicorn`: the same choices, where granian cannot be had."""

from __future__ import annotations

import importlib.util
import math
import os
import sys
import typing as t

from .errors import NO_SERVER, USAGE, ServeError
from .settings import THREADS

Choices = dict[str, t.Any]

INSTALL = "pip install 'erlen[serve]'"

# What gunicorn has nothing for. Its own `--timeout` does not see threads that are stuck.
_IMPOSSIBLE = {
    "group": "--group",
    "backpressure": "--backpressure",
    "drain": "--drain",
    "request_timeout": "--request-timeout",
    "max_lifetime": "--max-lifetime",
    "max_memory": "--max-memory",
    "status_address": "--status",
    "log_format": "--log-format",
    "check": "--check",
}


def missing_server() -> ServeError:
    """Make the error for granian where it is missing."""
    instead = (
        ", or serve with gunicorn, which is installed: --server gunicorn" if _is_installed("gunicorn") else ""
    )
    return ServeError(f"erlen serve needs granian, which is not installed: {INSTALL}{instead}.", NO_SERVER)


def run_gunicorn(app: str | None, choices: Choices) -> t.NoReturn:
    """Become gunicorn. Raises ServeError where it is missing, or cannot have one of the choices."""
    refuse_impossible(choices)
    if not _is_installed("gunicorn"):
        raise ServeError(
            "gunicorn is not installed: pip install gunicorn, or serve with granian, which loses no request:"
            f" {INSTALL}.",
            NO_SERVER,
        )
    interface = choose(app, choices)
    if interface == "asgi" and not _is_installed("gunicorn.workers.gasgi"):
        raise ServeError(
            "This gunicorn is too old for ASGI: pip install -U gunicorn, or serve with granian, which loses"
            f" no request: {INSTALL}.",
            NO_SERVER,
        )
    command = command_line(app, choices, interface)
    # The same process: a supervisor knows its pid, and systemd's sockets are meant for that.
    os.execvpe(command[0], command, {**os.environ, "ERLEN_AS_FLASK": "1"})


def refuse_impossible(choices: Choices) -> None:
    """Raise ServeError, with their names, for choices that gunicorn cannot have."""
    names = [option for name, option in _IMPOSSIBLE.items() if choices.get(name)]
    if names:
        raise ServeError(
            f"gunicorn has nothing for {', '.join(names)}: leave that out, or serve with granian"
            f" ({INSTALL}).",
            USAGE,
        )


def choose(app: str | None, choices: Choices) -> t.Literal["wsgi", "asgi"]:
    """Return the protocol; the application is imported where it is to say which. Raises ServeError."""
    if choices["interface"] != "auto":
        chosen: t.Literal["wsgi", "asgi"] = choices["interface"]
        return chosen
    from erlen import as_flask

    from .worker.application import choose_interface, load

    before = os.getcwd()
    os.chdir(choices["chdir"] or before)
    try:
        as_flask.install()
        return choose_interface(load(app), "auto")[0]
    finally:
        os.chdir(before)  # which the other paths of the command line count from


def command_line(app: str | None, choices: Choices, interface: str) -> list[str]:
    """Return the words that start gunicorn with these choices. Raises ServeError."""
    from .cpus import default_workers
    from .root_path import normalized

    words = (app, normalized(choices["root_path"]), choices["access_log"])
    threads = ["--threads", str(choices["threads"] or THREADS)] if interface == "wsgi" else []
    return [
        *(sys.executable, "-m", "gunicorn"),
        # What options cannot say. It also takes the place of a gunicorn.conf.py in this folder.
        *("--config", f"python:{__package__}.gunicorn_config"),
        *_address(choices),
        *("--workers", str(choices["workers"] or default_workers(os.environ))),
        *("--worker-class", "gthread" if interface == "wsgi" else "asgi", *threads),
        # A worker that takes longer to start is killed. Once it serves, it does not go silent.
        *("--timeout", str(math.ceil(choices["start_timeout"]))),
        *("--graceful-timeout", str(math.ceil(choices["grace"]))),
        *_recycling(choices["max_requests"]),
        *_certificate(choices),
        *_path("--chdir", choices["chdir"]),
        *_path("--pid", choices["pid_file"]),
        f"{__package__}.gunicorn_application:application{words!r}",
    ]


def _address(choices: Choices) -> list[str]:
    from .programs import host_and_port
    from .unix_socket import parse_mode

    backlog = ["--backlog", str(choices["backlog"])]
    if os.environ.get("LISTEN_PID") == str(os.getpid()):
        return backlog  # gunicorn adopts systemd's sockets itself
    if choices["unix"]:
        umask = 0o777 & ~parse_mode(choices["mode"])
        return [*backlog, "--bind", f"unix:{os.path.abspath(choices['unix'])}", "--umask", f"0{umask:o}"]
    host, port = host_and_port(choices)
    return [*backlog, "--bind", f"[{host}]:{port}" if ":" in host and host[0] != "[" else f"{host}:{port}"]


def _path(option: str, path: str | None) -> list[str]:
    return [] if path is None else [option, os.path.abspath(path)]


def _recycling(requests: int | None) -> list[str]:
    if requests is None:
        return []
    # So that not all workers end at once.
    return ["--max-requests", str(requests), "--max-requests-jitter", str(requests // 10)]


def _certificate(choices: Choices) -> list[str]:
    from .tls import check_certificate

    if not (choices["cert"] or choices["key"]):
        return []
    pair = check_certificate(choices["cert"], choices["key"])
    return ["--certfile", pair.certificate, "--keyfile", pair.key]


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # the package that it would be in
        return False
