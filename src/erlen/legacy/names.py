"""The names of modules: what each is today, and how a module comes to have it.

A module looks for a name that it does not have by its ``__getattr__``. All names are there at once: a thread
that looks for one while the layer is being turned on waits until it is.
"""

from __future__ import annotations

import typing as t
from functools import partial
from importlib import import_module

import erlen

from ..alias import MODULES
from .notices import RECORDS, notice, notice_of
from .removed import IMPORTED_FROM, Removed
from .switch import lock

if t.TYPE_CHECKING:
    from types import ModuleType

    from .changes import Changes

_HERE = __package__ or ""

# Where each name is today: module and attribute; or the value itself.
VALUES: dict[str, str | bool] = {
    "flask.Markup": "markupsafe:Markup",
    "flask.escape": "markupsafe:escape",
    "flask.safe_join": f"{_HERE}.helpers:safe_join",
    "flask._request_ctx_stack": f"{_HERE}.stacks:request_stack",
    "flask._app_ctx_stack": f"{_HERE}.stacks:app_stack",
    "flask.signals_available": True,
    "flask.json_available": True,
    "flask.app.setupmethod": "erlen.declare.registrar:setupmethod",
    "flask.cli.DispatchingApp": f"{_HERE}.command_line:DispatchingApp",
    "flask.cli.dotenv": f"{_HERE}.command_line:dotenv",
    "flask.cli.call_factory": f"{_HERE}.command_line:call_factory",
    "flask.cli.get_env": f"{_HERE}.helpers:get_env",
    "flask.debughelpers.explain_ignored_app_run": f"{_HERE}.helpers:explain_ignored_app_run",
    "flask.globals._find_app": "erlen.context_proxies:require_app",
    "flask.globals._lookup_app_object": f"{_HERE}.stacks:lookup_app_object",
    "flask.globals._lookup_req_object": f"{_HERE}.stacks:lookup_request_object",
    "flask.helpers._PackageBoundObject": "erlen.declare.scaffold:Scaffold",
    "flask.helpers._endpoint_from_view_func": "erlen.declare.registrar:_endpoint_from_view_func",
    "flask.helpers._find_package_path": "erlen.declare.resources:_find_package_path",
    "flask.helpers.find_package": "erlen.declare.resources:find_package",
    "flask.helpers.get_env": f"{_HERE}.helpers:get_env",
    "flask.helpers.is_ip": f"{_HERE}.helpers:is_ip",
    "flask.helpers.locked_cached_property": f"{_HERE}.helpers:locked_cached_property",
    "flask.helpers.safe_join": f"{_HERE}.helpers:safe_join",
    "flask.helpers.total_seconds": f"{_HERE}.helpers:total_seconds",
    "flask.json.JSONDecoder": f"{_HERE}.json_classes:JSONDecoder",
    "flask.json.JSONEncoder": f"{_HERE}.json_classes:JSONEncoder",
    "flask.json.detect_encoding": "json:detect_encoding",
    "flask.json.htmlsafe_dump": f"{_HERE}.helpers:htmlsafe_dump",
    "flask.json.htmlsafe_dumps": f"{_HERE}.helpers:htmlsafe_dumps",
    "flask.json.tojson_filter": f"{_HERE}.helpers:tojson_filter",
    "flask.signals.signals_available": True,
    "flask.testing.make_test_environ_builder": f"{_HERE}.helpers:make_test_environ_builder",
    "flask.views.MethodViewType": f"{_HERE}.helpers:MethodViewType",
    "flask.wrappers.JSONMixin": f"{_HERE}.helpers:JSONMixin",
}


class Name(t.NamedTuple):
    """What a module answers when it is asked for an old name."""

    value: t.Callable[[], t.Any]
    warn: t.Callable[[], None]


class _Names:
    """The old names of one module, and what it answered for other names before."""

    def __init__(self, module: ModuleType) -> None:
        self._module = module.__name__
        self._own: t.Callable[[str], t.Any] | None = vars(module).get("__getattr__")
        self._names: dict[str, Name] = {}

    def fill(self, names: dict[str, Name]) -> None:
        self._names = names

    def find(self, name: str) -> t.Any:
        found = self._names.get(name)
        if found is None and not name.startswith("__"):
            with lock:  # as long as another thread turns the layer on
                found = self._names.get(name)
        if found is not None:
            found.warn()
            return found.value()
        if self._own is not None:
            return self._own(name)
        raise AttributeError(f"module {self._module!r} has no attribute {name!r}")


def add(changes: Changes, level: str) -> None:
    """Give the modules their old names, `from flask import *` included."""
    names = _names_of(level)
    add_names(changes, names)
    old = [name.partition(".")[2] for name in names if name.count(".") == 1]
    public = {name for name in (*vars(erlen), *old) if not name.startswith("_")}
    changes.set(erlen, "__all__", sorted(public))


def add_names(changes: Changes, names: t.Mapping[str, Name]) -> None:
    """Give modules old names: each with what it is today."""
    by_module: dict[str, dict[str, Name]] = {}
    for name, found in names.items():
        module, _, attribute = name.rpartition(".")
        by_module.setdefault(MODULES.get(module, module), {})[attribute] = found
    answers = {module: _Names(import_module(module)) for module in by_module}
    for module, answer in answers.items():
        changes.set(import_module(module), "__getattr__", answer.find)
    # Only now: who sees one of the names sees all of them.
    for module, answer in answers.items():
        answer.fill(by_module[module])


def _names_of(level: str) -> dict[str, Name]:
    names = {
        name: Name(partial(_value, name), partial(notice, name))
        for name in VALUES
        if RECORDS[name].is_of(level)
    }
    for last, imported in IMPORTED_FROM.items():
        for name, today in imported.items():
            record = Removed(name, last, today)
            if record.is_of(level):
                names[name] = Name(partial(_value, today), partial(notice_of, name, record, _advice(today)))
    return names


def _advice(today: str) -> str:
    record = RECORDS.get(today)
    if record is None:
        module, _, attribute = today.rpartition(".")
        return (
            f"Write instead: from {module} import {attribute}."
            if module
            else f"Write instead: import {today}."
        )
    return f"Write instead: {record.instead}."


def _value(name: str) -> t.Any:
    """Return what a dotted name of Flask or of a library stands for today."""
    place = VALUES.get(name)
    if isinstance(place, str):
        module, _, attribute = place.partition(":")
        return getattr(import_module(module), attribute)
    if place is not None:
        return place
    module, _, attribute = name.rpartition(".")
    if module == "flask._compat":
        module = f"{_HERE}.modules.compat"
    if not module:
        return import_module(name)
    return getattr(import_module(MODULES.get(module, module)), attribute)
