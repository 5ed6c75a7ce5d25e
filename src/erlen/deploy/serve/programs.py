"""What `erlen serve` does with its choices: serve, check, reload, or run another server."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import typing as t
from pathlib import Path

from erlen import environment_files

from .activation import adopt_from_systemd
from .errors import NO_SERVER, USAGE, ServeError
from .listening import Listener, listen_tcp
from .settings import Settings
from .supervisor import Supervisor

logger = logging.getLogger("erlen.serve")

Choices = dict[str, t.Any]


def run(app: str | None, choices: Choices) -> int:
    """Do what the choices say; return the exit status. Raises ServeError."""
    if sys.platform == "win32":
        raise ServeError(
            "Windows lacks the signals and sockets that this needs: use waitress or hypercorn.", NO_SERVER
        )
    if choices["reload"]:
        from .reloading import reload

        print(reload(pid_file=choices["pid_file"], address=choices["status_address"]))
        return 0
    if choices["server"] == "gunicorn":
        from .gunicorn import run_gunicorn

        return run_gunicorn(app, choices)
    _require_granian()
    _set_up_logs(choices["log_format"])
    settings = make_settings(app, choices)
    if choices["check"]:
        return check(settings)
    return serve(settings, choices)


def make_settings(app: str | None, choices: Choices) -> Settings:
    """Make the settings of the choices. Raises ServeError where they do not go together."""
    from .cpus import default_workers
    from .interpreter import path_called
    from .root_path import normalized
    from .tls import check_certificate

    workers = choices["workers"] or default_workers(os.environ)
    pair = check_certificate(choices["cert"], choices["key"]) if choices["cert"] or choices["key"] else None
    interpreter = path_called()
    folder = _logical_folder(interpreter)
    return Settings(
        app=app,
        interface=choices["interface"],
        workers=workers,
        threads=choices["threads"],
        backlog=choices["backlog"],
        backpressure=choices["backpressure"] or max(1, choices["backlog"] // workers),
        root_path=normalized(choices["root_path"]),
        certificate=None if pair is None else pair.certificate,
        key=None if pair is None else pair.key,
        chdir=choices["chdir"] or folder,
        interpreter=interpreter,
        environment_folder=folder,
        log_format=choices["log_format"],
        access_log=choices["access_log"],
        start_timeout=choices["start_timeout"],
        grace=choices["grace"],
        drain=choices["drain"],
        request_timeout=choices["request_timeout"],
        max_requests=choices["max_requests"],
        max_lifetime=choices["max_lifetime"],
        max_memory=choices["max_memory"],
    )


def _logical_folder(interpreter: str) -> str:
    """Return the present folder by a path that may lead over a link to a release.

    It is the path that the shell went. Without a shell, as in a unit of systemd, it is the folder with the
    environment of the interpreter, if that is the present one.
    """
    for path in (os.environ.get("PWD", ""), *map(str, Path(interpreter).parents)):
        with contextlib.suppress(OSError):
            if os.path.isabs(path) and os.path.samefile(path, os.curdir):
                return path
    return os.getcwd()


def _require_granian() -> None:
    import importlib.util

    if importlib.util.find_spec("granian") is None:
        from .gunicorn import missing_server

        raise missing_server()


def _set_up_logs(form: str | None) -> None:
    if form is not None:
        from erlen.deploy import logs

        logs.configure(LOG_FORMAT=form)
    elif not logger.handlers:
        handler = logging.StreamHandler()
        handler.setFormatter(logging.Formatter("[%(asctime)s] [%(process)d] [%(levelname)s] %(message)s"))
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False


# serve


def serve(settings: Settings, choices: Choices) -> int:
    """Serve until a signal says to stop."""
    from .pid_file import PidFile

    with contextlib.ExitStack() as stack:
        if choices["pid_file"]:
            stack.enter_context(PidFile(choices["pid_file"]))
        listeners = listen(settings, choices)
        for listener in listeners:
            stack.callback(listener.close)
        asyncio.run(_serve(settings, listeners, choices["status_address"]))
    return 0


async def _serve(settings: Settings, listeners: list[Listener], status_address: str | None) -> None:
    from .notify import Notifier
    from .overview import status_of
    from .status import StatusServer

    supervisor = Supervisor(settings, listeners, Notifier.from_environment())
    status = StatusServer([status_address] if status_address else [], lambda: status_of(supervisor))
    await status.start()
    try:
        await supervisor.run(lambda: show_banner(supervisor))
    finally:
        await status.stop()


def listen(settings: Settings, choices: Choices) -> list[Listener]:
    """Open the sockets that are asked for, or take those that systemd has opened."""
    tls = bool(settings.certificate)
    adopted = adopt_from_systemd(os.environ, tls=tls)
    if adopted:
        return adopted
    if choices["unix"]:
        from .unix_socket import listen_unix, parse_mode

        return [listen_unix(choices["unix"], parse_mode(choices["mode"]), choices["group"], settings.backlog)]
    return [listen_tcp(*host_and_port(choices), settings.backlog, tls=tls)]


def host_and_port(choices: Choices) -> tuple[str, int]:
    """Return where to listen: as asked for, or as a platform says that sets PORT, or the usual address."""
    host, port, variable = choices["host"], choices["port"], os.environ.get("PORT")
    if port is not None or variable is None:
        return host or "127.0.0.1", 5000 if port is None else port
    if not (variable.isascii() and variable.isdecimal() and len(variable) < 6 and int(variable) < 65536):
        raise ServeError(f"The variable PORT is {variable[:40]!r}, which is no port number.", USAGE)
    return host or "0.0.0.0", int(variable)


def show_banner(supervisor: Supervisor) -> None:
    """Say what is served, how, and how to stop and reload it."""
    settings = supervisor.settings
    worker = supervisor.slots[0].worker
    facts = {} if worker is None else worker.facts
    where = " and ".join(listener.address for listener in supervisor.listeners)
    how_many = f"{settings.workers} worker{'s' * (settings.workers > 1)}"
    files = environment_files.summary()
    lines = (
        f"Serving '{facts.get('app')}' on {where}{settings.root_path}",
        f"{str(facts.get('interface')).upper()}: {facts.get('why')}",
        f"{how_many}, {facts.get('threads')} threads each",
        *([files] if files else []),
        f"Stop: kill -TERM {os.getpid()}, or Ctrl-C. Reload: kill -HUP {os.getpid()}",
    )
    for line in lines:
        print(f" * {line}", file=sys.stderr, flush=True)


# check


def check(settings: Settings) -> int:
    """Start one worker and stop it."""
    import dataclasses

    listener = listen_tcp("127.0.0.1", 0, 1, tls=bool(settings.certificate))
    try:
        worker = asyncio.run(_check(dataclasses.replace(settings, workers=1, closing=0, grace=5), listener))
    finally:
        listener.close()
    print(f"'{worker['app']}' starts and stops. {worker['interface'].upper()}: {worker['why']}.")
    return 0


async def _check(settings: Settings, listener: Listener) -> dict[str, t.Any]:
    from .slot import Slot

    slot = Slot(1, settings, [(listener.socket.fileno(), False)])
    await slot.start(0)
    assert slot.worker is not None
    facts = slot.worker.facts
    await slot.end(0)
    return facts
