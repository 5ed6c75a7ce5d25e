"""The application of a worker: how it is loaded, and by which protocol it is served."""

from __future__ import annotations

import sys
import traceback
import typing as t
from inspect import iscoroutinefunction

import click

import erlen
from erlen.cli import ScriptInfo
from erlen.helpers import get_debug_flag

from ..errors import APPLICATION, ServeError

if t.TYPE_CHECKING:
    from ..settings import Interface, Settings

DEBUG_IS_ON = (
    "Debug mode is on, and shows the program to everybody: turn it off with FLASK_DEBUG=0 (and DEBUG in the"
    " configuration), or use 'erlen run --debug' while you develop."
)


def load(path: str | None) -> erlen.Erlen:
    """Import or make the application; raises ServeError, after the traceback is printed, if that fails."""
    try:
        app = ScriptInfo(path, set_debug_flag=False).load_app()
    except click.ClickException as error:
        raise ServeError(_in_one_line(error.format_message()), APPLICATION) from None
    except BaseException as error:  # an application may exit as it is imported
        traceback.print_exc()
        raise ServeError(f"The application could not be loaded: {one_line(error)}", APPLICATION) from None
    if app.debug or get_debug_flag():
        raise ServeError(DEBUG_IS_ON, APPLICATION)
    return app


def compile_plan(app: erlen.Erlen) -> None:
    """Work out the plan before the first request; raises ServeError, after the traceback is printed.

    Adapters of views raise at that, and so do values of the configuration that cannot be meant.
    """
    try:
        app.request_planner.current(app)
    except Exception as error:
        traceback.print_exc()
        raise ServeError(f"The application cannot be served: {one_line(error)}", APPLICATION) from None


def _in_one_line(message: str) -> str:
    """Print a message that goes on with a traceback; return its first line and the error."""
    first, *others = message.strip().splitlines()
    if not others:
        return first
    print(message, file=sys.stderr)
    return f"{first.rstrip(':')}: {others[-1]}"


def one_line(error: BaseException) -> str:
    """Describe *error* in one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def set_up_logs(app: erlen.Erlen, settings: Settings) -> None:
    """Turn on the logs that were asked for by options; what the application has set up itself goes on."""
    if settings.log_format is None and not settings.access_log:
        return
    from erlen.deploy import logs

    options: dict[str, t.Any] = {}
    if settings.log_format is not None:
        options["LOG_FORMAT"] = settings.log_format
    if settings.access_log:
        options["LOG_ACCESS"] = True
    try:
        logs.init_app(app, **options)
    except (ValueError, OSError) as error:
        raise ServeError(f"The logs cannot be set up: {one_line(error)}", APPLICATION) from None


def choose_interface(app: erlen.Erlen, asked: Interface) -> tuple[t.Literal["wsgi", "asgi"], str]:
    """Return the protocol that *app* is served by, and why in a few words."""
    if asked != "auto":
        return asked, "as asked for"
    for rule in app.url_map.iter_rules():
        if rule.websocket:
            return "asgi", f"{rule.rule} is a WebSocket"
    for endpoint, view in app.view_functions.items():
        if is_coroutine_view(view):
            return "asgi", f"the view '{endpoint}' is a coroutine function"
    return "wsgi", "all views are plain"


def is_coroutine_view(view: t.Callable[..., t.Any]) -> bool:
    """Tell whether *view* is a coroutine function, or the view of a class with one."""
    return iscoroutinefunction(view) or getattr(view, "coroutine_form", None) is not None
