"""The tables of old names, arranged for looking up."""

from __future__ import annotations

import typing as t
from functools import cache, cached_property

from ..libraries.removed import OLD_MODULES
from ..libraries.removed import REMOVED as OF_LIBRARIES
from ..removed import IMPORTED_FROM, REMOVED, Removed

# What an attribute of an instance is an instance of.
MEMBERS = {
    "flask.Flask.config": "flask.Config",
    "flask.Flask.jinja_options": "flask.Flask.jinja_options",
    "flask.ctx.RequestContext.request": "flask.Request",
    "flask.ctx.RequestContext.app": "flask.Flask",
    "flask.ctx.AppContext.app": "flask.Flask",
}
# What stands for an instance, and what returns one when it is called.
OBJECTS = {"flask.current_app": "flask.Flask", "flask.request": "flask.Request"}
RESULTS = {
    "flask.Flask._get_current_object": "flask.Flask",
    "flask.Request._get_current_object": "flask.Request",
    "flask.Flask.app_context": "flask.ctx.AppContext",
    "flask.Flask.make_response": "flask.Response",
    "flask.Flask.request_context": "flask.ctx.RequestContext",
    "flask.Flask.test_request_context": "flask.ctx.RequestContext",
    "flask.jsonify": "flask.Response",
    "flask.make_response": "flask.Response",
    "flask.send_file": "flask.Response",
    "flask.send_from_directory": "flask.Response",
}
PARENTS = {
    "flask.Request": "werkzeug.wrappers.Request",
    "flask.Response": "werkzeug.wrappers.Response",
}
# What hands its arguments on to another function.
_PASSES_ON = {"flask.send_from_directory": "flask.send_file"}


class Table:
    """Old names by how they are used."""

    def __init__(self, records: t.Iterable[Removed]) -> None:
        self.names: dict[str, Removed] = {}
        # By function and argument; by class and key; by variable.
        self.arguments: dict[str, dict[str, Removed]] = {}
        self.keys: dict[str, dict[str, Removed]] = {}
        self.variables: dict[str, Removed] = {}
        for record in records:
            self._add(record)
        # Names that Flask's modules have from each other: `flask.app.Flask` is `flask.Flask`.
        self._exports = {parts[1] for parts in self._owners() if parts[0] == "flask" and len(parts) == 2}

    def _add(self, record: Removed) -> None:
        if record.kind == "variable":
            self.variables[record.name[1:]] = record
        elif record.kind == "argument":
            function, _, argument = record.name[:-1].partition("(")
            self.arguments.setdefault(function, {})[argument] = record
        elif record.kind == "key":
            owner, _, key = record.name[:-1].partition("[")
            self.keys.setdefault(MEMBERS.get(owner, owner), {})[key] = record
        else:
            self.names[record.name] = record

    def _owners(self) -> t.Iterator[list[str]]:
        yield from (name.split(".") for name in (*OBJECTS, *OBJECTS.values(), *RESULTS, *self.arguments))
        yield from (name.split(".")[:-1] for name in (*self.names, *RESULTS))

    def canonical(self, name: str) -> str:
        """Return the name under which the table has what a dotted name stands for."""
        package, _, rest = name.partition(".")
        if package == "erlen":
            package, name = "flask", f"flask.{rest}" if rest else "flask"
        if package != "flask" or self.record_of(name) is not None:
            return name
        _, *parts = name.split(".")
        if len(parts) > 1 and parts[0].islower() and parts[1] in self._exports:
            return ".".join(["flask", *parts[1:]])
        return name

    def record_of(self, name: str) -> Removed | None:
        """Return the record of a dotted name, or of the removed module that it is in."""
        while name:
            record = self.names.get(name)
            if record is not None:
                return record
            name = name.rpartition(".")[0]
        return None

    def attribute(self, owner: str, attribute: str) -> Removed | None:
        """Return the record of an attribute of a class, or of a class that it is derived from."""
        while owner:
            record = self.names.get(f"{owner}.{attribute}")
            if record is not None:
                return record
            owner = PARENTS.get(owner, "")
        return None

    def arguments_of(self, function: str) -> dict[str, Removed]:
        """Return the records of a function's arguments, by their names."""
        own = self.arguments.get(function, {})
        return {**self.arguments.get(_PASSES_ON.get(function, ""), {}), **own}

    @cached_property
    def packages(self) -> frozenset[str]:
        """The packages that have had old names."""
        dotted = (*self.names, *self.arguments, *self.keys)
        return frozenset(name.partition(".")[0] for name in dotted)


def _of_other_modules() -> t.Iterator[Removed]:
    known = {record.name: record for record in REMOVED}
    for last, names in IMPORTED_FROM.items():
        for name, home in names.items():
            record = known.get(home)
            yield Removed(name, last, record.instead if record else home)


def _old_modules() -> t.Iterator[Removed]:
    """Yield records for modules that are gone as a whole: those of their names say more."""
    for module in OLD_MODULES:
        names = [record for record in OF_LIBRARIES if record.name.startswith(f"{module}.")]
        ways = {record.instead for record in names}
        instead = ways.pop() if len(ways) == 1 else "another module for each of its names"
        last = max((record.last for record in names), default="", key=_numbers)
        yield Removed(module, last, instead, module.partition(".")[0])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


@cache
def table() -> Table:
    """Return the table of all records, Flask's and the libraries'."""
    return Table((*_old_modules(), *_of_other_modules(), *OF_LIBRARIES, *REMOVED))
