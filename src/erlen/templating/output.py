"""Output of templates: values looked up in statements before they are written, and escaped in place."""

from __future__ import annotations

import typing as t
from keyword import iskeyword

from jinja2 import nodes
from jinja2.compiler import Frame, MacroRef

from .loops import LoopGenerator

_OF_DICT = frozenset(dir(dict))


class OutputGenerator(LoopGenerator):
    """A generator of output without Markup objects and without calls for common types."""

    # The variables that tell of others whether their values are plain dicts.
    _dicts: dict[str, str] = {}
    # In a loop: pairs of variables for the type of the last value in a place, and for what makes its text.
    _kinds: t.Iterator[tuple[str, str]] | None = None

    def visit_For(self, node: nodes.For, frame: Frame) -> None:
        """Write a loop; one that is in no other loop begins with the variables for types."""
        outer = self._kinds
        if node.recursive:  # it becomes a function of its own
            self._kinds = None
        elif outer is None:
            name = self.temporary_identifier
            pairs = [(name(), name()) for _ in _expressions_in(node)]
            self._kinds = iter(pairs)
            if pairs:
                self.writeline(" = ".join([*(kind for kind, _ in pairs), "None"]))
        super().visit_For(node, frame)
        self._kinds = outer

    def macro_body(self, node: nodes.Macro | nodes.CallBlock, frame: Frame) -> tuple[Frame, MacroRef]:
        """Write the function of a macro, in which the variables of a loop around it are not to be had."""
        outer, self._kinds = self._kinds, None
        written = super().macro_body(node, frame)
        self._kinds = outer
        return written

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        if frame.eval_ctx.volatile:
            super().visit_Output(node, frame)
            return
        if frame.require_output_check:
            if self.has_known_extends:
                return
            self.writeline("if parent_template is None:")
            self.indent()
        parts = self._parts(node, frame)
        if frame.buffer is not None:
            self._write_at_once(parts, frame)
        elif frame.loop_frame and len(parts) > 2:
            # PERF: a table of objects takes 0.9 of its time where a row is one piece.
            self.writeline("if pieces:")
            self.indent()
            self._write_pieces(parts, frame)
            self.outdent()
            self.writeline("else:")
            self.indent()
            self._write_at_once(parts, frame)
            self.outdent()
        else:
            self._write_pieces(parts, frame)
        if frame.require_output_check:
            self.outdent()

    def _parts(self, node: nodes.Output, frame: Frame) -> list[str | nodes.Expr]:
        """Return what is written: constant text, joined, and expressions."""
        finalize = self._make_finalize()
        parts: list[str | nodes.Expr] = []
        for child in node.nodes:
            try:
                text = str(self._output_child_to_const(child, frame, finalize))
            except Exception:  # also Impossible: it is no constant, or fails when the template is rendered
                parts.append(child)
                continue
            before = parts.pop() if parts and isinstance(parts[-1], str) else ""
            parts.append(f"{before}{text}")
        return parts

    def _write_pieces(self, parts: list[str | nodes.Expr], frame: Frame) -> None:
        for part in parts:
            if isinstance(part, str):
                self.writeline(f"yield {part!r}")
            elif (value := self.looked_up(part, frame)) is not None:
                self.writeline(f"yield {_as_text(value, frame)}")
            else:
                self.writeline("yield ", part)
                self._write_text(part, frame)

    def _write_at_once(self, parts: list[str | nodes.Expr], frame: Frame) -> None:
        """Write all parts as one text; their values are taken in order before."""
        texts: list[str] = []
        whole = ""
        self._dicts = self._tested_once(parts, frame)
        for part in parts:
            if isinstance(part, str):
                texts.append(repr(part))
                whole += part.replace("{", "{{").replace("}", "}}")
                continue
            pair = next(self._kinds, None) if self._kinds is not None and frame.eval_ctx.autoescape else None
            text = self._assign_by_last_type(part, frame, *pair) if pair else self._assign_text(part, frame)
            texts.append(text)
            whole += f"{{{text}}}"
        self._dicts = {}
        if not texts:
            return
        if len(texts) == 1:
            written = texts[0]
        elif frame.eval_ctx.autoescape:
            written = f"f{whole!r}"
        else:
            # What `str` gives may be of a class that formats itself in another way.
            written = f"concat(({', '.join(texts)}))"
        self.writeline(f"{frame.buffer}.append({written})" if frame.buffer else f"yield {written}")

    def _assign_text(self, part: nodes.Expr, frame: Frame) -> str:
        """Write the statement that assigns the text of a value; return the variable."""
        value = self.looked_up(part, frame)
        text = self.temporary_identifier()
        if value is not None:
            self.writeline(f"{text} = {_as_text(value, frame)}")
        else:
            self.writeline(f"{text} = ", part)
            self._write_text(part, frame)
        return text

    def _assign_by_last_type(self, part: nodes.Expr, frame: Frame, kind: str, convert: str) -> str:
        """Do the same where the value has mostly the type of the one before it."""
        # PERF: a table of 100 objects takes 37 µs in place of 45, for one test of a type is enough, and what
        # was not found has a type of its own (CPython 3.11).
        found = self._find(part, frame)
        text = self.temporary_identifier()
        if found is None:
            value, missed = text, ""
            self.writeline(f"{text} = ", part)
            self.visit(part, frame)
        else:
            value, missed = found
        self.writeline(f"if type({value}) is not {kind}:")
        self.indent()
        if missed:
            self.writeline(missed)
        self.writeline(f"{convert} = text_functions.get(id({kind} := type({value})), escape)")
        self.outdent()
        self.writeline(f"{text} = {convert}({value})")
        return text

    def _tested_once(self, parts: list[str | nodes.Expr], frame: Frame) -> dict[str, str]:
        """Write a test for a plain dict for each variable with several attributes; return their names."""
        # PERF: 4 % of a table of objects.
        owners = [part.node for part in parts if isinstance(part, nodes.Getattr)]
        names = [
            owner for owner in owners if isinstance(owner, nodes.Name) and not self.loop_of(owner, frame)
        ]
        references = [frame.symbols.ref(name.name) for name in names]
        known: dict[str, str] = {}
        for reference in references:
            if reference in known or references.count(reference) < 2:
                continue
            if self.is_always_defined(reference, frame):
                known[reference] = self.temporary_identifier()
                self.writeline(f"{known[reference]} = type({reference}) is dict")
        return known

    def _write_text(self, node: nodes.Expr, frame: Frame) -> None:
        """Write the expression for the text of a value."""
        if not frame.eval_ctx.autoescape:
            self.write("str(")
            self.visit(node, frame)
            self.write(")")
            return
        value = self.temporary_identifier()
        # What is called is mostly a macro, or says itself what is markup.
        if isinstance(node, (nodes.Call, nodes.Filter)):
            self.write(f"({value} if (kind := type({value} := ")
            self.visit(node, frame)
            self.write(f")) is Markup else escape_text({value}) if kind is str else escaped({value}))")
        else:
            self.write(f"(escape_text({value}) if (kind := type({value} := ")
            self.visit(node, frame)
            self.write(f")) is str else str({value}) if kind is int or kind is float else escaped({value}))")

    def looked_up(self, node: nodes.Expr, frame: Frame) -> str | None:
        """Write the statements that look up a name and its attributes; return the variable with the value.

        None, and nothing is written, where the node is something else.
        """
        found = self._find(node, frame)
        if found is None:
            return None
        value, missed = found
        if missed:
            self.writeline(missed)
        return value

    def _find(self, node: nodes.Expr, frame: Frame) -> tuple[str, str] | None:
        """Do the same, and leave out the statement that is due where the last attribute was not found.

        Return the variable and that statement, which is empty for a name.
        """
        names: list[str] = []
        inner: nodes.Node = node
        while isinstance(inner, nodes.Getattr) and _is_plain(inner.attr):
            names.append(inner.attr)
            inner = inner.node
        if not isinstance(inner, nodes.Name) or self.loop_of(inner, frame) is not None:
            return None
        self.newline(node)
        value, missed = self._named(inner, frame), ""
        for name in reversed(names):
            if missed:
                self.writeline(missed)
            owner, value = value, self.temporary_identifier()
            missed = self._look_up_attribute(owner, value, name)
        return value, missed

    def _named(self, node: nodes.Name, frame: Frame) -> str:
        reference = frame.symbols.ref(node.name)
        if self.is_always_defined(reference, frame):
            return reference
        value = self.temporary_identifier()
        self.writeline(f"{value} = ")
        self.visit(node, frame)
        return value

    def is_always_defined(self, reference: str, frame: Frame) -> bool:
        """Tell whether a variable has a value wherever it can be named: a parameter, a loop's variable."""
        load = frame.symbols.find_load(reference)
        return load is not None and load[0] == "param" and not self.parameter_is_undeclared(reference)

    def _look_up_attribute(self, owner: str, value: str, name: str) -> str:
        """Write what looks up an attribute; return the statement for one that was not found."""
        # PERF: 0.02 µs for an attribute in place of 0.1 µs, and 0.02 µs for a key in place of 0.5 µs.
        keyed = name not in _OF_DICT
        if keyed:
            self.writeline(f"if {self._dicts.get(owner) or f'type({owner}) is dict'}:")
            self.writeline(f"    try: {value} = {owner}[{name!r}]")
            self.writeline(f"    except (TypeError, LookupError, AttributeError): {value} = absent")
            self.writeline("else:")
            self.indent()
        self.writeline(f"try: {value} = {owner}.{name}")
        self.writeline(f"except AttributeError: {value} = absent")
        if keyed:
            self.outdent()
        # Outside of the handlers, so that no later exception has this one as its context.
        return f"if {value} is absent: {value} = attribute_missed(environment, {owner}, {name!r})"


def _expressions_in(node: nodes.For) -> t.Iterator[nodes.Expr]:
    for output in node.find_all(nodes.Output):
        yield from (child for child in output.nodes if not isinstance(child, nodes.TemplateData))


def _is_plain(name: str) -> bool:
    return name.isascii() and name.isidentifier() and not iskeyword(name)


def _as_text(value: str, frame: Frame) -> str:
    if not frame.eval_ctx.autoescape:
        return f"{value} if type({value}) is str else str({value})"
    return (
        f"escape_text({value}) if (kind := type({value})) is str"
        f" else str({value}) if kind is int or kind is float else escaped({value})"
    )
