"""Goes through a module and reports the old names in it."""

from __future__ import annotations

import ast
import typing as t
from contextlib import contextmanager

from ..removed import Removed
from . import guards
from .configuration import Keys
from .finding import Finding
from .project import Module, Project
from .scopes import Binding
from .table import Table
from .values import Resolver, Value

_Try: t.TypeAlias = ast.Try
_Function: t.TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class Reader(ast.NodeVisitor):
    """Collects the findings of one module."""

    def __init__(self, module: Module, project: Project, table: Table) -> None:
        self.findings: list[Finding] = []
        self.module = module
        self.table = table
        self.resolver = Resolver(module, project, table)
        self.scope = module.scope
        self._keys = Keys(self)
        self._depth = 0
        self._around: list[ast.AST] = [module.tree]
        # Names that the code around has asked for with `hasattr`.
        self._asked: list[frozenset[str]] = []
        self._imports: dict[ast.AST, Finding] = {}

    def read(self) -> list[Finding]:
        """Return all findings, in the order of the lines."""
        self._visit_all(self.module.tree.body)
        self._keys.read_settings(self.module.tree.body)
        found = {(finding.span, finding.record.name): finding for finding in self.findings}
        return sorted(found.values(), key=lambda finding: finding.span)

    def report(
        self, node: ast.AST, kind: str, record: Removed, *, full: str = "", certain: bool = True
    ) -> Finding:
        """Report an old name at a node."""
        finding = Finding(
            module=self.module,
            path=self.module.source.path,
            kind=kind,
            record=record,
            full=full or record.name,
            node=node,
            span=self.module.source.span(node),
            is_certain=certain,
            depth=self._depth,
            around=tuple(self._around),
        )
        self.findings.append(finding)
        return finding

    def values(self, node: ast.AST) -> tuple[Value, ...]:
        """Return what an expression stands for where the reader is."""
        return self.resolver.values(node, self.scope)

    def visit(self, node: ast.AST) -> None:
        """Visit a node with the scope that belongs to it."""
        self._around.append(node)
        super().visit(node)
        self._around.pop()

    def visit_Import(self, node: ast.Import) -> None:
        """Report modules that are gone."""
        for alias in node.names:
            record = self.table.record_of(self.table.canonical(alias.name))
            if record is not None and self._is_foreign(alias.name):
                self._imports[alias] = self.report(alias, "import", record, full=alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """Report names and modules that are gone."""
        if node.level:
            return
        module = self.module.binder.absolute(node)
        if not self._is_foreign(module):
            return
        of_module = self.table.record_of(self.table.canonical(module))
        names = {alias: self.table.canonical(f"{module}.{alias.name}") for alias in node.names}
        records = {alias: self.table.names.get(name) for alias, name in names.items()}
        if of_module is not None and not all(records.values()):
            finding = self.report(node, "import", of_module, full=module)
            self._imports.update(dict.fromkeys(node.names, finding))
            return
        for alias, record in records.items():
            if record is not None:
                self._imports[alias] = self.report(alias, "import", record, full=names[alias])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Report names that are read from a module, a class or an object."""
        self.generic_visit(node)
        if any(node.attr in names for names in self._asked):
            return
        values = self.values(node.value)
        records = [self._record(value, node.attr) for value in values]
        record = records[0] if records else None
        # What has the name in one of its shapes was imported so that it works with old and new.
        if record is None or None in records:
            return
        certain = values[0].is_certain and len(values) == 1
        finding = self.report(node, "attribute", record, full=self._full(record), certain=certain)
        finding.imported_by = self._importing(node)

    def visit_Name(self, node: ast.Name) -> None:
        """Note where imported old names are used, and report those that a star has imported."""
        found = self.scope.find(node.id)
        if found is not None:
            for binding in found[1]:
                finding = self._imports.get(binding.node)
                if finding is not None:
                    finding.uses.append(tuple(self._around))
        elif isinstance(node.ctx, ast.Load) and self.module.scope.stars:
            for value in self.values(node):
                record = self.table.record_of(value.name)
                if record is not None and not value.is_instance:
                    self.report(node, "import", record, full=value.name, certain=False)

    def visit_Call(self, node: ast.Call) -> None:
        """Report arguments that a function has no more, and configuration keys."""
        self.generic_visit(node)
        for value in self.values(node.func):
            arguments = self.table.arguments_of(value.name)
            for keyword in node.keywords:
                record = arguments.get(keyword.arg or "")
                if record is not None:
                    self._around.append(keyword)
                    self.report(keyword, "argument", record, certain=value.is_certain)
                    self._around.pop()
        self._keys.read_call(node)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        """Report configuration keys and variables of the environment."""
        self.generic_visit(node)
        self._keys.read_subscript(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        """Report configuration keys and variables of the environment that are asked for with `in`."""
        self.generic_visit(node)
        self._keys.read_comparison(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Report what a class derived from one of Flask's defines and Flask uses no more."""
        self._visit_all([*node.decorator_list, *node.bases, *node.keywords])
        bases = self.resolver.class_of(node, self.scope)
        with self._inside(node):
            self._report_definitions(node, bases)
            self._keys.read_class(node)
            self._visit_all(node.body)

    def visit_FunctionDef(self, node: _Function) -> None:
        """Visit a function: its body runs later, when no `try` is around it."""
        if not isinstance(node, ast.Lambda):
            self._visit_all(node.decorator_list)
            if node.returns is not None:
                self.visit(node.returns)
        self.visit(node.args)
        with self._inside(node):
            self._depth += 1
            self._visit_all([node.body] if isinstance(node, ast.Lambda) else node.body)
            self._depth -= 1

    visit_AsyncFunctionDef = visit_Lambda = visit_FunctionDef

    def visit_ListComp(self, node: ast.AST) -> None:
        """Visit a comprehension, which has a scope of its own."""
        with self._inside(node):
            self.generic_visit(node)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def visit_If(self, node: ast.If | ast.IfExp) -> None:
        """Visit the branches that can run, knowing what the condition has asked for."""
        self.visit(node.test)
        always = guards.always(node.test)
        self._asked.append(guards.asked_for(node.test))
        before = len(self.findings)
        for branch, never in ((node.body, always is False), (node.orelse, always is True)):
            if not never:
                self._visit_all(branch if isinstance(branch, list) else [branch])
        self._asked.pop()
        if guards.asks_for_version(node.test):
            del self.findings[before:]

    visit_IfExp = visit_If

    def visit_Try(self, node: _Try) -> None:
        """Visit a `try`, and leave out what its handlers cope with."""
        before = len(self.findings)
        self._visit_all(node.body)
        of_body = self._taken_from(before)
        of_handlers: list[Finding] = []
        for handler in node.handlers:
            self.visit(handler)
            found = self._taken_from(before)
            mine = [each for each in of_body if each.depth == self._depth]
            if not found:
                of_body = [
                    each for each in of_body if each not in mine or not guards.copes(handler, each, node.body)
                ]
            if not mine:
                found = [each for each in found if not guards.is_fallback(handler, each, node.body)]
            of_handlers += found
        self.findings += of_body + of_handlers
        self._visit_all([*node.orelse, *node.finalbody])

    visit_TryStar = visit_Try

    def _taken_from(self, before: int) -> list[Finding]:
        taken = self.findings[before:]
        del self.findings[before:]
        return taken

    def _visit_all(self, nodes: t.Iterable[ast.AST]) -> None:
        for node in nodes:
            self.visit(node)

    @contextmanager
    def _inside(self, node: ast.AST) -> t.Iterator[None]:
        outer, self.scope = self.scope, self.module.binder.scopes.get(node, self.scope)
        yield
        self.scope = outer

    def _is_foreign(self, name: str) -> bool:
        """Tell whether a module is none of the application's own."""
        return not (values := self.resolver.imported(name)) or values[0].name == self.table.canonical(name)

    def _record(self, value: Value, attribute: str) -> Removed | None:
        if attribute in value.own:
            return None
        if value.is_instance:
            return self.table.attribute(value.name, attribute)
        dotted = self.table.canonical(f"{value.name}.{attribute}")
        return self.table.names.get(dotted) or self.table.attribute(value.name, attribute)

    def _full(self, record: Removed) -> str:
        """Return the name with the attributes that follow it."""
        full, inner = record.name, self._around[-1]
        for node in reversed(self._around[:-1]):
            if not isinstance(node, ast.Attribute) or node.value is not inner:
                break
            full, inner = f"{full}.{node.attr}", node
        return full

    def _importing(self, node: ast.Attribute) -> ast.stmt | None:
        """Return the one statement that imports what an attribute is read from."""
        first: ast.expr = node
        while isinstance(first, ast.Attribute):
            first = first.value
        found = self.scope.find(first.id) if isinstance(first, ast.Name) else None
        bindings: list[Binding] = found[1] if found else []
        statements = {binding.statement for binding in bindings}
        return statements.pop() if len(statements) == 1 else None

    def _report_definitions(self, node: ast.ClassDef, bases: t.Sequence[Value]) -> None:
        for base in bases:
            for statement in node.body:
                for name in _defined(statement):
                    record = self.table.attribute(base.name, name)
                    if record is not None:
                        self.report(statement, "definition", record, certain=base.is_certain)


def _defined(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return [statement.name]
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    if isinstance(statement, ast.AnnAssign):
        targets = [statement.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]
