"""Old configuration keys and variables of the environment: in code, in settings and in `.env` files."""

from __future__ import annotations

import ast
import typing as t

from ..removed import Removed
from .files import Source, Span
from .finding import Finding
from .table import Table

if t.TYPE_CHECKING:
    from .reader import Reader

_ENVIRONMENT = ("os.environ", "os.environb")
_OF_ENVIRONMENT = ("os.getenv", "os.putenv", "os.unsetenv")
# Methods of pytest's monkeypatch.
_OF_TESTS = ("setenv", "delenv")
_WITH_A_KEY = ("get", "setdefault", "pop")
_WITH_KEYS = ("update", "from_mapping")
# Keys that only the configuration of an application has.
_FLASKS_KEYS = frozenset(
    ("SECRET_KEY", "DEBUG", "TESTING", "SQLALCHEMY_DATABASE_URI", "WTF_CSRF_ENABLED", "SERVER_NAME")
)
_OF_SETTINGS = ("config", "setting")


class Keys:
    """Reports keys for a reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._table = reader.table
        self._keys = reader.table.keys.get("flask.Config", {})

    @property
    def _is_in_settings(self) -> bool:
        path = self._reader.module.source.path
        return path.parent.name == "instance" or any(word in path.stem.lower() for word in _OF_SETTINGS)

    def read_subscript(self, node: ast.Subscript) -> None:
        """Report `config["KEY"]` and `environ["NAME"]`."""
        self._read_key(node.value, node.slice, node)

    def read_comparison(self, node: ast.Compare) -> None:
        """Report `"KEY" in config`."""
        if len(node.ops) == 1 and isinstance(node.ops[0], ast.In | ast.NotIn):
            self._read_key(node.comparators[0], node.left, node)

    def read_call(self, node: ast.Call) -> None:
        """Report `config.get("KEY")`, `config.update(KEY=…)`, `os.getenv("NAME")` and the like."""
        first = node.args[0] if node.args else None
        if isinstance(node.func, ast.Attribute):
            if node.func.attr in _WITH_A_KEY and first is not None:
                self._read_key(node.func.value, first, first)
            elif node.func.attr in _WITH_KEYS:
                self._read_mapping(node)
            elif node.func.attr in _OF_TESTS and first is not None:
                self._read_variable(first, first)
        if first is not None and any(v.name in _OF_ENVIRONMENT for v in self._reader.values(node.func)):
            self._read_variable(first, first)

    def read_class(self, node: ast.ClassDef) -> None:
        """Report keys in a class that is written to be given to `config.from_object`."""
        names = {name for statement in node.body for name, _ in _assigned(statement)}
        named_so = any(word in node.name.lower() for word in _OF_SETTINGS)
        if named_so or self._is_in_settings or names & _FLASKS_KEYS:
            self._read_assignments(node.body)

    def read_settings(self, body: list[ast.stmt]) -> None:
        """Report keys of a module that is written to be given to `config.from_object` or `from_pyfile`."""
        names = {name for statement in body for name, _ in _assigned(statement)}
        if self._is_in_settings or len(names & _FLASKS_KEYS) > 1:
            self._read_assignments(body)

    def _read_assignments(self, body: list[ast.stmt]) -> None:
        for statement in body:
            for name, target in _assigned(statement):
                record = self._keys.get(name)
                if record is not None:
                    self._reader.report(target, "key", record, certain=False)

    def _read_key(self, owner: ast.expr, key: ast.expr, node: ast.AST) -> None:
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            return
        for value in self._reader.values(owner):
            record = self._table.keys.get(value.name, {}).get(key.value)
            if value.name in _ENVIRONMENT:
                record = self._table.variables.get(key.value)
            if record is not None and not _only_sets(record, node):
                self._reader.report(node, "key", record, certain=value.is_certain)

    def _read_variable(self, name: ast.expr, node: ast.AST) -> None:
        if isinstance(name, ast.Constant) and isinstance(name.value, str):
            record = self._table.variables.get(name.value)
            if record is not None:
                self._reader.report(node, "variable", record)

    def _read_mapping(self, node: ast.Call) -> None:
        assert isinstance(node.func, ast.Attribute)
        for value in self._reader.values(node.func.value):
            keys = self._table.keys.get(value.name, {})
            for name, place in _keys_of(node):
                if name in keys:
                    self._reader.report(place, "key", keys[name], certain=value.is_certain)
            for name, place in _keys_of(node) if value.name in _ENVIRONMENT else ():
                self._read_variable(ast.Constant(name), place)


def _keys_of(node: ast.Call) -> t.Iterator[tuple[str, ast.AST]]:
    for keyword in node.keywords:
        if keyword.arg is not None:
            yield keyword.arg, keyword
    for argument in node.args:
        if isinstance(argument, ast.Dict):
            for key in argument.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value, key
        elif (
            isinstance(argument, ast.Call)
            and isinstance(argument.func, ast.Name)
            and argument.func.id == "dict"
        ):
            yield from _keys_of(argument)


def _assigned(statement: ast.stmt) -> t.Iterator[tuple[str, ast.Name]]:
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id, target


def _only_sets(record: Removed, node: ast.AST) -> bool:
    """Tell whether this gives a value to a key that one may still set: Jinja's options take "extensions"."""
    return (
        "jinja_options" in record.name and isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)
    )


def read_environment(source: Source, table: Table) -> list[Finding]:
    """Return the old variables that an environment file sets."""
    findings = []
    for number, line in enumerate(source.lines, 1):
        name = line.partition("=")[0].strip()
        name = name.removeprefix("export ").strip()
        record = table.variables.get(name) if "=" in line else None
        if record is not None:
            start = line.index(name)
            span = Span(number, start, number, start + len(name))
            findings.append(Finding(None, source.path, "variable", record, record.name, ast.Pass(), span))
    return findings
