"""Changes a file's text by LibCST, which keeps formatting and comments. Imported only where it is needed."""

from __future__ import annotations

import typing as t

import libcst as cst
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from . import import_lines
from .files import Span
from .finding import Edit


def rewrite(content: bytes, edits: t.Sequence[Edit]) -> tuple[bytes, set[Edit]]:
    """Return the content with the changes, and those of them that were made.

    Raises `ValueError` for a file that LibCST would change elsewhere as well, and what LibCST raises.
    """
    module = cst.parse_module(content)
    if module.bytes != content:
        # One with the line ends of old Macs loses the last of them, for example.
        raise ValueError("LibCST does not give it back as it is")
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    rewriter = _Rewriter(edits)
    return wrapper.visit(rewriter).bytes, rewriter.done


class _Rewriter(cst.CSTTransformer):
    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self, edits: t.Sequence[Edit]) -> None:
        super().__init__()
        self.done: set[Edit] = set()
        self._edits: dict[tuple[str, Span], Edit] = {(edit.action, edit.span): edit for edit in edits}
        # An argument is told by where it begins: whether the comma belongs to it is seen differently.
        self._arguments = {edit.span[:2]: edit for edit in edits if edit.action == "argument"}
        # Lines that follow a statement.
        self._following: dict[cst.CSTNode, list[cst.BaseStatement]] = {}

    def leave_Attribute(
        self, original_node: cst.Attribute, updated_node: cst.Attribute
    ) -> cst.BaseExpression:
        """Read another attribute, or write another expression in its place."""
        edit = self._take("attribute", original_node)
        if edit is not None:
            return updated_node.with_changes(attr=cst.Name(edit.text))
        return self._expression(original_node, updated_node)

    def leave_Subscript(
        self, original_node: cst.Subscript, updated_node: cst.Subscript
    ) -> cst.BaseExpression:
        """Write another expression in its place."""
        return self._expression(original_node, updated_node)

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.BaseExpression:
        """Write another expression in its place."""
        return self._expression(original_node, updated_node)

    def leave_Integer(self, original_node: cst.Integer, updated_node: cst.Integer) -> cst.BaseExpression:
        """Write another expression in its place."""
        return self._expression(original_node, updated_node)

    def leave_Arg(self, original_node: cst.Arg, updated_node: cst.Arg) -> cst.Arg:
        """Give an argument another name."""
        edit = self._arguments.get(self._span(original_node)[:2])
        if edit is None or updated_node.keyword is None:
            return updated_node
        self.done.add(edit)
        return updated_node.with_changes(keyword=cst.Name(edit.text))

    def leave_Import(self, original_node: cst.Import, updated_node: cst.Import) -> cst.Import:
        """Import other modules."""
        names = []
        for original, alias in zip(original_node.names, updated_node.names, strict=True):
            edit = self._take("import", original)
            names.append(alias if edit is None else alias.with_changes(name=import_lines.dotted(edit.text)))
        return updated_node.with_changes(names=names)

    def leave_ImportFrom(
        self, original_node: cst.ImportFrom, updated_node: cst.ImportFrom
    ) -> cst.BaseSmallStatement:
        """Import from another module: everything, or those names that have moved."""
        edit = self._take("module", original_node)
        if edit is not None:
            return updated_node.with_changes(module=import_lines.dotted(edit.text))
        if isinstance(updated_node.names, cst.ImportStar) or isinstance(original_node.names, cst.ImportStar):
            return updated_node
        edit = self._take("modules", original_node)
        if edit is not None:
            first, self._following[original_node] = import_lines.modules(updated_node.names, edit.text)
            return first
        moved = {}
        for original, alias in zip(original_node.names, updated_node.names, strict=True):
            edit = self._take("alias", original)
            if edit is not None:
                moved[alias] = edit.text
        if not moved:
            return updated_node
        updated_node, self._following[original_node] = import_lines.without(updated_node, moved)
        return updated_node

    def leave_SimpleStatementLine(
        self, original_node: cst.SimpleStatementLine, updated_node: cst.SimpleStatementLine
    ) -> cst.BaseStatement | cst.FlattenSentinel[cst.BaseStatement]:
        """Add the lines that follow a statement."""
        following = [line for node in original_node.body for line in self._following.get(node, ())]
        number = self._span(original_node.body[0]).line
        wanted = [edit for edit in self._edits.values() if edit.adds and edit.behind == number]
        following += [import_lines.statement(text) for text in dict.fromkeys(edit.adds for edit in wanted)]
        return cst.FlattenSentinel([updated_node, *following]) if following else updated_node

    def _expression(self, original: cst.CSTNode, updated: cst.BaseExpression) -> cst.BaseExpression:
        edit = self._take("expression", original)
        return updated if edit is None else cst.parse_expression(edit.text)

    def _take(self, action: str, node: cst.CSTNode) -> Edit | None:
        """Return the change of a kind that is to be made at a node."""
        edit = self._edits.get((action, self._span(node)))
        if edit is not None:
            self.done.add(edit)
        return edit

    def _span(self, node: cst.CSTNode) -> Span:
        where = self.get_metadata(PositionProvider, node)
        assert isinstance(where, CodeRange)
        return Span(where.start.line, where.start.column, where.end.line, where.end.column)
