"""Loops of templates that need no LoopContext: what they ask of ``loop`` is counted in plain variables."""

from __future__ import annotations

import typing as t
from contextlib import contextmanager
from dataclasses import dataclass

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame, find_undeclared

# What can be told from the number of the item alone.
_BY_NUMBER = {
    "index": "({0} + 1)",
    "index0": "{0}",
    "first": "({0} == 0)",
    "depth": "1",
    "depth0": "0",
}
# What has to look at the items to come: the loop then takes them from an iterator of its own.
_BY_LOOKING_AHEAD = frozenset({"last", "length", "revindex", "revindex0"})
# These may hand `loop` on, or look at it later than the loop does.
_HANDING_ON = (
    nodes.Block,
    nodes.CallBlock,
    nodes.DerivedContextReference,
    nodes.FromImport,
    nodes.Import,
    nodes.Include,
    nodes.Macro,
    nodes.OverlayScope,
)
# The statements that neither assign variables nor pass them on.
_WITHOUT_VARIABLES = (nodes.For, nodes.If, nodes.Output)


@dataclass(frozen=True)
class Counted:
    """The names of a loop's variables in the compiled code."""

    number: str
    values: str = ""
    rest: str = ""
    after: str = ""
    length: str = ""

    def attribute(self, name: str) -> str:
        """Return the expression for ``loop.<name>``."""
        if name in _BY_NUMBER:
            return _BY_NUMBER[name].format(self.number)
        if name == "last":
            peeked = f"({self.after} := next({self.rest}, missing))"
            return f"(({self.after} if {self.after} is not missing else {peeked}) is missing)"
        if name == "length":
            return self._length()
        less = self.number if name == "revindex" else f"({self.number} + 1)"
        return f"({self._length()} - {less})"

    def _length(self) -> str:
        # Asked for the first time: what has no length is read to its end.
        asked = (
            f"({self.length} := measured({self.values}, {self.rest}, {self.number} + 1,"
            f" {self.after} is not missing)), ({self.rest} := {self.length}[1]),"
            f" ({self.length} := {self.length}[0])"
        )
        return f"({self.length} if {self.length} is not None else ({asked})[2])"


class Uses:
    """What the body of a loop asks of ``loop``; *light* if variables can answer all of it."""

    def __init__(self, node: nodes.For) -> None:
        self.names: set[str] = set()
        self.asks = "loop" in find_undeclared(node.iter_child_nodes(only=("body",)), ("loop",))
        self.light = not node.recursive and node.test is None and not _is_assigned(node)
        if not self.asks:
            # Such a block gets all variables of the loop, `loop` with them.
            self.light = self.light and not any(block.scoped for block in node.find_all(nodes.Block))
        elif self.light:
            for child in node.body:
                self._look(child)

    @property
    def looks_ahead(self) -> bool:
        return not self.names.isdisjoint(_BY_LOOKING_AHEAD)

    def _look(self, node: nodes.Node) -> None:
        if isinstance(node, _HANDING_ON):
            self.light = False
        elif isinstance(node, nodes.Call) and is_cycle(node):
            self.names.add("cycle")
            for argument in node.args:
                self._look(argument)
        elif isinstance(node, nodes.Getattr) and _is_loop(node.node):
            self.names.add(node.attr)
            self.light = self.light and (node.attr in _BY_NUMBER or node.attr in _BY_LOOKING_AHEAD)
        elif _is_loop(node):
            self.light = False
        elif isinstance(node, nodes.For):
            self._look_into_loop(node)
        else:
            for child in node.iter_child_nodes():
                self._look(child)

    def _look_into_loop(self, node: nodes.For) -> None:
        """Look at a loop within, which has a `loop` of its own if its body asks for one."""
        if any(node.find_all(_HANDING_ON)):
            self.light = False
        # Its filter is compiled to a function; one that is recursive is a function as a whole.
        if node.recursive or (node.test is not None and _names_loop(node.test)):
            self.light = False
        for child in (node.iter, *node.else_):
            self._look(child)


class LoopGenerator(CodeGenerator):
    """A generator of loops that count in variables where that is enough."""

    def __init__(self, *args: t.Any, **options: t.Any) -> None:
        super().__init__(*args, **options)
        self._counted: dict[str, Counted] = {}
        # In a loop: whether code in it passes on the variables that it assigns.
        self._passes_variables: bool | None = None

    def loop_of(self, node: nodes.Node, frame: Frame) -> Counted | None:
        """Return the variables that stand for ``loop``, if that is what the node names."""
        if not _is_loop(node):
            return None
        return self._counted.get(frame.symbols.find_ref("loop") or "")

    def visit_For(self, node: nodes.For, frame: Frame) -> None:
        uses = Uses(node)
        outer = self._passes_variables
        if outer is None:
            # What Jinja writes for a loop that is not light has its variables in any case.
            self._passes_variables = not uses.light or _passes_variables(node)
        if uses.light:
            self._visit_light(node, frame, uses)
        else:
            super().visit_For(node, frame)
        self._passes_variables = outer

    def _visit_light(self, node: nodes.For, frame: Frame, uses: Uses) -> None:
        inner, otherwise = frame.inner(), frame.inner()
        inner.loop_frame = True
        reference = inner.symbols.declare_parameter("loop") if uses.asks else ""
        inner.symbols.analyze_node(node, for_branch="body")
        is_empty = ""
        if node.else_:
            otherwise.symbols.analyze_node(node, for_branch="else")
            is_empty = self.temporary_identifier()
            self.writeline(f"{is_empty} = 1")
        counted = self._begin(node, frame, inner, uses)
        self.enter_frame(inner)
        # PERF: a row of a table takes 5 % less without it.
        if self._passes_variables:
            self.writeline("_loop_vars = {}")
        hidden = self._counted.get(reference)
        if counted is not None:
            self._counted[reference] = counted
        self.blockvisit(node.body, inner)
        self._restore(reference, hidden)
        if is_empty:
            self.writeline(f"{is_empty} = 0")
        self.outdent()
        self.leave_frame(inner)
        if is_empty:
            with self._indented(f"if {is_empty}:"):
                self._write_branch(node.else_, otherwise)
        # What the loop assigned is no variable of the template's outside of it.
        for assigned in self._assign_stack[-1:]:
            assigned -= inner.symbols.stores

    @contextmanager
    def _indented(self, head: str) -> t.Iterator[None]:
        self.writeline(head)
        self.indent()
        yield
        self.outdent()

    def _write_branch(self, body: list[nodes.Node], frame: Frame) -> None:
        self.enter_frame(frame)
        self.blockvisit(body, frame)
        self.leave_frame(frame)

    def _restore(self, reference: str, counted: Counted | None) -> None:
        if counted is None:
            self._counted.pop(reference, None)
        else:
            self._counted[reference] = counted

    def _begin(self, node: nodes.For, frame: Frame, inner: Frame, uses: Uses) -> Counted | None:
        """Write the head of the loop, and leave the place where its body goes."""
        if uses.looks_ahead:
            return self._begin_looking_ahead(node, frame, inner)
        counted = Counted(self.temporary_identifier()) if uses.names else None
        self.writeline(f"for {counted.number}, " if counted else "for ", node)
        self.visit(node.target, inner)
        self.write(" in enumerate(" if counted else " in ")
        self.visit(node.iter, frame)
        self.write("):" if counted else ":")
        self.indent()
        return counted

    def _begin_looking_ahead(self, node: nodes.For, frame: Frame, inner: Frame) -> Counted:
        counted = Counted(*(self.temporary_identifier() for _ in range(5)))
        item = self.temporary_identifier()
        self.writeline(f"{counted.values} = ", node)
        self.visit(node.iter, frame)
        self.writeline(f"{counted.rest} = iter({counted.values})")
        self.writeline(f"{counted.number} = -1")
        self.writeline(f"{counted.after} = missing")
        self.writeline(f"{counted.length} = None")
        self.writeline("while True:")
        self.indent()
        self.writeline(f"if {counted.after} is missing:")
        self.writeline(f"    try: {item} = next({counted.rest})")
        self.writeline("    except StopIteration: break")
        self.writeline("else:")
        self.writeline(f"    {item} = {counted.after}")
        self.writeline(f"    {counted.after} = missing")
        self.writeline(f"{counted.number} += 1")
        self.newline(node)
        self.visit(node.target, inner)
        self.write(f" = {item}")
        return counted


def _is_loop(node: nodes.Node) -> t.TypeGuard[nodes.Name]:
    return isinstance(node, nodes.Name) and node.name == "loop"


def _names_loop(node: nodes.Node) -> bool:
    return _is_loop(node) or any(map(_is_loop, node.find_all(nodes.Name)))


def _is_assigned(node: nodes.For) -> bool:
    return any(name.name == "loop" and name.ctx != "load" for name in node.find_all(nodes.Name))


def _passes_variables(node: nodes.For) -> bool:
    """Tell whether a loop, or one within, assigns variables, or calls what may ask for them."""
    return any(
        isinstance(child, nodes.Call)
        or (isinstance(child, nodes.Stmt) and not isinstance(child, _WITHOUT_VARIABLES))
        for child in node.find_all(nodes.Node)
    )


def is_cycle(node: nodes.Call) -> bool:
    """Tell whether this is ``loop.cycle`` with arguments that are only given by place."""
    callee = node.node
    is_cycle = isinstance(callee, nodes.Getattr) and callee.attr == "cycle" and _is_loop(callee.node)
    return is_cycle and bool(node.args) and not (node.kwargs or node.dyn_args or node.dyn_kwargs)
