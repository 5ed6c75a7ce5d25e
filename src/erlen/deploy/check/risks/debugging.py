"""Risks of what belongs to development: debug mode, test mode, debuggers, and what they log."""

from __future__ import annotations

import ast
import os
import sys
import types
import typing as t

from erlen.legacy import current_level

from ..finding import Finding, Kind, Level, Place
from . import written
from .environment import place_of_variable
from .middleware import is_a, middleware_of

if t.TYPE_CHECKING:
    from pathlib import Path

    from ..examined import Examined

DEBUG = Kind(
    "debug-on",
    Level.ERROR,
    "Visitors see tracebacks and values, and under the development server they may run any code.",
)
FLASKENV = Kind(
    "debug-in-flaskenv",
    Level.WARNING,
    "Everybody has the file, and on the server `erlen serve` reads it and does not start in debug mode.",
)
TESTING = Kind(
    "testing-on",
    Level.ERROR,
    "Errors are not handled but raised, and extensions leave out mails, checks and log-ins in tests.",
)
DEBUGGER = Kind(
    "debugger-middleware",
    Level.ERROR,
    "Whoever makes a page fail gets a console that runs Python on the server.",
)
TOOLBAR = Kind(
    "debug-toolbar",
    Level.ERROR,
    "The toolbar shows settings, queries and headers to every visitor.",
)
PROFILER = Kind(
    "profiler-middleware",
    Level.WARNING,
    "Each request runs in a profiler, many times slower, and fills the log or the disk.",
)
RUN = Kind(
    "run-on-import",
    Level.ERROR,
    "The development server starts as soon as a server imports the program, and nothing else answers.",
)
DEBUGGER_FOR_ALL = Kind(
    "debugger-for-all",
    Level.WARNING,
    "Whoever starts the file by `python` lets everybody who can reach the machine into the debugger.",
)
BREAKPOINT = Kind(
    "breakpoint-left",
    Level.ERROR,
    "A request that comes here waits for a debugger for ever, and its worker with it.",
)
FLASK_ENV = Kind(
    "flask-env",
    Level.WARNING,
    "It has had no effect since Flask 2.3: who sets it to production has not turned anything off.",
)
SQL_ECHO = Kind(
    "sql-echo",
    Level.WARNING,
    "Every statement goes to the log with its values: names, addresses, tokens and hashes of passwords.",
)

_ALL_ADDRESSES = ("0.0.0.0", "::", "")


def check_modes(examined: Examined) -> t.Iterator[Finding]:
    """Find debug mode and test mode."""
    app = examined.app
    if app.debug:
        yield _debug(examined)
    if app.testing:
        place = written.place_of_setting(examined, "TESTING")
        yield TESTING.found("TESTING is on.", place, write='app.config["TESTING"] = False')


def check_debuggers(examined: Examined) -> t.Iterator[Finding]:
    """Find a debugger, a toolbar or a profiler around the application."""
    app = examined.app
    if app.debug:
        return  # what belongs to it may be on then
    for middleware in middleware_of(app):
        if is_a(middleware, "werkzeug", "DebuggedApplication"):
            place = written.place_of_call(examined, "DebuggedApplication")
            yield DEBUGGER.found(
                "Werkzeug's debugger is around the application.", place, write="if app.debug:"
            )
        elif is_a(middleware, "werkzeug", "ProfilerMiddleware"):
            place = written.place_of_call(examined, "ProfilerMiddleware")
            yield PROFILER.found(
                "Werkzeug's profiler is around the application.", place, write="if app.debug:"
            )
    if "debugtoolbar" in app.blueprints and app.config.get("DEBUG_TB_ENABLED"):
        place = written.place_of_setting(examined, "DEBUG_TB_ENABLED")
        place = place or written.place_of_call(examined, "DebugToolbarExtension")
        line = 'app.config["DEBUG_TB_ENABLED"] = app.debug'
        yield TOOLBAR.found("Flask-DebugToolbar is on.", place, write=line)


def check_run(examined: Examined) -> t.Iterator[Finding]:
    """Find calls of ``app.run`` that a server comes to, or that let everybody into the debugger."""
    for source in written.programs(examined):
        names = _names_of(examined, source.path)
        # A file that is not imported is started by hand, and may do so.
        unguarded = set(_run_at_import(source.tree.body)) if source.tree and names else set()
        for call in source.calls:
            if not _is_run(call, names):
                continue
            place = Place(source.path, call.lineno)
            if call in unguarded:
                line = 'if __name__ == "__main__":'
                yield RUN.found(
                    "The development server is started by the import of this file.", place, write=line
                )
            elif written.argument(call, "debug") is True and written.argument(call, "host") in _ALL_ADDRESSES:
                yield DEBUGGER_FOR_ALL.found(
                    "The development server listens on all addresses, with the debugger.",
                    place,
                    write=f"{ast.unparse(call.func)}()",
                )


def check_breakpoints(examined: Examined) -> t.Iterator[Finding]:
    """Find breakpoints in programs."""
    for place, call in written.imported_calls(examined, "breakpoint", "set_trace"):
        if isinstance(call.func, ast.Name) or ast.unparse(call.func) in _BREAKS:
            yield BREAKPOINT.found("A breakpoint is set here.", place, write="Take the line out.")


_BREAKS = ("pdb.set_trace", "ipdb.set_trace", "pudb.set_trace", "bdb.set_trace")


def check_flask_env(examined: Examined) -> t.Iterator[Finding]:
    """Find the variable that turned debug mode on before Flask 2.3."""
    if os.environ.get("FLASK_ENV") and current_level() is None:
        place = place_of_variable("FLASK_ENV")
        yield FLASK_ENV.found("FLASK_ENV is set.", place, write="FLASK_DEBUG=0")


def check_sql_echo(examined: Examined) -> t.Iterator[Finding]:
    """Find SQLAlchemy's log of all statements."""
    if "sqlalchemy" in examined.app.extensions and examined.app.config.get("SQLALCHEMY_ECHO"):
        place = written.place_of_setting(examined, "SQLALCHEMY_ECHO")
        yield SQL_ECHO.found("SQLALCHEMY_ECHO is on.", place, write='app.config["SQLALCHEMY_ECHO"] = False')


def _debug(examined: Examined) -> Finding:
    place = written.place_of_setting(examined, "DEBUG")
    if place is not None or not os.environ.get("FLASK_DEBUG"):
        return DEBUG.found("DEBUG is on.", place, write='app.config["DEBUG"] = False')
    place = place_of_variable("FLASK_DEBUG")
    if place is not None and place.path.name == ".flaskenv":
        return FLASKENV.found("FLASK_DEBUG is in '.flaskenv'.", place, write="FLASK_DEBUG=1  # in .env")
    return DEBUG.found("FLASK_DEBUG is set.", place, write="FLASK_DEBUG=0")


def _names_of(examined: Examined, path: Path) -> set[str]:
    """Return the names that mean the application in a file: those of its module, if that was imported."""
    # Of their dicts alone: modules that import others when they are asked for something would do so.
    namespaces = [vars(each) for each in list(sys.modules.values()) if isinstance(each, types.ModuleType)]
    loaded = [names for names in namespaces if names.get("__file__") == str(path)]
    return {name for names in loaded for name, value in names.items() if value is examined.app}


def _is_run(call: ast.Call, names: set[str]) -> bool:
    called = call.func
    if (
        not isinstance(called, ast.Attribute)
        or called.attr != "run"
        or not isinstance(called.value, ast.Name)
    ):
        return False
    return called.value.id in (names or ("app", "application"))


def _run_at_import(body: t.Sequence[ast.stmt]) -> t.Iterator[ast.Call]:
    """Yield the calls that the import of a module makes: not those of functions, or behind a condition."""
    for statement in body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
            yield statement.value
        elif isinstance(statement, (ast.Try, ast.With)):
            yield from _run_at_import(statement.body)
