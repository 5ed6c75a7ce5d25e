"""Where the application is, found by its path alone."""

from __future__ import annotations

import os
import re
import sys
from importlib.machinery import PathFinder
from pathlib import Path

import click

from ...cli.script_info import ScriptInfo

# A colon before a slash belongs to a Windows drive.
_COLON = re.compile(r":(?![\\/])")


def application(ctx: click.Context, path: Path | None) -> Path:
    """Return the folder or file to read: what is given, else what `--app` names, else this folder."""
    if path is not None:
        return path.resolve()
    named = ctx.ensure_object(ScriptInfo).app_import_path
    if not named:
        return Path.cwd().resolve()
    found = _located(_COLON.split(named, maxsplit=1)[0])
    if found is None:
        raise click.UsageError(
            f"The application {named!r} is not found as a file or a module. Name its folder:"
            " 'erlen check --legacy FOLDER'.",
            ctx,
        )
    return found


def _located(name: str) -> Path | None:
    """Return the folder that a module or a file is imported from; of an installed one, its own folder."""
    path = Path(os.path.realpath(name))
    by_dots = Path.cwd().resolve().joinpath(*name.split("."))
    for candidate in (
        path,
        path.with_name(f"{path.name}.py"),
        by_dots,
        by_dots.with_name(f"{by_dots.name}.py"),
    ):
        if candidate.exists():
            return _folder_of(candidate)
    spec = PathFinder.find_spec(name.partition(".")[0], sys.path)
    if spec is None or spec.origin is None:
        return None
    origin = Path(spec.origin).resolve()
    return origin.parent if origin.name == "__init__.py" else origin


def _folder_of(path: Path) -> Path:
    """Return the folder above the packages that a file is in."""
    folder = path.parent if path.is_file() or (path / "__init__.py").exists() else path
    if path.name == "__init__.py":
        folder = path.parent.parent
    while (folder / "__init__.py").exists() and folder != folder.parent:
        folder = folder.parent
    return folder
