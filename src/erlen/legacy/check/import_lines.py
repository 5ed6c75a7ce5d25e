"""Import statements of LibCST: made, and taken apart without losing a comment."""

from __future__ import annotations

import typing as t

import libcst as cst

Dotted: t.TypeAlias = cst.Name | cst.Attribute


def dotted(name: str) -> Dotted:
    """Return a dotted name."""
    expression = cst.parse_expression(name)
    assert isinstance(expression, cst.Name | cst.Attribute)
    return expression


def statement(text: str, comments: t.Sequence[str] = ()) -> cst.SimpleStatementLine:
    """Return a line for a statement, the first comment behind it and the others above."""
    line = cst.parse_statement(text)
    assert isinstance(line, cst.SimpleStatementLine)
    # The file's own line end, not that of this text.
    newline = cst.Newline()
    if not comments:
        return line.with_changes(trailing_whitespace=cst.TrailingWhitespace(newline=newline))
    first, *others = comments
    behind = cst.TrailingWhitespace(cst.SimpleWhitespace("  "), cst.Comment(first), newline)
    above = [cst.EmptyLine(comment=cst.Comment(other)) for other in others]
    return line.with_changes(trailing_whitespace=behind, leading_lines=above)


def modules(names: t.Sequence[cst.ImportAlias], prefix: str) -> tuple[cst.Import, list[cst.BaseStatement]]:
    """Return `import flask_login as login` for each `login`, the first without a line of its own."""
    texts = [
        f"import {prefix}{each.evaluated_name} as {each.evaluated_alias or each.evaluated_name}"
        for each in names
    ]
    first, *others = (statement(text, comments_of(each)) for text, each in zip(texts, names, strict=True))
    part = first.body[0]
    assert isinstance(part, cst.Import)
    return part, list(others)


def without(
    node: cst.ImportFrom, moved: dict[cst.ImportAlias, str]
) -> tuple[cst.ImportFrom, list[cst.BaseStatement]]:
    """Return an import without the names that have moved, and lines that import those from elsewhere.

    `moved` has the new dotted name of each. Where no name stays, the statement itself imports the first ones.
    """
    assert not isinstance(node.names, cst.ImportStar)
    groups: dict[str, list[cst.ImportAlias]] = {}
    for alias, target in moved.items():
        groups.setdefault(target.rpartition(".")[0], []).append(_renamed(alias, target))
    kept = [alias for alias in node.names if alias not in moved]
    if not kept:
        module, aliases = groups.popitem() if len(groups) == 1 else _first(groups)
        if len(aliases) == len(node.names):
            return node.with_changes(module=dotted(module), names=aliases), []
        node = _with_names(node.with_changes(module=dotted(module)), aliases)
    else:
        node = _with_names(node, kept)
    return node, [_line(module, aliases) for module, aliases in groups.items()]


def _first(groups: dict[str, list[cst.ImportAlias]]) -> tuple[str, list[cst.ImportAlias]]:
    module = next(iter(groups))
    return module, groups.pop(module)


def _renamed(alias: cst.ImportAlias, target: str) -> cst.ImportAlias:
    name = target.rpartition(".")[2]
    old = alias.evaluated_name
    if alias.asname is None and name != old:
        return alias.with_changes(name=cst.Name(name), asname=_as(old))
    return alias.with_changes(name=cst.Name(name))


def _as(name: str) -> cst.AsName:
    return cst.AsName(cst.Name(name), cst.SimpleWhitespace(" "), cst.SimpleWhitespace(" "))


def _with_names(node: cst.ImportFrom, names: list[cst.ImportAlias]) -> cst.ImportFrom:
    """Return an import of some of its names, which ends as it did: in a line of its own, with a comma, …"""
    assert not isinstance(node.names, cst.ImportStar)
    last, ended = names[-1], node.names[-1]
    if last.evaluated_alias == ended.evaluated_alias and last.evaluated_name == ended.evaluated_name:
        return node.with_changes(names=names)
    comments = comments_of(last)
    if comments and node.rpar is not None:
        return _with_last_comment(node, names)
    return node.with_changes(names=[*names[:-1], last.with_changes(comma=_without_comments(ended.comma))])


def _without_comments(comma: cst.Comma | cst.MaybeSentinel) -> cst.Comma | cst.MaybeSentinel:
    """Return a comma whose comments have gone elsewhere with the name before it."""
    space = comma.whitespace_after if isinstance(comma, cst.Comma) else None
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return comma
    first = cst.TrailingWhitespace(newline=space.first_line.newline)
    bare = space.with_changes(first_line=first, empty_lines=[])
    return comma.with_changes(whitespace_after=bare) if isinstance(comma, cst.Comma) else comma


def _with_last_comment(node: cst.ImportFrom, names: list[cst.ImportAlias]) -> cst.ImportFrom:
    """Keep the comment behind the name that is the last one now."""
    assert not isinstance(node.names, cst.ImportStar)
    assert node.rpar is not None
    ended, last = node.names[-1].comma, names[-1].comma
    assert isinstance(last, cst.Comma)
    end = ended.whitespace_after if isinstance(ended, cst.Comma) else node.rpar.whitespace_before
    space = last.whitespace_after
    if isinstance(space, cst.ParenthesizedWhitespace) and isinstance(end, cst.ParenthesizedWhitespace):
        space = space.with_changes(indent=end.indent, last_line=end.last_line)
    rpar = node.rpar.with_changes(whitespace_before=cst.SimpleWhitespace(""))
    names = [*names[:-1], names[-1].with_changes(comma=last.with_changes(whitespace_after=space))]
    return node.with_changes(names=names, rpar=rpar)


def _line(module: str, aliases: list[cst.ImportAlias]) -> cst.BaseStatement:
    names = ", ".join(_text(alias) for alias in aliases)
    comments = [comment for alias in aliases for comment in comments_of(alias)]
    return statement(f"from {module} import {names}", comments)


def _text(alias: cst.ImportAlias) -> str:
    return alias.evaluated_name + (f" as {alias.evaluated_alias}" if alias.evaluated_alias else "")


def comments_of(alias: cst.ImportAlias) -> list[str]:
    """Return the comments behind a name and its comma."""
    space = alias.comma.whitespace_after if isinstance(alias.comma, cst.Comma) else None
    if not isinstance(space, cst.ParenthesizedWhitespace):
        return []
    lines = [space.first_line.comment, *(line.comment for line in space.empty_lines)]
    return [comment.value for comment in lines if comment is not None]
