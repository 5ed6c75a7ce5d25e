"""`erlen script run`: a script as a command of Click's, and all that is around one run."""

from __future__ import annotations

import asyncio
import errno
import inspect
import logging
import os
import signal
import sys
import threading
import time
import typing as t
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from erlen import Erlen, environment_files
from erlen.cli import ScriptInfo
from erlen.helpers import get_debug_flag

from . import kept, lock, records
from .checkpoint import Checkpoint, digest_of
from .current import Run, set_current_run
from .errors import FAILED, INTERRUPTED, SIGNALLED, NotConfirmed
from .loading import main_of, module_of
from .parameters import arguments_of, options_of, takes_dry_run
from .places import Script
from .script_log import logged
from .transaction import undone

_log = logging.getLogger("erlen.script")
_ENDING = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]


@dataclass(frozen=True)
class Choices:
    """The options that each script has."""

    dry_run: bool
    resume: bool
    confirm: str | None


@dataclass(frozen=True)
class Program:
    """A script that is loaded, and the application that it runs in."""

    app: Erlen
    script: Script
    main: t.Callable[..., t.Any]
    changes_data: bool


def command_of(script: Script, info: ScriptInfo) -> click.Command:
    """Return the command of a script: its parameters as options, and those that each script has."""
    in_production = not get_debug_flag()
    app = _application(info)
    with app.app_context():
        module = module_of(script)
    main = main_of(module, script)
    program = Program(app, script, main, bool(getattr(module, "changes_data", False)))

    def callback(dry_run: bool, resume: bool, confirm: str | None, **values: t.Any) -> None:
        choices = Choices(dry_run, resume, confirm)
        if in_production and not app.testing:
            _confirm(program, choices)
        _run(program, choices, values)

    return click.Command(
        script.name,
        callback=callback,
        params=[*options_of(main, str(script.path)), *_common_options()],
        help=inspect.getdoc(main) or inspect.getdoc(module),
        short_help=script.summary(),
    )


def _application(info: ScriptInfo) -> Erlen:
    # A factory may look at the variable, and so may what it calls.
    os.environ["FLASK_DEBUG"] = "0"
    app = info.load_app()
    app.debug = False
    return app


def _common_options() -> list[click.Option]:
    return [
        click.Option(
            ["--dry-run"], is_flag=True, help="Undo all changes to the database, and say what they were."
        ),
        click.Option(
            ["--resume"],
            is_flag=True,
            help="Go on behind the last batch that a run before this one finished.",
        ),
        click.Option(
            ["--confirm"],
            metavar="APPLICATION",
            help="Do not ask whether data may be changed in production: the application's name.",
        ),
    ]


def _confirm(program: Program, choices: Choices) -> None:
    if not program.changes_data or choices.dry_run:
        return
    name = program.app.name
    typed = choices.confirm
    if typed is None:
        if not sys.stdin.isatty():
            raise NotConfirmed(
                f"{program.script.name} changes data in production, and there is no terminal to ask at: give"
                f" --confirm {name}."
            )
        question = f"{program.script.name} changes data in production. The name of the application"
        typed = click.prompt(question, err=True)
    if typed != name:
        raise NotConfirmed(f"{typed!r} is not the name of the application ({name!r}): nothing was done.")


def _run(program: Program, choices: Choices, values: dict[str, t.Any]) -> None:
    if choices.dry_run and choices.resume:
        raise click.UsageError("--dry-run starts from the beginning, and does not go with --resume.")
    script, folder = program.script, kept.folder(program.app.instance_path)
    arguments = arguments_of(program.main, values)
    if takes_dry_run(program.main):
        arguments["dry_run"] = choices.dry_run
    with ExitStack() as stack:
        stack.enter_context(lock.only_one(folder / f"{script.key}.lock", script.name))
        stack.enter_context(logged(folder / f"{script.key}.log", program.app.logger))
        checkpoint = Checkpoint()
        if not choices.dry_run:
            checkpoint = _checkpoint(folder, script, choices, values)
        record = stack.enter_context(records.recorded(folder, script, is_dry=choices.dry_run))
        set_current_run(Run(choices.dry_run, checkpoint))
        begun = time.monotonic()
        _log_begin(script, choices)
        record.status = _status_of(program, choices, arguments)
        seconds = time.monotonic() - begun
        _log.info("%s ended with status %d after %.1f s", script.name, record.status, seconds)
        if record.status == 0:
            checkpoint.clear()
        elif checkpoint.has_steps:
            click.echo("'--resume' with the same options goes on behind the last finished batch.", err=True)
    if record.status:
        sys.exit(record.status)


def _log_begin(script: Script, choices: Choices) -> None:
    _log.info("%s begins%s", script.name, ", as a dry run" if choices.dry_run else "")
    if (files := environment_files.summary()) is not None:
        _log.info("%s", files)


def _checkpoint(folder: Path, script: Script, choices: Choices, values: dict[str, t.Any]) -> Checkpoint:
    checkpoint = Checkpoint(folder / f"{script.key}.resume", digest_of(values))
    if choices.resume:
        click.echo(f"Going on behind {checkpoint.resume()} rows.", err=True)
    else:
        checkpoint.clear()
    return checkpoint


def _status_of(program: Program, choices: Choices, arguments: dict[str, t.Any]) -> int:
    """Run the script, whatever it does, and return its exit status."""
    try:
        with _terminated_properly(), program.app.app_context():
            if choices.dry_run:
                _run_dry(program, arguments)
            else:
                _call(program.main, arguments)
    except KeyboardInterrupt:
        click.echo(f"\n{program.script.name} was stopped with Ctrl-C.", err=True)
        return INTERRUPTED
    except SystemExit as error:
        return _status_from(error)
    except click.Abort:
        click.echo("Aborted!", err=True)
        return FAILED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except Exception as error:
        _log.exception("%s failed", program.script.name)
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            click.echo("The disk is full: make room first.", err=True)
        return FAILED
    return 0


def _run_dry(program: Program, arguments: dict[str, t.Any]) -> None:
    with undone(program.app, needs_plugin=not takes_dry_run(program.main)) as changes:
        _call(program.main, arguments)
        lines = changes()
        click.echo(
            "A dry run: nothing was kept. It would have changed:" if lines else "A dry run: no changes."
        )
        for line in lines:
            click.echo(f"  {line}")


def _call(main: t.Callable[..., t.Any], arguments: dict[str, t.Any]) -> None:
    result = main(**arguments)
    if inspect.iscoroutine(result):
        asyncio.run(result)


def _status_from(error: SystemExit) -> int:
    if error.code is None or isinstance(error.code, int):
        return error.code or 0
    click.echo(error.code, err=True)
    return FAILED


@contextmanager
def _terminated_properly() -> Iterator[None]:
    """Let SIGTERM, and a terminal that closes, end a script as `sys.exit` does, with rollbacks."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(number: int, _: object) -> None:
        sys.exit(SIGNALLED + number)

    # Under `nohup` SIGHUP is ignored, and stays so.
    numbers = [n for n in _ENDING if signal.getsignal(n) is signal.SIG_DFL]
    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)
