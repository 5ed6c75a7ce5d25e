"""What an expression stands for: a dotted name of a library, or an instance of one of its classes."""

from __future__ import annotations

import ast
import typing as t
from dataclasses import dataclass, replace

from .scopes import Binding, Scope
from .table import MEMBERS, OBJECTS, RESULTS, Table

if t.TYPE_CHECKING:
    from .project import Module, Project

# Names of which code says what they are by calling them so.
_USUAL_NAMES = {
    "app": "flask.Flask",
    "application": "flask.Flask",
    "flask_app": "flask.Flask",
    "_app": "flask.Flask",
    "blueprint": "flask.Blueprint",
    "bp": "flask.Blueprint",
}
_DEEPEST = 25
"""How many names are followed, one from the other, before it is given up."""


@dataclass(frozen=True)
class Value:
    """What an expression stands for."""

    name: str
    is_instance: bool = False
    is_certain: bool = True
    # What the application's own class, derived from the library's, defines itself.
    own: frozenset[str] = frozenset()


class Resolver:
    """Says what the expressions of a module stand for, as far as that shows without running it."""

    def __init__(self, module: Module, project: Project, table: Table) -> None:
        self._module = module
        self._project = project
        self._table = table
        self._known: dict[tuple[object, str], tuple[Value, ...]] = {}
        self._depth = 0

    def values(self, node: ast.AST | None, scope: Scope) -> tuple[Value, ...]:
        """Return what an expression may stand for; nothing where that is not known."""
        resolve = _RESOLVE.get(type(node))
        if resolve is None or self._depth > _DEEPEST:
            return ()
        self._depth += 1
        try:
            return tuple(dict.fromkeys(resolve(self, node, scope)))
        finally:
            self._depth -= 1

    def imported(self, target: str) -> tuple[Value, ...]:
        """Return what a dotted name stands for, also by way of the application's own modules."""
        return self._once((None, target), lambda: self._imported(target))

    def _once(
        self, key: tuple[object, str], find_out: t.Callable[[], t.Iterable[Value]]
    ) -> tuple[Value, ...]:
        """Return what is known of something, and find it out the first time."""
        if key not in self._known:
            # What is made from itself (`app = wrap(app)`), or imported in a circle, ends here.
            self._known[key] = ()
            self._known[key] = tuple(find_out())
        return self._known[key]

    def _imported(self, target: str) -> tuple[Value, ...]:
        if self._project.module(target) is not None:
            return (Value(target),)
        found = self._project.find(target)
        if found is None:
            name = self._table.canonical(target)
            kind = OBJECTS.get(name)
            return (Value(kind, is_instance=True),) if kind else (Value(name),)
        module, bindings, rest = found
        if not bindings:
            return self._from_stars(module.scope, target.rpartition(".")[2]) if not rest else ()
        values = self._joined(bindings)
        for part in filter(None, rest.split(".")):
            values = tuple(each for value in values for each in self.attribute(value, part))
        return values

    def attribute(self, value: Value, name: str) -> tuple[Value, ...]:
        """Return what an attribute of a value stands for."""
        dotted = f"{value.name}.{name}"
        if name in value.own:
            return ()
        if value.is_instance:
            member = MEMBERS.get(dotted)
            return (Value(member or dotted, member is not None, value.is_certain),)
        return tuple(replace(each, is_certain=value.is_certain) for each in self.imported(dotted))

    def _name(self, node: ast.Name, scope: Scope) -> t.Iterable[Value]:
        return self._once((scope, node.id), lambda: self._look_up(node.id, scope))

    def _look_up(self, name: str, scope: Scope) -> tuple[Value, ...]:
        around = scope.class_around
        if name == "self" and around is not None:
            return self._instance_of(around)
        found = scope.find(name)
        if found is None:
            return self._from_stars(scope.module, name) or self._by_its_name(name, None)
        values = self._joined(found[1])
        if values and not all(self._is_another_applications(value) for value in values):
            return values
        return self._by_its_name(name, found[1]) or values

    def _is_another_applications(self, value: Value) -> bool:
        """Tell whether this is the name of something that is neither a library's nor seen here."""
        package = value.name.partition(".")[0]
        return not value.is_instance and package not in self._table.packages

    def _joined(self, bindings: list[Binding]) -> tuple[Value, ...]:
        """Return the values of all bindings; where one of several is not known, none is certain."""
        all_values = [self._bound(binding) for binding in bindings if not _is_none(binding)]
        values = [value for values in all_values for value in values]
        if not all(all_values) or len({value.name for value in values}) > 1:
            values = [replace(value, is_certain=False) for value in values]
        return tuple(values)

    def _bound(self, binding: Binding) -> tuple[Value, ...]:
        if binding.kind == "import":
            return self.imported(binding.target)
        if binding.kind == "value":
            return self.values(binding.value, binding.scope)
        if binding.kind == "parameter":
            return self._annotated(binding.value, binding.scope)
        if binding.kind == "class" and isinstance(binding.node, ast.ClassDef):
            return self.class_of(binding.node, binding.scope)
        return ()

    def class_of(self, node: ast.ClassDef, scope: Scope) -> tuple[Value, ...]:
        """Return the library's classes that a class is derived from."""
        return self._once((node, "class"), lambda: self._derived(node, scope))

    def _derived(self, node: ast.ClassDef, scope: Scope) -> t.Iterator[Value]:
        own = frozenset(_defined_in(node))
        for base in node.bases:
            for value in self.values(base, scope):
                if not value.is_instance:
                    yield replace(value, own=value.own | own)

    def _instance_of(self, scope: Scope) -> tuple[Value, ...]:
        if not isinstance(scope.node, ast.ClassDef) or scope.parent is None:
            return ()
        return tuple(replace(base, is_instance=True) for base in self.class_of(scope.node, scope.parent))

    def _annotated(self, node: ast.expr | None, scope: Scope) -> tuple[Value, ...]:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except (SyntaxError, ValueError):
                return ()
        if isinstance(node, ast.BinOp):
            return self._annotated(node.left, scope) or self._annotated(node.right, scope)
        if isinstance(node, ast.Subscript):
            return self._annotated(node.slice, scope)
        values = self.values(node, scope)
        return tuple(replace(value, is_instance=True) for value in values if not value.is_instance)

    def _by_its_name(self, name: str, bindings: list[Binding] | None) -> tuple[Value, ...]:
        kind = _USUAL_NAMES.get(name)
        if kind is None or not self._module.knows_flask:
            return ()
        if bindings is not None and any(each.kind in ("class", "other") for each in bindings):
            return ()
        return (Value(kind, is_instance=True, is_certain=False),)

    def _from_stars(self, scope: Scope, name: str) -> tuple[Value, ...]:
        for star in reversed(scope.stars):
            module = self._project.module(star)
            if module is None:
                dotted = f"{star}.{name}"
                if not name.startswith("_") and self._is_known(self._table.canonical(dotted)):
                    return self.imported(dotted)
            elif module.scope is not scope and name in module.scope.bindings:
                return self._joined(module.scope.bindings[name])
        return ()

    def _is_known(self, name: str) -> bool:
        known = (*OBJECTS, *OBJECTS.values(), *RESULTS, "flask.Blueprint", "flask.json")
        return name in known or self._table.record_of(name) is not None or name in self._table.arguments

    def _attribute(self, node: ast.Attribute, scope: Scope) -> t.Iterable[Value]:
        if isinstance(node.value, ast.Name) and node.value.id == "self" and scope.class_around:
            around = scope.class_around
            bindings = around.attributes.get(node.attr)
            if bindings:
                values = self._once((around, f"self.{node.attr}"), lambda: self._joined(bindings))
                return values or self._by_its_name(node.attr, bindings)
        owners = self.values(node.value, scope)
        found = [each for owner in owners for each in self.attribute(owner, node.attr)]
        return found or self._by_its_name(node.attr, None)

    def _call(self, node: ast.Call, scope: Scope) -> t.Iterable[Value]:
        if isinstance(node.func, ast.Name):
            returned = self._returned(node.func.id, scope)
            if returned:
                return returned
        if isinstance(node.func, ast.Name) and node.func.id == "super" and scope.class_around:
            return [replace(value, own=frozenset()) for value in self._instance_of(scope.class_around)]
        return [each for value in self.values(node.func, scope) for each in _result(value)]

    def _returned(self, name: str, scope: Scope) -> list[Value]:
        """Return what a function of the application returns."""
        found = scope.find(name)
        bindings = found[1] if found else []
        if len(bindings) == 1 and bindings[0].kind == "import":
            elsewhere = self._project.find(bindings[0].target)
            bindings = elsewhere[1] if elsewhere and not elsewhere[2] else []
        values: list[Value] = []
        for binding in bindings:
            if isinstance(binding.node, ast.FunctionDef):
                values += self._returned_by(binding.node, binding.scope)
        return values

    def _returned_by(self, function: ast.FunctionDef, scope: Scope) -> tuple[Value, ...]:
        return self._once((function, "()"), lambda: self._look_into(function, scope))

    def _look_into(self, function: ast.FunctionDef, scope: Scope) -> t.Iterator[Value]:
        if function.returns is not None:
            yield from self._annotated(function.returns, scope)
            return
        module = self._project.scopes.get(scope.module, self._module)
        inner = module.binder.scopes.get(function)
        for node in _own_statements(function):
            if isinstance(node, ast.Return) and inner is not None:
                yield from self.values(node.value, inner)

    def _either(self, node: ast.IfExp | ast.BoolOp, scope: Scope) -> t.Iterable[Value]:
        parts = node.values if isinstance(node, ast.BoolOp) else [node.body, node.orelse]
        return [value for part in parts for value in self.values(part, scope)]

    def _named(self, node: ast.NamedExpr | ast.Await, scope: Scope) -> t.Iterable[Value]:
        return self.values(node.value, scope)


_RESOLVE: dict[t.Any, t.Callable[[Resolver, t.Any, Scope], t.Iterable[Value]]] = {
    ast.Name: Resolver._name,
    ast.Attribute: Resolver._attribute,
    ast.Call: Resolver._call,
    ast.IfExp: Resolver._either,
    ast.BoolOp: Resolver._either,
    ast.NamedExpr: Resolver._named,
    ast.Await: Resolver._named,
}


def _result(value: Value) -> t.Iterator[Value]:
    """Yield what calling a value returns: an instance of a class, or what a function is known to return."""
    kind = RESULTS.get(value.name)
    if kind is None and not value.is_instance and value.name.rpartition(".")[2][:1].isupper():
        kind = value.name
    if kind is not None:
        yield replace(value, name=kind, is_instance=True)


def _is_none(binding: Binding) -> bool:
    return isinstance(binding.value, ast.Constant) and binding.kind == "value"


def _defined_in(node: ast.ClassDef) -> t.Iterator[str]:
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if isinstance(statement, ast.AnnAssign):
            targets = [statement.target]
        yield from (target.id for target in targets if isinstance(target, ast.Name))


def _own_statements(function: ast.FunctionDef) -> t.Iterator[ast.AST]:
    """Yield the nodes of a function without those of functions in it."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)
