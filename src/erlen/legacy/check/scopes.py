"""The names of a module by scope, and what binds them, without running it."""

from __future__ import annotations

import ast
import typing as t
from dataclasses import dataclass, field

Function: t.TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
_Comprehension: t.TypeAlias = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


@dataclass(eq=False)
class Binding:
    """One place where a name gets a value."""

    # "import", "value", "function", "class", "parameter", or "other": a loop's variable, for example.
    kind: str
    scope: Scope
    node: ast.AST
    # What an import is of, as a dotted name.
    target: str = ""
    # The expression whose value it gets; a parameter's annotation.
    value: ast.expr | None = None
    # The statement that imports it.
    statement: ast.stmt | None = None


@dataclass(eq=False)
class Scope:
    """A module, class, function or comprehension, and the names that are bound in it."""

    kind: str
    parent: Scope | None
    node: ast.AST
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    # The modules that everything is imported from.
    stars: list[str] = field(default_factory=list)
    # Names that belong to a scope further out, and that scope.
    elsewhere: dict[str, Scope] = field(default_factory=dict)
    # What methods assign to `self`.
    attributes: dict[str, list[Binding]] = field(default_factory=dict)

    @property
    def module(self) -> Scope:
        """The outermost scope."""
        return self if self.parent is None else self.parent.module

    @property
    def class_around(self) -> Scope | None:
        """The class whose method this scope is in."""
        if self.kind == "class":
            return self
        return self.parent.class_around if self.parent else None

    def bind(self, name: str, binding: Binding) -> None:
        """Record that a name is bound here, or where `global` or `nonlocal` says."""
        self.elsewhere.get(name, self).bindings.setdefault(name, []).append(binding)

    def find(self, name: str) -> tuple[Scope, list[Binding]] | None:
        """Return the scope that a name belongs to as seen from here, and its bindings there."""
        scope: Scope | None = self.elsewhere.get(name, self)
        while scope is not None:
            # The names of a class are not seen in its methods.
            is_seen = scope.kind != "class" or scope is self
            if is_seen and name in scope.bindings:
                return scope, scope.bindings[name]
            scope = scope.parent
        return None


class Binder(ast.NodeVisitor):
    """Collects the scopes of a module; `scopes` has the one that belongs to each node."""

    def __init__(self, tree: ast.Module, name: str, is_package: bool) -> None:
        self._package = name if is_package else name.rpartition(".")[0]
        self.scope = Scope("module", None, tree)
        self.scopes: dict[ast.AST, Scope] = {tree: self.scope}
        self.imports: set[str] = set()
        for statement in tree.body:
            self.visit(statement)

    def absolute(self, node: ast.ImportFrom) -> str:
        """Return the module that a statement imports from, without leading dots."""
        if not node.level:
            return node.module or ""
        parts = self._package.split(".") if self._package else []
        parts = parts[: len(parts) - (node.level - 1)]
        return ".".join([*parts, *([node.module] if node.module else [])])

    def visit_Import(self, node: ast.Import) -> None:
        """Bind the first part of each name, or what stands behind `as`."""
        for alias in node.names:
            first = alias.name.partition(".")[0]
            self.imports.add(first)
            target = alias.name if alias.asname else first
            self.scope.bind(
                alias.asname or first, Binding("import", self.scope, alias, target, statement=node)
            )

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Bind the names that are imported."""
        module = self.absolute(node)
        if not node.level:
            self.imports.add(module.partition(".")[0])
        for alias in node.names:
            if alias.name == "*":
                self.scope.stars.append(module)
                continue
            target = f"{module}.{alias.name}".lstrip(".")
            self.scope.bind(
                alias.asname or alias.name, Binding("import", self.scope, alias, target, statement=node)
            )

    def visit_Assign(self, node: ast.Assign) -> None:
        """Bind the targets to the value."""
        self.visit(node.value)
        for target in node.targets:
            self._bind_target(target, node.value)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Bind the target to the value, or to what the annotation says."""
        if node.value is not None:
            self.visit(node.value)
        if isinstance(node.target, ast.Name) and node.value is None:
            self._bind(node.target.id, "parameter", node, node.annotation)
        else:
            self._bind_target(node.target, node.value)

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        """Bind the name to the value, beyond the comprehension that it is in."""
        self.visit(node.value)
        scope = self.scope
        while scope.kind == "comprehension" and scope.parent is not None:
            scope = scope.parent
        scope.bind(node.target.id, Binding("value", scope, node, value=node.value))

    def visit_withitem(self, node: ast.withitem) -> None:
        """Bind what stands behind `as` to the context manager: Flask's return themselves."""
        self.visit(node.context_expr)
        if node.optional_vars is not None:
            self._bind_target(node.optional_vars, node.context_expr)

    def visit_Name(self, node: ast.Name) -> None:
        """Bind a name that is assigned to in any other way."""
        if isinstance(node.ctx, ast.Store):
            self._bind(node.id, "other", node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        """Bind the name of the exception."""
        if node.name:
            self._bind(node.name, "other", node)
        self.generic_visit(node)

    def visit_MatchAs(self, node: ast.MatchAs) -> None:
        """Bind the name of a pattern."""
        if node.name:
            self._bind(node.name, "other", node)
        self.generic_visit(node)

    def visit_MatchStar(self, node: ast.MatchStar) -> None:
        """Bind the name of the rest of a sequence."""
        if node.name:
            self._bind(node.name, "other", node)

    def visit_MatchMapping(self, node: ast.MatchMapping) -> None:
        """Bind the name of the rest of a mapping."""
        if node.rest:
            self._bind(node.rest, "other", node)
        self.generic_visit(node)

    def visit_Global(self, node: ast.Global) -> None:
        """Remember that the names are the module's."""
        self.scope.elsewhere.update(dict.fromkeys(node.names, self.scope.module))

    def visit_Nonlocal(self, node: ast.Nonlocal) -> None:
        """Remember which function's the names are."""
        for name in node.names:
            found = self.scope.parent.find(name) if self.scope.parent else None
            if found is not None:
                self.scope.elsewhere[name] = found[0]

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Bind the class and go through its body."""
        self._bind(node.name, "class", node)
        for part in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(part)
        self._within("class", node, node.body)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        """Bind the function and go through its body."""
        self._bind(node.name, "function", node)
        for part in node.decorator_list:
            self.visit(part)
        self._function(node, node.body)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        """Bind the function and go through its body."""
        self.visit_FunctionDef(node)

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Go through the body."""
        self._function(node, [node.body])

    def visit_ListComp(self, node: _Comprehension) -> None:
        """Go through a comprehension, which has names of its own."""
        self._within("comprehension", node, list(ast.iter_child_nodes(node)))

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def _function(self, node: Function, body: t.Sequence[ast.AST]) -> None:
        arguments = node.args
        for default in (*arguments.defaults, *filter(None, arguments.kw_defaults)):
            self.visit(default)
        scope = self._scope("function", node)
        named = (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
        for argument in named:
            scope.bind(argument.arg, Binding("parameter", scope, argument, value=argument.annotation))
        for rest in filter(None, (arguments.vararg, arguments.kwarg)):
            scope.bind(rest.arg, Binding("other", scope, rest))
        self._within("function", node, body)

    def _within(self, kind: str, node: ast.AST, body: t.Sequence[ast.AST]) -> None:
        outer, self.scope = self.scope, self._scope(kind, node)
        for part in body:
            self.visit(part)
        self.scope = outer

    def _scope(self, kind: str, node: ast.AST) -> Scope:
        if node not in self.scopes:
            self.scopes[node] = Scope(kind, self.scope, node)
        return self.scopes[node]

    def _bind(self, name: str, kind: str, node: ast.AST, value: ast.expr | None = None) -> None:
        self.scope.bind(name, Binding(kind, self.scope, node, value=value))

    def _bind_target(self, target: ast.expr, value: ast.expr | None) -> None:
        if isinstance(target, ast.Name) and value is not None:
            self._bind(target.id, "value", target, value)
        elif isinstance(target, ast.Tuple | ast.List):
            values: t.Sequence[ast.expr | None] = [None] * len(target.elts)
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
                values = value.elts
            for part, its_value in zip(target.elts, values, strict=True):
                self._bind_target(part, its_value)
        elif isinstance(target, ast.Attribute) and value is not None:
            self._bind_attribute(target, value)
        else:
            self.visit(target)

    def _bind_attribute(self, target: ast.Attribute, value: ast.expr) -> None:
        around = self.scope.class_around
        if around is not None and isinstance(target.value, ast.Name) and target.value.id == "self":
            binding = Binding("value", self.scope, target, value=value)
            around.attributes.setdefault(target.attr, []).append(binding)
        else:
            self.visit(target)
