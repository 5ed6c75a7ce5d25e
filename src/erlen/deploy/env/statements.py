"""The statements of an environment file, each with its place in the text.

It reads what python-dotenv 1.2 reads, without needing it. References to other variables stay as they are
written.
"""

from __future__ import annotations

import re
import typing as t

_BETWEEN = re.compile(r"\s*(?P<export>export[^\S\r\n]+)?")
_NAME = re.compile(r"'(?P<quoted>[^']+)'|(?!['#])(?P<plain>[^=#\s]+)")
_EQUALS = re.compile(r"[^\S\r\n]*=[^\S\r\n]*")
_VALUE = re.compile(
    r"'(?P<single>(?:\\.|[^'\\])*)'"
    r'|"(?P<double>(?:\\.|[^"\\])*)"'
    r"""|(?!['"])(?P<plain>[^\r\n]*)""",
    re.DOTALL,
)
_COMMENT = re.compile(r"\s+#.*", re.DOTALL)
_END = re.compile(r"[^\S\r\n]*(?:#[^\r\n]*)?[^\S\r\n]*(?:\r\n|\n|\r|\Z)")
_REST_OF_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)?")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_IN_DOUBLE_QUOTES = dict(zip("\\'\"abfnrtv", "\\'\"\a\b\f\n\r\t\v", strict=True))
_IN_SINGLE_QUOTES = {"\\": "\\", "'": "'"}


class Statement(t.NamedTuple):
    """One assignment, a name without a value, a comment, or a line that is none of them."""

    name: str | None
    value: str | None
    # Where it begins, empty lines above included, and where it ends, behind its line break.
    start: int
    end: int
    # Where the value is written, quotes included; without a value, where it would begin.
    value_start: int
    value_end: int
    is_good: bool


def statements(text: str) -> list[Statement]:
    """Return all statements of a text; a line that cannot be read is one that is not good."""
    found = []
    start = 0
    while start < len(text):
        statement = _statement(text, start)
        found.append(statement)
        start = statement.end
    return found


def values_of(text: str) -> dict[str, str | None]:
    """Return the value of each name: the last one that is given."""
    return {each.name: each.value for each in statements(text) if each.name is not None}


def line_of(text: str, position: int) -> int:
    """Return the number of the line that *position* is in."""
    return text.count("\n", 0, position) + 1


def _statement(text: str, start: int) -> Statement:
    name = value = None
    between = _match(_BETWEEN, text, start)
    position = value_start = value_end = between.end()
    is_good = True
    if position < len(text) and text[position] != "#":
        found = _NAME.match(text, position)
        if found is None:
            is_good = False
        else:
            name = found["quoted"] or found["plain"]
            position = value_start = value_end = found.end()
            equals = _EQUALS.match(text, position)
            if equals is not None:
                position = value_start = value_end = equals.end()
                read = _value(text, position)
                is_good = read is not None
                if read is not None:
                    value, value_end, position = read
    end = _END.match(text, position) if is_good else None
    if end is None:
        end = _match(_REST_OF_LINE, text, position)
        return Statement(None, None, start, end.end(), value_start, value_end, False)
    return Statement(name, value, start, end.end(), value_start, value_end, True)


def _match(pattern: re.Pattern[str], text: str, position: int) -> re.Match[str]:
    """Match a pattern that matches everywhere."""
    found = pattern.match(text, position)
    assert found is not None
    return found


def _value(text: str, position: int) -> tuple[str, int, int] | None:
    """Return a value, where it ends, and where the statement goes on; None if a quote is not closed."""
    found = _VALUE.match(text, position)
    if found is None:
        return None
    if found["plain"] is not None:
        value = _COMMENT.sub("", found["plain"]).rstrip()
        return value, position + len(value), found.end()
    escapes = _IN_SINGLE_QUOTES if found["double"] is None else _IN_DOUBLE_QUOTES
    written = found["single"] if found["double"] is None else found["double"]
    value = _ESCAPE.sub(lambda escape: escapes.get(escape[1], escape[0]), written)
    return value, found.end(), found.end()
