"""Blocks, parents and includes of templates: what another function writes is passed on as one text.

Where a template is streamed, it is passed on piece by piece, as Jinja does: a local variable of each function
of a template tells which of the two is wanted.
"""

from __future__ import annotations

from jinja2 import nodes
from jinja2.compiler import Frame

from .output import OutputGenerator

_PASSING_ON = ("yield from context.blocks[", "yield from parent_template.root_render_func(")


class NestingGenerator(OutputGenerator):
    """A generator that passes on a text where Jinja's code passes on pieces, from level to level."""

    def write_commons(self) -> None:
        super().write_commons()
        self.writeline("pieces = not getattr(context, 'whole', False)")

    def writeline(self, x: str, node: nodes.Node | None = None, extra: int = 0) -> None:
        """Write a line, and that which calls a block or a parent in two forms."""
        # PERF: each piece goes through all generators above it: a page of messages takes 0.9 of its time.
        if x.startswith(_PASSING_ON):
            super().writeline("if pieces:", node, extra)
            super().writeline(f"    {x}")
            x, node, extra = f"else: yield concat({x.removeprefix('yield from ')})", None, 0
        super().writeline(x, node, extra)

    def derive_context(self, frame: Frame) -> str:
        return f"derived({self.get_context_ref()}, {self.dump_local_context(frame)})"

    def visit_Include(self, node: nodes.Include, frame: Frame) -> None:
        """Render another template in place; what it writes is passed on without a loop."""
        if not node.with_context:
            super().visit_Include(node, frame)
            return
        if node.ignore_missing:
            self.writeline("try:")
            self.indent()
        self.writeline(f"template = environment.{_getter(node.template)}(", node)
        self.visit(node.template, frame)
        self.write(f", {self.name!r})")
        if node.ignore_missing:
            self.outdent()
            self.writeline("except TemplateNotFound: pass")
            self.writeline("else:")
            self.indent()
        pieces = f"included(template, context, {self.dump_local_context(frame)})"
        if frame.buffer:
            self.writeline(f"{frame.buffer}.extend({pieces})")
        else:
            self.writeline(f"if pieces: yield from {pieces}")
            self.writeline(f"else: yield concat({pieces})")
        if node.ignore_missing:
            self.outdent()


def _getter(template: nodes.Expr) -> str:
    """Return the method that gets what an include names: one template, or the first there is of several."""
    if isinstance(template, nodes.Const):
        kind = type(template.value)
        if issubclass(kind, str):
            return "get_template"
        return "select_template" if issubclass(kind, (tuple, list)) else "get_or_select_template"
    return "select_template" if isinstance(template, (nodes.Tuple, nodes.List)) else "get_or_select_template"
