"""A script's module and its function `main`."""

from __future__ import annotations

import os
import sys
import typing as t
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from .errors import ScriptError
from .places import DEFAULT_FOLDER, Script, find


def folder() -> Path:
    """Return the folder of the scripts: OFFLINE_SCRIPTS, else `offline_script` here."""
    return Path(os.environ.get("OFFLINE_SCRIPTS") or DEFAULT_FOLDER).absolute()


def load(name: str) -> ModuleType:
    """Return the module of a script, for its tests: `load("export_orders").main(…)`.

    The script is looked for by name, so a test stays right when the script moves. Raises `ScriptError`.
    """
    return module_of(find(folder(), name))


def module_of(script: Script) -> ModuleType:
    """Import a script anew, under a name that no other module has.

    A script may be called like a module of the standard library, and two may have one name. Whatever it
    raises, `SystemExit` too, becomes a `ScriptError` with that as its cause.
    """
    name = f"erlen_offline_script.{script.place}.{script.name}"
    spec = spec_from_file_location(name, script.path)
    assert spec is not None  # of a file whose name ends with .py
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and pickle look here
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise ScriptError(f"{_place_of(error, script)}: {_said_by(error)}") from error
    return module


def main_of(module: ModuleType, script: Script) -> t.Callable[..., t.Any]:
    """Return the function that a script is; raise `ScriptError` where it has none."""
    main = getattr(module, "main", None)
    if main is None:
        raise ScriptError(f"{script.path} has no function 'main': put what the script does into one.")
    if not callable(main) or isinstance(main, type):
        raise ScriptError(f"{script.path}: 'main' is no function but {type(main).__name__!r}.")
    return t.cast("t.Callable[..., t.Any]", main)  # callable, as was just seen


def _place_of(error: BaseException, script: Script) -> str:
    if isinstance(error, SyntaxError) and error.filename == str(script.path):
        return f"{script.path}, line {error.lineno}"
    lines = []
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == str(script.path):
            lines.append(trace.tb_lineno)
        trace = trace.tb_next
    return f"{script.path}, line {lines[-1]}" if lines else str(script.path)


def _said_by(error: BaseException) -> str:
    if isinstance(error, SystemExit):
        return (
            "it ends the process when it is imported (sys.exit). Put what it does into the function 'main'."
        )
    if isinstance(error, SyntaxError):
        return f"it is no valid Python: {error.msg}."
    return f"its import fails with {type(error).__name__}: {error}"
