"""Blueprints that nobody registers, and folders that are not there."""

from __future__ import annotations

import ast
import os
import typing as t

from erlen import Blueprint
from erlen.declare.resources import Resources

from ..examined import Examined, name_of
from ..finding import Finding, Kind, Level, Place
from .functions import HOOKS
from .places import place_of_blueprint
from .syntax import first_text

BLUEPRINT_UNREGISTERED = Kind(
    "blueprint-unregistered",
    Level.WARNING,
    "The application knows nothing of it: its views, hooks and error handlers are never called.",
)
FOLDER_MISSING = Kind("folder-missing", Level.WARNING, "Nothing will ever be found in it.")


def check_registered(examined: Examined) -> t.Iterator[Finding]:
    """Find blueprints that a module has, and that are registered nowhere."""
    mentioned = set(_mentioned(examined))
    known = {id(each) for each in examined.app.blueprints.values()}
    for path, module in examined.modules.items():
        for name, value in list(vars(module).items()):
            if not isinstance(value, Blueprint) or id(value) in known or name in mentioned:
                continue
            if value.import_name != module.__name__ or not _has_something(value):
                continue
            known.add(id(value))
            what = f"The blueprint {value.name!r} is not registered."
            write = f"app.register_blueprint({name})"
            yield BLUEPRINT_UNREGISTERED.found(
                what, place_of_blueprint(examined, value) or Place(path), write=write
            )


def _has_something(blueprint: Blueprint) -> bool:
    tables = (getattr(blueprint, table) for table in HOOKS if table != "template_context_processors")
    return bool(
        blueprint.deferred_functions
        or blueprint.has_static_folder
        or blueprint.template_folder
        or any(table.get(None) for table in tables)
        or blueprint.error_handler_spec
    )


def _mentioned(examined: Examined) -> t.Iterator[str]:
    """Yield the names of what is registered somewhere, perhaps under a condition."""
    for source in examined.loaded:
        for call in source.calls:
            if name_of(call.func) == "register_blueprint":
                for argument in (*call.args, *(each.value for each in call.keywords)):
                    yield name_of(argument)


def check_folders(examined: Examined) -> t.Iterator[Finding]:
    """Find folders that an application or a blueprint names, and that are not there."""
    for source in examined.loaded:
        module = examined.modules[source.path].__name__
        for call in source.calls:
            if not isinstance(call.func, ast.Name | ast.Attribute):
                continue
            for owner in _owners(examined, module, call):
                yield from _missing(owner, call, source.path)


def _owners(examined: Examined, module: str, call: ast.Call) -> list[Resources]:
    """Return the application or the blueprint that a call makes."""
    name = name_of(call.func)
    if name == "Blueprint":
        found = [each for each in examined.app.blueprints.values() if each.import_name == module]
        return [each for each in dict.fromkeys(found) if each.name == first_text(call, "name")]
    is_app = name in ("Flask", "Erlen") and examined.app.import_name == module
    return [examined.app] if is_app else []


def _missing(owner: Resources, call: ast.Call, path: t.Any) -> t.Iterator[Finding]:
    for keyword in call.keywords:
        given = getattr(owner, keyword.arg or "", None)
        if keyword.arg not in ("static_folder", "template_folder") or not isinstance(
            given, str | os.PathLike
        ):
            continue
        folder = os.path.join(owner.root_path, given)
        if not os.path.isdir(folder):
            what = f"The folder {os.fspath(given)!r} ({keyword.arg}) is not in {owner.root_path!r}."
            yield FOLDER_MISSING.found(what, Place(path, keyword.value.lineno), write=f"mkdir {folder}")
